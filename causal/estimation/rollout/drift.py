"""Trends of a rollout: what the periods before adoption show, would have missed, and leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray
from causal.design.rollout import Rollout
from causal.estimation._estimates import Estimates
from causal.estimation.rollout.aggregates import aggregates
from causal.estimation.rollout.group_time import GroupTime
from causal.estimation.rollout.honest import breakdown, relative_magnitudes, smoothness
from causal.estimation.rollout.pretrends import Joint, Power, no_trend, power_of_test

NOTICED = 0.05
"""p below which trends before adoption are said to differ."""
RELATIVE = (0.5, 1.0, 1.5, 2.0)
SMOOTH = (0.0, 0.5, 1.0)
"""Changes of slope in the largest one that is seen before adoption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """An interval of an effect where trends may differ by ``size``.

    ``restriction`` is ``relative`` (steps of at most ``size`` times the largest before adoption) or
    ``smooth`` (the slope changes by at most ``size`` a period, in units of the outcome).
    """

    restriction: str
    size: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """One effect under bounds on trends.

    Attributes
    ----------
    bounds
        Its intervals; empty where an event time it needs has no estimate.
    breakdown
        The bound on relative magnitudes from which on zero is no longer excluded; None without.
    """

    bounds: tuple[Bound, ...] = ()
    breakdown: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """Trends before adoption and what follows for the overall effect.

    Attributes
    ----------
    joint
        The test that nothing differs before adoption; None without an estimate.
    power
        The drift a period that it finds; None without.
    reach
        Mean distance of treated cells from the period they are compared with.
    share
        What a drift that is missed half of the time makes up of the overall effect, in size.
    overall, first
        Under bounds on trends: the mean effect from adoption on, and the effect in the period of
        adoption, which published examples of the method show.
    """

    joint: Joint | None
    power: Power | None
    reach: float
    share: float | None
    overall: Bounded
    first: Bounded

    @property
    def missed(self) -> float | None:
        """What a drift that is missed half of the time adds up to by the mean treated period."""
        return None if self.power is None else self.power.slope_50 * self.reach


def drifted(study: Rollout, cells: Cells, shown: GroupTime, overall: Estimates) -> Drift:
    """Look at trends before adoption.

    Parameters
    ----------
    shown
        Effects against the last period before adoption: those before it that are asked for, and all
        from adoption on.
    overall
        The mean effect from adoption on.
    """
    level = study.settings.level
    event = aggregates(shown, cells, "event")
    events = np.unique(shown.period - shown.cohort)
    base = -1 - study.analysis.anticipation
    usable = np.array([not why for why in event.refusal]) & np.isfinite(event.values)
    usable &= (event.std_errors > 0) & np.isfinite(event.df)
    weights = _weights(cells, shown, events)
    reach = float((weights * (events - base)).sum())
    before = np.flatnonzero(usable & (events < base))
    if not before.size:
        none = Bounded()
        return Drift(joint=None, power=None, reach=reach, share=None, overall=none, first=none)
    joint = no_trend(event.select(before))
    path = _path(events, usable, base)
    power, share = None, None
    if joint.df[0]:
        times = (events[before] - base).astype(float)
        power = power_of_test(event.select(before), times, alpha=NOTICED)
        size = abs(float(overall.values[0]))
        share = power.slope_50 * reach / size if size > 0 and np.isfinite(size) else None
    whole, first = (
        _bounded(event, events, path, each, base, level)
        for each in (weights, (events == 0).astype(float))
    )
    return Drift(joint=joint, power=power, reach=reach, share=share, overall=whole, first=first)


def _weights(cells: Cells, shown: GroupTime, events: IntArray) -> FloatArray:
    """What the mean from adoption on weighs each event time by, (events,)."""
    after = (shown.period >= shown.cohort) & np.isfinite(shown.values)
    size = np.array([cells.weight[cells.adopted == g].sum() for g in shown.cohort]) * after
    each = np.array([size[shown.period - shown.cohort == e].sum() for e in events], dtype=float)
    total = each.sum()
    return each / total if total > 0 else each


def _path(events: IntArray, usable: np.ndarray, base: int) -> IntArray:
    """Places of estimates that follow one another without a gap around the base period."""
    there = {int(e): place for place, e in enumerate(events) if usable[place]}
    back, ahead = base - 1, base + 1
    while back in there:
        back -= 1
    while ahead in there:
        ahead += 1
    kept = [there[e] for e in (*range(back + 1, base), *range(base + 1, ahead))]
    return np.array(kept, dtype=np.int64)


def _bounded(
    event: Estimates,
    events: IntArray,
    path: IntArray,
    weights: FloatArray,
    base: int,
    level: float,
) -> Bounded:
    """Bounds on an effect that weighs event times so; none where one it needs has no estimate."""
    before = int((events[path] < base).sum())
    needed = np.flatnonzero(weights > 0)
    if not before or not needed.size or not np.isin(needed, path).all():
        return Bounded()
    part = event.select(path)
    beta, v, df = part.values, part.covariance(), float(part.df.min())
    post = weights[path][before:]
    made = []
    for size in RELATIVE:
        low, high = relative_magnitudes(beta, v, before, post, size, level=level, df=df)
        made.append(Bound(restriction="relative", size=size, low=low, high=high))
    for times in SMOOTH if before > 1 else SMOOTH[:1]:
        size = times * _largest_bend(beta[:before])
        low, high = smoothness(beta, v, before, post, size, level=level, df=df)
        made.append(Bound(restriction="smooth", size=size, low=low, high=high))
    least = breakdown(beta, v, before, post, level=level, df=df)
    return Bounded(bounds=tuple(made), breakdown=least)


def _largest_bend(before: FloatArray) -> float:
    bends = np.diff(np.append(before, 0.0), n=2)
    return float(np.abs(bends).max()) if bends.size else 0.0
