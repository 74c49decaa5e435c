"""What an experiment can find, foreseen from what was there before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.content.metric import Metric
from causal.content.outcome import Role
from causal.data.moments.collected import Reading, Split
from causal.data.moments.moments import Moments, strata
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.decided import Rules
from causal.estimation.experiment.planning import (
    Bar,
    Spread,
    days_until,
    power_of,
    smallest_effect,
    spread_of,
    units_needed,
)
from causal.estimation.experiment.precision import bar_of, days_left, wanted_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planned of an experiment.

    Attributes
    ----------
    shares
        Planned shares of the control and of the smallest treatment arm, of all units.
    treatments
        Arms compared with the control.
    units
        Units of randomisation in all arms together; for these effects are foreseen.
    """

    rules: Rules
    power: float
    shares: tuple[float, float]
    treatments: int
    units: float
    adjustment: Adjustment
    smallest: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a metric will be able to find, relative to the control's level.

    Attributes
    ----------
    level
        Its level without the change.
    wanted
        Smallest effect worth finding; of a guardrail its margin.
    smallest
        Smallest effect found with the planned power by the planned units.
    units
        Units of randomisation that find what is wanted with the planned power, at least two in
        each arm.
    power
        Chance that the planned units find what is wanted; of a guardrail, that it passes when
        nothing changes.
    explained
        Share of the variance that covariates take out; None where none is known.
    design_effect
        How many times as many units as when they were assigned one by one, where clusters are.
    why
        Why there is no number.
    """

    metric: str
    role: Role
    level: float
    wanted: float | None = None
    smallest: float | None = None
    units: float | None = None
    power: float | None = None
    explained: float | None = None
    design_effect: float | None = None
    why: str = ""


def foresee(
    moments: Moments, readings: Sequence[Reading], metrics: Sequence[Metric], plan: Plan
) -> tuple[Foreseen, ...]:
    """Read off every success metric and guardrail what a plan can find.

    Parameters
    ----------
    moments
        From before, or of the control: of more arms the first is read.
    readings
        Of the metrics that can be read.
    metrics
        Every metric of the experiment; those of a role share alpha, or the chance to miss.
    """
    control = first_arm(moments)
    of = {reading.metric: reading for reading in readings}
    return tuple(
        _foreseen(
            control,
            of[metric.name],
            metric,
            bar_of(metric.role, metrics, plan.treatments, plan.rules, plan.power),
            plan,
        )
        for metric in metrics
        if metric.name in of and metric.role in (Role.SUCCESS, Role.GUARDRAIL)
    )


def first_arm(moments: Moments) -> Moments:
    """The moments of the control alone, strata without any unit of it left out."""
    there = [i for i in range(len(moments.strata)) if moments.n[0, i] > 0]
    kept = strata(moments, there)
    return replace(
        kept,
        arms=kept.arms[:1],
        units=kept.units[:1],
        n=kept.n[:1],
        mean=kept.mean[:1],
        scatter=kept.scatter[:1],
    )


def design_effects(
    clusters: Moments, readings: Sequence[Reading], units: Moments, single: Sequence[Reading]
) -> dict[str, float]:
    """How much the variance of a mean grows because whole clusters are assigned, by metric.

    Parameters
    ----------
    clusters, readings
        Moments over clusters.
    units, single
        The same over units.
    """
    grouped, alone = first_arm(clusters), first_arm(units)
    own = {reading.metric: reading for reading in single}
    found = {}
    for reading in readings:
        if reading.metric not in own:
            continue
        by_cluster = spread_of(grouped, reading, Adjustment.NONE).variance / grouped.n.sum()
        by_unit = spread_of(alone, own[reading.metric], Adjustment.NONE).variance / alone.n.sum()
        if by_unit > 0:
            found[reading.metric] = float(by_cluster / by_unit)
    return found


def days_of(units: float, days: Split | None) -> tuple[int | None, bool]:
    """Days until so many new units have come, and whether that is beyond what was seen.

    New units are those of the record, where returning ones count once; beyond it they are taken to
    come at the pace of its last week.

    Examples
    --------
    >>> record = Split(name="day", values=tuple("abc"), counts=np.array([[9], [5], [5]]))
    >>> days_of(14, record), days_of(29, record)
    ((2, False), (5, True))
    """
    if days is None or not len(days.values):
        return None, False
    arrivals = days.counts.sum(axis=1)
    seen = days_until(units, arrivals)
    if seen is not None:
        return seen, False
    more = days_left(units, int(arrivals.sum()), days)
    return (None if more is None else len(days.values) + more), True


def _foreseen(control: Moments, reading: Reading, metric: Metric, bar: Bar, plan: Plan) -> Foreseen:
    spread = spread_of(control, reading, plan.adjustment)
    level = abs(spread.level)
    why = _refused(control, spread)
    if why:
        return Foreseen(metric=metric.name, role=metric.role, level=spread.level, why=why)
    wanted = wanted_of(metric, plan.smallest, level)
    units = None
    if wanted is not None:
        units = units_needed(spread, wanted * level, plan.shares, bar)
        units = max(units, 2 / min(plan.shares))
    error = float(np.sqrt(spread.variance / plan.units * sum(1 / share for share in plan.shares)))
    adjusted = plan.adjustment is not Adjustment.NONE and bool(reading.covariates)
    return Foreseen(
        metric=metric.name,
        role=metric.role,
        level=spread.level,
        wanted=wanted,
        smallest=smallest_effect(spread, plan.units, plan.shares, bar) / level,
        units=units,
        power=None if wanted is None else power_of(wanted * level, error, bar),
        explained=spread.explained if adjusted else None,
    )


def _refused(control: Moments, spread: Spread) -> str:
    if control.n.sum() < 2:
        return "fewer than two units of randomisation are in the table"
    if not spread.variance > 0:
        return "it does not vary in the table"
    return "" if abs(spread.level) > 0 else "its level is zero, so no effect is relative to it"
