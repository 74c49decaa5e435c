"""Points with error bars both ways, beside the line on which both axes agree."""

from __future__ import annotations

from typing import Any

from causal.reporting._charts import GRID, INK, MUTED, WIDTH, Rows, axis_of, points_of, sized


def scatter(rows: Rows, *, across: str, up: str) -> Any:
    """Draw ``x, x_low, x_high, y, y_low, y_high`` of each point, in one unit on both axes."""
    import altair as alt

    ends = [row[key] for row in rows for key in ("x_low", "x_high", "y_low", "y_high")]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.03 * (high - low)
    scale = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    x = alt.X("x:Q", title=across, scale=scale, axis=axis_of(alt))
    y = alt.Y("y:Q", title=up, scale=scale, axis=axis_of(alt, minExtent=42, maxExtent=60))
    bars = alt.Chart(points_of(alt, rows, "x", "x_low", "x_high", "y", "y_low", "y_high"))
    own = {"aria": False, "strokeWidth": 1.2, "color": MUTED, "opacity": 0.55}
    line = alt.Chart(alt.Data(values=[{"x": end, "y": end} for end in (low, high)]))
    level = alt.Chart(alt.Data(values=[{"zero": 0}]))
    rule = {"aria": False, "strokeWidth": 1, "color": GRID}
    return sized(
        alt.layer(
            level.mark_rule(**rule).encode(x=alt.X("zero:Q", scale=scale)),
            level.mark_rule(**rule).encode(y=alt.Y("zero:Q", scale=scale)),
            line.mark_line(color=INK, strokeWidth=1, strokeDash=[4, 3], aria=False).encode(
                x=x, y=y
            ),
            bars.mark_rule(**own).encode(x=alt.X("x_low:Q", scale=scale), x2="x_high:Q", y=y),
            bars.mark_rule(**own).encode(y=alt.Y("y_low:Q", scale=scale), y2="y_high:Q", x=x),
            bars.mark_point(color=INK, filled=True, size=38, opacity=1, aria=False).encode(
                x=x, y=y
            ),
        ),
        WIDTH,
        320,
    )
