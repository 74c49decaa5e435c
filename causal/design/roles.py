"""The roles columns play in a study, and the key that gives each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causal.design.study import Study

ROLES = (
    "attribute", "outcome", "confounder", "modifier", "mediator", "negative_control",
    "post_outcome", "unit", "cluster", "block", "weight", "time", "exploration", "propensity",
    "count", "shares", "party",
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
    for key in ("user", "creator", "item"):
        column = getattr(study.parties, key)
        if column is not None:
            yield "party", f"parties.{key}", column
