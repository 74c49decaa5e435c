"""Pictures of the results: coverage, bias and width by world, one dot a peer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Points = list[dict[str, Any]]
COLOURS = ("#0b5cad", "#8a8a8a", "#b3541e", "#d98e04", "#7a3b9a", "#2e7d4f", "#c2185b")


def coverage(points: Points, order: list[str], peers: list[str]) -> Any:
    """Coverage of pointwise intervals; the line is 95%."""
    import altair as alt

    line = alt.Chart(alt.Data(values=[{"at": 95}])).mark_rule(color="#333333").encode(x="at:Q")
    axis = alt.X(
        "covered:Q", title="coverage of 95% intervals, %", scale=alt.Scale(domain=[0, 100])
    )
    return _sized(alt, line + _dots(alt, points, order, peers, axis), order)


def bias(points: Points, order: list[str], peers: list[str]) -> Any:
    """Bias in units of the spread of this package's estimates."""
    import altair as alt

    line = alt.Chart(alt.Data(values=[{"at": 0}])).mark_rule(color="#333333").encode(x="at:Q")
    axis = alt.X(
        "bias:Q",
        title="bias, in root mean squared errors of this package (beyond 5: at the edge)",
        scale=alt.Scale(domain=[-5, 5]),
    )
    return _sized(alt, line + _dots(alt, points, order, peers, axis), order)


def width(points: Points, order: list[str], peers: list[str]) -> Any:
    """Median width of the intervals, relative to this package's."""
    import altair as alt

    line = alt.Chart(alt.Data(values=[{"at": 1}])).mark_rule(color="#333333").encode(x="at:Q")
    axis = alt.X(
        "width:Q",
        title="median width of intervals, this package = 1 (beyond 4: at the edge)",
        scale=alt.Scale(domain=[0.25, 4], type="log"),
    )
    return _sized(alt, line + _dots(alt, points, order, peers, axis), order)


def save(chart: Any, file: Path) -> None:
    """Write an SVG; the same results give the same bytes."""
    import vl_convert

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(vl_convert.vegalite_to_svg(chart.to_dict(validate=False)) + "\n", "utf-8")


def _dots(alt: Any, points: Points, order: list[str], peers: list[str], x: Any) -> Any:
    return (
        alt.Chart(alt.Data(values=points))
        .mark_point(filled=True, size=60, opacity=0.85)
        .encode(
            x=x,
            y=alt.Y("world:N", sort=order, title=None),
            color=alt.Color(
                "peer:N",
                title=None,
                scale=alt.Scale(domain=peers, range=list(COLOURS[: len(peers)])),
                legend=alt.Legend(orient="bottom", columns=3, labelLimit=260),
            ),
        )
    )


def _sized(alt: Any, chart: Any, order: list[str]) -> Any:  # noqa: ARG001
    return (
        chart.properties(width=560, height=26 * max(len(order), 2), background="white")
        .configure(font="Liberation Sans", aria=False)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_view(stroke="#dddddd")
    )
