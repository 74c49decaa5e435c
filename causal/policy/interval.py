"""The interval a verdict is read from, and its name in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
Bounds = tuple[float | None, float | None]
_ADJUSTED = {"holm": "Holm", "bh": "Benjamini and Hochberg"}


def multiplicity(content: Mapping[str, Any]) -> str:
    """How the study allows for many comparisons; ``simultaneous`` unless it says otherwise."""
    return str(content.get("study", {}).get("multiplicity") or "simultaneous")


def bounds(content: Mapping[str, Any], row: Row) -> Bounds:
    """The interval that decides: simultaneous when the study asks for it, else pointwise.

    A row without a simultaneous interval (an effect by period) has only its pointwise one.
    """
    wide = row.get("simultaneous_low"), row.get("simultaneous_high")
    if multiplicity(content) != "simultaneous" or None in wide:
        return alone(row)
    return wide


def alone(row: Row) -> Bounds:
    """The interval that holds for this comparison by itself."""
    return row.get("ci_low"), row.get("ci_high")


def family(content: Mapping[str, Any], design: str | None = None) -> int:
    """How many comparisons of a design are judged together (the headline design without one)."""
    wanted = content.get("headline") if design is None else design
    return sum(
        row.get("design") == wanted
        and row.get("segment") is None
        and row.get("estimate") is not None
        for row in content.get("effects", ())
    )


def joint(content: Mapping[str, Any], design: str | None = None) -> bool:
    """Whether verdicts of this design are read from an interval for several comparisons."""
    return multiplicity(content) == "simultaneous" and family(content, design) > 1


def adjusted_by(content: Mapping[str, Any], design: str | None = None) -> str | None:
    """Name the method by which p-values decide, when they and not the intervals do."""
    return _ADJUSTED.get(multiplicity(content)) if family(content, design) > 1 else None


def interval_words(content: Mapping[str, Any], design: str | None = None) -> str:
    """Say in plain words what the deciding interval holds for.

    >>> rows = [{"design": "within", "estimate": 0.1}] * 7
    >>> interval_words({"headline": "within", "effects": rows})
    'interval that holds for all 7 comparisons at once'
    """
    number = family(content, design)
    if joint(content, design):
        return f"interval that holds for all {number} comparisons at once"
    method = adjusted_by(content, design)
    if method:
        return (
            "interval that holds for one comparison alone; verdicts are read from p, adjusted "
            f"for all {number} by the method of {method}"
        )
    return "interval that holds for one comparison alone" if number > 1 else "interval"
