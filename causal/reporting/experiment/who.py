"""For whom: effects in declared segments, and whether they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, p_is, sentence
from causal.reporting._view import Block, Column, Section, Table, Text, number, table, words
from causal.reporting.experiment._rows import Row, differing, greyed, scale


def section(result: Mapping[str, Any]) -> Section | None:
    """Every declared segment, with the test that its levels differ."""
    found = result["segments"]
    if not found or greyed(result):
        return None
    differ = differing(result)
    blocks: list[Block] = []
    for each in found:
        blocks += [_table(result, each), Text(text=_says(each), style="note")]
    names = ", ".join(dict.fromkeys(human(each["segment"]) for each in differ))
    return Section(
        order=50,
        id="who",
        chapter="Who",
        title=f"Effects differ by {names}" if differ else "No difference between segments found",
        lead="Declared before the experiment. Shrunken: what a level's effect is worth when it is "
        "read beside the others.",
        blocks=tuple(blocks),
    )


def _says(each: Row) -> str:
    if each["why"]:
        return f"Whether levels differ cannot be tested: {each['why']}."
    return (
        f"Test that every level of {human(each['segment'])} has the same effect: "
        f"{p_is(each['p_value'])}, allowing for all segments {p_is(each['p_adjusted'])}."
    )


def _table(result: Row, each: Row) -> Table:
    written = scale(result, each["outcome"])
    columns = (
        Column(label=sentence(human(each["segment"]))),
        Column(label="Effect", numeric=True),
        Column(label="Interval, alone", numeric=True),
        Column(label="Shrunken", numeric=True),
        Column(label="Units", numeric=True),
        Column(label="Why not"),
    )
    rows = [
        (
            words(value["level"]),
            number(written.effect(value["estimate"]), value["estimate"]),
            number(written.interval(value["low"], value["high"]), value["low"]),
            number(written.effect(value["shrunken"]), value["shrunken"]),
            number(count(value["units"]), value["units"]),
            words(value["why"]),
        )
        for value in each["values"]
    ]
    return table(f"{sentence(human(each['outcome']))}: {each['arm']}", columns, rows)
