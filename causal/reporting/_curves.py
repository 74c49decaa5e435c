"""Courses and distributions: an estimate along an axis, swarms, and histograms."""

from __future__ import annotations

from typing import Any

from causal.reporting._charts import (
    ACCENT,
    INK,
    MOST_TICKS,
    SHADES,
    WIDTH,
    ZONE,
    Rows,
    axis_of,
    framed,
    points_of,
    rows_axis,
    sized,
    tones,
    values,
    zero_line,
)
from causal.reporting._forest import span


def course(
    rows: Rows,
    *,
    axis: str,
    across: str,
    domain: tuple[float, float] | None = None,
    ordinal: bool = True,
    height: int = 150,
    width: int = WIDTH + 130,
    zero: bool = True,
) -> Any:
    """A course with its interval: ``x, estimate, low, high``; points joined where numeric."""
    import altair as alt

    kind = "O" if ordinal else "Q"
    across_axis = alt.Axis(
        labelAngle=0,
        domain=False,
        ticks=False,
        grid=False,
        labelPadding=6,
        title=across or None,
        values=_ticks([row["x"] for row in rows]) if ordinal else alt.Undefined,
        tickCount=alt.Undefined if ordinal else 6,
    )
    x = alt.X(
        f"x:{kind}",
        axis=across_axis,
        sort=None,
        scale=alt.Scale(domain=[row["x"] for row in rows])
        if ordinal
        else alt.Scale(zero=False, nice=False),
    )
    flat = [
        {"estimate": row["estimate"], "low": row.get("low"), "high": row.get("high")}
        for row in rows
    ]
    scale = alt.Scale(
        domain=list(domain or span(flat, 0.0 if zero else flat[0]["estimate"] or 0)),
        nice=False,
        zero=False,
    )
    y = alt.Y("estimate:Q", title=axis, scale=scale, axis=axis_of(alt, minExtent=42, maxExtent=60))
    full = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    base = alt.Chart(points_of(alt, rows, "x", "estimate"))
    ends = alt.Chart(points_of(alt, full, "x", "low", "high"))
    level = [_level(alt, scale)] if zero else []
    layers = list(level)
    if ordinal:
        layers.append(
            ends.mark_rule(color=INK, strokeWidth=3, aria=False).encode(
                x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"
            )
        )
        layers.append(
            base.mark_point(color=INK, filled=True, size=45, opacity=1, aria=False).encode(x=x, y=y)
        )
    else:
        layers.append(
            ends.mark_area(color=ZONE, opacity=1, aria=False).encode(
                x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q"
            )
        )
        layers += level
        layers.append(base.mark_line(color=ACCENT, strokeWidth=2, aria=False).encode(x=x, y=y))
    return sized(alt.layer(*layers), width, height)


def _ticks(places: list[Any]) -> list[Any]:
    """At most so many labels, evenly taken."""
    every = max(1, -(-len(places) // MOST_TICKS))
    return places[::every]


def _level(alt: Any, scale: Any) -> Any:
    return (
        alt.Chart(alt.Data(values=[{"zero": 0}]))
        .mark_rule(color=INK, strokeWidth=1, aria=False)
        .encode(y=alt.Y("zero:Q", scale=scale))
    )


def swarm(rows: Rows, *, axis: str) -> Any:
    """Binned swarm: ``label, shap, share, level`` (0 low to 1 high), one dot a bin."""
    import altair as alt

    order = list(dict.fromkeys(row["label"] for row in rows))
    keys = {label: f"{place:03d}" for place, label in enumerate(order)}
    data = [
        {**row, "key": keys[row["label"]], "shade": str(_shade(row.get("level")))} for row in rows
    ]
    y = rows_axis(alt, [{"key": key, "label": label} for label, key in keys.items()])
    scale = alt.Scale(zero=False, nice=True)
    dots = (
        alt.Chart(values(alt, data, "shap", "share", "shade"))
        .mark_point(filled=True, opacity=1, aria=False, strokeWidth=0)
        .encode(
            y=y,
            x=alt.X("shap:Q", title=axis, scale=scale, axis=axis_of(alt)),
            size=alt.Size("share:Q", legend=None, scale=alt.Scale(range=[8, 220], zero=True)),
            color=alt.Color(
                "shade:N",
                legend=None,
                scale=alt.Scale(
                    domain=[str(place) for place in range(len(SHADES))], range=list(SHADES)
                ),
            ),
        )
    )
    return framed(alt.layer(zero_line(alt, 0.0, scale), dots), len(order))


def _shade(level: float | None) -> int:
    return 2 if level is None else min(4, max(0, int(level * 5)))


def steps(rows: Rows, *, axis: str) -> Any:
    """Two histograms on one axis: ``edge_low, edge_high, treated, control`` as shares."""
    import altair as alt

    long = [
        {"low": row["edge_low"], "high": row["edge_high"], "share": sign * row[arm], "tone": tone}
        for arm, sign, tone in (("treated", 1, "accent"), ("control", -1, "quiet"))
        for row in rows
    ]
    chart = (
        alt.Chart(alt.Data(values=long))
        .mark_rect(aria=False, opacity=1)
        .encode(
            x=alt.X("low:Q", title=axis, axis=axis_of(alt), scale=alt.Scale(domain=[0, 1])),
            x2="high:Q",
            y=alt.Y("share:Q", title=None, axis=alt.Axis(labels=False, ticks=False, domain=False)),
            y2=alt.datum(0),
            color=tones(alt),
        )
    )
    return sized(chart, WIDTH + 190, 90)
