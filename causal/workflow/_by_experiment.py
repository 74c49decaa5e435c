"""What exposure is worth where an experiment moved it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causal.base.catalog import members
from causal.base.finding import Finding
from causal.content.wording import figure, human
from causal.data.moments.collected import Collected
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import Made

if TYPE_CHECKING:
    import pandas as pd

    from causal.estimation._estimates import Estimates
    from causal.estimation.experiment.effects import Asked
    from causal.estimation.exposure.held import Held
    from causal.estimation.exposure.late import Compliers
    from causal.reporting.exposure._run import Parts

GATE = ("sample_ratio", "empty_arms", "crossovers", "clusters", "missing")
"""Checks of an experiment that hold for an instrument as well."""


def checked(made: Made) -> tuple[Finding, ...]:
    """Every check of what was made."""
    return tuple(
        finding
        for member in members("causal.diagnostics.exposure").values()
        for finding in member.check(made)
    )


def by_experiment(
    study: Exposure, table: pd.DataFrame | None, *, outcomes: bool, workers: int
) -> Parts:
    """Collect, check and estimate; without outcomes only what checks need."""
    from causal.data.exposure.amounts import amounts
    from causal.data.moments.collect import collect
    from causal.design._common import table_request
    from causal.design.exposure_request import experiment_request, products
    from causal.estimation.experiment.effects import effects
    from causal.estimation.exposure import _checked
    from causal.estimation.exposure.anderson_rubin import STRONG
    from causal.estimation.exposure.late import late
    from causal.reporting.exposure._run import Parts

    asked = experiment_request(study)
    range_of = amounts(
        table_request(study), study.received, also=tuple(products(study)), frame=table
    )
    found = collect(asked, frame=table, workers=workers)
    parts = Parts(
        study=study,
        provenance=found.provenance,
        sql=found.sql,
        findings=_gate(study, found),
        binary=range_of.binary,
        units=int(found.moments.units.sum()),
        arms=tuple(zip(found.counts.arms, found.counts.randomized.tolist(), strict=True)),
        types={name: kind.value for name, kind in found.types.items()},
        filled=found.filled,
    )
    if len(found.moments.arms) < 2:
        return parts
    words = _asked(study)
    whole = effects(found.moments, found.readings, words)
    names = [each.name for each in study.outcomes]
    lead = [study.received, *names] if outcomes else [study.received]
    claimed = whole.select(_checked.positions(whole, lead))
    lates = (
        late(claimed, study.received, level=study.settings.level, binary=range_of.binary)
        if outcomes
        else ()
    )
    leading = [each for each in lates if each.outcome == names[0]]
    first = _checked.first_stages(whole, study.received, leading)
    made = Made(
        exposure=human(study.received),
        level=study.settings.level,
        strong=STRONG,
        first_stages=first,
        slate=_checked.shifts(whole, study.slate),
        controls=_checked.shifts(whole, study.negative_controls),
        parts=_checked.parts(_segments(study, found, words), minimum=study.settings.minimum_cell),
        agreements=_checked.agreements(lates),
    )
    holds = _held(study, whole) if outcomes and study.analysis.exclusion == "adjust" else {}
    described, why = _compliers(study, found, whole) if outcomes else ((), "")
    return replace(
        parts,
        findings=(*parts.findings, *checked(made)),
        estimates=claimed,
        slate=whole.select(_checked.positions(whole, study.slate)),
        lates=lates,
        held=holds,
        first_stages=first,
        compliers=described,
        why_no_compliers=why,
    )


def _asked(study: Exposure) -> Asked:
    from causal.estimation.experiment._adjustment import Adjustment
    from causal.estimation.experiment.effects import Asked

    column = study.instrument.column if study.instrument else ""
    adjustment = Adjustment(study.analysis.adjustment) if study.covariates else Adjustment.NONE
    return Asked(arm_column=column, clustered=bool(study.cluster), adjustment=adjustment)


def _gate(study: Exposure, found: Collected) -> tuple[Finding, ...]:
    from causal.diagnostics.experiment._planned import Planned

    planned = Planned(
        clustered=bool(study.cluster),
        deciding=(study.received, *(each.name for each in study.outcomes)),
    )
    checks = members("causal.diagnostics.experiment")
    return tuple(finding for name in GATE for finding in checks[name].check(found, planned))


def _segments(study: Exposure, found: Collected, words: Asked) -> Iterator[Estimates]:
    """The first stage of each arm in each declared segment."""
    from causal.estimation.experiment.segments import segment_effects

    reading = next(each for each in found.readings if each.metric == study.received)
    for name, by_level in found.segments.items():
        for arm in range(1, len(by_level.arms)):
            yield segment_effects(by_level, reading, words, segment=name, arm=arm)


def _held(study: Exposure, whole: Estimates) -> Mapping[str, Held]:
    """The set of each outcome with the slate held, at a level that holds for all at once."""
    from causal.estimation.exposure import _checked
    from causal.estimation.exposure.held import Held, Slate, held
    from causal.estimation.exposure.late import effects_of

    d, s = (_checked.positions(whole, [name]) for name in (study.received, study.slate[0]))
    joint, out = whole.covariance(), {}
    level = 1 - (1 - study.settings.level) / len(study.outcomes)
    for outcome in study.outcomes:
        y = _checked.positions(whole, [outcome.name])
        refusals = [_checked.refused(whole, at) for at in (*y, *d, *s)]
        refusal = next(filter(None, refusals), "")
        slate = Slate(
            s=whole.values[s],
            ss=joint[np.ix_(s, s)],
            ys=joint[np.ix_(y, s)],
            ds=joint[np.ix_(d, s)],
        )
        out[outcome.name] = (
            Held(kind=None, intervals=(), refusal=refusal)
            if refusal
            else held(effects_of(whole, joint, y, d), slate, level=level)
        )
    return out


def _compliers(
    study: Exposure, collected: Collected, whole: Estimates
) -> tuple[tuple[Compliers, ...], str]:
    """Those whose exposure was moved, and why nobody is described where nobody is."""
    from causal.design.exposure_request import described, had_column, products
    from causal.estimation.exposure import _checked
    from causal.estimation.exposure.late import compliers

    made, own = products(study), described(study)
    if not made:
        return (), ""
    made = {name: both for name, both in made.items() if not collected.missing[own[name]].any()}
    if not made:
        return (), "every covariate is missing for some units"
    had = had_column(study)
    at = _checked.positions(whole, [had])
    if any(_checked.refused(whole, place) for place in at.tolist()):
        return (), (
            f"exposure is above {figure(study.analysis.had)} (analysis.had) for everybody, or for nobody"
        )
    found = compliers(
        whole, had, {own[name]: made[name] for name in made}, level=study.settings.level
    )
    units = int(collected.moments.units.sum())
    shown = tuple(each for each in found if each.share * units >= study.settings.minimum_cell)
    return shown, "" if shown else "the instrument moves too few past analysis.had to describe them"
