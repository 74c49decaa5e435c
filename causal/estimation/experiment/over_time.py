"""Effects by day since exposure, and whether they fade or grow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The change of an effect for each unit of log(1 + day), with its test.

    Below zero a novelty that wears off, above zero something that is learned, for an effect above
    zero.
    """

    slope: float
    std_error: float
    p_value: float


def trend(daily: Estimates) -> Trend:
    """Fit a line of the effect on log(1 + day since exposure) by generalised least squares.

    Parameters
    ----------
    daily
        Effects on day 0, 1, ... of one fixed cohort, with the joint covariance: a unit's days go
        together. Shape (days,).

    Returns
    -------
    Trend
        NaN with fewer than three days.
    """
    from scipy.stats import t as student

    days = len(daily)
    if days < 3 or not np.isfinite(daily.values).all():
        return Trend(slope=float("nan"), std_error=float("nan"), p_value=float("nan"))
    x = np.column_stack([np.ones(days), np.log1p(np.arange(days))])
    v = _bounded(daily.covariance())
    weighted = np.linalg.solve(v, x)
    bread = np.linalg.inv(x.T @ weighted)
    slope = float((bread @ (weighted.T @ daily.values))[1])
    error = float(np.sqrt(bread[1, 1]))
    p = 2 * float(student.sf(abs(slope) / error, float(daily.df.min())))
    return Trend(slope=slope, std_error=error, p_value=p)


def _bounded(v: FloatArray) -> FloatArray:
    """A little more on the diagonal, so that days that are almost one another can be solved."""
    return np.asarray(v + 1e-8 * np.trace(v) / len(v) * np.eye(len(v)))
