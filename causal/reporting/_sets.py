"""Sets of values drawn as lines, with an arrow where they go on without end."""

from __future__ import annotations

from typing import Any

from causal.reporting._charts import (
    INK,
    LABELS,
    STEP,
    Rows,
    axis_of,
    framed,
    keyed,
    rows_axis,
    tones,
    zero_line,
)
from causal.reporting._charts import values as values_of

UNLABELLED = 12
"""Room for the labels of rows that have none."""


def sets(rows: Rows, *, axis: str) -> Any:
    """Every row's pieces as thick lines; a piece without an end has an arrow there.

    Parameters
    ----------
    rows
        ``label`` (may be empty), ``pieces, point, tone``; pieces are pairs (low, high), None at an open end; a point
        that is None is not drawn.
    axis
        The heading of the axis, with its unit.
    """
    import altair as alt

    data = keyed(rows)
    labels = LABELS if any(row["label"] for row in rows) else UNLABELLED
    y = rows_axis(alt, data, labels)
    domain = span(rows)
    finite = any(end is not None for row in rows for piece in row["pieces"] for end in piece)
    scale = alt.Scale(domain=list(domain), nice=False, zero=False)
    numbers = (
        axis_of(alt) if finite else alt.Axis(values=[0], format="d", domain=False, ticks=False)
    )
    x = alt.X("low:Q", title=axis, scale=scale, axis=numbers)
    lines, left, right = _pieces(data, domain)
    layers = [
        zero_line(alt, 0.0, scale),
        alt.Chart(values_of(alt, lines, "low", "high", "tone"))
        .mark_rule(strokeWidth=4, aria=False)
        .encode(y=y, x=x, x2="high:Q", color=tones(alt)),
        *(
            alt.Chart(values_of(alt, ends, "at", "tone"))
            .mark_point(shape=shape, filled=True, size=130, opacity=1, aria=False)
            .encode(y=y, x=alt.X("at:Q", scale=scale), color=tones(alt))
            for ends, shape in ((left, "triangle-left"), (right, "triangle-right"))
            if ends
        ),
        alt.Chart(values_of(alt, data, "point"))
        .mark_point(color=INK, filled=True, size=70, opacity=1, aria=False)
        .encode(y=y, x=alt.X("point:Q", scale=scale)),
    ]
    return framed(alt.layer(*layers), len(data), step=STEP + 6, labels=labels)


def span(rows: Rows) -> tuple[float, float]:
    """Ends of an axis that shows every end, zero, and room beyond for arrows.

    >>> span([{"pieces": [(None, -2.0), (1.0, None)], "point": None}])
    (-3.5, 2.5)
    """
    ends = [end for row in rows for piece in row["pieces"] for end in piece if end is not None]
    if not ends:
        return -1.0, 1.0
    least, most = min(*ends, 0.0), max(*ends, 0.0)
    open_ends = any(end is None for row in rows for piece in row["pieces"] for end in piece)
    room = (most - least) * (0.5 if open_ends else 0.06) or 1.0
    return least - room, most + room


def _pieces(data: list[dict[str, Any]], domain: tuple[float, float]) -> tuple[Any, Any, Any]:
    """Lines within the axis, and where they go on to the left and to the right."""
    edge = (domain[1] - domain[0]) * 0.01
    first, last = domain[0] + edge, domain[1] - edge
    lines, left, right = [], [], []
    for row in data:
        for low, high in row["pieces"]:
            own = {"key": row["key"], "tone": row["tone"]}
            lines.append(
                {
                    **own,
                    "low": first if low is None else low,
                    "high": last if high is None else high,
                }
            )
            left += [{**own, "at": first}] if low is None else []
            right += [{**own, "at": last}] if high is None else []
    return lines, left, right
