"""What units that came on some days say: the effect so far, and without each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.content.metric import Metric
from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments, marginal, merged, strata
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import Comparison, compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked

FEWEST, FEWEST_CLUSTERS = 100, 30
LEVELS = (0.9, 0.99)
MOST_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class So:
    """Comparisons of the units that had come by the end of a day."""

    day: str
    units: int
    comparisons: tuple[Comparison, ...]


def so_far(
    cohorts: Moments,
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
    asked: Asked,
    rules: Rules,
    planned: int | None,
) -> Iterator[So]:
    """Compare again at the end of every day, as a look on that day would have been.

    Days before every arm has a hundred units, or thirty clusters, are left out. Of a fixed procedure these are intervals
    of one day each, for display; confidence sequences hold on all days at once.

    Parameters
    ----------
    cohorts
        By arm and day of first exposure.
    readings, metrics, asked, rules
        As for :func:`compare`.
    planned
        Units of randomisation, for the information of each day.
    """
    parts = [marginal(strata(cohorts, [at]), []) for at in range(len(cohorts.strata))]
    whole: Moments | None = None
    for (day,), part in zip(cohorts.strata, parts, strict=True):
        whole = part if whole is None else merged([whole, part])
        units = whole.n.sum(axis=1)
        if units.min() < _fewest(asked):
            continue
        own = rules
        if rules.procedure is not Procedure.FIXED and planned:
            own = replace(rules, procedure=Procedure.SEQUENTIAL, looks=(units.sum() / planned,))
        yield So(
            day=day,
            units=int(whole.units.sum()),
            comparisons=compare(whole, readings, metrics, asked, own),
        )


def _fewest(asked: Asked) -> int:
    return FEWEST_CLUSTERS if asked.clustered else FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """The deciding comparisons, had one thing been chosen otherwise."""

    what: str
    comparisons: tuple[Comparison, ...]


def otherwise(
    moments: Moments,
    cohorts: Moments | None,
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
    asked: Asked,
    rules: Rules,
) -> Iterator[Otherwise]:
    """Compare again at other levels, with other adjustments, without caps, and without each day."""

    def again(what: str, of: Moments, own: Asked = asked, by: Rules = rules) -> Otherwise:
        return Otherwise(what=what, comparisons=compare(of, readings, metrics, own, by))

    for level in LEVELS:
        yield again(f"level {level:.0%}", moments, by=replace(rules, level=level))
    if any(reading.covariates for reading in readings):
        for adjustment in Adjustment:
            if adjustment is not asked.adjustment:
                named = f"adjustment {adjustment.value}"
                yield again(named, moments, own=replace(asked, adjustment=adjustment))
    if any(reading.uncapped is not None for reading in readings):
        free = [replace(each, level=each.uncapped or each.level) for each in readings]
        yield Otherwise(what="no cap", comparisons=compare(moments, free, metrics, asked, rules))
    if cohorts is not None and 2 < len(cohorts.strata) <= MOST_DAYS:
        days = np.arange(len(cohorts.strata))
        for at in days:
            left = marginal(strata(cohorts, days[days != at].tolist()), [])
            if left.n.sum(axis=1).min() >= _fewest(asked):
                yield again(f"without units of {cohorts.strata[at][0]}", left)


def changes(
    base: Iterable[Comparison], others: Iterable[Otherwise]
) -> Iterator[tuple[str, Comparison, Comparison]]:
    """What of it reads otherwise: where an interval that decides lies on another side of zero.

    Gives the choice, the comparison as it is, and as it would be; for a guardrail the distance to
    its margin is what is read.
    """
    known = {(each.metric, each.arm): each for each in base}
    for other in others:
        for each in other.comparisons:
            own = known[(each.metric, each.arm)]
            if each.decisive and _side(each) != _side(own):
                yield other.what, own, each


def _side(each: Comparison) -> int:
    given = each.gap if each.gap is not None else each.decided
    return 1 if given.low > 0 else -1 if given.high < 0 else 0
