"""The start of a boosted model: ridge, or logistic ridge, on standardised terms and products.

Boosting alone shrinks smooth linear confounding (its trees are piecewise constant and stop early);
started from a linear fit it only has to learn what is not linear. Products need the same help: a
product has no main effect for a tree's first split to find, and one that both attribute and
outcome lean on biases the effect by many standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray

PENALTY = 1.0
MOST_PRODUCTS = 30
_STEPS = 8
_BOUND = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """Coefficients on centred and scaled terms."""

    centre: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: float

    def predict(self, terms: FloatArray) -> FloatArray:
        """Linear predictor, shape (n,); for a logistic start the log-odds."""
        weights = self.coefficients / self.scale
        return terms @ weights + (self.intercept - float(self.centre @ weights))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WithProducts:
    """A start on the terms and on products of pairs of them, (m, 2), each standardised first."""

    centre: FloatArray
    scale: FloatArray
    pairs: IntArray
    start: Start

    def predict(self, terms: FloatArray) -> FloatArray:
        """Linear predictor, shape (n,); for a logistic start the log-odds."""
        return self.start.predict(_widened(terms, (terms - self.centre) / self.scale, self.pairs))


Fit = Callable[[FloatArray, FloatArray, FloatArray | None], Start]


def with_products(
    fit: Fit, terms: FloatArray, target: FloatArray, weight: FloatArray | None, *, logistic: bool
) -> Start | WithProducts:
    """Fit a start, then again with the products (squares included) its residuals still follow.

    A product enters when its score on the residuals is beyond what the largest of so many would
    be by chance, the strongest thirty at most.

    Parameters
    ----------
    fit
        ``linear_start`` or ``logistic_start``.
    terms, target, weight
        Shapes (n, d), (n,) and (n,) or None.
    logistic
        Whether ``fit`` predicts log-odds.
    """
    first = fit(terms, target, weight)
    predicted = first.predict(terms)
    if logistic:
        predicted = 1.0 / (1.0 + np.exp(-np.clip(predicted, -_BOUND, _BOUND)))
    z = (terms - first.centre) / first.scale
    residual = target - predicted
    pairs = followed(z, residual if weight is None else residual * weight)
    if not pairs.size:
        return first
    start = fit(_widened(terms, z, pairs), target, weight)
    return WithProducts(centre=first.centre, scale=first.scale, pairs=pairs, start=start)


def followed(z: FloatArray, residual: FloatArray) -> IntArray:
    """Pairs of standardised terms whose product the residuals follow, strongest first, (m, 2).

    The scores of all pairs are two matrix products: sums of z_i z_j r over the root of sums of
    their squares.
    """
    score = (z * residual[:, None]).T @ z
    noise = (z**2 * residual[:, None] ** 2).T @ z**2
    size = np.abs(score) / np.sqrt(np.maximum(noise, 1e-300))
    first, second = np.triu_indices(z.shape[1])
    strength = size[first, second]
    chance = np.sqrt(2 * np.log(max(strength.size, 2))) + 1
    order = np.argsort(-strength, kind="stable")[:MOST_PRODUCTS]
    kept = order[strength[order] > chance]
    return np.column_stack([first[kept], second[kept]])


def _widened(terms: FloatArray, z: FloatArray, pairs: IntArray) -> FloatArray:
    return np.hstack([terms, z[:, pairs[:, 0]] * z[:, pairs[:, 1]]])


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
    )


def logistic_start(terms: FloatArray, target: FloatArray, weight: FloatArray | None) -> Start:
    """Weighted logistic ridge by Newton steps, the linear predictor bounded to six log-odds."""
    w = np.ones(target.size) if weight is None else weight / weight.mean()
    centre, scale = _moments(terms, w)
    z = np.hstack([np.ones((target.size, 1)), (terms - centre) / scale])
    penalty = PENALTY * np.eye(z.shape[1])
    penalty[0, 0] = 1e-6
    share = np.clip(np.average(target, weights=w), 1e-6, 1 - 1e-6)
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(share / (1 - share))
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -_BOUND, _BOUND)))
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(hessian, z.T @ (w * (target - p)) - penalty @ beta)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-8:
            break
    return Start(centre=centre, scale=scale, coefficients=beta[1:], intercept=float(beta[0]))


def _moments(terms: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = np.average(terms, axis=0, weights=weight) if terms.shape[1] else np.zeros(0)
    spread = (
        np.sqrt(np.average((terms - centre) ** 2, axis=0, weights=weight))
        if terms.shape[1]
        else np.zeros(0)
    )
    return centre, np.where(spread > 1e-12, spread, 1.0)
