"""What each cohort of adopters gained in each period, as a grid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, human
from causal.reporting._panels import grid
from causal.reporting._view import (
    Block,
    Column,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.rollout._parts import outcomes, scale, silent, titled, tone, why_silent

MOST_COHORTS, MOST_PERIODS, WRITTEN = 30, 60, 14


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the grid of every outcome."""
    made = [own for own in outcomes(result) if own["group_time"]]
    if not made:
        return None
    blocks: list[Block] = []
    for own in made:
        blocks.append(_figure(result, own))
        if own["hidden"]:
            blocks.append(
                Text(
                    text="Of cohorts, periods and their averages, too few people to show, or nearly one "
                    f"creator alone, stand behind: {count(own['hidden'])}.",
                    style="note",
                )
            )
        if silent(result, own):
            blocks.append(Text(text=why_silent(result, own), style="note"))
    return Section(
        order=40,
        id="cohorts",
        chapter="Effects",
        title="Cohort by cohort",
        lead="A cohort is all that adopt in one period. Every average on this page is made of these "
        "cells.",
        blocks=tuple(blocks),
        closed=len(made) > 1,
    )


def _figure(result: Mapping[str, Any], own: Mapping[str, Any]) -> Figure:
    cohorts = list(dict.fromkeys(row["cohort"] for row in own["group_time"]))[:MOST_COHORTS]
    periods = result["data"]["periods"][-MOST_PERIODS:]
    cells = [
        row for row in own["group_time"] if row["cohort"] in cohorts and row["period"] in periods
    ]
    known = [row for row in cells if row["value"] is not None]
    written = scale(result, own["outcome"], known)
    largest = max((abs(row["value"]) for row in known), default=0.0) or 1.0
    short = len(periods) <= WRITTEN
    squares = [
        {
            "column": row["period"],
            "line": row["cohort"],
            "tone": tone(result, own, row) if row["after"] else "quiet",
            "strength": round(0.1 + 0.45 * abs(row["value"]) / largest, 2),
            "text": written.value(row["value"]) if short else None,
        }
        for row in known
    ]
    left = len(own["group_time"]) - len(cells)
    more = f" {count(left)} further cells are in result.json." if left else ""
    return Figure(
        title=f"{titled(own)}: by cohort and period",
        subtitle="Rows are dates of adoption. Stronger colour: larger; grey: before adoption, or not "
        f"clear of zero with all cells looked at together.{more}",
        describe=f"{count(len(known))} cells of {count(len(cohorts))} cohorts.",
        draw=partial(
            grid,
            squares,
            across=human(result["study"]["period"]).capitalize(),
            columns=periods,
            lines=cohorts,
        ),
        table=_table(own, cells, written),
    )


def _table(own: Mapping[str, Any], cells: list[Any], written: Any) -> Table:
    unit = written.unit or written.heading
    columns = (
        Column(label="Adopted"),
        Column(label="Period"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="All at once", unit=unit, numeric=True),
        Column(label="Note"),
    )
    rows = [
        (
            words(row["cohort"]),
            words(row["period"]),
            number(written.value(row["value"]), row["value"]),
            number(written.interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
            number(
                written.interval(row["simultaneous_low"], row["simultaneous_high"]),
                row["simultaneous_low"],
            ),
            words(row["why"]),
        )
        for row in cells
        if row["after"]
    ]
    return table(f"{titled(own)} by cohort and period", columns, rows, most=120)
