"""The roles columns play in a study, and the key that gives each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.content.metric import Cap

if TYPE_CHECKING:
    from causal.design.experiment import Experiment
    from causal.design.paths import PathColumns
    from causal.design.study import Study

ROLES = (
    "attribute", "outcome", "confounder", "modifier", "mediator", "negative_control",
    "post_outcome", "unit", "cluster", "block", "weight", "time", "exploration", "propensity",
    "count", "shares", "party", "exposure",
)  # fmt: skip

EXPERIMENT_ROLES = (
    "unit", "arm", "outcome", "covariate", "modifier", "cluster", "block", "exposed_at", "time",
    "cap", "party",
)  # fmt: skip

_LISTS = {
    "confounders": "confounder",
    "modifiers": "modifier",
    "mediators": "mediator",
    "negative_controls": "negative_control",
    "post_outcome": "post_outcome",
    "unit": "unit",
    "cluster": "cluster",
    "block": "block",
}


def named_columns(study: Study) -> Iterator[tuple[str, str, str]]:
    """Every (role, key, column) of a study, in the order of the roles."""
    for i, attribute in enumerate(study.attributes):
        yield "attribute", f"attributes[{i}].name", attribute.name
    for i, outcome in enumerate(study.outcomes):
        for part in ("column", "numerator", "denominator"):
            column = getattr(outcome, part)
            if column is not None:
                yield "outcome", f"outcomes[{i}].{part}", column
    for key, role in _LISTS.items():
        for i, column in enumerate(getattr(study, key)):
            yield role, f"{key}[{i}]" if len(getattr(study, key)) > 1 else key, column
    yield from _single_columns(study)


def _single_columns(study: Study) -> Iterator[tuple[str, str, str]]:
    for key in ("weight", "time", "exploration", "propensity"):
        column = getattr(study, key)
        if column is not None:
            yield key, key, column
    for i, attribute in enumerate(study.attributes):
        known = attribute.propensity
        if isinstance(known, str):
            yield "propensity", f"attributes[{i}].propensity", known
        for level, column in known.items() if isinstance(known, dict) else ():
            yield "propensity", f"attributes[{i}].propensity.{level}", column
    if study.allocation.count is not None:
        yield "count", "allocation.count", study.allocation.count
    if study.allocation.shares != "equal":
        yield "shares", "allocation.shares", study.allocation.shares
    yield from _parties(study)
    if study.exposure is not None:
        yield from _exposure(study.exposure)


def _exposure(given: PathColumns) -> Iterator[tuple[str, str, str]]:
    for key in ("position", "propensity", "item", "period", "ranked", "shown"):
        column = getattr(given, key)
        if column is not None:
            yield "exposure", f"exposure.{key}", column
    for name, column in given.flipped.items():
        yield "exposure", f"exposure.flipped.{name}" if name else "exposure.flipped", column


def _parties(study: Study | Experiment) -> Iterator[tuple[str, str, str]]:
    for key in ("user", "creator", "item"):
        column = getattr(study.parties, key)
        if column is not None:
            yield "party", f"parties.{key}", column


def columns_of_experiment(study: Experiment) -> Iterator[tuple[str, str, str]]:
    """Every (role, key, column) of the assignment table of an experiment, in order of the roles.

    Outcomes that lie in other tables are not among them.
    """
    yield "unit", "unit", study.unit
    yield "arm", "arms.column", study.arms.column
    for i, metric in enumerate(study.outcomes):
        for part in ("column", "numerator", "denominator"):
            column = getattr(metric, part)
            if column is not None and metric.table is None:
                yield "outcome", f"outcomes[{i}].{part}", column
    for i, covariate in enumerate(study.covariates):
        yield "covariate", f"covariates[{i}].name", covariate.name
    for i, metric in enumerate(study.outcomes):
        if metric.before is not None:
            yield "covariate", f"outcomes[{i}].before", metric.before
    for i, column in enumerate(study.modifiers):
        yield "modifier", f"modifiers[{i}]", column
    for i, column in enumerate(study.block):
        yield "block", f"block[{i}]" if len(study.block) > 1 else "block", column
    for role in ("cluster", "exposed_at", "time"):
        column = getattr(study, role)
        if column is not None:
            yield role, role, column
    for i, metric in enumerate(study.outcomes):
        if isinstance(metric.cap, Cap):
            yield "cap", f"outcomes[{i}].cap.column", metric.cap.column
    yield from _parties(study)
