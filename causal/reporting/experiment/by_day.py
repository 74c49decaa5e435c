"""The effect by day since exposure: whether a novelty wears off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import NOTHING, count, human, p_is, percent, sentence
from causal.reporting import _curves
from causal.reporting._view import Cell, Column, Figure, Section, number, table, words
from causal.reporting.experiment._rows import Row, greyed, outcome_of, scale, several_arms, shared

_CHANGES = {
    "fades": "the effect fades with days since exposure",
    "grows": "the effect grows with days since exposure",
    "rises": "the effect rises with days since exposure",
    "falls": "the effect falls with days since exposure",
}
_STEADY = "No sign that the effect changes with days since exposure"


def section(result: Mapping[str, Any]) -> Section | None:
    """Draw each success metric whose rows have a time, on units seen on all days."""
    found = result["by_day"]
    if greyed(result) or shared(result) or not found:
        return None
    changing = [row for row in found if row["reading"] != "no sign"]
    return Section(
        order=61,
        id="by-day",
        chapter="When",
        title=_title(changing),
        lead="Every unit below is there on every day, so that a change from day to day is not one of "
        f"who is counted. {_LOOKS} The verdict does not read this.",
        blocks=tuple(_figure(result, row) for row in found),
    )


_LOOKS = "The intervals hold for all days of a figure at once, and for one look."


def _title(changing: list[Row]) -> str:
    if not changing:
        return _STEADY
    said = dict.fromkeys(_CHANGES[row["reading"]] for row in changing)
    return sentence(next(iter(said))) if len(said) == 1 else (
        "Effects change with days since exposure"
    )  # fmt: skip


def _figure(result: Row, row: Row) -> Figure:
    days = row["days"]
    name = sentence(human(row["outcome"])) + (f": {row['arm']}" if several_arms(result) else "")
    written = scale(result, row["outcome"])
    factor = 100.0 if row["relative"] else written.factor
    unit = "%" if row["relative"] else written.unit or written.heading
    points = [
        {
            "x": _days(each),
            "estimate": each["value"] * factor,
            "low": None if each["joint_low"] is None else each["joint_low"] * factor,
            "high": None if each["joint_high"] is None else each["joint_high"] * factor,
        }
        for each in days
    ]
    of = "of the control's level of the same days" if row["relative"] else f"in {written.heading}"
    return Figure(
        title=_said(row, name),
        subtitle=f"Effect by day since exposure, {of}; {percent(result['study']['level'])} intervals "
        "for all days at once",
        describe=f"The effect on {human(row['outcome'])} on each day since exposure with its "
        "interval; the table has the same numbers.",
        draw=partial(_curves.course, points, axis=f"Effect ({unit})", across="Day since exposure"),
        footnote=_footnote(result, row),
        table=_table(result, row, unit),
    )


def _said(row: Row, name: str) -> str:
    """The finding: what the first and the last days show where the effect changes."""
    if row["reading"] == "no sign":
        return f"{name}: no sign that the effect changes ({p_is(row['p_adjusted'])})"
    first, last = row["days"][0], row["days"][-1]
    told = ""
    if row["relative"]:
        told = (
            f", {percent(first['value'], sign=True)} on day {_days(first)} and "
            f"{percent(last['value'], sign=True)} on day {_days(last)}"
        )
    return f"{name}: {_CHANGES[row['reading']]}{told} ({p_is(row['p_adjusted'])})"


def _footnote(result: Row, row: Row) -> str:
    capped = outcome_of(result, row)["cap"] is not None
    return (
        f"{count(row['units'])} of {count(row['units_all'])} units: those exposed by {row['until']}. "
        "Day 1 is the first 24 hours after exposure. The test is on a straight line in the logarithm "
        "of the day, from the joint covariance of the days."
        + (" Without the metric's cap, which is on a unit's total." if capped else "")
    )


def _days(each: Row) -> str:
    first, last = each["first"], each["last"]
    return str(first) if first == last else f"{first}\u2013{last}"


def _table(result: Row, row: Row, unit: str) -> Any:
    columns = (
        Column(label="Day since exposure"),
        Column(label="Control, a day", numeric=True),
        Column(label="Treated, a day", numeric=True),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval, all days at once", unit=unit, numeric=True),
        Column(label="Interval, this day alone", unit=unit, numeric=True),
    )
    written = scale(result, row["outcome"])
    listed = [
        (
            words(_days(each)),
            number(written.level(each["control"]), each["control"]),
            number(written.level(each["treated"]), each["treated"]),
            _effect(result, row, each["value"]),
            _interval(result, row, each["joint_low"], each["joint_high"]),
            _interval(result, row, each["low"], each["high"]),
        )
        for each in row["days"]
    ]
    return table("Effect by day since exposure", columns, listed, most=30)


def _effect(result: Row, row: Row, value: float | None) -> Cell:
    if row["relative"]:
        return number(percent(value, sign=True), value)
    return number(scale(result, row["outcome"]).value(value), value)


def _interval(result: Row, row: Row, low: float | None, high: float | None) -> Cell:
    if low is None or high is None:
        return words(NOTHING)
    if row["relative"]:
        return number(f"{percent(low, sign=True)} to {percent(high, sign=True)}", low)
    return number(scale(result, row["outcome"]).interval(low, high), low)
