"""Where and when: the headline effect by calendar period."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import human, sentence
from causal.policy.reading import Row, decisive, label, scale
from causal.reporting import _curves, _forest
from causal.reporting._parts import counted, estimate_cells
from causal.reporting._view import Column, Figure, Section, table, words

MOST = 4


def section(result: Mapping[str, Any]) -> Section | None:
    """Show whether the effect lasted; the attributes of the answer first."""
    outcome = decisive(result)
    courses: dict[tuple[str, str], list[Row]] = {}
    for each in result.get("over_time", ()):
        if outcome is not None and each["outcome"] == outcome["name"]:
            courses.setdefault((each["attribute"], str(each["contrast"])), []).append(each)
    if outcome is None or not courses:
        return None
    leading = [
        (card["attribute"], str(card["contrast"]))
        for card in result.get("decision", {}).get("cards", ())
    ]
    order = [key for key in leading if key in courses]
    order += [key for key in courses if key not in order]
    drawn = [courses[key] for key in order[:MOST]]
    written = scale(result, outcome["name"])
    span = _forest.span([row for course in drawn for row in _points(course, written.factor)])
    left = len(courses) - len(drawn)
    more = f" {left} more attributes are in the result." if left else ""
    return Section(
        order=60,
        id="when",
        chapter="Who",
        title="Over time",
        lead="The same effect, period by period, on one axis; each interval holds for its own period "
        f"alone.{more}",
        blocks=tuple(_figure(result, outcome, course, span) for course in drawn),
    )


def _points(course: list[Row], factor: float) -> list[dict[str, Any]]:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    return [
        {
            "x": str(row["period"]),
            "estimate": scaled(row.get("estimate")),
            "low": scaled(row.get("ci_low")),
            "high": scaled(row.get("ci_high")),
        }
        for row in course
    ]


def _figure(
    result: Mapping[str, Any], outcome: Row, course: list[Row], span: tuple[float, float]
) -> Figure:
    written = scale(result, outcome["name"])
    what = sentence(label(result, course[0]))
    unit = written.unit or written.heading
    columns = (
        Column(label="Period"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="Rows", numeric=True),
    )
    listed = [
        (words(row["period"]), *estimate_cells(result, written, row), counted(row.get("units")))
        for row in course
    ]
    return Figure(
        title=f"{what} over time",
        subtitle=f"Effect on {human(outcome['name'])}, in {written.heading}",
        describe=f"Effect of {what} in each period with its interval.",
        draw=partial(
            _curves.course, _points(course, written.factor), axis=unit, across="", domain=span
        ),
        table=table(f"{what} over time", columns, listed, most=40),
    )
