"""A study of attributes: panel, design, findings, estimates, explanation, decision, result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from causal.base.catalog import members
from causal.base.finding import Finding
from causal.base.kept import Kept
from causal.data.panel import Panel
from causal.design.design import LADDER, Design, headline
from causal.design.request import request
from causal.design.study import Study
from causal.workflow._log import Log
from causal.workflow._manifest import manifest

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation._fit import Fit
    from causal.estimation._scores import Segments
    from causal.estimation.paths._found import Paths
    from causal.evaluation._evaluated import Evaluated
    from causal.reporting._result import Result


def answer_of(
    study: Study, table: pd.DataFrame | None, workers: int, log: Log, kept: Kept
) -> Result:
    """Estimate, test, interpret, decide."""
    from causal.design.identification._adjustment import reasons
    from causal.interpretation.success_model import explain
    from causal.reporting._content import Parts, content, study_hash, versions
    from causal.reporting._result import Result

    panel = read_panel(study, table)
    key = f"{study_hash(study)}/{panel.provenance.fingerprint}/{sorted(versions().items())}"
    kept = replace(kept, key=key)
    log.say("checking the table", 0.1)
    designs = identify(study, panel)
    findings = diagnose(study, panel)
    log.say("estimating", 0.15)
    evaluated, cuts = _estimate(study, panel, designs, workers=workers, log=log, kept=kept)
    log.say("evaluating", 0.6)
    findings = (*findings, *_evaluate(evaluated))
    effects, segments, over_time = _tables(evaluated, cuts, findings)
    log.say("fitting success models", 0.7)
    explanations = kept.part("success models", lambda: explain(study, panel, workers=workers))
    log.say("deciding", 0.95)
    parts = Parts(
        evaluated=evaluated,
        findings=findings,
        effects=effects,
        segments=segments,
        over_time=over_time,
        reasons=reasons(study, evaluated.leading.design.adjustment),
        explanations=explanations,
    )
    made = content(parts)
    log.say("done", 1.0)
    return Result(content=made, manifest=manifest(made), log=log.lines(study, workers))


def findings_of(study: Study, table: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Every check on the table alone, where a design can be had at all."""
    panel = read_panel(study, table)
    identify(study, panel)
    return diagnose(study, panel)


def fingerprint_of(study: Study) -> str:
    """What its data are, whatever is asked of them."""
    return read_panel(study).provenance.fingerprint


def read_panel(study: Study, table: pd.DataFrame | None = None) -> Panel:
    """Read what a study names, from its source or from a frame."""
    from causal.data.read import read, read_frame

    return read(request(study)) if table is None else read_frame(table, request(study))


def identify(study: Study, panel: Panel) -> tuple[Design, ...]:
    """Every design the data allow, in the order of the ladder."""
    strategies = members("causal.design.identification").values()
    found = [strategy.identify(study, panel) for strategy in strategies]
    return tuple(
        sorted((d for d in found if d is not None), key=lambda design: LADDER.index(design.name))
    )


def diagnose(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Every check on the table alone."""
    return tuple(
        finding
        for member in members("causal.diagnostics").values()
        for finding in member.check(study, panel)
    )


def _evaluate(evaluated: Evaluated) -> tuple[Finding, ...]:
    return tuple(
        finding
        for member in members("causal.evaluation").values()
        for finding in member.check(evaluated)
    )


def _estimate(
    study: Study,
    panel: Panel,
    designs: tuple[Design, ...],
    *,
    workers: int,
    log: Log,
    kept: Kept,
) -> tuple[Evaluated, tuple[Segments, ...]]:
    from causal.estimation._contrasts import calendar, segments
    from causal.estimation._fit import fit_design
    from causal.estimation.cate._problems import individual_effects
    from causal.evaluation._effects import PERIOD
    from causal.evaluation._evaluated import Evaluated

    leading = headline(designs, randomized=study.assignment == "randomized")
    cuts = segments(panel, study.modifiers)
    period = calendar(panel, PERIOD)
    fits: list[Fit] = []
    for number, design in enumerate(designs):
        log.say(f"estimating: {design.name}", 0.15 + 0.45 * number / len(designs))
        own = (*cuts, period) if period is not None and design.name == leading else cuts
        fits.append(fit_design(study, panel, design, cuts=own, workers=workers, kept=kept))
    evaluated = Evaluated(study=study, panel=panel, fits=tuple(fits), headline=leading)
    if study.settings.heterogeneity:
        log.say("learning who gains", 0.58)
        cates = kept.part(
            "individual effects", lambda: individual_effects(evaluated.leading, workers=workers)
        )
        evaluated = replace(evaluated, cates=cates)
    if study.exposure is not None:
        log.say("telling paths apart", 0.59)
        paths = kept.part("paths", lambda: _paths(evaluated, workers))
        evaluated = replace(evaluated, paths=paths)
    return evaluated, cuts


def _paths(evaluated: Evaluated, workers: int) -> Paths:
    from causal.estimation.paths._paths import find_paths

    return find_paths(evaluated.study, evaluated.panel, evaluated.fits, workers=workers)


def _tables(
    evaluated: Evaluated, cuts: tuple[Segments, ...], findings: tuple[Finding, ...]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    from causal.evaluation._effects import Stops, effect_rows, period_rows, segment_rows
    from causal.evaluation._path_rows import path_rows

    stops = Stops.of(findings)
    rows = effect_rows(evaluated, cuts, stops)
    segments = segment_rows(evaluated, cuts, rows)
    return [*rows, *path_rows(evaluated, stops)], segments, period_rows(evaluated, stops)
