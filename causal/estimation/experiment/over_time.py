"""Effects by day since exposure on a fixed cohort, and whether they fade or grow."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.data.moments.collected import Daily
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation._inference import infer
from causal.estimation.experiment._functionals import (
    Functionals,
    covariance,
    degrees_of_freedom,
    stacked,
)
from causal.estimation.experiment.effects import Asked, common, effects, estimates_of
from causal.estimation.experiment.fieller import Relative, relative
from causal.estimation.experiment.levels import levels

FEWEST = 100
SURE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The change of an effect for each unit of log(1 + day), with its test.

    Below zero a novelty that wears off, above zero something that is learned, for an effect above
    zero.
    """

    slope: float
    std_error: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An interval; None where it has no two ends."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """One arm against the control by day since exposure, one value for each period.

    Attributes
    ----------
    length
        Days of a period.
    relative
        Whether effects are over the control's level of the same days; else in the metric's units.
    control, treated, value
        Levels of a day, and the effect.
    alone, joint
        Intervals of one period, and such as hold for all periods at once.
    average, average_p
        The effect on all periods together, and whether it is zero.
    trend
        Whether the effect changes with days since exposure.
    units
        Of this arm and the control.
    """

    metric: str
    arm: str
    length: int
    until: str
    relative: bool
    control: FloatArray
    treated: FloatArray
    value: FloatArray
    alone: tuple[Range, ...]
    joint: tuple[Range, ...]
    average: float
    average_p: float
    trend: Trend
    units: int


def courses(daily: Daily, asked: Asked, *, level: float, seed: int) -> tuple[Course, ...]:
    """Follow every arm's effect by day since exposure.

    Every unit of the cohort is there on every day, so a change over days is none of who is counted.
    Effects are relative to the control's level of the same days: units are exposed on a day they
    are active, and a steady lift of a level that falls off would look like a novelty otherwise.
    Intervals are Fieller's (1954). Effects are absolute where a control's level is below zero, or
    not distinguishable from it on some day.

    Parameters
    ----------
    daily
        Moments of one metric; products over all days, so the days' covariance is known.
    asked
        Names, and how to adjust.
    level, seed
        Of the intervals; the critical value of all periods at once is that of the largest |t| under
        their joint covariance, and is drawn. Degrees of freedom are at most the sampling units
        of the smaller arm less one: the largest of many leans on the tails.

    Returns
    -------
    tuple of Course
        One for each arm but the control; none where an arm has fewer than a hundred units.
    """
    moments = common(daily.moments)
    if daily.moments.units.sum(axis=1).min() < FEWEST:
        return ()
    of = stacked([levels(moments, each, asked.adjustment) for each in daily.readings])
    own = of.combined(np.eye(len(of)) / daily.divided)
    like = effects(daily.moments, daily.readings, asked)
    arms = len(moments.arms)
    found = []
    for arm in range(1, arms):
        among = like.select(np.arange(arm - 1, len(like), arms - 1))
        if not any(among.refusal):
            days = _Days(daily=daily, moments=moments, own=own, arm=arm, like=among)
            found.append(_course(days, level=level, seed=seed))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Days:
    """Levels of every day and arm, days first, and which arm is followed."""

    daily: Daily
    moments: Moments
    own: Functionals
    arm: int
    like: Estimates

    @property
    def control(self) -> FloatArray:
        return self.own.values[:: len(self.moments.arms)]

    @property
    def treated(self) -> FloatArray:
        return self.own.values[self.arm :: len(self.moments.arms)]

    @property
    def middle(self) -> FloatArray:
        """Days since exposure in the middle of each period."""
        length = self.daily.length
        return np.arange(self.control.size, dtype=np.float64) * length + (length - 1) / 2

    def weighted(self, control: FloatArray, treated: FloatArray) -> Functionals:
        """Weighted sums of the control's and the arm's levels, weights of shape (m, days)."""
        weights = np.zeros((len(control), len(self.own)))
        weights[:, :: len(self.moments.arms)] = control
        weights[:, self.arm :: len(self.moments.arms)] = treated
        return self.own.combined(weights)

    def tested(
        self, control: FloatArray, treated: FloatArray, value: float | None = None
    ) -> tuple[float, float, float]:
        """One weighted sum, its error and p; of a ``value`` whose gradient the weights are."""
        from scipy.stats import t as student

        wanted = self.weighted(control[None], treated[None])
        error = float(np.sqrt(max(covariance(wanted, self.moments)[0, 0], 0.0)))
        own = float(wanted.values[0]) if value is None else value
        statistic = abs(own) / error if error > 0 else float("nan")
        return own, error, 2 * float(student.sf(statistic, float(self.df(wanted)[0])))

    def df(self, wanted: Functionals) -> FloatArray:
        least = float(self.moments.n.sum(axis=1)[[0, self.arm]].min() - 1)
        return np.minimum(degrees_of_freedom(wanted, self.moments), least)


def _course(days: _Days, *, level: float, seed: int) -> Course:
    one = np.eye(days.control.size)
    ratio = _ratio(days)
    wanted = days.weighted(-one if ratio is None else -ratio * one, one)
    alone, joint = _critical(days, wanted, level=level, seed=seed)
    made = None if ratio is None else (_fieller(days, alone), _fieller(days, joint))
    if made is None or any(each.low is None for each in made[1]):
        if ratio is not None:
            ratio, wanted = None, days.weighted(-one, one)
            alone, joint = _critical(days, wanted, level=level, seed=seed)
        made = (_around(days, wanted, alone), _around(days, wanted, joint))
    effect = days.treated - days.control
    daily, every = days.daily, np.ones(days.control.size)
    _, _, p = days.tested(-every, every)
    return Course(
        metric=daily.metric,
        arm=days.moments.arms[days.arm],
        length=daily.length,
        until=daily.until.isoformat(),
        relative=ratio is not None,
        control=days.control,
        treated=days.treated,
        value=effect if ratio is None else effect / days.control,
        alone=made[0],
        joint=made[1],
        average=float(effect.mean()) if ratio is None else ratio - 1,
        average_p=p,
        trend=_trend(days, ratio),
        units=int(daily.moments.units.sum(axis=1)[[0, days.arm]].sum()),
    )


def _ratio(days: _Days) -> float | None:
    """All days' treated level over the control's; None where there is no such thing."""
    every = np.ones(days.control.size)
    total, error, _ = days.tested(every, 0 * every)
    if (days.control <= 0).any() or total <= SURE * error:
        return None
    return float(days.treated.sum() / days.control.sum())


def _critical(
    days: _Days, wanted: Functionals, *, level: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Critical values of one period alone, and of the largest |t| over all."""
    from scipy.stats import t as student

    df = days.df(wanted)
    joint = infer(
        replace(estimates_of(wanted, days.moments, days.like), df=df),
        level=level,
        multiplicity="simultaneous",
        seed=seed,
        family=f"{days.daily.metric} by day, {days.moments.arms[days.arm]}",
    )
    return np.asarray(student.isf((1 - level) / 2, df)), joint.critical


def _fieller(days: _Days, critical: FloatArray) -> tuple[Range, ...]:
    one = np.eye(critical.size)
    effect, control = days.weighted(-one, one), days.weighted(one, 0 * one)
    v = covariance(stacked([effect, control]), days.moments)
    k = critical.size
    return tuple(
        _bounded(
            relative(
                float(effect.values[i]),
                float(control.values[i]),
                variance=float(v[i, i]),
                baseline_variance=float(v[k + i, k + i]),
                covariance=float(v[i, k + i]),
                critical=float(critical[i]),
            )
        )
        for i in range(k)
    )


def _bounded(found: Relative) -> Range:
    held = found.shape == "bounded"
    return Range(low=found.low if held else None, high=found.high if held else None)


def _around(days: _Days, wanted: Functionals, critical: FloatArray) -> tuple[Range, ...]:
    error = np.sqrt(np.maximum(np.diag(covariance(wanted, days.moments)), 0.0))
    ends = zip(wanted.values, critical * error, strict=True)
    return tuple(
        Range(low=float(value - reach), high=float(value + reach)) for value, reach in ends
    )


def _trend(days: _Days, ratio: float | None) -> Trend:
    """A line of the effect on log(1 + day), and whether it is level.

    Absolute: least squares, its weights fixed by the days. Relative: least squares weighted by the
    control's level, sum u L_t / sum u^2 L_c with u the logarithms less their mean under those
    weights, by the delta method: no day's effect is divided by a level that may be small.
    Weights by the covariance (generalised least squares) would be a little sharper, and too sure of
    themselves with few clusters.
    """
    x = np.log1p(days.middle)
    if x.size < 3:
        return Trend(slope=float("nan"), std_error=float("nan"), p_value=float("nan"))
    if ratio is None:
        apart = (x - x.mean()) / ((x - x.mean()) @ (x - x.mean()))
        slope, error, p = days.tested(-apart, apart)
        return Trend(slope=slope, std_error=error, p_value=p)
    u = x - (x @ days.control) / days.control.sum()
    scale = float(u**2 @ days.control)
    slope = float(u @ days.treated) / scale
    _, error, p = days.tested((-ratio * u - slope * u**2) / scale, u / scale, slope)
    return Trend(slope=slope, std_error=error, p_value=p)
