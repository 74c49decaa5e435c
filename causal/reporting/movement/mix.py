"""Mix and rate: other segments, or other rates within them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, count, human, percent, sentence
from causal.reporting._view import Block, Cell, Column, Group, Section, Table, Text, number, words
from causal.reporting._view import table as table_of
from causal.reporting.movement._parts import figure_of, greyed, scale

NAMES = {"mix": "Mix", "rate": "Rate", "interaction": "Both together"}
MOST = 30


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every way of cutting every outcome."""
    if not result["mix"]:
        return None
    groups = tuple(_group(result, each) for each in result["mix"])
    return Section(
        order=30,
        id="mix",
        chapter="Segments",
        title="Mix and rate, segment by segment",
        lead="Mix: segments with a higher or lower level became more or less of all rows. Rate: the "
        "level within a segment is another. The parts add up to the move exactly. This compares two "
        "periods: it says where, not why. Grey: not clear of zero.",
        blocks=groups,
    )


def _group(result: Mapping[str, Any], cut: Mapping[str, Any]) -> Group:
    name = cut["outcome"]
    columns = " by ".join(human(column) for column in cut["columns"])
    level = percent(result["study"]["level"])
    parts = [
        {
            "label": NAMES[part],
            "value": cut["totals"][part]["value"],
            "low": cut["totals"][part]["simultaneous_low"],
            "high": cut["totals"][part]["simultaneous_high"],
            "tone": "plain" if _clear(cut["totals"][part]) and not greyed(result) else "quiet",
        }
        for part in cut["parts"]
    ]
    blocks: list[Block] = [
        figure_of(
            result,
            name,
            parts,
            title="Mix and rate",
            subtitle=f"Line: {level} interval, for all parts and segments at once.",
            table=_segments(result, cut),
        )
    ]
    notes = []
    if cut["other"]:
        notes.append(f"{count(cut['other'])} rare values stand together as one segment.")
    if cut["hidden"]:
        notes.append(
            f"{count(cut['hidden'])} segments are too small, or too much one creator's, to show "
            "apart, and are added up."
        )
    if len(cut["segments"]) > MOST:
        notes.append(
            f"The {MOST} segments that moved most are listed, of {count(len(cut['segments']))}; "
            "effects.parquet has all."
        )
    if notes:
        blocks.append(Text(text=" ".join(notes), style="note"))
    return Group(title=f"{sentence(human(name))} by {columns}", blocks=tuple(blocks))


def _clear(part: Mapping[str, Any]) -> bool:
    low, high = part["simultaneous_low"], part["simultaneous_high"]
    return low is not None and not low <= 0 <= high


def _segments(result: Mapping[str, Any], cut: Mapping[str, Any]) -> Table:
    name = cut["outcome"]
    written = _scale(result, cut)
    unit = written.unit or written.heading
    columns = (
        *(Column(label=sentence(human(column))) for column in cut["columns"]),
        Column(label="Share before", numeric=True),
        Column(label="Share after", numeric=True),
        Column(label="Level before", numeric=True),
        Column(label="Level after", numeric=True),
        *(Column(label=NAMES[part], unit=unit, numeric=True) for part in cut["parts"]),
        Column(label="Rate, interval", unit=unit, numeric=True),
    )
    listed = sorted(
        cut["segments"],
        key=lambda each: -abs(sum(each[part]["value"] or 0.0 for part in cut["parts"])),
    )
    rows = [_row(result, cut, each, written) for each in listed]
    total = (
        words("All"),
        *(words("") for _ in cut["columns"][1:]),
        number("100%", 1.0),
        number("100%", 1.0),
        *(number("", None) for _ in range(2)),
        *(
            number(written.value(cut["totals"][part]["value"]), cut["totals"][part]["value"])
            for part in cut["parts"]
        ),
        number(_ends(written, cut["totals"]["rate"]), None),
    )
    return table_of(f"{sentence(human(name))} by segment", columns, [*rows[:MOST], total])


def _scale(result: Mapping[str, Any], cut: Mapping[str, Any]) -> Scale:
    """As fine as the parts of segments deserve, which are smaller than the whole."""
    parts = [each[part] for each in cut["segments"] for part in cut["parts"]]
    return scale(result, cut["outcome"], [each for each in parts if each["low"] is not None])


def _row(
    result: Mapping[str, Any], cut: Mapping[str, Any], each: Mapping[str, Any], written: Scale
) -> tuple[Cell, ...]:
    return (
        *(words(value or "missing") for value in each["values"]),
        number(percent(each["share"][0]), each["share"][0]),
        number(percent(each["share"][1]), each["share"][1]),
        number(written.level(each["level"][0]), each["level"][0]),
        number(written.level(each["level"][1]), each["level"][1]),
        *(
            number(
                written.value(each[part]["value"]),
                each[part]["value"],
                tone="plain" if _clear(each[part]) and not greyed(result) else "quiet",
            )
            for part in cut["parts"]
        ),
        number(_ends(written, each["rate"]), None),
    )


def _ends(written: Scale, part: Mapping[str, Any]) -> str:
    return written.interval(part["simultaneous_low"], part["simultaneous_high"])
