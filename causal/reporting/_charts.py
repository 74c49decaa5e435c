"""What every chart shares: colours, rows, axes and the frame; written once in Altair."""

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


def keyed(rows: Rows) -> list[dict[str, Any]]:
    """Give each row a key that sorts as the rows come."""
    return [{**row, "key": f"{place:03d}"} for place, row in enumerate(rows)]


def values(alt: Any, rows: Rows, *keys: str) -> Any:
    """The rows that have all of these numbers, with their keys."""
    wanted = ("key", *keys)
    return alt.Data(
        values=[
            {key: row[key] for key in wanted}
            for row in rows
            if all(row.get(key) is not None for key in wanted)
        ]
    )


def points_of(alt: Any, rows: Rows, *keys: str) -> Any:
    """The points that have all of these numbers."""
    return alt.Data(
        values=[
            {key: row[key] for key in keys}
            for row in rows
            if all(row.get(key) is not None for key in keys)
        ]
    )


def rows_axis(alt: Any, rows: list[dict[str, Any]], labels: int = LABELS) -> Any:
    """An axis of labelled rows; labels may repeat."""
    import json

    names = json.dumps({row["key"]: row["label"] for row in rows}, ensure_ascii=True)
    axis = alt.Axis(
        labelExpr=f"({names})[datum.value]",
        labelLimit=labels - 10,
        labelPadding=8,
        minExtent=labels,
        maxExtent=labels,
        ticks=False,
        domain=False,
        title=None,
    )
    return alt.Y("key:N", sort=None, axis=axis, scale=alt.Scale(domain=[r["key"] for r in rows]))


def axis_of(alt: Any, **options: Any) -> Any:
    """An axis of numbers without ornament."""
    return alt.Axis(tickCount=5, domain=False, ticks=False, labelPadding=6, **options)


def zero_line(alt: Any, at: float, scale: Any) -> Any:
    """The line of no difference."""
    return (
        alt.Chart(alt.Data(values=[{"zero": at}]))
        .mark_rule(color=INK, strokeWidth=1, aria=False)
        .encode(x=alt.X("zero:Q", scale=scale))
    )


def tones(alt: Any) -> Any:
    """Colour by tone."""
    return alt.Color(
        "tone:N", legend=None, scale=alt.Scale(domain=list(TONES), range=list(TONES.values()))
    )


def framed(chart: Any, rows: int, step: int = STEP, labels: int = LABELS) -> Any:
    """Size a chart by its number of rows."""
    return sized(chart, WIDTH + LABELS - labels, max(2, rows) * step)


def sized(chart: Any, width: int, height: int) -> Any:
    """Give a chart its size and the look of the page."""
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
