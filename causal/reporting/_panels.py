"""Courses around an adoption, and grids of cohorts by periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.reporting._charts import (
    GRID,
    INK,
    LABELS,
    MOST_TICKS,
    PAPER,
    TONES,
    WIDTH,
    Rows,
    axis_of,
    points_of,
    sized,
    tones,
)
from causal.reporting._forest import span

STEP = 22


def around(rows: Rows, *, axis: str, across: str, starts: float, height: int = 200) -> Any:
    """Estimates by time since adoption, with an interval of each and one for all at once.

    Parameters
    ----------
    rows
        ``x, estimate, low, high, wide_low, wide_high, tone, filled``; numbers may be None.
    axis, across
        Headings of the axes.
    starts
        Where adoption is: a line stands before it.
    """
    import altair as alt

    scale = alt.Scale(domain=list(span(rows)), nice=False, zero=False)
    places = [row["x"] for row in rows]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[min(places) - 0.7, max(places) + 0.7], nice=False),
        axis=alt.Axis(
            title=across,
            values=_ticks(places),
            labelExpr="(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '') + abs(datum.value)",
            domain=False,
            ticks=False,
            grid=False,
            labelPadding=6,
        ),
    )
    y = alt.Y("estimate:Q", title=axis, scale=scale, axis=axis_of(alt, minExtent=42, maxExtent=70))
    layers = [
        alt.Chart(alt.Data(values=[{"zero": 0}]))
        .mark_rule(color=INK, strokeWidth=1, aria=False)
        .encode(y=alt.Y("zero:Q", scale=scale)),
        alt.Chart(alt.Data(values=[{"x": starts - 0.5}]))
        .mark_rule(color=GRID, strokeWidth=1.5, strokeDash=[4, 3], aria=False)
        .encode(x=x),
    ]
    for low, high, width in (("wide_low", "wide_high", 1.2), ("low", "high", 3.5)):
        layers.append(
            alt.Chart(points_of(alt, rows, "x", low, high, "tone"))
            .mark_rule(strokeWidth=width, strokeCap="butt", aria=False)
            .encode(x=x, y=alt.Y(f"{low}:Q", scale=scale), y2=f"{high}:Q", color=tones(alt))
        )
    solid = [row for row in rows if row.get("filled")]
    open_ones = [row for row in rows if not row.get("filled")]
    layers.append(
        alt.Chart(points_of(alt, solid, "x", "estimate", "tone"))
        .mark_point(filled=True, size=60, opacity=1, aria=False)
        .encode(x=x, y=y, color=tones(alt))
    )
    stroke = alt.Stroke(
        "tone:N", legend=None, scale=alt.Scale(domain=list(TONES), range=list(TONES.values()))
    )
    layers.append(
        alt.Chart(points_of(alt, open_ones, "x", "estimate", "tone"))
        .mark_point(filled=True, size=52, opacity=1, aria=False, fill=PAPER, strokeWidth=1.8)
        .encode(x=x, y=y, stroke=stroke)
    )
    return sized(alt.layer(*layers), WIDTH + 130, height)


def _ticks(places: Sequence[float]) -> list[float]:
    """Round steps through zero, at most so many."""
    width = max(places) - min(places)
    step = next(each for each in (1, 2, 4, 5, 10, 20, 50, 100, 500) if width / each <= MOST_TICKS)
    first = int(min(places) // step) * step
    return [each for each in range(first, int(max(places)) + 1, step) if each >= min(places)]


def grid(
    rows: Sequence[Mapping[str, Any]],
    *,
    across: str,
    columns: Sequence[str],
    lines: Sequence[str],
    labels: int = LABELS // 2,
) -> Any:
    """Squares of ``column, line, tone, strength`` (0 to 1), and what is written in them: ``text``."""
    import altair as alt

    wide = WIDTH + LABELS - labels
    every = max(1, -(-len(columns) // MOST_TICKS))
    axis = alt.Axis(
        title=across,
        values=list(columns)[::every],
        labelAngle=0,
        domain=False,
        ticks=False,
        grid=False,
        labelPadding=6,
    )
    x = alt.X("column:N", sort=None, scale=alt.Scale(domain=list(columns), padding=0.06), axis=axis)
    y = alt.Y(
        "line:N",
        sort=None,
        scale=alt.Scale(domain=list(lines), padding=0.06),
        axis=alt.Axis(
            title=None, domain=False, ticks=False, minExtent=labels, maxExtent=labels,
            labelLimit=labels - 8, labelPadding=8,
        ),
    )  # fmt: skip
    strength = alt.Opacity("strength:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0, 1]))
    squares = (
        alt.Chart(points_of(alt, rows, "column", "line", "tone", "strength"))
        .mark_rect(aria=False)
        .encode(x=x, y=y, color=tones(alt), opacity=strength)
    )
    written = (
        alt.Chart(points_of(alt, rows, "column", "line", "text"))
        .mark_text(color=INK, fontSize=11, aria=False)
        .encode(x=x, y=y, text="text:N")
    )
    return sized(alt.layer(squares, written), wide, max(2, len(lines)) * STEP)
