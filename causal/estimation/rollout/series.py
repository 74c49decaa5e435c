"""Interrupted series: what came after a launch against the course from before it.

y_t = a + b t + season + D_t (level + slope (t - launch)) + u_t with AR(1) errors; the effect is the
mean of level + slope (t - launch) over the periods after. Nothing here rules out that something
else happened at the same date, so the effect is descriptive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates, Size
from causal.estimation.experiment.effects import ROUNDING, root
from causal.estimation.rollout._ar1 import gls_ar1
from causal.estimation.rollout._named import Named

PERIODS_A_COEFFICIENT = 6
FEWEST_PERIODS = 36
"""Below this how alike neighbours are is not known well enough: at rho 0.8 intervals cover 86%."""
MOST_ALIKE = 0.8
"""Above this mean rho a series of any usual length covers too seldom."""
ESTIMANDS = ("effect", "level", "slope")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """The mean effect, the step and the change of slope, and the series they come from.

    Attributes
    ----------
    estimates
        ``effect`` (mean over the periods after), ``level`` (at the launch), ``slope`` (a period).
    expected, expected_error
        The course without the launch and its standard error, shape (T,); before the launch the
        fitted course.
    rho
        How alike neighbours in time are.
    season
        Periods in a season that was taken out, or None.
    """

    estimates: Estimates
    expected: FloatArray
    expected_error: FloatArray
    rho: float
    season: int | None


def series(y: FloatArray, launch: int, named: Named, *, season: int | None = None) -> Series:
    """Estimate what a launch changed in one series.

    Parameters
    ----------
    y
        One value a period, in order and without a gap, shape (T,).
    launch
        Index of the first period after the launch.
    named
        Names.
    season
        Periods in a season (7 for days), or None.

    Raises
    ------
    DesignError
        With fewer than two periods on a side of the launch, or two seasons before it.
    DataError
        When a value is missing, or the periods are fewer than the coefficients.
    """
    _refuse(y.size, launch, season)
    x = _columns(y.size, launch, season)
    found = gls_ar1(y, x)
    after = np.arange(y.size - launch, dtype=float)
    take = np.zeros((3, x.shape[1]))
    take[:, 2:4] = [[1.0, after.mean()], [1.0, 0.0], [0.0, 1.0]]
    course = x.copy()
    course[:, 2:4] = 0.0
    variance = np.einsum("tk,kl,tl->t", course, found.v, course)
    refusal = _refusal(y, x.shape[1], found.rho)
    size = Size(units=y.size, clusters=1, treated=after.size / y.size,
                effective_units=y.size * (1 - found.rho) / (1 + found.rho))  # fmt: skip
    estimates = Estimates(
        labels=tuple(
            named.label(each, contrast="after - its own course", design="single change",
                        estimator="interrupted series", identification="descriptive")
            for each in ESTIMANDS
        ),
        sizes=(size,) * 3,
        values=take @ found.beta,
        influence=root(take @ found.v @ take.T),
        ways=(),
        df=np.full(3, float(found.df)),
        baseline=np.full(3, (course @ found.beta)[launch:].mean()),
        baseline_variance=_beside(take, course[launch:].mean(axis=0), found.v),
        refusal=(refusal,) * 3,
    )  # fmt: skip
    return Series(
        estimates=estimates,
        expected=course @ found.beta,
        expected_error=np.sqrt(np.maximum(variance, 0.0)),
        rho=found.rho,
        season=season,
    )


def _columns(periods: int, launch: int, season: int | None) -> FloatArray:
    """Level, trend, step, change of slope, and all but one place in the season."""
    t = np.arange(periods, dtype=float)
    after = (t >= launch).astype(float)
    columns = [np.ones(periods), t, after, after * (t - launch)]
    if season is not None:
        columns += [(t % season == place).astype(float) for place in range(1, season)]
    return np.column_stack(columns)


def _beside(take: FloatArray, baseline: FloatArray, v: FloatArray) -> FloatArray:
    own = np.full(take.shape[0], baseline @ v @ baseline)
    return np.column_stack([take @ v @ baseline, own])


def _refusal(y: FloatArray, coefficients: int, rho: float) -> str:
    if np.ptp(y) <= ROUNDING * np.abs(y).max():
        return "the outcome does not vary"
    needed = max(PERIODS_A_COEFFICIENT * coefficients, FEWEST_PERIODS)
    if y.size < needed:
        return f"too few periods: {y.size} for {coefficients} coefficients, {needed} are needed"
    if rho > MOST_ALIKE:
        return f"too few periods for how alike neighbours in time are (rho {rho:.2f})"
    return ""


def _refuse(periods: int, launch: int, season: int | None) -> None:
    if min(launch, periods - launch) < 2:
        raise DesignError(
            f"The launch is in period {launch + 1} of {periods}; a course needs two periods before "
            "it and two from it on. Take a longer stretch of time, or another launch."
        )
    if season is not None and launch < 2 * season:
        raise DesignError(
            f"{launch} periods before the launch are fewer than two seasons of {season}. Leave out "
            "the season, or take a longer stretch of time."
        )
