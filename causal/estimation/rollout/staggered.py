"""All that one outcome of a staggered rollout is looked at for: effects, averages, second opinions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.errors import DesignError
from causal.content.outcome import Outcome
from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray
from causal.design.rollout import Rollout
from causal.estimation._estimates import Estimates
from causal.estimation.rollout.aggregates import (
    aggregates,
    balanced,
    composition,
)
from causal.estimation.rollout.contamination import Contamination, contamination
from causal.estimation.rollout.drift import Drift, drifted
from causal.estimation.rollout.group_time import GroupTime, group_time
from causal.estimation.rollout.imputation import Agreement, Imputed, agreement, imputed
from causal.estimation.rollout.placebo import Early, too_early
from causal.estimation.rollout.twfe import TwoWay, two_way


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staggered:
    """One outcome of a staggered rollout.

    Attributes
    ----------
    outcome
        What was measured.
    cells
        Effects of each cohort in each period.
    overall, cohorts, calendar
        Averages from adoption on.
    event, events, made_of
        Averages by periods since adoption, those times, and the cohorts behind each.
    same, same_events
        The same over cohorts that are seen in all of ``same_events``; None where it is no other.
    drift
        Trends before adoption, and what bounds on them leave.
    early
        Effects of dates too early.
    filled, apart
        The effect by imputation, and how far it is from ``overall``; None where it cannot be made.
    regression
        One regression with effects of entities and periods; None where nothing is left.
    spill
        What untreated cells say about treated neighbours.
    jump
        |t| of a change, at adoption, in what stands behind a cell; None where that is constant.
    """

    outcome: Outcome
    cells: Estimates
    cells_at: tuple[tuple[int, int], ...]
    overall: Estimates
    cohorts: Estimates
    calendar: Estimates
    event: Estimates
    events: tuple[int, ...]
    made_of: tuple[tuple[int, ...], ...]
    same: Estimates | None
    same_events: tuple[int, ...]
    drift: Drift
    early: tuple[Early, ...]
    filled: Imputed | None
    apart: Agreement | None
    regression: TwoWay | None
    spill: Contamination
    jump: float | None

    @property
    def margin(self) -> float | None:
        """The margin in units of the outcome; None without one, or without a baseline."""
        baseline = float(self.overall.baseline[0])
        known = self.outcome.margin is not None and np.isfinite(baseline) and baseline != 0
        return abs(float(self.outcome.margin or 0.0) * baseline) if known else None

    @property
    def of_margin(self) -> float | None:
        """What a drift that is missed half of the time makes up of the margin."""
        missed = self.drift.missed
        return None if missed is None or self.margin is None else missed / self.margin


def too_young(study: Rollout, cells: Cells) -> IntArray:
    """Places of cohorts with fewer periods before adoption than ``analysis.minimum_periods``."""
    before = cells.cohorts - study.analysis.anticipation
    return cells.cohorts[before < study.analysis.minimum_periods]


def of_one_cluster(cells: Cells) -> IntArray:
    """Places of cohorts that are one cluster, where there are others: averages leave them out."""
    alone = np.array(
        [g for g in cells.cohorts if np.unique(cells.cluster[cells.adopted == g]).size < 2],
        dtype=np.int64,
    )
    return alone if alone.size < cells.cohorts.size else np.zeros(0, dtype=np.int64)


def staggered(study: Rollout, cells: Cells, outcome: Outcome) -> Staggered:
    """Estimate everything of one outcome.

    Raises
    ------
    DesignError
        When nobody can be compared, or no cohort has the periods before adoption.
    """
    name, options = outcome.name, study.analysis
    young = too_young(study, cells)
    whole = _found(study, cells, name)
    found = whole.without(of_one_cluster(cells))
    overall = aggregates(found, cells, "overall", name=study.study)
    shown = _shown(study, found)
    event = aggregates(shown, cells, "event", name=study.study)
    later = _balanced(shown)
    among = _surely(study, cells if not young.size else _without(cells, young), name)
    alike = _alike(study, cells, name)
    filled = _filled(alike, name)
    return Staggered(
        outcome=outcome,
        cells=aggregates(whole, cells, "cells", name=study.study),
        cells_at=whole.labels,
        overall=overall,
        cohorts=aggregates(found, cells, "cohort", name=study.study),
        calendar=aggregates(found, cells, "calendar", name=study.study),
        event=event,
        events=_events(shown),
        made_of=composition(shown, "event"),
        same=None if later is None else aggregates(later, cells, "event", name=study.study),
        same_events=() if later is None else _events(later),
        drift=drifted(study, cells, _shown(study, found, whole=True), overall),
        early=too_early(among, name, control=options.control, anticipation=options.anticipation),
        filled=filled,
        apart=None if filled is None else agreement(alike, found),
        regression=two_way(among, name),
        spill=_spilled(study, cells, outcome, overall),
        jump=_jump(study, cells, outcome),
    )


def overall_of(study: Rollout, cells: Cells, name: str) -> Estimates:
    """The mean effect on an outcome from adoption on."""
    found = _found(study, cells, name)
    return aggregates(found.without(of_one_cluster(cells)), cells, "overall", name=study.study)


def _found(study: Rollout, cells: Cells, name: str) -> GroupTime:
    """Effects of all cohorts with enough periods before adoption."""
    options, young = study.analysis, too_young(study, cells)
    if young.size == cells.cohorts.size and young.size:
        raise DesignError(
            f"analysis.minimum_periods: no cohort has {options.minimum_periods} periods before "
            "adoption. Bring earlier periods, or lower it."
        )
    return group_time(
        cells,
        name,
        control=options.control,
        anticipation=options.anticipation,
        base="universal",
    ).without(young)


def _shown(study: Rollout, found: GroupTime, *, whole: bool = False) -> GroupTime:
    """Effects of the event times that are asked for; ``whole``: all of those from adoption on."""
    event = found.period - found.cohort
    pre, post = study.analysis.pre, None if whole else study.analysis.post
    low = -np.inf if pre is None else -pre - study.analysis.anticipation
    high = np.inf if post is None else post
    return found.select(np.flatnonzero((event >= low) & (event <= high)))


def _events(found: GroupTime) -> tuple[int, ...]:
    return tuple(int(e) for e in np.unique(found.period - found.cohort))


def _balanced(found: GroupTime) -> GroupTime | None:
    """The effects of cohorts seen longest, at least two of them, where not all are."""
    events = found.period - found.cohort
    everyone = np.unique(found.cohort).size
    for last in sorted({int(e) for e in events[events >= 1]}, reverse=True):
        part = balanced(found, last)
        cohorts = np.unique(part.cohort).size
        if 1 < cohorts < everyone:
            return part
    return None


def _surely(study: Rollout, cells: Cells, name: str) -> Cells:
    """Cells without those before adoption in which it may already act, which are neither."""
    ahead = cells.adopted[:, None] - np.arange(len(cells.periods))
    early = (ahead > 0) & (ahead <= study.analysis.anticipation)
    if not early.any():
        return cells
    return replace(cells, y={**cells.y, name: np.where(early, np.nan, cells.y[name])})


def _without(cells: Cells, cohorts: IntArray) -> Cells:
    return cells.select(np.flatnonzero(~np.isin(cells.adopted, cohorts)))


def _alike(study: Rollout, cells: Cells, name: str) -> Cells:
    """Cells that say of the same cohorts what the averages do: those left out there are not known."""
    known = _surely(study, cells, name)
    out = np.isin(cells.adopted, too_young(study, cells))[:, None]
    out = out | (np.isin(cells.adopted, of_one_cluster(cells))[:, None] & cells.treated)
    if not out.any():
        return known
    return replace(known, y={**known.y, name: np.where(out, np.nan, known.y[name])})


def _filled(cells: Cells, name: str) -> Imputed | None:
    found = imputed(cells, name)
    return found if np.isfinite(found.values[0]) else None


def _spilled(study: Rollout, cells: Cells, outcome: Outcome, overall: Estimates) -> Contamination:
    baseline = float(overall.baseline[0])
    known = outcome.margin is not None and np.isfinite(baseline)
    return contamination(
        _surely(study, cells, outcome.name),
        outcome.name,
        level=study.settings.level,
        margin=abs(float(outcome.margin or 0.0) * baseline) if known else None,
        shared=study.pool == "shared",
    )


def _jump(study: Rollout, cells: Cells, outcome: Outcome) -> float | None:
    """|t| of the change of log size in the period of adoption."""
    size = cells.size[outcome.name]
    known = np.isfinite(size)
    if not known.any() or np.ptp(size[known]) == 0:
        return None
    logged: FloatArray = np.full(size.shape, np.nan)
    logged[known] = np.log(size[known])
    plain = replace(
        cells,
        y={outcome.name: logged},
        covariates=np.zeros((len(cells.entities), 0)),
        covariate_names=(),
    )
    found = group_time(plain, outcome.name, control=study.analysis.control)
    first = found.select(np.flatnonzero(found.period == found.cohort))
    one = aggregates(first, plain, "overall")
    error = float(one.std_errors[0])
    known_one = np.isfinite(one.values[0]) and error > 0 and not one.refusal[0]
    return abs(float(one.values[0])) / error if known_one else None
