"""A study of an experiment on two sides: sums, checks, effects of four cells, verdict, readout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.kept import Kept
from causal.content.outcome import Role
from causal.data.pairs.collected import CollectedPairs
from causal.design.two_sided import TwoSided
from causal.workflow._log import Log
from causal.workflow._manifest import manifest

if TYPE_CHECKING:
    import pandas as pd

    from causal.diagnostics.experiment._planned import Planned
    from causal.estimation.two_sided.identified import Identified
    from causal.policy.weighing import Agreed
    from causal.reporting._result import Result


def collected(study: TwoSided, table: pd.DataFrame | None = None) -> CollectedPairs:
    """Sum up what the study names, in the engine that holds it."""
    from causal.data.pairs.collect import collect_pairs
    from causal.design.two_sided import pair_request

    return collect_pairs(pair_request(study), frame=table)


def gate(study: TwoSided, found: CollectedPairs) -> tuple[Finding, ...]:
    """Every check of the validity gate."""
    planned = _planned(study)
    return tuple(
        finding
        for member in members("causal.diagnostics.two_sided").values()
        for finding in member.check(found, planned)
    )


def findings_of(study: TwoSided, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check of the validity gate."""
    return gate(study, collected(study, table))


def fingerprint_of(study: TwoSided) -> str:
    """What its data are, whatever is asked of them."""
    return collected(study).provenance.fingerprint


def answer_of(
    study: TwoSided, table: pd.DataFrame | None, workers: int, log: Log, _kept: Kept
) -> Result:
    """Collect, check, estimate, weigh and decide."""
    from causal.estimation.experiment.decided import Procedure, Rules
    from causal.estimation.two_sided.cells import cells
    from causal.estimation.two_sided.identified import identified
    from causal.estimation.two_sided.readings import cell_levels, readings, totals
    from causal.policy.verdict import verdict
    from causal.policy.weighing import evidence
    from causal.reporting._result import Result
    from causal.reporting.two_sided._content import Parts, content

    found = collected(study, table)
    log.say("checking the experiment", 0.5)
    findings = gate(study, found)
    log.say("estimating", 0.6)
    settings, metrics = study.settings, study.outcomes
    of = cells(found.sums)
    shown = readings(of, metrics, settings.level)
    rules = Rules(procedure=Procedure.FIXED, level=settings.level, seed=settings.seed)
    comparisons = totals(of, metrics, rules)
    success = {metric.name for metric in metrics if metric.role is Role.SUCCESS}
    whole = identified(
        [each for each in shown if each.metric in success],
        given=study.arms.given,
        pool=study.analysis.pool,
        margins=study.analysis.equivalence,
        level=settings.level,
    )
    log.say("deciding", 0.8)
    valid = not any(each.status is Status.FAIL for each in findings)
    agreed = _agreed(study, found, whole)
    made = content(
        Parts(
            study=study,
            collected=found,
            findings=findings,
            comparisons=comparisons,
            readings=shown,
            cells=cell_levels(of, metrics, settings.level),
            identified=whole,
            valid=valid,
            verdict=verdict(evidence(comparisons, metrics, (), findings, agreed)),
        )
    )
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def _planned(study: TwoSided) -> Planned:
    from causal.diagnostics.experiment._planned import Planned

    return Planned(minimum_days=study.analysis.minimum_days, full_weeks=study.analysis.full_weeks)


def _agreed(study: TwoSided, found: CollectedPairs, whole: Identified) -> Agreed:
    from causal.diagnostics.experiment.runtime import earliest
    from causal.estimation.experiment.decided import Procedure
    from causal.policy.evidence import Word
    from causal.policy.weighing import Agreed

    dated = found.first is not None and found.last is not None
    return Agreed(
        procedure=Procedure.FIXED,
        otherwise=Word(study.analysis.otherwise.upper()),
        pool_shared=not whole.holds,
        because=whole.because,
        information=None,
        last=found.last,
        earliest=earliest(found.first, found.last, _planned(study))
        if dated and found.first is not None and found.last is not None
        else None,
        days_to_target=None,
    )
