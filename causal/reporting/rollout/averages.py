"""Averages by calendar period and by cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import percent
from causal.reporting._parts import forest
from causal.reporting._view import (
    Block,
    Column,
    Figure,
    Group,
    Section,
    Table,
    number,
    table,
    words,
)
from causal.reporting.rollout._parts import (
    axis,
    outcomes,
    scale,
    titled,
    tone,
    unit_of,
)

MOST = 30


def section(result: Mapping[str, Any]) -> Section | None:
    """Show both averages of every outcome."""
    made = outcomes(result)
    if not made:
        return None
    groups = tuple(
        Group(title=titled(own), blocks=tuple(_figures(result, own)))
        for own in made
        if own["by_cohort"]
    )
    if not groups:
        return None
    return Section(
        order=50,
        id="averages",
        chapter="Effects",
        title="By cohort and by period",
        lead="Means over the cells from adoption on: of all periods of a cohort, and of all cohorts "
        "that had adopted by a period.",
        blocks=groups,
        closed=True,
    )


def _figures(result: Mapping[str, Any], own: Mapping[str, Any]) -> list[Block]:
    return [
        _figure(result, own, own["by_cohort"], "cohort", "Adopted {}"),
        _figure(result, own, own["calendar"], "period", "{}"),
    ]


def _figure(
    result: Mapping[str, Any],
    own: Mapping[str, Any],
    listed: Sequence[Mapping[str, Any]],
    key: str,
    label: str,
) -> Figure:
    rows = list(listed)[-MOST:]
    written = scale(result, own["outcome"], [row for row in rows if row["value"] is not None])
    factor = written.factor

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    drawn = [
        {
            "label": label.format(row[key]),
            "estimate": scaled(row["value"]),
            "low": scaled(row["ci_low"]),
            "high": scaled(row["ci_high"]),
            "wide_low": scaled(row["simultaneous_low"]),
            "wide_high": scaled(row["simultaneous_high"]),
            "tone": (shown := tone(result, own, row)),
            "filled": shown != "quiet",
        }
        for row in rows
    ]
    level = percent(result["study"]["level"])
    return Figure(
        title=f"By {'cohort' if key == 'cohort' else 'calendar period'}",
        subtitle=f"Thick line: {level} interval; thin line: interval that holds for all at once.",
        describe="; ".join(
            f"{row['label']} {written.effect(each['value'])}"
            for row, each in zip(drawn, rows, strict=True)
        ),
        draw=forest(drawn, axis=axis(result, own, written)),
        table=_table(own, rows, key, written),
    )


def _table(
    own: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], key: str, written: Any
) -> Table:
    columns = (
        Column(label="Adopted" if key == "cohort" else "Period"),
        Column(label="Effect", unit=unit_of(written), numeric=True),
        Column(label="Interval", unit=unit_of(written), numeric=True),
        Column(label="All at once", unit=unit_of(written), numeric=True),
        Column(label="Note"),
    )
    cells = [
        (
            words(row[key]),
            number(written.value(row["value"]), row["value"]),
            number(written.interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
            number(
                written.interval(row["simultaneous_low"], row["simultaneous_high"]),
                row["simultaneous_low"],
            ),
            words(row["why"]),
        )
        for row in rows
    ]
    return table(f"{titled(own)} by {key}", columns, cells)
