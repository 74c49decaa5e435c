"""Ranking: do the rows predicted to gain most gain most? TOC, AUTOC and Qini on held-out scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray
from causal.estimation._inference import infer
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._heterogeneity import (
    Held,
    Tested,
    contrast,
    estimates_of,
    held_of,
    measured,
    places,
    within,
)

SHARES = tuple(step / 10 for step in range(1, 10))
LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """The curve TOC(q) with a simultaneous band, its area, and its area weighted by q.

    All arrays have shape (shares,).
    """

    shares: FloatArray
    curve: FloatArray
    low: FloatArray
    high: FloatArray
    autoc: Tested
    qini: Tested


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when the predicted ranking runs backwards: those it puts first gain least."""
    return tuple(
        _finding(cate.label.attribute, cate.label.outcome, ranking(given, seed=0).autoc)
        for cate in evaluated.cates
        for given in (held_of(cate, evaluated.panel),)
        if given is not None
    )


def _finding(attribute: str, outcome: str, area: Tested) -> Finding:
    backwards = area.estimate < 0 and area.p_value < LEVEL
    clear = area.estimate > 0 and area.p_value < LEVEL
    said = (
        "runs backwards"
        if backwards
        else "holds on rows left out"
        if clear
        else "is no better than a random one"
    )
    return Finding(
        name="ranking of individual effects",
        status=Status.WARN if backwards else Status.PASS,
        statistic=area.p_value,
        threshold=LEVEL,
        attributes=(attribute,),
        meaning=f"The predicted ranking of who gains most from {attribute} on {outcome} {said} "
        f"(area under TOC {area.estimate:.3g}, p = {area.p_value:.2g}).",
        remedy="Do not target by it: the columns say nothing stable about who gains."
        if backwards
        else "",
    )


def ranking(
    given: Held,
    *,
    shares: tuple[float, ...] = SHARES,
    level: float = 0.95,
    seed: int,
) -> Ranking:
    """Measure a ranking by the scores of the rows it puts first (Yadlowsky et al. 2025).

    TOC(q) is the mean score of the share q with the largest predicted effects, less the mean of
    all. AUTOC is its mean over q, taken at every row; Qini is the mean of q TOC(q). A random
    ranking has 0 and a backwards one is negative, so every test is two-sided with its sign. Rows
    with one predicted effect count as their average. Ranks are within folds.

    Parameters
    ----------
    given
        Held-out scores and predicted effects.
    shares
        Where the curve is measured, each between 0 and 1.
    level, seed
        Of the intervals and of the draws behind the simultaneous band.

    Examples
    --------
    >>> from causal.evaluation._heterogeneity import held
    >>> found = ranking(held(np.array([2.0, 0.0]), np.array([1.0, -1.0])), shares=(0.5,), seed=1)
    >>> found.curve.tolist(), found.autoc.estimate, found.qini.estimate
    ([1.0], 0.5, 0.25)
    """
    above, below = places(given)
    own = np.column_stack([within(above, below, 0.0, q) / q - 1.0 for q in shares])
    values, influence = contrast(given, np.column_stack([own, _areas(given)]))
    p = len(shares)
    curve = estimates_of(values[:p], influence[:, :p], given, "toc")
    band = infer(curve, level=level, multiplicity="simultaneous", seed=seed, family="toc")
    autoc, qini = (
        measured(float(values[p + k]), influence[:, p + k], given, level) for k in range(2)
    )
    return Ranking(
        shares=np.array(shares),
        curve=values[:p],
        low=np.nan_to_num(band.simultaneous_low, nan=0.0),
        high=np.nan_to_num(band.simultaneous_high, nan=0.0),
        autoc=autoc,
        qini=qini,
    )


def _areas(given: Held) -> FloatArray:
    """How much each row counts in AUTOC and in Qini, less the average, (n, 2)."""
    out = np.zeros((given.psi.size, 2))
    for fold in np.unique(given.folds):
        rows = np.flatnonzero(given.folds == fold)
        _, block = np.unique(-given.effects[rows], return_inverse=True)
        order = np.argsort(block, kind="stable")
        weight = given.weight[rows][order] / given.weight[rows].sum()
        reached = np.cumsum(weight)
        later = np.column_stack([weight / reached, weight])[::-1].cumsum(axis=0)[::-1]
        together = block[order]
        total = np.bincount(together, weights=weight)
        mean = np.column_stack(
            [np.bincount(together, weights=weight * later[:, k]) / total for k in range(2)]
        )
        own = mean[together]
        out[rows[order]] = own - weight @ own
    return out
