"""What changes at a threshold: the jump of an outcome where a score crosses its cutoff.

Local polynomials with bandwidths and robust intervals of Calonico, Cattaneo and Titiunik (2014), by
their package ``rdrobust``; the density of the score by ``rddensity`` (Cattaneo, Jansson, Ma 2020).
Both are licensed under GPL-3.0 and are no dependency: the extra ``threshold`` installs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np

from causal.base.boundary import boundary
from causal.base.errors import DesignError, EngineError
from causal.data.panel import BoolArray, FloatArray, IntArray

FEWEST = 50
"""Rows on each side within the bandwidth."""
FEWEST_SCORES = 5
"""Different scores on each side within the bandwidth; through fewer no line can be told from a bend."""
FEWEST_CLUSTERS = 10
"""Clusters on each side within the bandwidth, under which errors are not reliable."""
MOST_EQUAL = 0.2
"""Largest share of rows with one and the same score."""
DONUT = 0.01
NEIGHBOURS = 10
"""Scores on each side of the cutoff that rows exactly at it are held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The jump of one outcome at the cutoff.

    Attributes
    ----------
    estimate
        By local lines; None where it is refused.
    error, low, high, p
        Of the robust interval, whose centre is corrected for bias.
    bandwidth, bias_bandwidth
        Distance from the cutoff within which rows count, for the estimate and for its bias.
    rows
        Below and above the cutoff within the bandwidth.
    scores
        How many different scores they have, below and above.
    refusal
        Why there is no jump; empty when there is one.
    """

    outcome: str
    estimate: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    bandwidth: float | None = None
    bias_bandwidth: float | None = None
    rows: tuple[int, int] = (0, 0)
    scores: tuple[int, int] = (0, 0)
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """Rows whose score is the cutoff itself, the most at one of the scores near it, and p of chance."""

    rows: int
    most: int
    p: float


def jump(
    outcome: str,
    y: FloatArray,
    score: FloatArray,
    cutoff: float,
    *,
    level: float,
    cluster: IntArray | None = None,
    bandwidth: float | None = None,
    bias_bandwidth: float | None = None,
) -> Jump:
    """Estimate a jump; rows without an outcome or a score are left out.

    Parameters
    ----------
    outcome
        Its name.
    y, score
        Shape (n,).
    cutoff
        From this score on exposure is given.
    level
        Of the interval.
    cluster
        Codes from 0, shape (n,); None: rows are independent.
    bandwidth
        Distance from the cutoff; None: read off the data, for the least mean squared error.
    bias_bandwidth
        That of the bias, where a bandwidth is given; None: the same.

    Raises
    ------
    DesignError
        Without the extra ``threshold``.
    """
    known = np.isfinite(y) & np.isfinite(score)
    y, score = y[known], score[known]
    refusal = _refusal(y, score, cutoff, bandwidth)
    if refusal:
        return Jump(outcome=outcome, refusal=refusal)
    options: dict[str, Any] = {"c": cutoff, "level": 100 * level}
    if cluster is not None:
        options["cluster"] = cluster[known]
    if bandwidth is not None:
        options["h"] = bandwidth
        options["b"] = bandwidth if bias_bandwidth is None else bias_bandwidth
    if cluster is not None and (few := _few_clusters(score, cutoff, np.inf, options["cluster"])):
        return Jump(outcome=outcome, refusal=few)
    rdrobust = _package("rdrobust")
    try:
        with (
            boundary("rdrobust", f"estimating the jump of '{outcome}'"),
            redirect_stdout(StringIO()),
        ):
            found = rdrobust.rdrobust(y, score, **options)
    except EngineError:
        scores = _sides(score, cutoff, np.inf, score)
        if min(scores) > FEWEST_SCORES * NEIGHBOURS:
            raise
        return Jump(outcome=outcome, scores=scores, refusal=_discrete(scores, ""))
    width = float(found.bws.iloc[0, 0])
    rows = (int(found.N_h[0]), int(found.N_h[1]))
    scores = _sides(score, cutoff, width, score)
    if refusal := _refusal_within(rows, scores, options.get("cluster"), score, cutoff, width):
        return Jump(outcome=outcome, rows=rows, scores=scores, refusal=refusal)
    return Jump(
        outcome=outcome,
        estimate=float(found.coef.iloc[0, 0]),
        error=float(found.se.iloc[2, 0]),
        low=float(found.ci.iloc[2, 0]),
        high=float(found.ci.iloc[2, 1]),
        p=float(found.pv.iloc[2, 0]),
        bandwidth=width,
        bias_bandwidth=float(found.bws.iloc[1, 0]),
        rows=rows,
        scores=scores,
    )


def otherwise(
    found: Jump,
    y: FloatArray,
    score: FloatArray,
    cutoff: float,
    *,
    level: float,
    cluster: IntArray | None = None,
) -> Mapping[str, Jump]:
    """The same jump in other ways: half and twice the bandwidth, without the nearest rows, elsewhere.

    At the placebo cutoffs, the medians of each side with the rows of that side alone, nothing is
    given, so that a jump there speaks against the one at the cutoff.
    """
    if found.bandwidth is None or found.bias_bandwidth is None:
        return {}
    known = np.isfinite(y) & np.isfinite(score)
    y, score = y[known], score[known]
    cluster = None if cluster is None else cluster[known]
    h, b = found.bandwidth, found.bias_bandwidth
    far = np.abs(score - cutoff)
    donut = far > np.quantile(far, DONUT)
    below, above = score < cutoff, score >= cutoff

    def at(rows: BoolArray, place: float, factor: float | None) -> Jump:
        return jump(
            found.outcome,
            y[rows],
            score[rows],
            place,
            level=level,
            cluster=None if cluster is None else cluster[rows],
            bandwidth=None if factor is None else factor * h,
            bias_bandwidth=None if factor is None else factor * b,
        )

    everywhere = np.ones(y.size, dtype=bool)
    return {
        "half the bandwidth": at(everywhere, cutoff, 0.5),
        "twice the bandwidth": at(everywhere, cutoff, 2.0),
        "without the nearest 1%": at(donut, cutoff, 1.0),
        "placebo cutoff below": at(below, float(np.median(score[below])), None),
        "placebo cutoff above": at(above, float(np.median(score[above])), None),
    }


def density(score: FloatArray, cutoff: float) -> float:
    """p-value of a density of the score without a jump at the cutoff (Cattaneo, Jansson, Ma 2020).

    NaN where it cannot be told: few rows or few different scores on a side.
    """
    rddensity = _package("rddensity")
    score = score[np.isfinite(score)]
    if min(_sides(score, cutoff, np.inf, score)) < FEWEST_SCORES:
        return float("nan")
    try:
        with boundary("rddensity", "testing the density of the score"), redirect_stdout(StringIO()):
            found = rddensity.rddensity(score, c=cutoff)
    except EngineError:
        return float("nan")
    return float(found.test["p_jk"])


def heap(score: FloatArray, cutoff: float) -> Heap:
    """Hold rows exactly at the cutoff against those at each of the scores next to it.

    A test of the density looks past rows at one and the same score, which is where those are who
    know the cutoff and just reach it.

    Parameters
    ----------
    score
        Shape (n,).
    cutoff
        From this score on exposure is given.

    Examples
    --------
    >>> heap(np.r_[np.linspace(-1, 1, 200), np.zeros(30)], 0.0).p < 1e-6
    True
    """
    from scipy.stats import binom

    values, rows = np.unique(score[np.isfinite(score)], return_counts=True)
    at = int(rows[values == cutoff].sum())
    below, above = rows[values < cutoff][-NEIGHBOURS:], rows[values > cutoff][:NEIGHBOURS]
    near = np.concatenate([below, above])
    if not at or not near.size:
        return Heap(rows=at, most=int(near.max(initial=0)), p=1.0)
    total = at + int(near.sum())
    return Heap(
        rows=at, most=int(near.max()), p=float(binom.sf(at - 1, total, 1 / (near.size + 1)))
    )


def _package(name: str) -> Any:
    """Import one of the two packages of the extra."""
    from importlib import import_module

    try:
        with boundary(name, "loading"):
            return import_module(name)
    except Exception as error:
        raise DesignError(
            f"design: a threshold needs the package '{name}', which is not installed. Install it "
            "with pip install 'causal-content[threshold]' (rdrobust and rddensity, GPL-3.0)."
        ) from error


def _refusal(y: FloatArray, score: FloatArray, cutoff: float, bandwidth: float | None) -> str:
    width = np.inf if bandwidth is None else bandwidth
    near = np.abs(score - cutoff) <= width
    rows = (int((near & (score < cutoff)).sum()), int((near & (score >= cutoff)).sum()))
    if min(rows) < FEWEST:
        return _few(rows, "" if bandwidth is None else _WITHIN)
    most = float(np.unique(score, return_counts=True)[1].max()) / score.size
    if most > MOST_EQUAL:
        return (
            f"{most:.0%} of the rows have one and the same score; at most {MOST_EQUAL:.0%} can be "
            "told from a jump"
        )
    if np.ptp(y[score < cutoff]) == 0 and np.ptp(y[score >= cutoff]) == 0:
        return "it does not vary on either side"
    return ""


_WITHIN = " within the bandwidth"


def _refusal_within(
    rows: tuple[int, int],
    scores: tuple[int, int],
    cluster: IntArray | None,
    score: FloatArray,
    cutoff: float,
    width: float,
) -> str:
    """Why rows within the bandwidth are too few of one kind."""
    if min(rows) < FEWEST:
        return _few(rows, _WITHIN)
    if min(scores) < FEWEST_SCORES:
        return _discrete(scores, _WITHIN)
    return "" if cluster is None else _few_clusters(score, cutoff, width, cluster)


def _few_clusters(score: FloatArray, cutoff: float, width: float, cluster: IntArray) -> str:
    groups = _sides(score, cutoff, width, cluster)
    if min(groups) >= FEWEST_CLUSTERS:
        return ""
    return (
        f"there are {groups[0]} clusters below the cutoff and {groups[1]} above"
        f"{_WITHIN if np.isfinite(width) else ''}; {FEWEST_CLUSTERS} on each side are needed"
    )


def _sides(
    score: FloatArray, cutoff: float, width: float, values: FloatArray | IntArray
) -> tuple[int, int]:
    """How many different values there are below and above the cutoff, within a distance."""
    near = np.abs(score - cutoff) <= width
    below, above = near & (score < cutoff), near & (score >= cutoff)
    return int(np.unique(values[below]).size), int(np.unique(values[above]).size)


def _discrete(scores: tuple[int, int], where: str) -> str:
    return (
        f"there are {scores[0]} different scores below the cutoff and {scores[1]} above{where}, too "
        "few to draw a line through"
    )


def _few(rows: tuple[int, int], where: str) -> str:
    return (
        f"there are {rows[0]} rows below the cutoff and {rows[1]} above{where}; {FEWEST} on each "
        "side are needed"
    )
