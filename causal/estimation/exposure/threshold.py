"""What changes at a threshold: the jump of an outcome where a score crosses its cutoff.

Local polynomials with bandwidths and robust intervals of Calonico, Cattaneo and Titiunik (2014), by
their package ``rdrobust``; the density of the score by ``rddensity`` (Cattaneo, Jansson, Ma 2020).
Both are licensed under GPL-3.0 and are no dependency: the extra ``threshold`` installs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.base.boundary import boundary
from causal.base.errors import DesignError
from causal.data.panel import BoolArray, FloatArray, IntArray

FEWEST = 50
"""Rows on each side within the bandwidth."""
MOST_EQUAL = 0.2
"""Largest share of rows with one and the same score."""
DONUT = 0.01


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
    refusal: str = ""


def jump(
    outcome: str,
    y: FloatArray,
    score: FloatArray,
    cutoff: float,
    *,
    level: float,
    cluster: IntArray | None = None,
    bandwidth: float | None = None,
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
    rdrobust = _package("rdrobust")
    with boundary("rdrobust", f"estimating the jump of '{outcome}'"):
        found = rdrobust.rdrobust(y, score, **options)
    rows = (int(found.N_h[0]), int(found.N_h[1]))
    if min(rows) < FEWEST:
        return Jump(outcome=outcome, rows=rows, refusal=_few(rows))
    return Jump(
        outcome=outcome,
        estimate=float(found.coef.iloc[0, 0]),
        error=float(found.se.iloc[2, 0]),
        low=float(found.ci.iloc[2, 0]),
        high=float(found.ci.iloc[2, 1]),
        p=float(found.pv.iloc[2, 0]),
        bandwidth=float(found.bws.iloc[0, 0]),
        bias_bandwidth=float(found.bws.iloc[1, 0]),
        rows=rows,
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
    if found.bandwidth is None:
        return {}
    h = found.bandwidth
    far = np.abs(score - cutoff)
    donut = far > np.nanquantile(far, DONUT)
    below, above = score < cutoff, score >= cutoff

    def at(rows: BoolArray, place: float, width: float | None) -> Jump:
        own = None if cluster is None else cluster[rows]
        return jump(
            found.outcome, y[rows], score[rows], place, level=level, cluster=own, bandwidth=width
        )

    everywhere = np.ones(y.size, dtype=bool)
    return {
        "half the bandwidth": at(everywhere, cutoff, h / 2),
        "twice the bandwidth": at(everywhere, cutoff, 2 * h),
        "without the nearest 1%": at(donut, cutoff, h),
        "placebo cutoff below": at(below, float(np.median(score[below])), None),
        "placebo cutoff above": at(above, float(np.median(score[above])), None),
    }


def density(score: FloatArray, cutoff: float) -> float:
    """p-value of a density of the score without a jump at the cutoff (Cattaneo, Jansson, Ma 2020)."""
    rddensity = _package("rddensity")
    with boundary("rddensity", "testing the density of the score"):
        found = rddensity.rddensity(score[np.isfinite(score)], c=cutoff)
    return float(found.test["p_jk"])


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
        return _few(rows)
    most = float(np.unique(score, return_counts=True)[1].max()) / score.size
    if most > MOST_EQUAL:
        return (
            f"{most:.0%} of the rows have one and the same score; at most {MOST_EQUAL:.0%} can be "
            "told from a jump"
        )
    if np.ptp(y[score < cutoff]) == 0 and np.ptp(y[score >= cutoff]) == 0:
        return "it does not vary on either side"
    return ""


def _few(rows: tuple[int, int]) -> str:
    return (
        f"{rows[0]} rows below the cutoff and {rows[1]} above lie within the bandwidth; {FEWEST} on "
        "each side are needed"
    )
