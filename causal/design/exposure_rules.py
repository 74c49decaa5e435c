"""What must hold between the parts of a study of exposure: each broken rule by its key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from causal.design.experiment_rules import shares
from causal.design.rules import Broken, repeats, slug

if TYPE_CHECKING:
    from causal.design.exposure import Exposure

LATER = ("item", "period", "born", "strata")


def broken_rules(study: Exposure) -> tuple[Broken, ...]:
    """Every rule the study breaks, in the order of its keys."""
    rules = (slug, _repeated, _design, _outcomes, _one_role_only)
    return tuple(broken for rule in rules for broken in rule(study))


def _repeated(study: Exposure) -> Iterator[Broken]:
    for key in (*_LISTS, "strata"):
        for i, column, first in repeats(getattr(study, key)):
            yield Broken(f"{key}[{i}]", f"is '{column}', as {key}[{first}] is. Keep one.")


_LISTS = ("cluster", "block", "covariates", "modifiers", "slate", "negative_controls")


def _design(study: Exposure) -> Iterator[Broken]:
    yield from _foreign(study)
    yield from _adjusted(study)
    if study.design == "experiment":
        yield from _experiment(study)
    elif study.design == "exploration":
        yield from _exploration(study)
    else:
        yield from _threshold(study)


_OWN = {
    "experiment": ("instrument", "block", "modifiers", "slate"),
    "exploration": ("exploration", "position", "propensity", *LATER),
    "threshold": ("score",),
}


def _adjusted(study: Exposure) -> Iterator[Broken]:
    """Holding the slate takes one column of it."""
    if study.analysis.exclusion == "report" or len(study.slate) == 1:
        return
    yield Broken(
        "analysis.exclusion",
        f"is 'adjust', and slate names {len(study.slate)} columns. One column can be held, by an "
        "experiment of several arms: name it as slate, or write 'report'.",
    )


def _foreign(study: Exposure) -> Iterator[Broken]:
    """Keys of another design, which nothing would read."""
    for design, keys in _OWN.items():
        for key in keys if design != study.design else ():
            if getattr(study, key):
                yield Broken(
                    key,
                    f"is given, but the design is '{study.design}'. It belongs to "
                    f"'design: {design}'; remove it.",
                )


def _experiment(study: Exposure) -> Iterator[Broken]:
    if study.unit is None:
        yield Broken("unit", "is missing. Name the column that says what was counted.")
    if not study.received:
        yield Broken("exposure", "is missing. Name the column of what each unit received.")
    if study.instrument is None:
        yield Broken(
            "instrument",
            "is missing. Say who was assigned to what: "
            "'instrument: {column: cell, control: \"0\"}'.",
        )
    else:
        yield from shares(study.instrument, "instrument")
    if len(study.cluster) > 1:
        yield Broken(
            "cluster",
            f"names {len(study.cluster)} columns. Name the one that was randomised.",
        )


def _exploration(study: Exposure) -> Iterator[Broken]:
    if study.received:
        yield Broken(
            "exposure.column",
            f"is '{study.received}', but exploration counts rows. Give only a name, as in "
            "'exposure: {name: impression}'.",
        )
    if study.exploration is None:
        yield Broken(
            "exploration",
            "is missing. Name the column that says which rows were placed by chance.",
        )
    if study.position is None and study.item is None:
        yield Broken(
            "position",
            "is missing, and so is item. Give position for the examination curve, item for what "
            "exposure is worth to an item, or both.",
        )
    if study.item is not None and study.period is None:
        yield Broken(
            "period",
            "is missing. What an item received early is told from what came later by it: name a "
            "column with a whole number for each row, such as the day.",
        )
    if study.item is None:
        for key in ("period", "born", "strata"):
            if getattr(study, key):
                yield Broken(key, "is given without item, which it is about. Add item.")
    if len(study.ways) > 2:
        yield Broken("cluster", f"names {len(study.ways)} columns. Allowed: one or two.")
    asked = study.analysis
    if asked.first > asked.window:
        yield Broken(
            "analysis.first",
            f"is {asked.first}, beyond analysis.window, which is {asked.window}. What moves "
            "exposure lies within it.",
        )


def _threshold(study: Exposure) -> Iterator[Broken]:
    if study.score is None:
        yield Broken("score", "is missing. Name the column that is compared with the cutoff.")
    if not math.isfinite(study.cutoff):
        yield Broken("cutoff", f"is {study.cutoff}. Give a finite number.")
    if len(study.cluster) > 1:
        yield Broken("cluster", f"names {len(study.cluster)} columns. Allowed: one.")


def _outcomes(study: Exposure) -> Iterator[Broken]:
    for i, name, first in repeats(each.name for each in study.outcomes):
        yield Broken(
            f"outcomes[{i}].name",
            f"is '{name}', as outcomes[{first}].name is. Give each its own name, or keep one.",
        )
    columns = {
        column for role, _, column in study.named_columns() if role not in ("outcome", "party")
    }
    for i, outcome in enumerate(study.outcomes):
        if outcome.is_ratio:
            yield Broken(
                f"outcomes[{i}]",
                f"is the ratio '{outcome.name}'. What a unit of exposure is worth is an amount: "
                "give a column, for instance the numerator.",
            )
        if outcome.name in columns and outcome.name != outcome.column:
            yield Broken(
                f"outcomes[{i}].name",
                f"is '{outcome.name}', which is a column of another role. Give it another name.",
            )


_ALONE = {
    "unit": "the unit",
    "instrument": "the instrument",
    "exposure": "the exposure",
    "outcome": "an outcome",
    "covariate": "known before exposure (a covariate)",
    "slate": "what the instrument may have changed (slate)",
    "negative_control": "what exposure cannot have changed (a negative control)",
    "exploration": "the mark of exploration",
    "position": "the place",
    "score": "the score",
}


def _one_role_only(study: Exposure) -> Iterator[Broken]:
    given: dict[str, dict[str, str]] = {}
    for role, key, column in study.named_columns():
        if role in _ALONE:
            given.setdefault(column, {}).setdefault(role, key)
    for column, roles in given.items():
        if len(roles) > 1:
            words = " and ".join(f"{_ALONE[role]} ({key})" for role, key in roles.items())
            yield Broken(
                list(roles.values())[-1],
                f"is '{column}', which has two roles: {words}. A column has one of them; remove it "
                "from the other.",
            )
