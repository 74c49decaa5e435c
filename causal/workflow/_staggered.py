"""``schedule: staggered``: group-time effects, their averages, and the checks of both."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from causal.base.catalog import members
from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.content.wording import human
from causal.data.cells.cells import Cells
from causal.design.rollout import Rollout
from causal.diagnostics.rollout._made import Made
from causal.workflow._log import Log

if TYPE_CHECKING:
    from causal.content.wording import Scale
    from causal.estimation._estimates import Estimates
    from causal.reporting.rollout._content import Answer


def findings_of(study: Rollout, cells: Cells) -> tuple[Finding, ...]:
    """What can be said of who adopts when, before anything is estimated."""
    from causal.estimation.rollout._checked import panel_of
    from causal.estimation.rollout.group_time import refuse

    refuse(cells, control=study.analysis.control, anticipation=study.analysis.anticipation)
    return _checks(Made(panel=panel_of(study, cells)))


def answer_of(study: Rollout, cells: Cells, workers: int, log: Log, kept: Kept) -> Answer:  # noqa: ARG001
    """Estimate, check, and say what may be said of the leading outcome."""
    from causal.estimation.rollout._checked import made, panel_of
    from causal.estimation.rollout.staggered import staggered
    from causal.policy.rollout import reading_of, said, stopped_by, why_compared
    from causal.reporting.rollout._content import Answer, outcome_content
    from causal.reporting.rollout._rows import rows_of
    from causal.reporting.rollout._staggered import own_content, spill_content

    looked = tuple(staggered(study, cells, outcome) for outcome in study.outcomes)
    log.say("checking the estimates", 0.6)
    findings = _checks(made(study, cells, looked, _unmoved(study, cells)))
    chance = _chance(study, cells, log, kept)
    log.say("putting it in words", 0.9)
    panel = panel_of(study, cells)
    listed = [asdict(each) for each in findings]
    stops, shown = {}, {}
    for each in looked:
        name = each.outcome.name
        stop = stopped_by(listed, name)
        if stop is not None:
            stops[name] = f"the check {stop['name']} failed"
        reading = reading_of(spill_content(each.spill), study.pool)
        shown[name] = why_compared(reading, panel.entities)
    own, effects = own_content(study, cells, panel, looked, stops=stops, shown=shown, chance=chance)
    first = looked[0]
    baselines = {
        each.outcome.name: float(each.overall.baseline[0])
        for each in looked
        if abs(float(each.overall.baseline[0])) < float("inf")
    }
    told = said(
        outcome=outcome_content(cells, first.outcome, baselines),
        overall=rows_of(study, first.overall, f"overall of {first.outcome.name}")[0],
        spill=spill_content(first.spill),
        pool=study.pool,
        rollout=human(study.study.replace("-", " ")),
        entities=panel.entities,
        findings=listed,
        level=study.settings.level,
        trend=own["outcomes"][0]["pretrend"],
    )
    return Answer(own=own, effects=effects, said=told, findings=findings, baselines=baselines)


def _checks(made: Made) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.diagnostics.rollout").values()
        for finding in member.check(made)
    )


def _unmoved(study: Rollout, cells: Cells) -> list[tuple[Estimates, Scale]]:
    """Overall effects on what the rollout cannot have moved."""
    from causal.estimation.rollout._checked import scale_for
    from causal.estimation.rollout.staggered import overall_of

    found = []
    for outcome in study.negative_controls:
        overall = overall_of(study, cells, outcome.name)
        found.append((overall, scale_for(cells, outcome.name, overall, ratio=outcome.is_ratio)))
    return found


def _chance(study: Rollout, cells: Cells, log: Log, kept: Kept) -> float | None:
    """Exact p of the leading outcome where dates were drawn by lot; None otherwise."""
    from causal.estimation.rollout.placebo import dealt_anew

    if study.assignment != "randomized":
        return None
    log.say("dealing dates anew", 0.7)
    name, options = study.outcomes[0].name, study.analysis
    p = kept.part(
        "dates dealt anew",
        lambda: dealt_anew(
            cells,
            name,
            seed=study.settings.seed,
            control=options.control,
            anticipation=options.anticipation,
        ),
    )
    return None if math.isnan(p) else p
