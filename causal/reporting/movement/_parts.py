"""Parts that sections of a move share: the scale of an outcome, and its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from causal.content.wording import Scale, human, scale_of, sentence
from causal.policy.movement import moved
from causal.reporting._view import Figure, Table, Tone
from causal.reporting._waterfall import waterfall


def greyed(result: Mapping[str, Any]) -> bool:
    """Whether a failed check takes every reading off the page."""
    return bool(result["decision"]["greyed"])


def outcome_of(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One outcome of the study."""
    found: Mapping[str, Any] = next(each for each in result["outcomes"] if each["name"] == name)
    return found


def move_of(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The whole move of one outcome."""
    found: Mapping[str, Any] = next(each for each in result["move"] if each["outcome"] == name)
    return found


def scale(result: Mapping[str, Any], name: str, parts: Sequence[Mapping[str, Any]] = ()) -> Scale:
    """How numbers of an outcome are written: as fine as intervals of its parts, or move, deserve."""
    rows = [
        {"ci_low": part["low"], "ci_high": part["high"], "verdict": moved(part)}
        for part in parts or [move_of(result, name)]
        if part["low"] != part["high"]
    ]
    return scale_of(outcome_of(result, name), rows)


def axis(result: Mapping[str, Any], name: str) -> str:
    """Heading of an axis of changes."""
    unit = scale(result, name).unit
    return f"Change of {human(name)}" + (f" ({unit})" if unit else "")


def tone(result: Mapping[str, Any], name: str, value: float | None, *, clear: bool) -> Tone:
    """Good or bad by what the outcome should do; quiet where nothing is clear."""
    if greyed(result) or not clear or not value:
        return "quiet"
    up = outcome_of(result, name)["goal"] == "increase"
    return "good" if (value > 0) == up else "bad"


def steps(
    result: Mapping[str, Any], name: str, parts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of a waterfall: each part from where the last one ended, then the whole move.

    ``parts`` have ``label, value, low, high, tone`` and may have ``claimed``.
    """
    factor, at, rows = scale(result, name).factor, 0.0, []
    for part in parts:
        value = part["value"]
        if value is None:
            rows.append({"label": part["label"], "tone": "quiet"})
            continue
        row = {
            "label": part["label"],
            "start": at * factor,
            "end": (at + value) * factor,
            "low": _moved(part["low"], at, factor),
            "high": _moved(part["high"], at, factor),
            "tone": part["tone"],
        }
        if part.get("claimed") is not None:
            row["middle"] = (at + part["claimed"]) * factor
        rows.append(row)
        at += value
    move = move_of(result, name)
    whole = {
        "label": f"{sentence(human(name))}, in all",
        "start": 0.0,
        "end": move["difference"] * factor,
        "low": _moved(move["low"], 0.0, factor),
        "high": _moved(move["high"], 0.0, factor),
        "tone": "plain" if not greyed(result) else "quiet",
    }
    return [*rows, whole]


def _moved(end: float | None, at: float, factor: float) -> float | None:
    return None if end is None else (at + end) * factor


def figure_of(
    result: Mapping[str, Any],
    name: str,
    parts: Sequence[Mapping[str, Any]],
    *,
    title: str,
    subtitle: str,
    table: Table,
    footnote: str = "",
) -> Figure:
    """A waterfall of the parts of a move, with the table of its numbers."""
    written = scale(result, name)
    told = "; ".join(f"{part['label']} {written.effect(part['value'])}" for part in parts)
    return Figure(
        title=title,
        subtitle=subtitle,
        describe=f"{told}; in all {written.effect(move_of(result, name)['difference'])}.",
        draw=partial(waterfall, steps(result, name, parts), axis=axis(result, name)),
        footnote=footnote,
        table=table,
        open_table=True,
    )
