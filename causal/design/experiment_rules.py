"""What must hold between the parts of an experiment's study: each broken rule by its key."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from causal.base.errors import listing, nearest
from causal.content.metric import Type
from causal.content.outcome import Role
from causal.design.metric_rules import metrics
from causal.design.projection import projections
from causal.design.rules import Broken, repeats, slug

if TYPE_CHECKING:
    from causal.design.experiment import Arms, Experiment
    from causal.design.two_sided import TwoSided


def broken_rules(study: Experiment) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (
        slug,
        _repeated,
        _last_day,
        _arms,
        _one_role_only,
        _covariates,
        metrics,
        margins,
        _analysis,
        _named_outcomes,
        _totals,
        _holdout,
        projections,
    )
    return tuple(broken for rule in rules for broken in rule(study))


def _repeated(study: Experiment) -> Iterator[Broken]:
    for key in ("block", "modifiers"):
        for i, column, first in repeats(getattr(study, key)):
            yield Broken(f"{key}[{i}]", f"is '{column}', as {key}[{first}] is. Keep one.")
    for i, name, first in repeats(each.name for each in study.covariates):
        yield Broken(
            f"covariates[{i}].name", f"is '{name}', as covariates[{first}].name is. Keep one."
        )
    for i, name, first in repeats(each.name for each in study.outcomes):
        yield Broken(
            f"outcomes[{i}].name",
            f"is '{name}', as outcomes[{first}].name is. Give each its own name, or keep one.",
        )
    for i, metric in enumerate(study.outcomes):
        if not metric.name.strip():
            yield Broken(f"outcomes[{i}].name", "is empty. Give it a name.")


def _last_day(study: Experiment) -> Iterator[Broken]:
    try:
        date.fromisoformat(study.observed_until or "2026-01-31")
    except ValueError:
        yield Broken(
            "observed_until", f"is '{study.observed_until}'. Write a day, for instance 2026-01-31."
        )


def _arms(study: Experiment) -> Iterator[Broken]:
    yield from shares(study.arms, "arms")


def shares(arms: Arms, key: str) -> Iterator[Broken]:
    """Every rule that the planned shares of arms break."""
    planned, control = arms.shares, arms.control
    if not planned:
        return
    if control not in planned:
        yield Broken(
            f"{key}.control",
            f"is '{control}', which {key}.shares does not name.{nearest(control, planned)} "
            f"It names {listing(planned)}.",
        )
    for arm, share in planned.items():
        if not (math.isfinite(share) and 0 <= share <= 1):
            yield Broken(f"{key}.shares.{arm}", f"is {share:g}. A share lies between 0 and 1.")
    total = sum(planned.values())
    if math.isfinite(total) and abs(total - 1) > 1e-9:
        yield Broken(
            f"{key}.shares", f"add to {total:.10g}. The planned shares of all arms add to 1."
        )
    if sum(share > 0 for share in planned.values()) < 2:
        yield Broken(
            f"{key}.shares",
            "name fewer than two arms with a positive share, so nothing can be compared.",
        )
    elif planned.get(control) == 0:
        yield Broken(
            f"{key}.shares.{control}",
            "is 0, but it is the control that every arm is compared with.",
        )


_ALONE = {
    "unit": "the unit",
    "arm": "the arm",
    "outcome": "an outcome",
    "covariate": "known before exposure (a covariate)",
    "modifier": "known before assignment (a modifier)",
    "block": "known before assignment (a block)",
    "cluster": "the cluster",
    "cap": "known before exposure (a cap)",
}
_TOGETHER = (
    {"covariate", "modifier", "block", "cap"},
    {"cluster", "block"},
    {"cluster", "modifier"},
)


def _one_role_only(study: Experiment) -> Iterator[Broken]:
    given: dict[str, dict[str, str]] = {}
    for role, key, column in study.named_columns():
        if role in _ALONE and not key.endswith(".denominator"):
            given.setdefault(column, {}).setdefault(role, key)
    for column, roles in given.items():
        if len(roles) > 1 and not any(roles.keys() <= fine for fine in _TOGETHER):
            words = " and ".join(f"{_ALONE[role]} ({key})" for role, key in roles.items())
            yield Broken(
                list(roles.values())[-1],
                f"is '{column}', which has two roles: {words}. What the experiment may have "
                "changed cannot be known before it; remove the column from one of them.",
            )


def _covariates(study: Experiment) -> Iterator[Broken]:
    names = [metric.name for metric in study.outcomes]
    for i, covariate in enumerate(study.covariates):
        for name in covariate.metrics:
            if name not in names:
                yield Broken(
                    f"covariates[{i}].for",
                    f"names '{name}', which is no outcome.{nearest(name, names)} "
                    f"The outcomes are {listing(names)}.",
                )


def margins(study: Experiment | TwoSided) -> Iterator[Broken]:
    """Every rule that margins break, and whether anything could ever ship."""
    for i, metric in enumerate(study.outcomes):
        for key in ("margin", "absolute_margin"):
            value = getattr(metric, key)
            if value is not None and not math.isfinite(value):
                yield Broken(f"outcomes[{i}].{key}", f"is {value}. Give a finite number.")
        if metric.margin is not None and metric.absolute_margin is not None:
            yield Broken(f"outcomes[{i}].absolute_margin", "and margin are both given. Keep one.")
        without = metric.margin is None and metric.absolute_margin is None
        if metric.role is Role.GUARDRAIL and without:
            yield Broken(
                f"outcomes[{i}].margin",
                "is missing. A guardrail holds when harm beyond a margin is ruled out, so it "
                "needs one, for instance 'margin: 0.01' (one per cent of the control).",
            )
    succeeds = any(metric.role is Role.SUCCESS for metric in study.outcomes)
    if not succeeds and study.analysis.otherwise != "ship":
        yield Broken(
            "outcomes",
            "name no success metric, so nothing could ever ship. Give one 'role: success', "
            "or write 'analysis: {otherwise: ship}' when no harm is enough.",
        )


def _analysis(study: Experiment) -> Iterator[Broken]:
    asked = study.analysis
    if asked.sequential is not None and asked.sequential == (asked.interval == "fixed"):
        yield Broken(
            "analysis.sequential",
            f"is {str(asked.sequential).lower()}, but analysis.interval is '{asked.interval}'. "
            "Keep the interval.",
        )
    if asked.interval != "fixed" and asked.planned_units is None:
        yield Broken(
            "analysis.planned_units",
            f"is missing. With 'interval: {asked.interval}' the plan says how many units of "
            "randomisation are to come, all arms together.",
        )
    yield from _looks(study)


def _looks(study: Experiment) -> Iterator[Broken]:
    asked = study.analysis
    looks = asked.looks
    if asked.interval != "group sequential":
        if looks:
            yield Broken(
                "analysis.looks",
                f"are given, but analysis.interval is '{asked.interval}'. Looks are planned with "
                "'interval: group sequential'.",
            )
        return
    if not looks:
        yield Broken(
            "analysis.looks",
            "are missing. Give the planned shares of the units, for instance "
            "'looks: [0.25, 0.5, 0.75, 1]'.",
        )
        return
    rising = all(0 < a < b for a, b in pairwise(looks)) and looks[0] > 0
    if not rising or looks[-1] != 1:
        yield Broken(
            "analysis.looks", f"are {list(looks)}. They rise from above 0, and the last is 1."
        )


def _named_outcomes(study: Experiment) -> Iterator[Broken]:
    names = [metric.name for metric in study.outcomes]
    maps: Mapping[str, Mapping[str, float]] = {
        "smallest": study.analysis.smallest,
        "equivalence": study.analysis.equivalence,
        "totals": study.analysis.totals,
    }
    for key, given in maps.items():
        for name, value in given.items():
            if name not in names:
                yield Broken(
                    f"analysis.{key}.{name}",
                    f"names no outcome.{nearest(name, names)} The outcomes are {listing(names)}.",
                )
            if not (math.isfinite(value) and value > 0):
                yield Broken(f"analysis.{key}.{name}", f"is {value:g}. Allowed: above 0.")


def _totals(study: Experiment) -> Iterator[Broken]:
    rates = [m.name for m in study.outcomes if m.is_ratio or m.type is Type.QUANTILE]
    for name in study.analysis.totals:
        if name in rates:
            yield Broken(
                f"analysis.totals.{name}",
                "is the total of a rate or a quantile, which has none. Give that of an amount.",
            )


def _holdout(study: Experiment) -> Iterator[Broken]:
    arm, shares = study.analysis.holdout, study.arms.shares
    if arm is None:
        return
    if arm == study.arms.control:
        yield Broken(
            "analysis.holdout", f"is '{arm}', which is the control. Name another arm, or remove it."
        )
    elif shares and arm not in shares:
        yield Broken(
            "analysis.holdout",
            f"is '{arm}', which arms.shares does not name.{nearest(arm, shares)}",
        )
