"""What a place does to an outcome, where order was chance."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, figure, human, percent, sentence
from causal.reporting._curves import course
from causal.reporting._view import (
    Banner,
    Block,
    Column,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
)
from causal.reporting.exposure._parts import greyed


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the curve of each outcome."""
    if not result["examination"]:
        return None
    blocks: list[Block] = []
    if greyed(result):
        blocks.append(
            Banner(
                title="Nothing is read from places",
                text="A check failed that stops the page, so places may differ by what is in them: "
                "see the checks.",
                tone="bad",
            )
        )
    blocks += [_block(result, each["name"]) for each in result["outcomes"]]
    return Section(
        order=50 if result["sets"] else 15,
        id="examination",
        chapter="Places",
        title="What a place does",
        lead=f"{count(result['data']['explored'])} rows are marked as exploration: the outcome of each "
        "place over that of the first."
        if greyed(result)
        else f"{count(result['data']['explored'])} rows were placed by chance, so places differ by "
        "where they are alone: the outcome of each over that of the first.",
        blocks=tuple(blocks),
    )


def _block(result: Mapping[str, Any], name: str) -> Block:
    rows = [each for each in result["examination"] if each["outcome"] == name]
    refused = [each for each in rows if each["why"]]
    shown = [each for each in rows if not each["why"]]
    if len(shown) < 2:
        said = f"{sentence(human(name))}: not estimable, {refused[0]['why']}."
        return Text(text=said)
    level = percent(result["study"]["level"])
    points = [
        {
            "x": str(each["slot"]),
            "estimate": each["value"],
            "low": each["simultaneous_low"],
            "high": each["simultaneous_high"],
        }
        for each in shown
    ]
    told = "; ".join(f"place {each['slot']} {percent(each['value'])}" for each in shown)
    return Figure(
        title=f"{sentence(human(name))} by place",
        subtitle=f"Over that of the first place. Line: {level} interval, for all places at once.",
        describe=f"{told}.",
        draw=partial(
            course, points, axis=f"{sentence(human(name))}, first = 1", across="Place", zero=True
        ),
        table=_table(result, name, rows),
        open_table=True,
    )


def _table(result: Mapping[str, Any], name: str, rows: list[Any]) -> Table:
    level = percent(result["study"]["level"])
    columns = (
        Column(label="Place", numeric=True),
        Column(label=f"Mean {human(name)}", numeric=True),
        Column(label="Over the first", numeric=True),
        Column(label=f"{level} interval of it alone", numeric=True),
        Column(label="For all places at once", numeric=True),
    )
    listed = [
        (
            number(str(each["slot"]), each["slot"]),
            number(figure(each["mean"]), each["mean"]),
            number(percent(each["value"]), each["value"]),
            number(_ends(each["low"], each["high"]), each["low"]),
            number(
                _ends(each["simultaneous_low"], each["simultaneous_high"]), each["simultaneous_low"]
            ),
        )
        for each in rows
    ]
    why = "; ".join(f"place {each['slot']}: {each['why']}" for each in rows if each["why"])
    return table(
        f"{sentence(human(name))} by place",
        columns,
        listed,
        note=f"Not told: {why}." if why else "",
    )


def _ends(low: float | None, high: float | None) -> str:
    return "\u2013" if low is None else f"{percent(low)} to {percent(high)}"
