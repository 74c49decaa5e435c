"""What would change the decision: other levels, other adjustments, without each day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, sentence, together
from causal.reporting._view import Block, Column, Section, Text, table, words
from causal.reporting.experiment._rows import Row, greyed, scale, shared


def section(result: Mapping[str, Any]) -> Section | None:
    """List what would read otherwise, had one thing been chosen otherwise."""
    tried = result["tried"]
    if greyed(result) or shared(result) or not tried:
        return None
    found = result["changes"]
    said = together(tried[:4]) + (f" and {len(tried) - 4} more" if len(tried) > 4 else "")
    blocks: list[Block] = [Text(text=f"Tried one at a time: {said}.", style="note")]
    if found:
        blocks.insert(0, _table(result, found))
    return Section(
        order=80,
        id="change",
        chapter="Decision",
        title="What would read otherwise" if found else "Nothing that was tried reads otherwise",
        lead=""
        if found
        else "Every interval that decides stays on its side, whatever was chosen in its place.",
        blocks=tuple(blocks),
    )


def _table(result: Row, found: list[Row]) -> Any:
    columns = (
        Column(label="With"),
        Column(label="Metric"),
        Column(label="Arm"),
        Column(label="Interval as it is", numeric=True),
        Column(label="Interval then", numeric=True),
        Column(label="Of"),
    )
    rows = [
        (
            words(each["what"]),
            words(sentence(human(each["outcome"]))),
            words(each["arm"]),
            words(scale(result, each["outcome"]).interval(each["low"], each["high"])),
            words(scale(result, each["outcome"]).interval(each["then_low"], each["then_high"])),
            words(each["of"]),
        )
        for each in found
    ]
    return table("What would read otherwise", columns, rows)
