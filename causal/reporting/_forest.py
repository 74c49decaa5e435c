"""Estimates row by row: forests of intervals, and bars with an interval at their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from causal.reporting._charts import (
    BAD,
    GRID,
    INK,
    LABELS,
    PAPER,
    STEP,
    TONES,
    ZONE,
    Rows,
    axis_of,
    framed,
    keyed,
    rows_axis,
    tones,
    values,
    zero_line,
)


def forest(
    rows: Rows,
    *,
    axis: str,
    domain: tuple[float, float] | None = None,
    zero: float = 0.0,
    step: int = STEP,
    groups: Sequence[int] = (),
    labels: int = LABELS,
) -> Any:
    """Intervals around estimates, one row each, in the order given.

    Parameters
    ----------
    rows
        ``label, estimate, low, high, wide_low, wide_high, raw, tone, filled``; numbers may be
        None and are then not drawn. Of an estimate alone: ``dashed_low, dashed_high``, an outer
        line. With ``zone_low`` and ``zone_high`` that range is shaded in
        the row, for instance what a guardrail's margin does not allow.
    axis
        The heading of the axis, with its unit.
    domain
        Ends of the axis when several charts share one.
    zero
        Where the line of no difference stands.
    step
        Height of a row.
    groups
        How many rows belong together; a fine line parts the groups.
    labels
        Room for the labels.
    """
    import altair as alt

    data = keyed(rows)
    y = rows_axis(alt, data, labels)
    scale = alt.Scale(domain=list(domain or span(rows, zero)), nice=domain is None, zero=False)
    x = alt.X("estimate:Q", title=axis, scale=scale, axis=axis_of(alt))
    layers = [_zones(alt, data, y, scale, step)]
    layers += [_parting(alt, data, groups, y, step)] if len(groups) > 1 else []
    layers.append(zero_line(alt, zero, scale))
    thin = 2.0 if any(row.get("dashed_low") is not None for row in data) else 1.2
    layers += [
        _rule(alt, data, y, scale, ends=("dashed_low", "dashed_high"), width=1.2, dash=[4, 3]),
        *(_tips(alt, data, y, scale, end) for end in ("dashed_low", "dashed_high")),
        _rule(alt, data, y, scale, ends=("wide_low", "wide_high"), width=thin),
        _rule(alt, data, y, scale, ends=("low", "high"), width=4),
        *_points(alt, data, x, y),
        _crosses(alt, data, y, scale),
    ]
    return framed(
        alt.layer(*[each for each in layers if each is not None]), len(data), step, labels
    )


def span(rows: Rows, zero: float = 0.0) -> tuple[float, float]:
    """Ends of an axis that holds every number of these rows, with a little room."""
    ends = ("low", "high", "wide_low", "wide_high", "dashed_low", "dashed_high")
    keys = ("estimate", *ends, "raw")
    found = [row[key] for row in rows for key in keys if row.get(key) is not None] + [zero]
    low, high = min(found), max(found)
    room = (high - low) * 0.04 or 1.0
    return low - room, high + room


def _parting(alt: Any, rows: Rows, groups: Sequence[int], y: Any, step: int) -> Any:
    ends = [sum(groups[: place + 1]) - 1 for place in range(len(groups) - 1)]
    last = [{"key": rows[end]["key"]} for end in ends]
    return (
        alt.Chart(alt.Data(values=last))
        .mark_rule(color=GRID, yOffset=step / 2, aria=False)
        .encode(y=y)
    )


def _zones(alt: Any, rows: Rows, y: Any, scale: Any, step: int) -> Any | None:
    """Shade a range in each row; the strokes are as wide as the rows, so they join up."""
    if not any(row.get("zone_low") is not None for row in rows):
        return None
    return (
        alt.Chart(values(alt, rows, "zone_low", "zone_high"))
        .mark_rule(color=ZONE, strokeWidth=step, aria=False, strokeCap="butt", clip=True)
        .encode(y=y, x=alt.X("zone_low:Q", scale=scale), x2="zone_high:Q")
    )


def _rule(
    alt: Any,
    rows: Rows,
    y: Any,
    scale: Any,
    *,
    ends: tuple[str, str],
    width: float,
    dash: Sequence[int] = (),
) -> Any | None:
    found = [row for row in rows if row.get(ends[0]) is not None and row.get(ends[1]) is not None]
    if not found:
        return None
    dashes = list(dash) if dash else alt.Undefined
    return (
        alt.Chart(values(alt, found, *ends, "tone"))
        .mark_rule(strokeWidth=width, aria=False, strokeCap="butt", strokeDash=dashes)
        .encode(y=y, x=alt.X(f"{ends[0]}:Q", scale=scale), x2=f"{ends[1]}:Q", color=tones(alt))
    )


def _tips(alt: Any, rows: Rows, y: Any, scale: Any, end: str) -> Any | None:
    """Where a dashed line ends, since a gap may fall there."""
    if not any(row.get(end) is not None for row in rows):
        return None
    return (
        alt.Chart(values(alt, rows, end, "tone"))
        .mark_tick(thickness=1.2, height=9, opacity=1, aria=False)
        .encode(y=y, x=alt.X(f"{end}:Q", scale=scale), color=tones(alt))
    )


def _crosses(alt: Any, rows: Rows, y: Any, scale: Any) -> Any | None:
    if not any(row.get("raw") is not None for row in rows):
        return None
    saltire = "M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7"
    return (
        alt.Chart(values(alt, rows, "raw"))
        .mark_point(
            shape=saltire, size=60, stroke=INK, strokeWidth=1.5, filled=False, opacity=1, aria=False
        )
        .encode(y=y, x=alt.X("raw:Q", scale=scale))
    )


def _points(alt: Any, rows: Rows, x: Any, y: Any) -> list[Any]:
    drawn = []
    for filled in (True, False):
        found = [
            row
            for row in rows
            if bool(row.get("filled")) is filled and row.get("estimate") is not None
        ]
        if not found:
            continue
        base = alt.Chart(values(alt, found, "estimate", "tone"))
        if filled:
            point = base.mark_point(filled=True, size=80, opacity=1, aria=False)
        else:
            point = base.mark_point(
                filled=True, size=70, opacity=1, aria=False, fill=PAPER, strokeWidth=1.8
            )
        drawn.append(
            point.encode(x=x, y=y, color=tones(alt))
            if filled
            else point.encode(
                x=x,
                y=y,
                stroke=alt.Stroke(
                    "tone:N",
                    legend=None,
                    scale=alt.Scale(domain=list(TONES), range=list(TONES.values())),
                ),
            )
        )
    return drawn


def bars(rows: Rows, *, axis: str) -> Any:
    """Bars with an interval at their end: ``label, value, low, high, floor, tone``."""
    import altair as alt

    data = keyed(rows)
    y = rows_axis(alt, data)
    ends = [
        row[key] for row in data for key in ("value", "high", "floor") if row.get(key) is not None
    ]
    scale = alt.Scale(domain=[0, max([*ends, 0.0]) * 1.03 or 1.0], nice=False)
    x = alt.X("value:Q", title=axis, scale=scale, axis=axis_of(alt))
    layers = [
        alt.Chart(values(alt, data, "value", "tone"))
        .mark_bar(height=13, aria=False)
        .encode(y=y, x=x, color=tones(alt)),
        alt.Chart(values(alt, data, "low", "high"))
        .mark_rule(color=INK, strokeWidth=1.4, aria=False)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"),
    ]
    if any(row.get("floor") is not None for row in data):
        layers.append(
            alt.Chart(values(alt, data, "floor"))
            .mark_tick(color=BAD, thickness=2, height=19, opacity=1, aria=False)
            .encode(y=y, x=alt.X("floor:Q", scale=scale))
        )
    return framed(alt.layer(*layers), len(data))
