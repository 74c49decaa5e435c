"""What must hold between the parts of a two-sided experiment's study: each broken rule by its key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.base.errors import listing, nearest
from causal.content.metric import Type
from causal.design.experiment_rules import margins, shares
from causal.design.rules import Broken, repeats, slug

if TYPE_CHECKING:
    from causal.design.two_sided import TwoSided

_SUMMED = {
    "name", "column", "numerator", "denominator", "role", "goal", "margin", "absolute_margin", "type",
}  # fmt: skip
_TYPES = (None, Type.MEAN, Type.RATIO, Type.COUNT, Type.PROPORTION)
ARMS = 2


def broken_rules(study: TwoSided) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (slug, _arms, _one_role_only, _outcomes, margins, _equivalence)
    return tuple(broken for rule in rules for broken in rule(study))


def _arms(study: TwoSided) -> Iterator[Broken]:
    for side, arms in (("user", study.arms.user), ("creator", study.arms.creator)):
        key = f"arms.{side}"
        yield from shares(arms, key)
        given = [share for share in arms.shares.values() if share > 0]
        if len(given) > ARMS:
            yield Broken(
                f"{key}.shares",
                f"name {len(given)} arms with a positive share. A side of a two-sided experiment "
                "has two: the control and one other.",
            )


def _one_role_only(study: TwoSided) -> Iterator[Broken]:
    seen: dict[str, tuple[str, str]] = {}
    for role, key, column in study.named_columns():
        first = seen.setdefault(column, (role, key))
        twice = first[0] == role == "outcome"
        if first[1] != key and not twice:
            yield Broken(key, f"is '{column}', as {first[1]} is. Name another column.")


def _outcomes(study: TwoSided) -> Iterator[Broken]:
    for i, name, first in repeats(each.name for each in study.outcomes):
        yield Broken(
            f"outcomes[{i}].name",
            f"is '{name}', as outcomes[{first}].name is. Give each its own name, or keep one.",
        )
    for i, metric in enumerate(study.outcomes):
        extra = metric.model_fields_set - _SUMMED
        for key in sorted(name for name in extra if getattr(metric, name) not in (None, "sum")):
            yield Broken(
                f"outcomes[{i}].{key}",
                "is not available where users and creators are both assigned: outcomes are sums "
                "over pairs. Remove it, or make the column with data.derive or data.query.",
            )
        ratio = metric.type is Type.RATIO
        wrong = metric.type is not None and ratio != metric.is_ratio
        if wrong or metric.type not in _TYPES:
            yield Broken(
                f"outcomes[{i}].type",
                f"is '{metric.type}'. Where users and creators are both assigned an outcome is a "
                "mean over pairs (column), or a ratio of two (numerator and denominator).",
            )
        if metric.is_ratio and metric.numerator == metric.denominator:
            yield Broken(
                f"outcomes[{i}].denominator",
                f"is '{metric.denominator}', as the numerator is: the ratio is always 1.",
            )


def _equivalence(study: TwoSided) -> Iterator[Broken]:
    names = [metric.name for metric in study.outcomes]
    for name, value in study.analysis.equivalence.items():
        key = f"analysis.equivalence.{name}"
        if name not in names:
            yield Broken(
                key, f"names no outcome.{nearest(name, names)} The outcomes are {listing(names)}."
            )
        if not (math.isfinite(value) and value > 0):
            yield Broken(key, f"is {value:g}. Allowed: above 0.")
