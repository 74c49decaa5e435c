"""Precision of an experiment: what it can find now, beside what it was planned to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.content.metric import Metric
from causal.content.outcome import Role
from causal.data.moments.collected import Reading, Split
from causal.data.moments.moments import Moments
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.boundaries import boundaries
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.planning import Bar, smallest_effect, spread_of, units_needed
from causal.estimation.experiment.sequences import multiplier, tuning

RECENT_DAYS = 7
WEEKS = (1, 2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What a metric was planned to find, and what it can find, relative to the control.

    Attributes
    ----------
    wanted
        Smallest effect worth finding; None when the study names none.
    reached
        Smallest effect found with the planned power by the units that are there.
    units
        Units of randomisation, in all arms together, that find the wanted effect.
    explained
        Share of the variance that covariates take out.
    """

    metric: str
    wanted: float | None
    reached: float | None
    units: float | None
    explained: float

    @property
    def enough(self) -> bool:
        """Whether what is wanted can be found."""
        return self.wanted is not None and self.reached is not None and self.reached <= self.wanted


def precisions(
    moments: Moments,
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
    *,
    adjustment: Adjustment,
    rules: Rules,
    power: float,
    smallest: Mapping[str, float],
) -> tuple[Precision, ...]:
    """Read off every success metric and guardrail how precise it is.

    Success metrics and arms share alpha evenly, which is a little more than the largest |t| of
    correlated ones asks for. Every guardrail has to pass, so it is the chance to miss one that is
    shared out over guardrails (Schultzberg, Ankargren, Franberg 2024), and alpha is not.
    """
    of = {reading.metric: reading for reading in readings}
    known = [metric for metric in metrics if metric.name in of]
    deciding = [m for m in known if m.role in (Role.SUCCESS, Role.GUARDRAIL)]
    bars = {role: bar_of(role, known, len(moments.arms) - 1, rules, power) for role in Role}
    return tuple(
        _precision(moments, of[metric.name], metric, adjustment, bars[metric.role], smallest)
        for metric in deciding
    )


def bar_of(role: Role, metrics: Sequence[Metric], arms: int, rules: Rules, power: float) -> Bar:
    """What metrics of a role are held to at the end of a plan.

    Parameters
    ----------
    metrics
        Every metric that is known; those of the role share what there is to share.
    arms
        Arms that are compared with the control.
    rules
        The procedure; a group sequential one is held to the boundary of its last look.
    """
    alpha = 1 - rules.level
    among = sum(metric.role is role for metric in metrics)
    if role is Role.SUCCESS:
        alpha /= max(among * arms, 1)
    elif role is Role.GUARDRAIL:
        power = 1 - (1 - power) / max(among, 1)
    return Bar(alpha=alpha, power=power, wider=_wider(rules, alpha))


def _wider(rules: Rules, alpha: float) -> float:
    """How much wider the interval is at the end of the plan than that of a fixed horizon."""
    from scipy.stats import norm

    if rules.procedure is Procedure.SEQUENTIAL:
        reach = float(multiplier(np.ones(1), alpha, tuning(alpha))[0])
    elif rules.procedure is Procedure.GROUP_SEQUENTIAL:
        looks = np.array([*(look for look in rules.looks if look < 1), 1.0])
        reach = float(boundaries(looks, alpha, rules.spending)[-1])
    else:
        return 1.0
    return reach / float(norm.isf(alpha / 2))


def wanted_of(metric: Metric, smallest: Mapping[str, float], level: float) -> float | None:
    """The effect worth finding, relative to the control: of a guardrail its margin."""
    wanted = smallest.get(metric.name)
    if wanted is None and metric.role is Role.GUARDRAIL:
        wanted = metric.margin
        if metric.absolute_margin is not None:
            wanted = metric.absolute_margin / level
    return wanted


def _precision(
    moments: Moments,
    reading: Reading,
    metric: Metric,
    adjustment: Adjustment,
    bar: Bar,
    smallest: Mapping[str, float],
) -> Precision:
    spread = spread_of(moments, reading, adjustment)
    n = moments.n.sum(axis=1)
    level = abs(spread.level)
    if n.min() < 2 or not level > 0 or not spread.variance > 0:
        return Precision(metric=metric.name, wanted=None, reached=None, units=None, explained=0.0)
    shares = (float(n[0] / n.sum()), float(n[1:].min() / n.sum()))
    wanted = wanted_of(metric, smallest, level)
    return Precision(
        metric=metric.name,
        wanted=wanted,
        reached=smallest_effect(spread, float(n.sum()), shares, bar) / level,
        units=None if wanted is None else units_needed(spread, wanted * level, shares, bar),
        explained=spread.explained,
    )


def days_left(needed: float, have: int, days: Split | None) -> int | None:
    """Days until so many units are there, at the pace of the last week; None without a pace.

    >>> week = Split(name="day", values=tuple("abc"), counts=np.array([[9, 9], [5, 5], [5, 5]]))
    >>> days_left(100, 38, week)
    5
    """
    if needed <= have:
        return 0
    pace = _pace(days)
    return int(np.ceil((needed - have) / pace)) if pace > 0 else None


def _pace(days: Split | None) -> float:
    """New units of a day, in the last week."""
    if days is None or not len(days.values):
        return 0.0
    return float(days.counts[-RECENT_DAYS:].sum()) / min(len(days.values), RECENT_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What a metric will be able to find if units keep coming as in the last week.

    ``ahead`` has for 1, 2 and 4 weeks more the days, the units by then, and the smallest effect;
    ``days_to_target`` is how many days more find the wanted effect, None where none is named.
    """

    metric: str
    days_to_target: int | None
    ahead: tuple[tuple[int, int, float], ...]


def later(precision: Sequence[Precision], have: int, days: Split | None) -> tuple[Later, ...]:
    """Look ahead; the smallest effect shrinks with the root of the units.

    Parameters
    ----------
    precision
        Of each metric, now.
    have
        Units of randomisation now.
    days
        Units by day of first exposure; nothing is said without them.

    Examples
    --------
    >>> week = Split(name="day", values=tuple("abc"), counts=np.array([[5, 5], [5, 5], [5, 5]]))
    >>> now = Precision(metric="y", wanted=0.1, reached=0.2, units=120.0, explained=0.0)
    >>> found = later([now], 30, week)[0]
    >>> [(days, units, round(reached, 3)) for days, units, reached in found.ahead]
    [(7, 100, 0.11), (14, 170, 0.084), (28, 310, 0.062)]
    >>> found.days_to_target
    9
    """
    pace = _pace(days)
    if not pace > 0:
        return ()
    return tuple(
        Later(
            metric=each.metric,
            days_to_target=None if each.units is None else days_left(each.units, have, days),
            ahead=tuple(
                (7 * weeks, round(have + 7 * weeks * pace),
                 each.reached * float(np.sqrt(have / (have + 7 * weeks * pace))))
                for weeks in WEEKS
            ),
        )
        for each in precision
        if each.reached is not None
    )  # fmt: skip
