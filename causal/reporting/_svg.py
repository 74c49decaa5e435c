"""Drawings for the page: one chart as a small SVG that follows the page's colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from causal.base.boundary import boundary
from causal.reporting._charts import COLOURS

TOTAL = 645  # width of every drawing, so that all are shown at one scale
_DROPPED = frozenset(
    {
        "aria-hidden",
        "aria-label",
        "aria-roledescription",
        "class",
        "font-family",
        "pointer-events",
        "role",
        "stroke-miterlimit",
        "style",
        "version",
        "display",
    }
)
_PLAIN = {
    "opacity": "1",
    "stroke-width": "1",
    "font-size": "12px",
    "transform": "translate(0,0)",
    "text-anchor": "start",
    "x2": "0",
    "y2": "0",
    "stroke-opacity": "1",
    "fill-opacity": "1",
}
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_LINK = re.compile(r"url\(#([^)]+)\)")
_GEOMETRY = frozenset({"d", "transform", "x", "y", "x2", "y2", "width", "height", "cx", "cy", "r"})


def drawing(chart: Any, *, name: str, title: str, describe: str) -> str:
    """Draw a chart as SVG markup without any script, style, font or foreign id.

    Parameters
    ----------
    chart
        An Altair chart in the sentinel colours of ``_charts``.
    name
        The id of the drawing; ids inside are numbered after it.
    title, describe
        What a reader who cannot see the picture is told.
    """
    import vl_convert

    with boundary("vl-convert", "drawing a chart"):
        raw = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    root = fromstring(raw)  # noqa: S314 - made by vl-convert just now
    ids = {
        each.get("id"): f"{name}-{place}"
        for place, each in enumerate(node for node in root.iter() if node.get("id"))
        if each.get("id")
    }
    inner = "".join(_written(child, ids) for child in root)
    label = (
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(describe)}</desc>'
    )
    width, height = round(float(root.get("width", TOTAL))), round(float(root.get("height", "100")))
    return (
        f'<svg class="chart" role="img" aria-labelledby="{name}-t {name}-d" '
        f'viewBox="0 0 {max(TOTAL, width)} {height}" width="{max(TOTAL, width)}" '
        f'height="{height}">{label}{inner}</svg>'
    )


def _written(node: Element, ids: dict[Any, str]) -> str:
    tag = node.tag.rpartition("}")[2]
    if _invisible(node, tag):
        return ""
    inner = escape(node.text or "", quote=False) if tag in ("text", "tspan", "title") else ""
    inner += "".join(_written(child, ids) for child in node)
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in _attributes(node, tag, ids))
    if tag == "g" and (not inner or not attributes):
        return inner
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _invisible(node: Element, tag: str) -> bool:
    if node.get("display") == "none" or (tag == "path" and not node.get("d")):
        return True
    unpainted = node.get("stroke") is None and node.get("fill") in (None, "none")
    return "background" in (node.get("class") or "") and unpainted


def _attributes(node: Element, tag: str, ids: dict[Any, str]) -> Iterator[tuple[str, str]]:
    for full, value in node.attrib.items():
        key = full.rpartition("}")[2]
        if key in _DROPPED or _PLAIN.get(key) == value:
            continue
        if key == "opacity" and tag == "text":
            continue
        yield key, _value(key, value, ids)


def _value(key: str, value: str, ids: dict[Any, str]) -> str:
    if key == "id":
        return ids[value]
    if key in ("fill", "stroke"):
        return _colour(value)
    value = _LINK.sub(lambda found: f"url(#{ids.get(found[1], found[1])})", value)
    if key in _GEOMETRY:
        value = _LONG.sub(lambda found: f"{round(float(found[0]), 1):g}", value)
    return value


def _colour(value: str) -> str:
    variable = COLOURS.get(value.lower())
    return f"var({variable})" if variable else value
