"""The effect by time since adoption, with the periods before as a check."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, count, percent, several, signed
from causal.reporting._panels import around
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Figure,
    Section,
    Table,
    Text,
    Tone,
    number,
    table,
    words,
)
from causal.reporting.rollout._parts import (
    axis,
    moved,
    outcomes,
    scale,
    silent,
    titled,
    tone,
    unit_of,
    why_silent,
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every outcome by time since adoption."""
    made = [own for own in outcomes(result) if own["event_study"]["rows"]]
    if not made:
        return None
    blocks: list[Block] = []
    for own in made:
        blocks.append(_figure(result, own))
        if silent(result, own):
            blocks.append(Text(text=why_silent(result, own), style="note"))
    period = several(result["study"]["every"] or "period")
    return Section(
        order=30,
        id="events",
        chapter="Effects",
        title="By time since adoption",
        lead=f"Each point compares adopters with those not yet treated, so many {period} after they "
        "adopted, against the last one before. Before adoption there should be nothing: those points "
        "are the check.",
        blocks=tuple(blocks),
    )


def _figure(result: Mapping[str, Any], own: Mapping[str, Any]) -> Figure:
    study, event = result["study"], own["event_study"]
    rows = [row for row in event["rows"] if row["value"] is not None]
    written = scale(result, own["outcome"], rows)
    drawn = [_point(result, own, row, written) for row in rows]
    drawn.append({"x": event["base"], "estimate": 0.0, "tone": "plain", "filled": False})
    level = percent(study["level"])
    thin = any(row["thin"] for row in rows)
    return Figure(
        title=f"{titled(own)} by time since adoption",
        subtitle=f"Thick line: {level} interval; thin line: interval that holds for all at once. "
        f"Hollow: the period compared with. Grey: before adoption"
        + (", or one cohort alone." if thin else "."),
        describe="; ".join(
            f"{signed(row['event'], 0)}: {written.effect(row['value'])}" for row in rows
        ),
        draw=partial(
            around,
            sorted(drawn, key=lambda row: row["x"]),
            axis=axis(result, own, written),
            across=f"{several(study['every'] or 'period').capitalize()} since adoption",
            starts=0.0,
        ),
        table=_table(result, own, written),
    )


def _point(
    result: Mapping[str, Any], own: Mapping[str, Any], row: Mapping[str, Any], written: Scale
) -> dict[str, Any]:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value * written.factor

    before = row["event"] < 0
    quiet = before or row["thin"]
    shown: Tone = "quiet" if quiet else tone(result, own, row)
    return {
        "x": row["event"],
        "estimate": scaled(row["value"]),
        "low": scaled(row["ci_low"]),
        "high": scaled(row["ci_high"]),
        "wide_low": scaled(row["simultaneous_low"]),
        "wide_high": scaled(row["simultaneous_high"]),
        "tone": shown,
        "filled": True,
    }


def _table(result: Mapping[str, Any], own: Mapping[str, Any], written: Scale) -> Table:
    same = {row["event"]: row for row in own["event_study"]["same"]}
    columns: tuple[Column, ...] = (
        Column(label="Since adoption", numeric=True),
        Column(label="Effect", unit=unit_of(written), numeric=True),
        Column(label="Interval", unit=unit_of(written), numeric=True),
        Column(label="All at once", unit=unit_of(written), numeric=True),
        Column(label="Cohorts", numeric=True),
        Column(label="Reading"),
    )
    if same:
        columns = (*columns, Column(label="Same cohorts", unit=unit_of(written), numeric=True))
    rows = []
    for row in own["event_study"]["rows"]:
        cells: tuple[Cell, ...] = (
            number(signed(row["event"], 0), row["event"]),
            number(written.value(row["value"]), row["value"]),
            number(written.interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
            number(
                written.interval(row["simultaneous_low"], row["simultaneous_high"]),
                row["simultaneous_low"],
            ),
            number(count(row["cohorts"]), row["cohorts"]),
            words(_reading(result, own, row), tone=_reading_tone(result, own, row)),
        )
        if same:
            value = same[row["event"]]["value"] if row["event"] in same else None
            cells = (*cells, number(written.value(value), value))
        rows.append(cells)
    note = (
        "Averages change cohorts as time goes on; the last column keeps the same ones throughout."
        if same
        else ""
    )
    return table(f"{titled(own)} by time since adoption", columns, rows, note=note)


def _reading(result: Mapping[str, Any], own: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if row["why"]:
        hidden = str(row["why"]).startswith("hidden")
        return str(row["why"]) if hidden else f"not estimable: {row['why']}"
    if own["event_study"]["base"] < row["event"] < 0:
        return "may already act"
    if row["event"] < 0:
        return "check" if moved(row) is None else "apart before adoption"
    if silent(result, own):
        return "not read"
    return {"raises": "\u25b2 higher", "lowers": "\u25bc lower", None: "no clear effect"}[
        moved(row)
    ]


def _reading_tone(
    result: Mapping[str, Any], own: Mapping[str, Any], row: Mapping[str, Any]
) -> Tone:
    return "quiet" if row["event"] < 0 or row["thin"] else tone(result, own, row)
