"""Courses over time: what was seen against what was to be expected, and many gaps at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from causal.reporting._charts import (
    ACCENT,
    GRID,
    INK,
    MUTED,
    WIDTH,
    ZONE,
    Rows,
    axis_of,
    points_of,
    sized,
)

TICKS = 6
ROOM = 0.06


def against(
    rows: Rows, *, names: Sequence[str], starts: int, axis: str, across: str, height: int = 210
) -> Any:
    """What was seen (solid) and what was to be expected (dashed), with its band after a change.

    Parameters
    ----------
    rows
        ``x, seen, expected, low, high``; ``x`` is the place of a period, numbers may be None.
    names
        Names of the periods.
    starts
        Place of the first period after the change: a line stands before it.
    axis, across
        Headings of the axes.
    """
    import altair as alt

    found = [row[key] for row in rows for key in ("seen", "expected", "low", "high")
             if row.get(key) is not None]  # fmt: skip
    scale = _scale(alt, found)
    x, y = _across(alt, names, across), alt.Y("seen:Q", title=axis, scale=scale, axis=_up(alt))
    after = [row for row in rows if row["x"] >= starts - 1]
    layers = [
        _start(alt, starts, x),
        alt.Chart(points_of(alt, after, "x", "low", "high"))
        .mark_area(color=ZONE, opacity=1, aria=False)
        .encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        alt.Chart(points_of(alt, rows, "x", "expected"))
        .mark_line(color=ACCENT, strokeWidth=2, strokeDash=[5, 3], aria=False)
        .encode(x=x, y=alt.Y("expected:Q", scale=scale)),
        alt.Chart(points_of(alt, rows, "x", "seen"))
        .mark_line(color=INK, strokeWidth=1.6, aria=False)
        .encode(x=x, y=y),
    ]
    return sized(alt.layer(*layers), WIDTH + 130, height)


def strands(
    own: Sequence[float | None],
    others: Sequence[Sequence[float | None]],
    *,
    names: Sequence[str],
    starts: int,
    axis: str,
    across: str,
    height: int = 190,
) -> Any:
    """One gap over time (dark) among those of others (faint), about zero."""
    import altair as alt

    lines = [*others, own]
    scale = _scale(alt, [value for line in lines for value in line if value is not None])
    x = _across(alt, names, across)
    y = alt.Y("gap:Q", title=axis, scale=scale, axis=_up(alt))
    rows: list[Mapping[str, Any]] = [
        {"x": t, "gap": value, "line": str(k)}
        for k, line in enumerate(lines)
        for t, value in enumerate(line)
    ]
    last = str(len(lines) - 1)
    faint = [row for row in rows if row["line"] != last]
    layers = [
        _start(alt, starts, x),
        alt.Chart(points_of(alt, faint, "x", "gap", "line"))
        .mark_line(color=MUTED, strokeWidth=0.8, opacity=0.45, aria=False)
        .encode(x=x, y=y, detail="line:N"),
        alt.Chart(alt.Data(values=[{"zero": 0}]))
        .mark_rule(color=INK, strokeWidth=1, aria=False)
        .encode(y=alt.Y("zero:Q", scale=scale)),
        alt.Chart(points_of(alt, [row for row in rows if row["line"] == last], "x", "gap"))
        .mark_line(color=ACCENT, strokeWidth=2.2, aria=False)
        .encode(x=x, y=y),
    ]
    return sized(alt.layer(*layers), WIDTH + 130, height)


def _scale(alt: Any, found: Sequence[float]) -> Any:
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = (high - low) * ROOM or 1.0
    return alt.Scale(domain=[low - room, high + room], nice=False, zero=False)


def _up(alt: Any) -> Any:
    return axis_of(alt, minExtent=42, maxExtent=70)


def _start(alt: Any, starts: int, x: Any) -> Any:
    return (
        alt.Chart(alt.Data(values=[{"x": starts - 0.5}]))
        .mark_rule(color=GRID, strokeWidth=1.5, strokeDash=[4, 3], aria=False)
        .encode(x=x)
    )


def _across(alt: Any, names: Sequence[str], title: str) -> Any:
    """An axis of named periods, of which a few are labelled."""
    step = max(1, -(-len(names) // TICKS))
    places = list(range(0, len(names), step))
    labels = json.dumps({str(place): names[place] for place in places}, ensure_ascii=True)
    axis = alt.Axis(
        title=title,
        values=places,
        labelExpr=f"({labels})[datum.value]",
        labelAngle=0,
        domain=False,
        ticks=False,
        grid=False,
        labelPadding=6,
    )
    scale = alt.Scale(domain=[-0.5, len(names) - 0.5], nice=False, zero=False)
    return alt.X("x:Q", scale=scale, axis=axis)
