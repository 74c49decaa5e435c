"""The effect so far, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, human, sentence
from causal.reporting import _curves
from causal.reporting._view import Column, Figure, Section, number, table, words
from causal.reporting.experiment._rows import Row, greyed, scale, several_arms, shared

_NOTES = {
    "fixed": "Intervals of one day each, for display: a fixed procedure is read once, and the day on "
    "which such an interval first leaves zero out decides nothing. The first day has none: it is no day "
    "to decide on.",
    "sequential": "Intervals that hold on all days at once.",
    "group sequential": "Intervals that hold on all days at once, for display: the planned looks "
    "decide.",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Draw the first success metric of each arm as units came in."""
    found = result["so_far"]
    if greyed(result) or shared(result) or len(found) < 2:
        return None
    courses: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        courses.setdefault((row["outcome"], row["arm"]), []).append(row)
    procedure = result["analysis"]["procedure"]
    return Section(
        order=60,
        id="over-time",
        chapter="When",
        title="The effect so far",
        lead=f"Of the units that had come by the end of each day. {_NOTES[procedure]}",
        blocks=tuple(_figure(result, course) for course in courses.values()),
    )


def _figure(result: Row, course: list[Row]) -> Figure:
    outcome, arm = course[0]["outcome"], course[0]["arm"]
    written = scale(result, outcome)
    unit = written.unit or written.heading
    name = sentence(human(outcome)) + (f": {arm}" if several_arms(result) else "")
    points = [
        {
            "x": row["day"],
            "estimate": row["estimate"] * written.factor,
            "low": None if row["low"] is None else row["low"] * written.factor,
            "high": None if row["high"] is None else row["high"] * written.factor,
        }
        for row in course
    ]
    columns = (
        Column(label="Day"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="Units so far", numeric=True),
    )
    listed = [
        (
            words(row["day"]),
            number(written.value(row["estimate"]), row["estimate"]),
            number(written.interval(row["low"], row["high"]), row["low"]),
            number(count(row["units"]), row["units"]),
        )
        for row in course
    ]
    return Figure(
        title=f"{name}, so far",
        subtitle=f"Effect on {human(outcome)}"
        + (f", in {written.heading}" if written.heading != human(outcome) else ""),
        describe=f"The effect on {human(outcome)} at the end of each day with its interval.",
        draw=partial(_curves.course, points, axis=unit, across=""),
        table=table(f"{name}, so far", columns, listed, most=60),
    )
