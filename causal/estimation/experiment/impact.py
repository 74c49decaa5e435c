"""What an effect adds up to: a day, and on the total of everybody, the units outside included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.errors import DesignError
from causal.content.metric import Metric, Type
from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment._functionals import covariance, stacked
from causal.estimation.experiment.comparisons import Comparison, Range
from causal.estimation.experiment.effects import common
from causal.estimation.experiment.fieller import Relative, relative
from causal.estimation.experiment.levels import differences, levels

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An effect on the total of everybody.

    Attributes
    ----------
    covered
        Share of the total that the experiment's units have, were none of them treated.
    lift
        Change of the total if all of them were: the lift among them times that share.
    corrected
        The same, corrected for having been selected; None where nothing was.
    """

    covered: Range
    lift: Relative
    corrected: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What giving one arm to every unit of the experiment adds up to, against giving it to none.

    Attributes
    ----------
    units_a_day
        Units that come on a day, all arms together, less those that never have the metric; None
        without dates.
    a_day
        Change of the metric's total on a day; None without dates.
    corrected
        The same, corrected for having been selected; None where nothing was.
    whole
        On the total of everybody; None where that is not known.
    """

    metric: str
    arm: str
    units_a_day: float | None
    a_day: Range | None
    corrected: float | None
    whole: Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How long an experiment ran, and what is known of everybody.

    Attributes
    ----------
    days
        Days in which units came; None without dates.
    still_open
        Units whose window for a metric is still open, by metric.
    totals
        Totals of metrics over everybody in the same time, counted as the metric is.
    """

    days: int | None
    still_open: Mapping[str, int]
    totals: Mapping[str, float]


def has_total(metric: Metric) -> bool:
    """Whether a metric adds up over units: an amount or a share of units, no rate or quantile."""
    return not metric.is_ratio and metric.type is not Type.QUANTILE


def impacts(
    moments: Moments,
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
    comparisons: Sequence[Comparison],
    extent: Extent,
    adjustment: Adjustment,
) -> Iterator[Impact]:
    """Add up the effects of metrics that decide and have a total.

    The number of units is taken as it came. Intervals are those that decide; the one on the total
    is Fieller's (1954), since the total without treatment is estimated too: what everybody else has
    is known (the total less the units' own sum), what the units would have had is their number
    times the control's level.

    Parameters
    ----------
    moments
        Control first.
    comparisons
        As :func:`causal.estimation.experiment.comparisons.compare` makes them of these moments.
    extent
        Days, open windows and totals.
    adjustment
        As in the comparisons.

    Raises
    ------
    DesignError
        When a total is less than what the experiment's units have of it.
    """
    of = {reading.metric: reading for reading in readings}
    by_name = {metric.name: metric for metric in metrics}
    for each in comparisons:
        named = each.metric in of and has_total(by_name[each.metric])
        if named and each.decisive and not each.refusal and each.std_error > 0:
            yield _impact(moments, of[each.metric], each, extent, adjustment)


def _impact(
    moments: Moments,
    reading: Reading,
    each: Comparison,
    extent: Extent,
    adjustment: Adjustment,
) -> Impact:
    known = _sum(moments, reading.level.denominator)
    rate = None
    if extent.days:
        units = float(moments.units.sum())
        due = units - extent.still_open.get(each.metric, 0)
        rate = units / extent.days * (known / due if due > 0 else 0.0)
    total = extent.totals.get(each.metric)
    whole = None
    if total is not None:
        others = total - _sum(moments, reading.level.numerator)
        if others < -ROUNDING * abs(total):
            raise DesignError(
                f"analysis.totals.{each.metric} is {total:g}, and the units of the experiment "
                f"alone have {total - others:g}. Give the total over everybody, these units too, "
                "in the same time and counted in the same way."
            )
        whole = _whole(moments, reading, each, (known, max(others, 0.0)), adjustment)
    return Impact(
        metric=each.metric,
        arm=each.arm,
        units_a_day=rate,
        a_day=None if rate is None else _times(each.decided, rate),
        corrected=None if rate is None or each.corrected is None else each.corrected * rate,
        whole=whole,
    )


def _sum(moments: Moments, column: str | None) -> float:
    """Sum of a column over all arms; without a column the number of units."""
    if column is None:
        return float(moments.n.sum())
    return float((moments.n * moments.mean[:, :, moments.position(column)]).sum())


def _times(given: Range, factor: float) -> Range:
    return Range(value=given.value * factor, low=given.low * factor, high=given.high * factor)


def _whole(
    moments: Moments,
    reading: Reading,
    each: Comparison,
    counted: tuple[float, float],
    adjustment: Adjustment,
) -> Whole:
    """Of so many units, and what everybody else has."""
    units, others = counted
    usable = common(moments)
    of = levels(usable, reading, adjustment)
    arm = moments.arms.index(each.arm)
    control, effect = float(of.values[0]), float(of.values[arm] - of.values[0])
    joint = covariance(stacked([differences(of), of]), usable)
    at, base = arm - 1, len(moments.arms) - 1
    critical = (each.decided.high - each.decided.value) / each.std_error
    without = others + units * control
    reach = critical * float(np.sqrt(max(joint[base, base], 0.0)))
    return Whole(
        covered=Range(
            value=_share(units * control, others),
            low=_share(units * (control - reach), others),
            high=_share(units * (control + reach), others),
        ),
        lift=relative(
            units * effect,
            without,
            variance=units**2 * float(joint[at, at]),
            baseline_variance=units**2 * float(joint[base, base]),
            covariance=units**2 * float(joint[at, base]),
            critical=critical,
        ),
        corrected=each.corrected * units / abs(without)
        if each.corrected is not None and without
        else None,
    )


def _share(own: float, others: float) -> float:
    whole = max(own, 0.0) + others
    return max(own, 0.0) / whole if whole > 0 else float("nan")
