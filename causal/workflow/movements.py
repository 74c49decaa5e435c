"""A study of a move: sums of two periods, checks, mix and rate, mechanisms, page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.base.catalog import members
from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.data.movement.sums import Periods
from causal.design.movement import Movement
from causal.workflow._log import Log
from causal.workflow._manifest import manifest

if TYPE_CHECKING:
    import pandas as pd

    from causal.data.panel import Panel
    from causal.estimation.movement._attribution import Attribution
    from causal.estimation.movement._moved import Moved
    from causal.estimation.movement.shipped import Claimed
    from causal.reporting._result import Result

MOST_EXACT = 4
FEW_CLUSTERS, FEW_ROWS, MANY_ROWS = 200, 20_000, 1_000_000
MORE_FOLDS, LESS_FOLDS = 12, 3


def periods_of(study: Movement, table: pd.DataFrame | None = None) -> Periods:
    """Sum up what the study names, in the engine that holds it."""
    from causal.data.movement.collect import collect_periods
    from causal.design.movement import movement_request

    return collect_periods(movement_request(study), frame=table)


def findings_of(study: Movement, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check of the two periods."""
    return _checks(periods_of(study, table))


def fingerprint_of(study: Movement) -> str:
    """What its data are, whatever is asked of them."""
    return periods_of(study).provenance.fingerprint


def answer_of(
    study: Movement, table: pd.DataFrame | None, workers: int, log: Log, kept: Kept
) -> Result:
    """Sum up, check, split, explain."""
    from causal.estimation.movement.cells import apart
    from causal.reporting._content import study_hash, versions
    from causal.reporting._result import Result
    from causal.reporting.movement._content import Parts, content

    found = periods_of(study, table)
    log.say("checking the periods", 0.1)
    findings = _checks(found)
    settings = study.settings
    cut = tuple(each.shown(settings.minimum_cell, settings.dominance) for each in found.cut)
    leading = [each for each in cut if each.outcome == study.outcomes[0].name]
    parts = Parts(
        study=study,
        periods=found,
        cut=cut,
        findings=findings,
        apart=apart(leading, level=settings.level),
    )
    if study.mechanisms:
        log.say("explaining the move", 0.2)
        moved = _moved(study, found, table)
        key = f"{study_hash(study)}/{found.provenance.fingerprint}/{sorted(versions().items())}"
        kept = replace(kept, key=key)
        shares = kept.part("mechanisms", lambda: _shares(study, moved, workers))
        claimed = _claimed(study, shares)
        parts = replace(
            parts,
            shares=shares,
            claimed=claimed,
            findings=(*findings, *_mechanism_checks(study, moved, shares, claimed, log, workers)),
        )
    log.say("writing", 0.95)
    made = content(parts)
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def _checks(found: Periods) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.diagnostics.periods").values()
        for finding in member.check(found)
    )


def _folds(study: Movement, found: Periods) -> int:
    """More parts where there is little to learn from, fewer where there is plenty."""
    rows, clusters = sum(found.rows), min(found.whole[0].clusters)
    if clusters < FEW_CLUSTERS or rows < FEW_ROWS:
        return max(study.settings.folds, min(MORE_FOLDS, clusters))
    return min(study.settings.folds, LESS_FOLDS) if rows > MANY_ROWS else study.settings.folds


def _moved(study: Movement, found: Periods, table: pd.DataFrame | None) -> Moved:
    from causal.data.read import read, read_frame
    from causal.design.movement import rows_request
    from causal.estimation.movement._moved import Moved

    request = rows_request(study, _folds(study, found))
    panel: Panel = read(request) if table is None else read_frame(table, request)
    flag = panel.columns["in after"]
    after = flag.values == [label in ("true", "1") for label in flag.levels].index(True)
    outcome = study.outcomes[0].name
    return Moved(
        nodes=study.order,
        columns={node: panel.columns[node] for node in study.order},
        parents={node: study.parents(node) for node in (*study.order, outcome)},
        outcome=panel.outcomes[outcome],
        after=after,
        clusters=panel.clusters,
        folds=panel.folds,
        weight=panel.weight if study.weight and study.outcomes[0].is_ratio else None,
    )


def _shares(study: Movement, moved: Moved, workers: int) -> Attribution:
    from causal.estimation.movement.mechanisms import Mechanisms
    from causal.estimation.movement.order import in_order
    from causal.estimation.movement.sampled import sampled
    from causal.estimation.movement.shapley import shapley

    form = study.analysis.form
    if form == "auto" and len(study.order) < MOST_EXACT:
        fitted = Mechanisms.of(moved, workers=workers)
        found = shapley(moved, fitted=fitted)
        if not all(found.estimates.refusal):
            return found
        return in_order(moved, fitted=replace(fitted, _reach={}))
    if form == "shapley":
        return shapley(moved, workers=workers)
    if form == "sampled":
        return sampled(
            moved,
            permutations=study.analysis.permutations,
            seed=study.settings.seed,
            workers=workers,
        )
    return in_order(moved, workers=workers)


def _claimed(study: Movement, shares: Attribution) -> tuple[Claimed, ...]:
    from causal.estimation.movement.shipped import Shipped, split

    if not study.shipped:
        return ()
    shipped = [
        Shipped(
            name=each.name,
            node=each.node,
            effect=each.effect,
            std_error=each.std_error,
            share=each.share,
            threshold=each.threshold or 0.0,
        )
        for each in study.shipped
    ]
    return split(shares, shipped, level=study.settings.level)


def _mechanism_checks(
    study: Movement,
    moved: Moved,
    shares: Attribution,
    claimed: tuple[Claimed, ...],
    log: Log,
    workers: int,
) -> tuple[Finding, ...]:
    from causal.estimation._inference import infer
    from causal.estimation.movement._checked import made
    from causal.estimation.movement.placebo import halves
    from causal.estimation.movement.turned import turned

    settings = study.settings
    read = infer(
        shares.estimates,
        level=settings.level,
        multiplicity="simultaneous",
        seed=settings.seed,
        family="mechanisms",
    )
    log.say("explaining no move, as a check", 0.6)
    none = halves(moved, level=settings.level, seed=settings.seed, workers=workers)
    log.say("explaining it in another order", 0.8)
    other = turned(moved, seed=settings.seed, workers=workers) if shares.form == "order" else None
    checked = made(
        shares, low=read.ci_low, high=read.ci_high, claimed=claimed, turned=other, halves=none
    )
    return tuple(
        finding
        for member in members("causal.diagnostics.movement").values()
        for finding in member.check(checked)
    )
