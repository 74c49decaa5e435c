"""A waterfall: parts of a move, each from where the last one ended, and the whole below them."""

from __future__ import annotations

from typing import Any

from causal.reporting._charts import (
    INK,
    LABELS,
    Rows,
    axis_of,
    framed,
    keyed,
    rows_axis,
    tones,
    zero_line,
)
from causal.reporting._charts import values as values_of


def waterfall(rows: Rows, *, axis: str) -> Any:
    """Bars that add up, one row each, with an interval about the end of each.

    Parameters
    ----------
    rows
        ``label, start, end, low, high, tone``; the last is the whole. Of a bar in two parts
        ``middle`` is where the first, drawn fainter, ends.
    axis
        The heading of the axis, with its unit.
    """
    import altair as alt

    data = keyed(rows)
    y = rows_axis(alt, data)
    ends = ("start", "end", "low", "high", "middle")
    found = [row[key] for row in data for key in ends if row.get(key) is not None] + [0.0]
    room = (max(found) - min(found)) * 0.04 or 1.0
    scale = alt.Scale(domain=[min(found) - room, max(found) + room], nice=False, zero=False)
    x = alt.X("start:Q", title=axis, scale=scale, axis=axis_of(alt))
    layers = [
        zero_line(alt, 0.0, scale),
        alt.Chart(values_of(alt, data, "start", "end", "tone"))
        .mark_bar(height=14, opacity=0.55, aria=False)
        .encode(y=y, x=x, x2="end:Q", color=tones(alt)),
        alt.Chart(values_of(alt, data, "middle", "end", "tone"))
        .mark_bar(height=14, opacity=0.9, aria=False)
        .encode(y=y, x=alt.X("middle:Q", scale=scale), x2="end:Q", color=tones(alt)),
        alt.Chart(values_of(alt, data, "low", "high"))
        .mark_rule(color=INK, strokeWidth=1.4, aria=False)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"),
    ]
    return framed(alt.layer(*layers), len(data), labels=LABELS)
