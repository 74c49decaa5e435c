"""Synthetic control and synthetic difference-in-differences: one treated entity against a blend.

Arkhangelsky, Athey, Hirshberg, Imbens, Wager (2021). Weights of donors and of periods are at least
zero and add up to one; with u = (-donor weights, 1 / treated) and v = (-period weights, 1 / after)
the effect is u' Y v. Every donor in turn takes the place of the treated entity: those effects are
zero but for noise, so their spread is the error, stretched where the treated fits before worse than
they do: what no blend follows before is not followed afterwards either (as in the ratio of Abadie,
Diamond, Hainmueller 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np

from causal.base.boundary import boundary
from causal.base.errors import DataError, DesignError
from causal.base.streams import stream
from causal.data.panel import BoolArray, FloatArray
from causal.estimation._estimates import Estimates, Size
from causal.estimation.experiment.effects import ROUNDING
from causal.estimation.rollout._named import Named

Kind = Literal["synthetic control", "synthetic difference-in-differences", "plain difference"]
KINDS: tuple[Kind, ...] = (
    "synthetic difference-in-differences",
    "synthetic control",
    "plain difference",
)
RIDGE = 1e-6
"""Of the noise: picks one of the weights that fit equally well."""
FEWEST_DONORS = 10
MOST_PLACEBOS = 100
WORSE_FIT = 5.0
"""A placebo whose fit before is this many times worse says little about the treated entity."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """One effect and the weights it is made with.

    Attributes
    ----------
    value
        Mean over the treated entities and the periods after.
    donors, periods
        Weights, of shape (donors,) and (before,); period weights are zero without them.
    expected
        The course of the treated without the change, shape (T,): the blend at the level that the
        weighted periods set.
    fit
        Root mean square distance between the treated and ``expected`` before.
    """

    value: float
    donors: FloatArray
    periods: FloatArray
    expected: FloatArray
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Synthetic:
    """Effects by every kind of blend, with placebos in space.

    Attributes
    ----------
    estimates
        One effect a kind; ``influence`` is a root of the covariance.
    blends
        One a kind.
    placebos, placebo_fits
        The same effect and fit for donors in the treated one's place, shape (placebos, kinds).
    p_rank, p_rank_close
        How far out the effect lies among the placebos, exact where every donor is as likely to have
        been the treated one; of all placebos, and without those that fit before much worse.
    """

    estimates: Estimates
    blends: tuple[Blend, ...]
    placebos: FloatArray
    placebo_fits: FloatArray
    p_rank: FloatArray
    p_rank_close: FloatArray

    @property
    def p_least(self) -> float:
        """The smallest p that so many placebos can show."""
        return 1 / (1 + len(self.placebos))


def synthetic(
    y: FloatArray,
    treated: BoolArray,
    before: int,
    named: Named,
    *,
    kinds: tuple[Kind, ...] = KINDS,
    seed: int = 0,
) -> Synthetic:
    """Estimate what a change did to some entities from others that it did not reach.

    Parameters
    ----------
    y
        Outcome of each entity and period, shape (entities, T).
    treated
        Entities that changed, all at once; the others are donors. Shape (entities,).
    before
        Number of periods before the change.
    named
        Names.
    kinds
        Blends to make.
    seed
        The study's seed: which donors stand in when there are several treated, or very many donors.

    Raises
    ------
    DesignError
        With fewer than two donors or periods before, no period after, or nothing treated.
    DataError
        When a value is missing, or the outcome of the donors never changes.
    """
    _refuse(y, treated, before)
    donors, changed = y[~treated], y[treated]
    blends = tuple(blend(donors, changed, before, kind) for kind in kinds)
    placebos, fits = _placebos(donors, changed.shape[0], before, kinds, seed)
    values = np.array([each.value for each in blends])
    own = np.array([each.fit for each in blends])
    noise = ROUNDING * np.abs(y).max()
    close = fits <= WORSE_FIT * own + noise
    drawn = placebos.shape[0]
    refusal = _refusal(donors.shape[0], changed.shape[0])
    size = Size(units=y.size, clusters=y.shape[0], treated=changed.shape[0] / y.shape[0],
                effective_units=float(y.shape[0]))  # fmt: skip
    estimates = Estimates(
        labels=tuple(
            named.label("ATT", contrast="changed - blend of donors", design="single change",
                        estimator=kind, identification="natural experiment")
            for kind in kinds
        ),
        sizes=(size,) * len(kinds),
        values=values,
        influence=placebos * _stretch(own, fits, noise) / np.sqrt(drawn)
        if drawn
        else np.full((1, len(kinds)), np.nan),
        ways=(),
        df=np.full(len(kinds), float(max(donors.shape[0] // changed.shape[0] - 1, 1))),
        baseline=np.array([each.expected[before:].mean() for each in blends]),
        baseline_variance=np.full((len(kinds), 2), np.nan),
        refusal=(refusal,) * len(kinds),
    )  # fmt: skip
    return Synthetic(
        estimates=estimates,
        blends=blends,
        placebos=placebos,
        placebo_fits=fits,
        p_rank=_rank(values, placebos, np.ones_like(close)),
        p_rank_close=_rank(values, placebos, close),
    )


def blend(donors: FloatArray, treated: FloatArray, before: int, kind: Kind) -> Blend:
    """One effect from donors (donors, T) on treated entities (treated, T)."""
    n, first = donors.shape[0], donors[:, :before]
    periods = np.zeros(before)
    if kind == "plain difference":
        weights, periods = np.full(n, 1 / n), np.full(before, 1 / before)
    else:
        noise = float(np.diff(first, axis=1).std(ddof=1)) or float(np.ptp(first))
        after = donors[:, before:].mean(axis=1)
        both = kind == "synthetic difference-in-differences"
        many = treated.shape[0] * (treated.shape[1] - before)
        ridge = noise * (many**0.25 if both else RIDGE)
        weights = simplex(first.T, treated[:, :before].mean(axis=0), ridge, level=both)
        if both:
            periods = simplex(first, after, RIDGE * noise, level=True)
    seen, course = treated.mean(axis=0), weights @ donors
    expected = course + periods @ (seen - course)[:before]
    apart = (seen - course)[:before]
    level = apart.mean() if periods.any() else 0.0
    return Blend(
        value=float((seen - expected)[before:].mean()),
        donors=weights,
        periods=periods,
        expected=expected,
        fit=float(np.sqrt(np.mean((apart - level) ** 2))),
    )


def simplex(a: FloatArray, b: FloatArray, ridge: float, *, level: bool) -> FloatArray:
    """Weights w >= 0 that add up to one and minimise |a w - b|^2 + n ridge^2 |w|^2.

    By non-negative least squares (Lawson, Hanson 1974), the sum held by a heavy row.

    Parameters
    ----------
    a, b
        Shapes (n, p) and (n,).
    ridge
        Size of the penalty, in units of ``a``.
    level
        Whether a constant is fitted beside the weights.
    """
    from scipy.optimize import nnls

    n, p = a.shape
    if level:
        a, b = a - a.mean(axis=0), b - b.mean()
    heavy = max(float(np.abs(a).max()), float(np.abs(b).max()), 1e-12) * 1e4
    left = np.vstack([a, np.sqrt(ridge**2 * n) * np.eye(p), np.full((1, p), heavy)])
    right = np.concatenate([b, np.zeros(p), [heavy]])
    with boundary("scipy's non-negative least squares", "weighing donors"):
        weights = np.asarray(nnls(left, right, maxiter=50 * p)[0])
    return weights / weights.sum()


def _placebos(
    donors: FloatArray, treated: int, before: int, kinds: tuple[Kind, ...], seed: int
) -> tuple[FloatArray, FloatArray]:
    """Effects and fits of donors in the treated ones' place; each donor once where that is few."""
    n = donors.shape[0]
    if n - treated < 2:
        return np.empty((0, len(kinds))), np.empty((0, len(kinds)))
    turns = [np.array([i]) for i in range(n)]
    if treated > 1 and comb(n, treated) <= MOST_PLACEBOS:  # Drawn twice, a group would count twice.
        turns = [np.array(group) for group in combinations(range(n), treated)]
    elif treated > 1 or n > MOST_PLACEBOS:
        draws = stream(seed, "synthetic", "placebo")
        turns = [draws.permutation(n)[:treated] for _ in range(MOST_PLACEBOS)]
    made = [
        [blend(np.delete(donors, turn, axis=0), donors[turn], before, kind) for kind in kinds]
        for turn in turns
    ]
    return (
        np.array([[each.value for each in row] for row in made]),
        np.array([[each.fit for each in row] for row in made]),
    )


def _stretch(own: FloatArray, fits: FloatArray, noise: float) -> FloatArray:
    """How many times worse than the middle placebo the treated fits before, at least 1, (kinds,)."""
    return np.asarray(np.maximum(own / np.maximum(np.median(fits, axis=0), noise), 1.0))


def _rank(values: FloatArray, placebos: FloatArray, counts: BoolArray) -> FloatArray:
    further = ((np.abs(placebos) >= np.abs(values)) & counts.astype(bool)).sum(axis=0)
    return np.asarray((1 + further) / (1 + counts.sum(axis=0)))


def _refusal(donors: int, treated: int) -> str:
    if donors // treated < FEWEST_DONORS:
        return (
            f"{donors} donors for {treated} changed are too few to say how far chance reaches; "
            f"{FEWEST_DONORS * treated} are needed"
        )
    return ""


def _refuse(y: FloatArray, treated: BoolArray, before: int) -> None:
    missing = int((~np.isfinite(y)).any(axis=1).sum())
    if missing:
        raise DataError(
            f"{missing} of {y.shape[0]} entities lack a period. A blend needs every period of every "
            "donor: use longer periods, or leave those entities out."
        )
    donors = int((~treated).sum())
    if not treated.any() or donors < 2:
        raise DesignError(
            f"{int(treated.sum())} entities changed and {donors} did not; a blend needs one that "
            "did and at least two that did not. Look at the adoption column and the donors."
        )
    if not 2 <= before < y.shape[1]:
        raise DesignError(
            f"The change is in period {before + 1} of {y.shape[1]}; a blend needs two periods "
            "before it and one from it on. Take a longer stretch of time."
        )
    if np.ptp(y[~treated]) <= ROUNDING * np.abs(y).max():
        raise DataError("The outcome of the donors never changes, so nothing can be learned of it.")
