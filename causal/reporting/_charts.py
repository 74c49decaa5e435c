"""Charts, written once in Altair: static drawings in the page, live ones in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

INK, MUTED, GRID = "#010101", "#020202", "#030303"
GOOD, BAD, ACCENT, ZONE, PAPER = "#040404", "#050505", "#060606", "#070707", "#080808"
COLOURS: dict[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    GOOD: "--good",
    BAD: "--bad",
    ACCENT: "--accent",
    ZONE: "--zone",
    PAPER: "--paper",
}
SHADES = ("#0a0a0a", "#0b0b0b", "#0c0c0c", "#0d0d0d", "#0e0e0e")  # of a swarm, low to high
COLOURS = COLOURS | {shade: f"--s{place}" for place, shade in enumerate(SHADES)}
TONES = {
    "good": GOOD,
    "bad": BAD,
    "quiet": MUTED,
    "plain": INK,
    "warn": BAD,
    "accent": ACCENT,
    "faint": GRID,
}
WIDTH = 430
STEP = 26
LABELS = 190
MOST_TICKS = 8

Rows = Sequence[Mapping[str, Any]]


def forest(
    rows: Rows,
    *,
    axis: str,
    domain: tuple[float, float] | None = None,
    zone: tuple[float, float] | None = None,
    zero: float = 0.0,
    step: int = STEP,
    groups: Sequence[int] = (),
) -> Any:
    """Intervals around estimates, one row each, in the order given.

    Parameters
    ----------
    rows
        ``label, estimate, low, high, wide_low, wide_high, raw, tone, filled``; numbers may be
        None and are then not drawn.
    axis
        The heading of the axis, with its unit.
    domain
        Ends of the axis when several charts share one.
    zone
        A range to shade, for instance a guardrail's margin.
    zero
        Where the line of no difference stands.
    step
        Height of a row.
    groups
        How many rows belong together; a fine line parts the groups.
    """
    import altair as alt

    data = _keyed(rows)
    y = _rows_axis(alt, data)
    scale = alt.Scale(domain=list(domain or span(rows, zero)), nice=domain is None, zero=False)
    x = alt.X("estimate:Q", title=axis, scale=scale, axis=_axis(alt))
    layers = [_zone(alt, zone, scale)] if zone else []
    layers += [_parting(alt, data, groups, y, step)] if len(groups) > 1 else []
    layers.append(_line(alt, zero, scale))
    layers += [
        _rule(alt, data, y, scale, ends=("wide_low", "wide_high"), width=1.2),
        _rule(alt, data, y, scale, ends=("low", "high"), width=4),
        *_points(alt, data, x, y),
        _crosses(alt, data, y, scale),
    ]
    return _framed(alt.layer(*[each for each in layers if each is not None]), len(data), step)


def span(rows: Rows, zero: float = 0.0) -> tuple[float, float]:
    """Ends of an axis that holds every number of these rows, with a little room."""
    keys = ("estimate", "low", "high", "wide_low", "wide_high", "raw")
    found = [row[key] for row in rows for key in keys if row.get(key) is not None] + [zero]
    low, high = min(found), max(found)
    room = (high - low) * 0.04 or 1.0
    return low - room, high + room


def _keyed(rows: Rows) -> list[dict[str, Any]]:
    return [{**row, "key": f"{place:03d}"} for place, row in enumerate(rows)]


def _values(alt: Any, rows: Rows, *keys: str) -> Any:
    wanted = ("key", *keys)
    return alt.Data(
        values=[
            {key: row[key] for key in wanted}
            for row in rows
            if all(row.get(key) is not None for key in wanted)
        ]
    )


def _rows_axis(alt: Any, rows: list[dict[str, Any]]) -> Any:
    import json

    names = json.dumps({row["key"]: row["label"] for row in rows}, ensure_ascii=True)
    axis = alt.Axis(
        labelExpr=f"({names})[datum.value]",
        labelLimit=LABELS - 10,
        labelPadding=8,
        minExtent=LABELS,
        maxExtent=LABELS,
        ticks=False,
        domain=False,
        title=None,
    )
    return alt.Y("key:N", sort=None, axis=axis, scale=alt.Scale(domain=[r["key"] for r in rows]))


def _axis(alt: Any, **options: Any) -> Any:
    return alt.Axis(tickCount=5, domain=False, ticks=False, labelPadding=6, **options)


def _parting(alt: Any, rows: Rows, groups: Sequence[int], y: Any, step: int) -> Any:
    ends = [sum(groups[: place + 1]) - 1 for place in range(len(groups) - 1)]
    last = [{"key": rows[end]["key"]} for end in ends]
    return (
        alt.Chart(alt.Data(values=last))
        .mark_rule(color=GRID, yOffset=step / 2, aria=False)
        .encode(y=y)
    )


def _line(alt: Any, at: float, scale: Any) -> Any:
    return (
        alt.Chart(alt.Data(values=[{"zero": at}]))
        .mark_rule(color=INK, strokeWidth=1, aria=False)
        .encode(x=alt.X("zero:Q", scale=scale))
    )


def _zone(alt: Any, zone: tuple[float, float], scale: Any) -> Any:
    return (
        alt.Chart(alt.Data(values=[{"from": zone[0], "to": zone[1]}]))
        .mark_rect(color=ZONE, aria=False)
        .encode(x=alt.X("from:Q", scale=scale), x2="to:Q")
    )


def _rule(
    alt: Any, rows: Rows, y: Any, scale: Any, *, ends: tuple[str, str], width: float
) -> Any | None:
    found = [row for row in rows if row.get(ends[0]) is not None and row.get(ends[1]) is not None]
    if not found:
        return None
    return (
        alt.Chart(_values(alt, found, *ends, "tone"))
        .mark_rule(strokeWidth=width, aria=False, strokeCap="butt")
        .encode(y=y, x=alt.X(f"{ends[0]}:Q", scale=scale), x2=f"{ends[1]}:Q", color=_tones(alt))
    )


def _tones(alt: Any) -> Any:
    return alt.Color(
        "tone:N", legend=None, scale=alt.Scale(domain=list(TONES), range=list(TONES.values()))
    )


def _crosses(alt: Any, rows: Rows, y: Any, scale: Any) -> Any | None:
    if not any(row.get("raw") is not None for row in rows):
        return None
    saltire = "M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7"
    return (
        alt.Chart(_values(alt, rows, "raw"))
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
        base = alt.Chart(_values(alt, found, "estimate", "tone"))
        if filled:
            point = base.mark_point(filled=True, size=80, opacity=1, aria=False)
        else:
            point = base.mark_point(
                filled=True, size=70, opacity=1, aria=False, fill=PAPER, strokeWidth=1.8
            )
        drawn.append(
            point.encode(x=x, y=y, color=_tones(alt))
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

    data = _keyed(rows)
    y = _rows_axis(alt, data)
    ends = [
        row[key] for row in data for key in ("value", "high", "floor") if row.get(key) is not None
    ]
    scale = alt.Scale(domain=[0, max([*ends, 0.0]) * 1.03 or 1.0], nice=False)
    x = alt.X("value:Q", title=axis, scale=scale, axis=_axis(alt))
    layers = [
        alt.Chart(_values(alt, data, "value", "tone"))
        .mark_bar(height=13, aria=False)
        .encode(y=y, x=x, color=_tones(alt)),
        alt.Chart(_values(alt, data, "low", "high"))
        .mark_rule(color=INK, strokeWidth=1.4, aria=False)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"),
    ]
    if any(row.get("floor") is not None for row in data):
        layers.append(
            alt.Chart(_values(alt, data, "floor"))
            .mark_tick(color=BAD, thickness=2, height=19, opacity=1, aria=False)
            .encode(y=y, x=alt.X("floor:Q", scale=scale))
        )
    return _framed(alt.layer(*layers), len(data))


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
    )
    x = alt.X(
        f"x:{kind}",
        axis=across_axis,
        sort=None,
        scale=alt.Undefined if ordinal else (alt.Scale(zero=False, nice=False)),
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
    y = alt.Y("estimate:Q", title=axis, scale=scale, axis=_axis(alt, minExtent=42, maxExtent=60))
    full = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    base = alt.Chart(_points_of(alt, rows, "x", "estimate"))
    ends = alt.Chart(_points_of(alt, full, "x", "low", "high"))
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
    return _sized(alt.layer(*layers), width, height)


def _ticks(places: list[Any]) -> list[Any]:
    """At most so many labels, evenly taken."""
    every = max(1, -(-len(places) // MOST_TICKS))
    return places[::every]


def _points_of(alt: Any, rows: Rows, *keys: str) -> Any:
    return alt.Data(
        values=[
            {key: row[key] for key in keys}
            for row in rows
            if all(row.get(key) is not None for key in keys)
        ]
    )


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
    y = _rows_axis(alt, [{"key": key, "label": label} for label, key in keys.items()])
    scale = alt.Scale(zero=False, nice=True)
    dots = (
        alt.Chart(_values(alt, data, "shap", "share", "shade"))
        .mark_point(filled=True, opacity=1, aria=False, strokeWidth=0)
        .encode(
            y=y,
            x=alt.X("shap:Q", title=axis, scale=scale, axis=_axis(alt)),
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
    return _framed(alt.layer(_line(alt, 0.0, scale), dots), len(order))


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
            x=alt.X("low:Q", title=axis, axis=_axis(alt), scale=alt.Scale(domain=[0, 1])),
            x2="high:Q",
            y=alt.Y("share:Q", title=None, axis=alt.Axis(labels=False, ticks=False, domain=False)),
            y2=alt.datum(0),
            color=_tones(alt),
        )
    )
    return _sized(chart, WIDTH + 190, 90)


def _framed(chart: Any, rows: int, step: int = STEP) -> Any:
    return _sized(chart, WIDTH, max(2, rows) * step)


def _sized(chart: Any, width: int, height: int) -> Any:
    return (
        chart.properties(width=width, height=height, padding=2, background="transparent")
        .configure(font="Liberation Sans", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=MUTED,
            gridColor=GRID,
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
            titlePadding=8,
        )
    )
