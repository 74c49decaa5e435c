"""What a period switched on does at once and to the periods after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, count, human, percent
from causal.reporting._panels import around
from causal.reporting._view import (
    Block,
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
from causal.reporting.rollout._told import axis, row_of, scale, titled, tone, unit_of


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every outcome lag by lag; nothing for another schedule or after a washout."""
    own = result.get("switchback")
    if own is None or own["washout"]:
        return None
    called = own["periods_called"]
    blocks: list[Block] = [_figure(result, own, each) for each in own["outcomes"]]
    reach = (
        f"its own period and the {count(own['periods'])} {called} after it"
        if own["periods"]
        else "its own period alone"
    )
    blocks.append(Text(text=_note(own), style="note"))
    return Section(
        order=20,
        id="carry",
        chapter="Effects",
        title="At once and later",
        lead=f"A {own['period_called']} that is on may act on {reach}. Points to the left and at the "
        "right end are checks: what is on next cannot act now, and one lag more should add nothing.",
        blocks=tuple(blocks),
    )


def _figure(result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any]) -> Figure:
    name = each["outcome"]
    total = row_of(result, name, "total")
    written = scale(result, name, [_ends(row) for row in each["lags"]])
    shown: Tone = "quiet" if total is None else tone(result, total)
    read: Tone = (
        "quiet" if total is None or total["verdict"] in (None, "not estimable") else "plain"
    )
    points = [
        _point(written, -1, each["before"], "quiet", filled=False),
        *(
            _point(written, row["lag"], row, shown if _clear(row) else read, filled=True)
            for row in each["lags"]
        ),
    ]
    if each["next"] is not None:
        points.append(_point(written, own["periods"] + 1, each["next"], "quiet", filled=False))
    level = percent(result["study"]["level"])
    return Figure(
        title=f"{titled(name)}, lag by lag",
        subtitle=f"Thick line: {level} interval; thin line: interval that holds for all lags at once. "
        "Hollow: checks.",
        describe="; ".join(
            f"{row['lag']} later: {written.effect(row['value'])}" for row in each["lags"]
        ),
        draw=partial(
            around,
            points,
            axis=axis(written, f"Effect on {human(name)}"),
            across=f"{own['periods_called'].capitalize()} after one that was on",
            starts=0.0,
        ),
        table=_table(result, own, each, written),
        open_table=True,
    )


def _point(
    written: Scale, place: int, row: Mapping[str, Any], shown: Tone, *, filled: bool
) -> dict[str, Any]:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value * written.factor

    return {
        "x": place,
        "estimate": scaled(row["value"]),
        "low": scaled(row["low"]),
        "high": scaled(row["high"]),
        "wide_low": scaled(row["simultaneous_low"]),
        "wide_high": scaled(row["simultaneous_high"]),
        "tone": shown,
        "filled": filled,
    }


def _clear(row: Mapping[str, Any]) -> bool:
    low, high = row["simultaneous_low"], row["simultaneous_high"]
    return low is not None and not low <= 0 <= high


def _ends(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"ci_low": row["low"], "ci_high": row["high"],
            "verdict": "raises" if _clear(row) else None}  # fmt: skip


def _table(
    result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any], written: Scale
) -> Table:
    name, unit = each["outcome"], unit_of(written)
    columns = (
        Column(label="What"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="All at once", unit=unit, numeric=True),
    )
    named = {
        **({} if own["periods"] else {"immediate": "At once"}),
        "carry-over": "Carried over",
        "total": f"In all, within {own['periods'] + 1} {own['periods_called']}"
        if own["periods"]
        else "In all",
    }
    parts = [
        (label, {"value": row["estimate"], "low": row["ci_low"], "high": row["ci_high"],
                 "simultaneous_low": row["simultaneous_low"],
                 "simultaneous_high": row["simultaneous_high"]})
        for key, label in named.items()
        if (row := row_of(result, name, key)) is not None
    ]  # fmt: skip
    lags = [
        ("At once" if row["lag"] == 0 else f"{_ago(own, row['lag'])} later", row)
        for row in each["lags"]
        if own["periods"]
    ]
    checks = [("Check: what is on next", each["before"])]
    if each["next"] is not None:
        checks.append(("Check: one lag more adds", each["next"]))
    rows = [
        (
            words(label),
            number(written.value(row["value"]), row["value"]),
            number(written.interval(row["low"], row["high"]), row["low"]),
            number(
                written.interval(row["simultaneous_low"], row["simultaneous_high"]),
                row["simultaneous_low"],
            ),
        )
        for label, row in [*lags, *parts, *checks]
    ]
    return table(f"{titled(name)}, lag by lag", columns, rows)


def _ago(own: Mapping[str, Any], lag: int) -> str:
    return f"{count(lag)} {own['period_called'] if lag == 1 else own['periods_called']}"


def _note(own: Mapping[str, Any]) -> str:
    first, mean = own["outcomes"][0], sum(own["switches"]) / max(len(own["switches"]), 1)
    return (
        f"{count(first['cells'])} cells count: those whose {count(own['periods'] + 1)} "
        f"{own['periods_called']} before are known. {own['entities_called'].capitalize()} are "
        f"switched {count(mean)} times each on average, and on {percent(own['share_on'])} of the "
        "time. What builds up over a longer time than the lags, as habits do, cannot be seen here."
    )
