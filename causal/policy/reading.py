"""Reading a result: its rows, scales and labels, as the decision and the page need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, contrasted, human, quoted, scale_of
from causal.policy.interval import bounds

Row = Mapping[str, Any]
_SENTENCE = re.compile(r"(?<=[a-z0-9)%])\. (?=[A-Z])")
_PASTE = re.compile(r"^\s*(- |[a-z_]+:(\s|$)|\{)|\bwhere: .")


def effects(
    content: Mapping[str, Any],
    *,
    design: str | None = None,
    outcome: str | None = None,
    path: str = "total",
) -> list[Row]:
    """Estimates on the whole population, in the order of the study.

    ``design`` None is the headline design.
    """
    wanted = content.get("headline") if design is None else design
    return [
        row
        for row in content.get("effects", ())
        if row.get("segment") is None
        and row.get("design") == wanted
        and (row.get("path") or "total") == path
        and (outcome is None or row["outcome"] == outcome)
    ]


def outcomes(content: Mapping[str, Any], *roles: str) -> list[Row]:
    """Outcomes with one of these roles (all without any), in the order of the study."""
    listed = content.get("outcomes", ())
    return [each for each in listed if not roles or each.get("role") in roles]


def decisive(content: Mapping[str, Any]) -> Row | None:
    """The outcome the answer is about: the first success outcome, else the first of all."""
    listed = outcomes(content, "success") or outcomes(content)
    return listed[0] if listed else None


def scale(content: Mapping[str, Any], outcome: str) -> Scale:
    """How effects on this outcome are written, the same everywhere on the page."""
    found = [each for each in outcomes(content) if each["name"] == outcome]
    rows = effects(content, outcome=outcome) or [
        row for row in content.get("effects", ()) if row["outcome"] == outcome
    ]
    return scale_of(
        found[0] if found else {"name": outcome}, [_shown(content, row) for row in rows]
    )


def _shown(content: Mapping[str, Any], row: Row) -> Row:
    """The row with the interval that the page shows."""
    low, high = bounds(content, row)
    return {**row, "ci_low": low, "ci_high": high}


def kinds(content: Mapping[str, Any]) -> dict[str, str]:
    """Kind of each attribute by name."""
    return {each["name"]: str(each.get("kind", "")) for each in content.get("attributes", ())}


def label(content: Mapping[str, Any], row: Row) -> str:
    """Name an estimate by its attribute and contrast, in words."""
    name = str(row["attribute"])
    known = kinds(content)
    twins = sum(human(each) == human(name) for each in known)
    words = contrasted(
        name, str(row.get("contrast") or ""), binary=known.get(name, "binary") == "binary"
    )
    return words if twins < 2 else f"{words} ({name})"


def spoken(content: Mapping[str, Any], row: Row) -> str:
    """Name an estimate inside a sentence."""
    return quoted(label(content, row))


def remedy_parts(remedy: str) -> tuple[str, tuple[str, ...]]:
    """Part what to do into words and lines to paste into the study file.

    >>> remedy_parts("Leave it out under data: where: x < 1")
    ('Leave it out under data:', ('where: x < 1',))
    """
    said, pasted = [], []
    for line in remedy.splitlines():
        start = _PASTE.search(line)
        words = line[: start.start()] if start else line
        said += [words.strip()] if words.strip() else []
        pasted += [line[start.start() :].rstrip()] if start else []
    return " ".join(said), tuple(pasted)


def first_sentence(text: str) -> str:
    """Take the first sentence of a longer text.

    >>> first_sentence("Blocks with p < .01 are 3%. They lie in June.")
    'Blocks with p < .01 are 3%.'
    """
    return _SENTENCE.split(text, maxsplit=1)[0].rstrip(".") + "."


def stopped(content: Mapping[str, Any]) -> list[Row]:
    """Failed findings that stop the whole page."""
    return [
        each
        for each in content.get("findings", ())
        if each["status"] == "FAIL" and each.get("blocks") == "page"
    ]


def clear(row: Row) -> bool:
    """Whether the estimate carries a direction that its decision interval supports."""
    return row.get("verdict") in ("raises", "lowers")


def good(row: Row, outcome: Row) -> bool | None:
    """Whether a clear effect goes the way the outcome should; None when nothing is clear.

    A mere comparison is neither good nor bad.
    """
    if not clear(row) or row.get("identification") == "descriptive":
        return None
    rising = outcome.get("goal", "increase") == "increase"
    return bool((row["verdict"] == "raises") == rising)


def compares_only(content: Mapping[str, Any]) -> bool:
    """Whether the headline design claims no effect at all."""
    found = {row.get("identification") for row in effects(content)} - {"not estimable", None}
    return found == {"descriptive"}
