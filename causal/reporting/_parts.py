"""Parts that several sections share: badges, verdicts, and rows of a forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from causal.content.wording import Scale, count, human, percent, sentence
from causal.policy.interval import adjusted_by, alone, bounds, family, joint
from causal.policy.reading import (
    Row,
    clear,
    compares_only,
    effects,
    good,
    label,
    outcomes,
    stopped,
)
from causal.reporting import _forest
from causal.reporting._view import Cell, Column, Tone, number, words

VERDICTS = {
    "raises": "\u25b2 raises",
    "lowers": "\u25bc lowers",
    "no clear effect": "no clear effect",
    "ruled out": "ruled out",
    "not estimable": "not estimable",
}
IDENTIFICATIONS = {
    "randomized": "randomised",
    "natural experiment": "natural experiment",
    "adjusted": "adjusted",
    "descriptive": "comparison only",
    "not estimable": "not estimable",
}


def forest_key(result: Mapping[str, Any]) -> str:
    """What the marks of a forest mean, and which line the verdict is read from."""
    number = family(result)
    if joint(result):
        lines = (
            f"Thin line: interval that holds for all {number} comparisons at once, from which the "
            "verdict is read; thick line: interval of one comparison alone."
        )
    elif method := adjusted_by(result):
        lines = (
            "Line: interval of one comparison alone; the verdict is read from p, adjusted for all "
            f"{number} comparisons by the method of {method}."
        )
    else:
        lines = "Line: interval of one comparison, from which the verdict is read."
    return f"Filled dot: clear effect; open dot: no clear effect. {lines}"


def greyed(result: Mapping[str, Any]) -> bool:
    """Whether a failed check takes every verdict off the page."""
    return bool(result.get("decision", {}).get("greyed")) or bool(stopped(result))


def badge(result: Mapping[str, Any], row: Row) -> str:
    """How the number is identified, in words; in doubt when a check that stops the page failed."""
    given = str(row.get("identification") or "")
    doubt = ", in doubt" if greyed(result) and given in ("randomized", "natural experiment") else ""
    return IDENTIFICATIONS.get(given, given) + doubt


def tone(result: Mapping[str, Any], row: Row) -> Tone:
    """Good, bad, or neither."""
    if greyed(result) or not clear(row):
        return "quiet"
    found = [each for each in outcomes(result) if each["name"] == row["outcome"]]
    judged = good(row, found[0]) if found else None
    if judged is None or row.get("identification") == "descriptive":
        return "plain"
    return "good" if judged else "bad"


def verdict(result: Mapping[str, Any], row: Row) -> Cell:
    """The verdict as a cell: its direction, and whether that is good, in words."""
    if greyed(result):
        return words("no verdict", tone="quiet")
    said = VERDICTS.get(str(row.get("verdict")), str(row.get("verdict") or "\u2013"))
    if clear(row) and row.get("identification") in ("adjusted", "descriptive"):
        said = "\u25b2 higher" if row["verdict"] == "raises" else "\u25bc lower"
    judged = tone(result, row)
    mark = {"good": " (good)", "bad": " (bad)"}.get(judged, "")
    return words(said + mark, tone=judged)


def forest_row(
    result: Mapping[str, Any],
    row: Row,
    name: str,
    *,
    raw: float | None = None,
    factor: float = 1.0,
) -> dict[str, Any]:
    """Put one estimate in the form the forest draws."""
    wide, pointwise = bounds(result, row), alone(row)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    return {
        "label": name,
        "estimate": scaled(row.get("estimate")),
        "low": scaled(pointwise[0]),
        "high": scaled(pointwise[1]),
        "wide_low": scaled(wide[0]) if wide != pointwise else None,
        "wide_high": scaled(wide[1]) if wide != pointwise else None,
        "raw": scaled(raw),
        "tone": tone(result, row),
        "filled": clear(row) and not greyed(result),
    }


def forest(rows: Sequence[Mapping[str, Any]], **options: Any) -> partial[Any]:
    """A forest to be drawn later."""
    return partial(_forest.forest, list(rows), **options)


def measured(result: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    """Name what the headline design measures: an effect, or only a difference."""
    kind = "Difference in" if compares_only(result) else "Effect on"
    return f"{kind} {human(outcome['name'])}"


def raw_gaps(result: Mapping[str, Any], outcome: str) -> dict[tuple[str, str], float | None]:
    """The raw gap of each contrast: the naive design's estimate."""
    return {
        (row["attribute"], row["contrast"]): row.get("estimate")
        for row in effects(result, design="naive", outcome=outcome)
    }


def interval_label(result: Mapping[str, Any]) -> str:
    """Heading of a column of deciding intervals of the headline design."""
    return f"Interval, all {family(result)} at once" if joint(result) else "Interval"


def estimate_columns(
    scale: Scale, *, interval: str, first: str = "Attribute"
) -> tuple[Column, ...]:
    """Headings of a name, an estimate and its interval, with units."""
    return (
        Column(label=first),
        Column(label="Effect", unit=scale.unit or scale.heading, numeric=True),
        Column(label=interval, unit=scale.unit or scale.heading, numeric=True),
    )


def estimate_cells(result: Mapping[str, Any], scale: Scale, row: Row) -> tuple[Cell, Cell]:
    """An estimate and the interval that decides on it as cells."""
    return (
        number(scale.value(row.get("estimate")), row.get("estimate")),
        interval_cell(scale, bounds(result, row)),
    )


def interval_cell(scale: Scale, ends: tuple[float | None, float | None]) -> Cell:
    """An interval as a cell, sorted by its lower end."""
    return number(scale.interval(*ends), ends[0])


def relative(row: Row) -> Cell:
    """The relative effect as a cell."""
    return number(percent(row.get("relative"), sign=True), row.get("relative"))


def counted(value: float | None) -> Cell:
    """A count as a cell."""
    return number(count(value), value)


def named(result: Mapping[str, Any], row: Row) -> str:
    """The label of an estimate, with a capital."""
    return sentence(label(result, row))


def level_words(result: Mapping[str, Any]) -> str:
    """The confidence level as a percentage."""
    return percent(result.get("study", {}).get("level", 0.95))


def titled_outcome(outcome: Mapping[str, Any]) -> str:
    """An outcome's name and the direction that is good."""
    arrow = (
        "higher is better" if outcome.get("goal", "increase") == "increase" else ("lower is better")
    )
    return f"{sentence(human(outcome['name']))} ({outcome.get('role', 'success')}; {arrow})"
