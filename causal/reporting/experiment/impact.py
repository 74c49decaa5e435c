"""What it is worth: the effect on all units of the experiment, a day, and on the total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import NOTHING, count, figure, human, percent, together
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.experiment._rows import Row, greyed, label, relative, shared

_SELECTED = (
    "Corrected for selection: an effect that passed the bar tends to look larger than it is; this "
    "takes that off."
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Add effects up; nothing on a page without a verdict, or where arms share a pool."""
    found = result.get("impact") or ()
    daily = [row for row in found if row["a_day"] is not None]
    whole = [row for row in found if row["whole"] is not None]
    if greyed(result) or shared(result) or not (daily or whole):
        return None
    blocks: list[Block] = [_daily(result, daily)] if daily else []
    blocks += [_whole(result, whole)] if whole else []
    rates = [human(each["name"]) for each in result["outcomes"] if _rate(each)]
    if rates:
        verb = "is a rate" if len(rates) == 1 else "are rates"
        blocks.append(
            Text(text=f"Not here: {together(rates)} {verb}, without a total.", style="note")
        )
    return Section(
        order=42,
        id="impact",
        chapter="Effects",
        title="What it adds up to",
        lead="Every unit of the experiment treated, against none: at the effect seen so far, for "
        "as many units as came. The intervals are those that decide.",
        blocks=tuple(blocks),
    )


def _rate(outcome: Row) -> bool:
    decides = outcome["role"] in ("success", "guardrail")
    return decides and (outcome["kind"] == "ratio" or outcome["type"] == "quantile")


def _daily(result: Row, rows: list[Row]) -> Table:
    columns = (
        Column(label="Metric"),
        Column(label="Units a day", numeric=True),
        Column(label="A day, of all units", numeric=True),
        Column(label="Interval", numeric=True),
        Column(label="Corrected for selection", numeric=True),
    )
    listed = [
        (
            words(label(result, row)),
            number(count(row["units_a_day"]), row["units_a_day"]),
            number(_signed(row["a_day"]["value"]), row["a_day"]["value"]),
            number(
                f"{_signed(row['a_day']['low'])} to {_signed(row['a_day']['high'])}",
                row["a_day"]["low"],
            ),
            _corrected(row["corrected"], _signed),
        )
        for row in rows
    ]
    return table("Change of the total, a day", columns, listed, note=_note(rows, "corrected"))


def _whole(result: Row, rows: list[Row]) -> Table:
    columns = (
        Column(label="Metric"),
        Column(label="Lift among its units", numeric=True),
        Column(label="They have of the total", numeric=True),
        Column(label="Lift of the total", numeric=True),
        Column(label="Interval", numeric=True),
        Column(label="Corrected for selection", numeric=True),
    )
    listed = [_whole_row(result, row) for row in rows]
    note = "Lift of the total: the lift among the units, times the share of the total they have. "
    return table(
        "Change of the total of everybody",
        columns,
        listed,
        note=note + _note([row["whole"] for row in rows], "corrected"),
    )


def _whole_row(result: Row, row: Row) -> tuple[Cell, ...]:
    whole, covered = row["whole"], row["whole"]["covered"]
    own = next(
        each
        for each in result["comparisons"]
        if (each["outcome"], each["arm"]) == (row["outcome"], row["arm"])
    )
    lift = whole["lift"]
    ends = f"{percent(lift['low'], sign=True)} to {percent(lift['high'], sign=True)}"
    bounded = lift["shape"] == "bounded"
    return (
        words(label(result, row)),
        relative(own, "relative_decided"),
        number(
            f"{percent(covered['value'])} ({percent(covered['low'])} to {percent(covered['high'])})",
            covered["value"],
        ),
        number(percent(lift["value"], sign=True), lift["value"]),
        number(ends, lift["low"]) if bounded else words("not estimable", tone="quiet"),
        _corrected(whole["corrected"], lambda value: percent(value, sign=True)),
    )


def _corrected(value: float | None, written: Any) -> Cell:
    return words(NOTHING) if value is None else number(written(value), value)


def _note(rows: list[Row], key: str) -> str:
    return _SELECTED if any(row[key] is not None for row in rows) else ""


def _signed(value: float | None) -> str:
    plus = "+" if value is not None and value > 0 else ""
    return f"{plus}{figure(value)}"
