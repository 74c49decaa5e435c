"""What else the instrument changed on the way to the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import chance, human, sentence
from causal.reporting._view import Column, Section, number, table, words
from causal.reporting.exposure._parts import amount, effect_scale


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the instrument's effect on each column of the slate."""
    if not result["exclusion"]:
        return None
    columns = (
        Column(label="Column"),
        Column(label="Instrument"),
        Column(label="Control", numeric=True),
        Column(label="Effect", numeric=True),
        Column(label="Interval", numeric=True),
        Column(label="p", numeric=True),
    )
    rows = []
    for each in result["exclusion"]:
        written = effect_scale(result, each)
        rows.append(
            (
                words(sentence(human(each["outcome"]))),
                words(each["instrument"].replace(" - ", " against ")),
                number(written.level(each["control"]), each["control"]),
                number(written.effect(each["estimate"]), each["estimate"]),
                number(written.interval(each["low"], each["high"]), each["low"]),
                number(chance(each["p_value"]), each["p_value"]),
            )
        )
    return Section(
        order=40,
        id="exclusion",
        chapter="Worth",
        title="What else the instrument changed",
        lead=f"If it changed more than {amount(result)}, the worth holds what came of that as well.",
        blocks=(table("Effects of the instrument on the slate", columns, rows),),
    )
