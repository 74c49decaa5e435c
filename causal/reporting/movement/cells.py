"""Where to look: segments that moved apart from the whole, with every look counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import chance, count, human, sentence
from causal.reporting._view import Column, Section, number, table, words
from causal.reporting.movement._parts import greyed, scale


def section(result: Mapping[str, Any]) -> Section | None:
    """List segments by how little chance explains their move beyond the whole."""
    if not result["cells"]:
        return None
    name = result["outcomes"][0]["name"]
    written = scale(result, name)
    unit = written.unit or written.heading
    alpha = 1 - result["study"]["level"]
    found = sum(each["p_adjusted"] < alpha for each in result["cells"])
    columns = (
        Column(label="Segment"),
        Column(label="Rows", numeric=True),
        Column(label="Before", numeric=True),
        Column(label="After", numeric=True),
        Column(label="Beyond the whole", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="p, all counted", numeric=True),
    )
    rows = [
        (
            words(_name(each)),
            number(count(each["rows"]), each["rows"]),
            number(written.level(each["before"]), each["before"]),
            number(written.level(each["after"]), each["after"]),
            number(
                written.value(each["difference"]),
                each["difference"],
                tone="plain" if each["p_adjusted"] < alpha and not greyed(result) else "quiet",
            ),
            number(written.interval(each["low"], each["high"]), each["low"]),
            number(chance(each["p_adjusted"]), each["p_adjusted"]),
        )
        for each in result["cells"]
    ]
    looked = result["cells_looked_at"]
    return Section(
        order=40,
        id="cells",
        chapter="Segments",
        title=f"{found} of {looked} segments moved apart from the rest"
        if found
        else f"None of {looked} segments moved apart from the rest",
        lead="How much more, or less, a segment moved than the whole metric. p counts every segment "
        "that was looked at (Holm).",
        blocks=(table("Segments by how little chance explains them", columns, rows),),
    )


def _name(each: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{sentence(human(column)) if at == 0 else human(column)}: {value or 'missing'}"
        for at, (column, value) in enumerate(zip(each["columns"], each["values"], strict=False))
    )
