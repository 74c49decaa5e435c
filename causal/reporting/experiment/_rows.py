"""Comparisons as rows: their tone, their words, and the forms that charts and tables take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import NOTHING, Scale, human, percent, scale_of, sentence
from causal.policy.evidence import Made
from causal.reporting._view import Cell, Tone, number, words

Row = Mapping[str, Any]
ROLES = {
    "success": "Success metrics",
    "guardrail": "Guardrails",
    "long-term": "Long-term metrics",
    "secondary": "Secondary metrics",
}


def greyed(result: Row) -> bool:
    """Whether a failed check takes every verdict and colour off the page."""
    return bool(result["decision"]["greyed"])


def shared(result: Row) -> bool:
    """Whether arms share one pool of exposure: a difference between them is no effect to judge."""
    return bool(result["analysis"]["pool"] == "shared")


def outcome_of(result: Row, row: Row) -> Row:
    """The metric a comparison is on."""
    return next(each for each in result["outcomes"] if each["name"] == row["outcome"])


def named_arm(arm: Row) -> str:
    """An arm's name, and what it is for where it is not a treatment."""
    use = "control" if arm["control"] else "holdout" if arm.get("holdout") else ""
    return f"{arm['name']} ({use})" if use else str(arm["name"])


def several_arms(result: Row) -> bool:
    """Whether there is more than one treatment arm."""
    return len({each["arm"] for each in result["comparisons"]}) > 1


def differing(result: Row) -> list[Row]:
    """Declared segments whose levels have different effects, all segments allowed for."""
    return [
        each
        for each in result["segments"]
        if each["p_value"] is not None and each["p_adjusted"] < 0.05
    ]


def label(result: Row, row: Row) -> str:
    """The metric's name, with the arm where there are several."""
    name = sentence(human(row["outcome"]))
    return f"{name}: {row['arm']}" if several_arms(result) else name


def scale(result: Row, outcome: str) -> Scale:
    """How effects on a metric are written."""
    found = next(each for each in result["outcomes"] if each["name"] == outcome)
    return scale_of(found, [row for row in result["effects"] if row["outcome"] == outcome])


def side(row: Row) -> float:
    """1 where the decision interval lies on the good side of zero, -1 on the bad one, else 0."""
    decided = row["decided"]
    if row["why"] or decided["low"] is None or decided["high"] is None:
        return 0.0
    good = 1.0 if row["goal"] == "increase" else -1.0
    return good if decided["low"] > 0 else -good if decided["high"] < 0 else 0.0


def tone(result: Row, row: Row) -> Tone:
    """Good or bad where the interval that decides says so; quiet on a page without a verdict.

    On a shared pool a guardrail alone is judged.
    """
    if greyed(result):
        return "quiet"
    if row["role"] == "guardrail" and row["gap"] is not None:
        return _guarded(row)
    if shared(result):
        return "plain"
    return "good" if side(row) > 0 else "bad" if side(row) < 0 else "plain"


def _guarded(row: Row) -> Tone:
    low, high = row["gap"]["low"], row["gap"]["high"]
    if low is None or high is None or row["why"]:
        return "plain"
    return "bad" if high < 0 else "good" if low > 0 else "warn"


def reading(result: Row, row: Row) -> Cell:
    """What one comparison shows, in words and with a mark."""
    if row["why"]:
        return words("not estimable", tone="quiet")
    if greyed(result):
        return words("no verdict", tone="quiet")
    found = tone(result, row)
    if row["role"] == "guardrail" and row["gap"] is not None:
        said = {
            "good": "\u2713 within its margin",
            "bad": "\u2717 worse than its margin",
            "warn": "! harm not ruled out",
        }
        return words(said.get(found, NOTHING), tone=found)
    if not side(row):
        return words("no clear effect")
    arrow = "\u25b2 higher" if row["decided"]["low"] > 0 else "\u25bc lower"
    if shared(result):
        return words(f"{arrow} than the control")
    return words(f"{arrow} ({'good' if side(row) > 0 else 'bad'})", tone=found)


def relative(row: Row, key: str = "relative") -> Cell:
    """The relative effect; none where the control it is relative to may be zero."""
    value = row[key]["value"] if relatable(row, key) else None
    return number(percent(value, sign=True, width=width(row[key])), value)


def relatable(row: Row, key: str = "relative") -> bool:
    """Whether the relative effect has an interval with two ends."""
    return not row["why"] and row[key]["shape"] == "bounded"


def relative_interval(row: Row, key: str = "relative") -> Cell:
    """Its interval, or why there is none."""
    given = row[key]
    if row["why"]:
        return words(NOTHING)
    if given["shape"] != "bounded":
        told = "not estimable: the control is not distinguishable from zero"
        if given["shape"] == "two rays":
            low, high = (percent(given[end], sign=True) for end in ("low", "high"))
            told = f"{told} (below {low} or above {high})"
        return words(told, tone="quiet")
    low, high = (percent(given[end], sign=True, width=width(given)) for end in ("low", "high"))
    return number(f"{low} to {high}", given["low"])


def width(given: Row) -> float | None:
    """How wide an interval is; None for one without two ends."""
    return given["high"] - given["low"] if given["shape"] == "bounded" else None


def drawn(result: Row, row: Row) -> dict[str, Any]:
    """A row of a forest of relative effects, in percent; dashed is what holds at every look."""
    alone, decided = _percent(row["relative"]), _percent(row["relative_decided"])
    always, none = _percent(row.get("relative_always")), (None, None)
    if row["method"] == Made.CONFIDENCE_SEQUENCE:
        always, decided = decided, none
    if greyed(result):
        always = decided = none
    wide = decided if decided != alone else none
    margin = outcome_of(result, row)["margin"]
    return {
        "label": label(result, row),
        "estimate": _times(row["relative"]["value"]) if relatable(row) else None,
        "low": alone[0],
        "high": alone[1],
        "wide_low": wide[0],
        "wide_high": wide[1],
        "dashed_low": always[0],
        "dashed_high": always[1],
        "raw": None,
        "tone": tone(result, row),
        "filled": bool(side(row)) and not greyed(result),
        **(_zone(row, margin) if margin is not None and not greyed(result) else {}),
    }


def _zone(row: Row, margin: float) -> dict[str, float]:
    """What the margin does not allow."""
    edge = -100 * margin if row["goal"] == "increase" else 100 * margin
    far = -1_000.0 if row["goal"] == "increase" else 1_000.0
    return {"zone_low": min(edge, far), "zone_high": max(edge, far)}


def _percent(given: Row | None) -> tuple[float | None, float | None]:
    if given is None or given["shape"] != "bounded":
        return None, None
    return _times(given["low"]), _times(given["high"])


def _times(value: float | None) -> float | None:
    return None if value is None else 100 * value
