"""Columns with a single value: nothing can be compared, or nothing is learned."""

from __future__ import annotations

from collections.abc import Iterator

from causal.base.finding import Finding, Status
from causal.data.panel import Panel
from causal.design.study import Study
from causal.diagnostics._columns import constant, named, quoted


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Name attributes, outcomes and other columns that have one value only."""
    found = (*_attributes(study, panel), *_outcomes(panel), *_others(study, panel))
    if found:
        return found
    said = "Every attribute, outcome and adjustment column takes at least two values."
    return (Finding(name="constant column", status=Status.PASS, meaning=said),)


def _attributes(study: Study, panel: Panel) -> Iterator[Finding]:
    for column in named(panel, (each.name for each in study.attributes)):
        if not constant(column.values):
            continue
        known = column.values[~column.missing]
        label = column.levels[int(known[0])] if known.size and column.levels else None
        value = label if label is not None else f"{known[0]:g}" if known.size else "missing"
        yield Finding(
            name="constant column",
            status=Status.FAIL,
            meaning=(
                f"Every row has '{column.name}' = {value}: there is nothing to compare it with, so "
                "its effect cannot be estimated."
            ),
            remedy=(
                "Take the attribute out of the study, or widen data.where so that rows with other "
                "values come in."
            ),
            blocks="design",
            attributes=(column.name,),
            columns=(column.name,),
        )


def _outcomes(panel: Panel) -> Iterator[Finding]:
    flat = [name for name, each in sorted(panel.outcomes.items()) if constant(each.value)]
    for name in flat:
        yield Finding(
            name="constant column",
            status=Status.FAIL,
            meaning=f"The outcome '{name}' is the same in every row: nothing moved it.",
            remedy="Check the column or the ratio that defines it, or take it out of the study.",
            blocks="design" if len(flat) == len(panel.outcomes) else "none",
            columns=(name,),
        )


def _others(study: Study, panel: Panel) -> tuple[Finding, ...]:
    names = (*study.confounders, *study.modifiers, *study.mediators, *study.negative_controls)
    flat = tuple(each.name for each in named(panel, names) if constant(each.values))
    if not flat:
        return ()
    verb = "has" if len(flat) == 1 else "have"
    return (
        Finding(
            name="constant column",
            status=Status.WARN,
            meaning=f"{quoted(flat)} {verb} one value only and carry no information.",
            remedy="Leave them out of the study, or look whether the wrong column was named.",
            columns=flat,
        ),
    )
