"""A study of an experiment: sums, validity gate, effects, evidence, verdict, readout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.kept import Kept
from causal.content.outcome import Role
from causal.data.moments.collected import Collected
from causal.design.experiment import Experiment
from causal.design.looks import past_looks
from causal.workflow._gains import Gained, gains
from causal.workflow._holdout import without_holdout
from causal.workflow._log import Log
from causal.workflow._manifest import manifest
from causal.workflow._projected import projected

if TYPE_CHECKING:
    import pandas as pd

    from causal.diagnostics.experiment._planned import Planned
    from causal.estimation.experiment.belief import Belief
    from causal.estimation.experiment.cohorts import Otherwise
    from causal.estimation.experiment.comparisons import Comparison
    from causal.estimation.experiment.decided import Rules
    from causal.estimation.experiment.displacement import Displacement
    from causal.estimation.experiment.effects import Asked
    from causal.estimation.experiment.impact import Impact
    from causal.estimation.experiment.over_time import Course
    from causal.estimation.experiment.precision import Precision
    from causal.policy.weighing import Agreed
    from causal.reporting._result import Result
    from causal.reporting.experiment._segments import Who


def collected(
    experiment: Experiment, table: pd.DataFrame | None = None, *, workers: int = 1
) -> Collected:
    """Sum up what an experiment names, in the engine that holds it."""
    from causal.data.moments.collect import collect
    from causal.design.experiment_request import experiment_request

    return collect(experiment_request(experiment), frame=table, workers=workers)


def gate(experiment: Experiment, found: Collected) -> tuple[Finding, ...]:
    """Every check of the validity gate."""
    planned = _with_lock(experiment)
    return tuple(
        finding
        for member in members("causal.diagnostics.experiment").values()
        for finding in member.check(found, planned)
    )


def planned_of(experiment: Experiment) -> Planned:
    """What the checks need to know of the plan."""
    from causal.diagnostics.experiment._planned import Planned

    analysis = experiment.analysis
    return Planned(
        looks=analysis.interval != "fixed",
        planned_units=analysis.planned_units,
        clustered=experiment.cluster is not None,
        minimum_days=analysis.minimum_days,
        full_weeks=analysis.full_weeks,
        pool_shared=experiment.pool == "shared",
        deciding=tuple(
            metric.name
            for metric in experiment.outcomes
            if metric.role in (Role.SUCCESS, Role.GUARDRAIL)
        ),
    )


def _with_lock(experiment: Experiment) -> Planned:
    """What the checks need to know of the plan, and of the locked one where there is one."""
    from dataclasses import replace

    from causal.design.plan import deviations, locked

    planned = planned_of(experiment)
    if experiment.plan is None:
        return planned
    late = locked(experiment).outcomes_seen
    return replace(planned, deviations=deviations(experiment), locked_late=late)


def findings_of(experiment: Experiment, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check of the validity gate."""
    return gate(experiment, collected(experiment, table))


def fingerprint_of(experiment: Experiment) -> str:
    """What its data are, whatever is asked of them."""
    return collected(experiment).provenance.fingerprint


def answer_of(
    experiment: Experiment, table: pd.DataFrame | None, workers: int, log: Log, _kept: Kept
) -> Result:
    """Collect, check, estimate, weigh and decide."""
    from causal.design.plan import deviations, locked
    from causal.estimation.experiment.cohorts import otherwise, so_far
    from causal.estimation.experiment.comparisons import compare
    from causal.estimation.experiment.precision import later
    from causal.policy.verdict import verdict
    from causal.policy.weighing import evidence, reweighed
    from causal.reporting._result import Result
    from causal.reporting.experiment._content import Parts, content

    plan = locked(experiment) if experiment.plan is not None else None
    found = collected(experiment, table, workers=workers)
    log.say("checking the experiment", 0.5)
    findings = gate(experiment, found)
    read = without_holdout(found, experiment.analysis.holdout)
    log.say("estimating", 0.6)
    asked, rules = asked_of(experiment), rules_of(experiment, read)
    metrics = experiment.outcomes
    comparisons: tuple[Comparison, ...] = ()
    precision: tuple[Precision, ...] = ()
    if _comparable(experiment, read):
        comparisons = compare(
            read.moments, read.readings, metrics, asked, rules, samples=read.samples
        )
        precision = _precision(experiment, read, asked, rules)
    log.say("deciding", 0.8)
    agreed = _agreed(experiment, read, precision)
    failed = any(each.status is Status.FAIL for each in findings)
    valid = _comparable(experiment, read) and not failed
    cohorts = read.cohorts if valid else None
    planned = experiment.analysis.planned_units
    gained = Gained()
    if valid and experiment.settings.heterogeneity:
        log.say("learning who gains", 0.85)
        gained = gains(experiment, found, table, workers=workers)
    tried: tuple[Otherwise, ...] = ()
    if valid and comparisons:
        tried = tuple(otherwise(read.moments, cohorts, read.readings, metrics, asked, rules))
    made = content(
        Parts(
            experiment=experiment,
            collected=found,
            findings=findings,
            comparisons=comparisons,
            verdict=verdict(evidence(comparisons, metrics, precision, findings, agreed)),
            precision=precision,
            who=tuple(_who(experiment, read, comparisons, asked)) if valid else (),
            displacement=_displacement(experiment, read) if valid else {},
            gains=gained.entries,
            more_sql=gained.sql,
            impacts=tuple(_impacts(experiment, read, comparisons, asked)) if valid else (),
            deviations=deviations(experiment),
            locked=plan,
            beliefs=tuple(_beliefs(experiment, comparisons)) if valid else (),
            so_far=tuple(so_far(cohorts, read.readings, metrics, asked, rules, planned))
            if cohorts is not None
            else (),
            courses=_courses(experiment, read, asked) if valid else (),
            projection=projected(experiment, read, asked) if valid and comparisons else None,
            otherwise=tried,
            verdicts=reweighed(tried, comparisons, metrics, precision, findings, agreed),
            later=later(precision, int(found.counts.randomized.sum()), found.counts.days)
            if valid
            else (),
        )
    )
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(experiment, workers))


def _comparable(experiment: Experiment, found: Collected) -> bool:
    """Whether the control and another arm have units."""
    arms = found.moments.arms
    return len(arms) > 1 and arms[0] == experiment.arms.control


def asked_of(experiment: Experiment) -> Asked:
    """What estimates are called, and how they are adjusted."""
    from causal.estimation.experiment._adjustment import Adjustment
    from causal.estimation.experiment.effects import Asked

    return Asked(
        arm_column=experiment.arms.column,
        clustered=experiment.cluster is not None,
        adjustment=Adjustment(experiment.analysis.adjustment),
    )


def rules_of(experiment: Experiment, found: Collected) -> Rules:
    """The procedure that decides, and the looks so far.

    Looks before this one are taken to have been made where they were planned.
    """
    from causal.estimation.experiment.boundaries import Spending
    from causal.estimation.experiment.decided import Procedure, Rules

    analysis = experiment.analysis
    procedure = Procedure(analysis.interval)
    information = _information(experiment, found)
    looks: tuple[float, ...] = (1.0,)
    if procedure is not Procedure.FIXED:
        now = information or 0.0
        last = min(now, 1.0) if procedure is Procedure.GROUP_SEQUENTIAL else now
        looks = (*past_looks(analysis.looks, now), last)
    return Rules(
        procedure=procedure,
        level=experiment.settings.level,
        seed=experiment.settings.seed,
        looks=looks,
        spending=Spending(analysis.spending),
        information=information,
    )


def _information(experiment: Experiment, found: Collected) -> float | None:
    planned = experiment.analysis.planned_units
    return None if planned is None else int(found.counts.randomized.sum()) / planned


def _precision(
    experiment: Experiment, found: Collected, asked: Asked, rules: Rules
) -> tuple[Precision, ...]:
    from causal.estimation.experiment.precision import precisions

    return precisions(
        found.moments,
        found.readings,
        experiment.outcomes,
        adjustment=asked.adjustment,
        rules=rules,
        power=experiment.analysis.power,
        smallest=experiment.analysis.smallest,
    )


def _agreed(experiment: Experiment, found: Collected, precision: tuple[Precision, ...]) -> Agreed:
    from causal.diagnostics.experiment.runtime import earliest
    from causal.estimation.experiment.decided import Procedure
    from causal.estimation.experiment.precision import days_left
    from causal.policy.evidence import Word
    from causal.policy.weighing import Agreed

    analysis = experiment.analysis
    needed = [each.units for each in precision if each.units is not None]
    if analysis.planned_units is not None:
        needed = [float(analysis.planned_units)]
    have = int(found.counts.randomized.sum())
    return Agreed(
        procedure=Procedure(analysis.interval),
        otherwise=Word(analysis.otherwise.upper()),
        pool_shared=experiment.pool == "shared",
        because=f"treated and control {experiment.side}s share one pool of exposure: what one arm "
        "gains the other may lose"
        if experiment.pool == "shared"
        else None,
        information=_information(experiment, found),
        last=found.last,
        earliest=earliest(found.first, found.last, planned_of(experiment))
        if found.first is not None and found.last is not None
        else None,
        days_to_target=days_left(max(needed), have, found.counts.days) if needed else None,
    )


def _courses(experiment: Experiment, found: Collected, asked: Asked) -> tuple[Course, ...]:
    """Success metrics by day since exposure, where rows have a time."""
    from causal.estimation.experiment.over_time import courses

    level, seed = experiment.settings.level, experiment.settings.seed
    return tuple(
        course
        for daily in found.daily.values()
        for course in courses(daily, asked, level=level, seed=seed)
    )


def _displacement(experiment: Experiment, found: Collected) -> dict[str, Displacement]:
    """Of metrics that compete for the pool, where demand is known from outside the outcome."""
    from causal.data.moments.moments import marginal
    from causal.estimation.experiment.displacement import displacement

    demand = experiment.analysis.demand
    if experiment.pool != "shared" or demand is None or len(found.moments.arms) != 2:
        return {}
    of = {reading.metric: reading for reading in found.readings}
    moments = marginal(found.moments, [])
    return {
        metric.name: displacement(
            moments,
            outcome=of[metric.name].level.numerator,
            before=f"x:{metric.before}",
            growth=demand.during / demand.before,
            level=experiment.settings.level,
        )
        for metric in experiment.outcomes
        if metric.competes and metric.before is not None and metric.name in of
    }


def _impacts(
    experiment: Experiment, found: Collected, comparisons: tuple[Comparison, ...], asked: Asked
) -> Iterator[Impact]:
    """What effects add up to; nothing where the difference is not the effect."""
    from causal.estimation.experiment.impact import Extent, impacts

    if experiment.pool == "shared" or not comparisons:
        return
    days = None
    if found.first is not None and found.last is not None:
        days = (found.last - found.first).days + 1
    inside = [found.counts.arms.index(arm) for arm in found.moments.arms]
    extent = Extent(
        days=days,
        still_open={name: int(each[inside].sum()) for name, each in found.immature.items()},
        totals=experiment.analysis.totals,
    )
    yield from impacts(
        found.moments, found.readings, experiment.outcomes, comparisons, extent, asked.adjustment
    )


def _beliefs(experiment: Experiment, comparisons: tuple[Comparison, ...]) -> Iterator[Belief]:
    """Success metrics with the study's prior; none where the difference is not the effect."""
    from causal.estimation.experiment.belief import belief

    prior = experiment.analysis.prior
    if prior is None or experiment.pool == "shared":
        return
    for each in comparisons:
        if each.role is Role.SUCCESS:
            found = belief(each, relative_sd=prior.relative_sd, level=experiment.settings.level)
            if found is not None:
                yield found


def _who(
    experiment: Experiment,
    found: Collected,
    comparisons: tuple[Comparison, ...],
    asked: Asked,
) -> Iterator[Who]:
    """The first success metric, each arm and each declared segment."""
    from causal.estimation._inference import adjust
    from causal.estimation.experiment.segments import interaction, segment_effects
    from causal.reporting.experiment._segments import Who, levels

    leading = next((each for each in comparisons if each.role is Role.SUCCESS), None)
    if leading is None or not found.segments:
        return
    reading = next((each for each in found.readings if each.metric == leading.metric), None)
    if reading is None:
        return
    clusters = int(found.moments.n.sum()) if experiment.cluster is not None else None
    listed = []
    for name, by_level in found.segments.items():
        for arm in range(1, len(by_level.arms)):
            own = segment_effects(by_level, reading, asked, segment=name, arm=arm)
            listed.append((name, by_level, arm, own, interaction(own, by_level, clusters=clusters)))
    p = adjust(np.array([each[4].test.p_value for each in listed]), np.zeros(0), "holm")
    for (name, by_level, arm, own, differ), adjusted in zip(listed, p, strict=True):
        yield Who(
            segment=name,
            metric=leading.metric,
            arm=by_level.arms[arm],
            levels=levels(own, experiment.settings),
            differ=differ,
            p_adjusted=float(adjusted),
        )
