"""The start of a boosted model: ridge, or logistic ridge, on standardised terms and joint terms.

Boosting alone shrinks smooth linear confounding (its trees are piecewise constant and stop early);
started from a linear fit it only has to learn what is not linear. Joint terms need the same help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray
from causal.estimation._joint import Joint, Looked, Sides, followed, none

PENALTY = 1.0
_PASSES = 2
_STEPS = 10
_HALVINGS = 8
_BOUND = 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """Coefficients on centred and scaled terms.

    ``bounds`` hold what is predicted within what was observed (for log-odds, eight either way):
    products of long-tailed columns reach far beyond it where few rows are.
    """

    centre: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: float
    bounds: tuple[float, float]

    def predict(self, terms: FloatArray) -> FloatArray:
        """Linear predictor, shape (n,); for a logistic start the log-odds."""
        weights = self.coefficients / self.scale
        line = terms @ weights + (self.intercept - float(self.centre @ weights))
        return np.clip(line, *self.bounds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointStart:
    """A start on the terms and on products of their sides."""

    joint: Joint
    sets: tuple[tuple[int, ...], ...]
    start: Start

    def predict(self, terms: FloatArray) -> FloatArray:
        """Linear predictor, shape (n,); for a logistic start the log-odds."""
        return self.start.predict(np.hstack([terms, self.joint.terms(terms)]))

    def features(self, terms: FloatArray) -> FloatArray:
        """For trees, what each set of joint columns amounts to, shape (n, q).

        The part of the start that only these columns make, their product, the sum of their squares
        and, of two, their sum and difference: shapes that a tree can then split once, which in the
        columns themselves would take it many splits it does not find.
        """
        weights = self.start.coefficients / self.start.scale
        products, columns = self.joint.terms(terms), self.joint.columns()
        made = []
        for members in self.sets:
            within = [q for q, c in enumerate(columns) if set(c) <= set(members)]
            part = products[:, within] @ weights[terms.shape[1] :][within]
            made.append(part + terms[:, list(members)] @ weights[list(members)])
            z = np.column_stack([self.joint.sides.standard(terms, j) for j in members])
            made += [z.prod(axis=1), (z**2).sum(axis=1)]
            if len(members) == 2:
                made += [z[:, 0] + z[:, 1], z[:, 0] - z[:, 1]]
        return np.column_stack(made) if made else np.zeros((terms.shape[0], 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassStart:
    """A logistic start for each class against the others."""

    starts: tuple[Start | JointStart, ...]

    def predict(self, terms: FloatArray) -> FloatArray:
        """Log-probabilities, which need not add up to one, shape (n, classes)."""
        odds = np.column_stack([start.predict(terms) for start in self.starts])
        return np.asarray(-np.logaddexp(0.0, -odds), dtype=float)


Fit = Callable[[FloatArray, FloatArray, FloatArray | None], Start]


def joint_start(
    fit: Fit,
    terms: FloatArray,
    target: FloatArray,
    weight: FloatArray | None,
    *,
    logistic: bool,
    attributes: Sequence[int] = (),
) -> Start | JointStart:
    """Fit a start, then again with the joint terms its residuals still follow, twice.

    Products with an attribute wait for the second time. Where a shape of the confounders drives
    attribute and outcome, nearly every row there has the attribute, and its product with them would
    stand in for the shape: an effect found where confounding is (Hahn, Murray, Carvalho 2020).

    Parameters
    ----------
    fit
        ``linear_start`` or ``logistic_start``.
    terms, target, weight
        Shapes (n, d), (n,) and (n,) or None.
    logistic
        Whether ``fit`` predicts log-odds.
    attributes
        Columns of ``terms`` that write attributes whose effects are asked for.
    """
    first = start = fit(terms, target, weight)
    joint = none(Sides.of(terms, first.centre, first.scale))
    looked = Looked.at(joint.sides, terms)
    wide = terms
    for turn in range(_PASSES):
        predicted = start.predict(wide)
        if logistic:
            predicted = _probability(predicted)
        residual = target - predicted
        leaned = residual if weight is None else residual * weight
        seen = looked if turn else looked.without(attributes)
        found = followed(seen, leaned, joint, triples=turn == 0)
        if len(found.groups) == len(joint.groups):
            if attributes:
                continue
            break
        joint = found
        wide = np.hstack([terms, joint.terms(terms)])
        start = fit(wide, target, weight)
    if not joint.groups.size:
        return first
    return JointStart(joint=joint, sets=tuple(joint.sets()), start=start)


def linear_start(terms: FloatArray, target: FloatArray, weight: FloatArray | None) -> Start:
    """Weighted ridge with one unit of prior information on each standardised coefficient."""
    w = np.ones(target.size) if weight is None else weight / weight.mean()
    centre, scale = _moments(terms, w)
    z = (terms - centre) / scale
    mean = float(np.average(target, weights=w))
    gram = (z * w[:, None]).T @ z + PENALTY * np.eye(z.shape[1])
    return Start(
        centre=centre,
        scale=scale,
        coefficients=np.asarray(np.linalg.solve(gram, z.T @ (w * (target - mean))), dtype=float),
        intercept=mean,
        bounds=(float(target.min()), float(target.max())),
    )


def logistic_start(terms: FloatArray, target: FloatArray, weight: FloatArray | None) -> Start:
    """Weighted logistic ridge by Newton steps, halved while they lead uphill."""
    w = np.ones(target.size) if weight is None else weight / weight.mean()
    centre, scale = _moments(terms, w)
    z = np.hstack([np.ones((target.size, 1)), (terms - centre) / scale])
    penalty = PENALTY * np.eye(z.shape[1])
    penalty[0, 0] = 1e-6
    share = np.clip(np.average(target, weights=w), 1e-6, 1 - 1e-6)
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(share / (1 - share))
    line, loss = z @ beta, np.inf
    for _ in range(_STEPS):
        p = _probability(line)
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(hessian, z.T @ (w * (target - p)) - penalty @ beta)
        along = z @ step
        for _ in range(_HALVINGS):
            moved, tried = beta + step, line + along
            error = w @ (np.logaddexp(0.0, tried) - target * tried) + moved @ penalty @ moved / 2
            if error <= loss:
                break
            step, along = step / 2, along / 2
        small = loss - error < 1e-8 * target.size
        beta, line, loss = moved, tried, error
        if small:
            break
    return Start(
        centre=centre,
        scale=scale,
        coefficients=beta[1:],
        intercept=float(beta[0]),
        bounds=(-_BOUND, _BOUND),
    )


def _probability(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0))), dtype=float)


def _moments(terms: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = np.average(terms, axis=0, weights=weight) if terms.shape[1] else np.zeros(0)
    spread = (
        np.sqrt(np.average((terms - centre) ** 2, axis=0, weights=weight))
        if terms.shape[1]
        else np.zeros(0)
    )
    return centre, np.where(spread > 1e-12, spread, 1.0)
