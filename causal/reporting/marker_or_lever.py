"""Marker or lever: the only table in which SHAP meets effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import NOTHING, Scale, human, sentence
from causal.policy.interval import joint
from causal.policy.reading import label, scale
from causal.reporting._parts import greyed, interval_label
from causal.reporting._view import Banner, Block, Cell, Column, Section, Tone, number, table, words

_TONES: Mapping[str, Tone] = {
    "act and monitor": "good",
    "lever the model does not see": "good",
    "marker, not lever": "warn",
    "drop": "quiet",
    "undecided": "quiet",
}
_MEANING = (
    "Act and monitor: a clear effect, and the success model uses it. "
    "Lever the model does not see: a clear effect that prediction hardly uses. "
    "Marker, not lever: it predicts success, yet changing it does little. "
    "Drop: neither. Undecided: these data are too imprecise to say."
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Set what predicts beside what changes the outcome."""
    given = list(result.get("marker_or_lever", ()))
    if not given:
        return None
    blocks: list[Block] = []
    if greyed(result):
        blocks.append(
            Banner(
                title="For debugging only",
                tone="bad",
                text="The effects here rest on a check that failed.",
            )
        )
    blocks += [
        _table(result, outcome, [each for each in given if each["outcome"] == outcome])
        for outcome in dict.fromkeys(each["outcome"] for each in given)
    ]
    return Section(
        order=80,
        id="marker-or-lever",
        chapter="Marker or lever",
        title="Marker or lever",
        lead="What predicts success need not change it. This is the one table that sets the "
        "effect of an attribute beside its use in the success model.",
        blocks=tuple(blocks),
    )


def _table(result: Mapping[str, Any], outcome: str, given: list[Mapping[str, Any]]) -> Block:
    written = scale(result, outcome)
    unit = written.unit or written.heading
    interval = interval_label(result) if joint(result) else "Simultaneous interval"
    columns = (
        Column(label="Attribute"),
        Column(label="Reading"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label=interval, unit=unit, numeric=True),
        Column(label="Rank in the model", numeric=True),
        Column(label="Above noise"),
        Column(label="Smallest detectable", unit=unit, numeric=True),
    )
    rows = [_cells(result, written, each) for each in given]
    return table(f"Marker or lever: {human(outcome)}", columns, rows, note=_MEANING)


def _cells(result: Mapping[str, Any], written: Scale, each: Mapping[str, Any]) -> tuple[Cell, ...]:
    quiet = greyed(result)
    cell = str(each.get("cell") or "undecided")
    said = "no verdict" if quiet else cell
    return (
        words(sentence(label(result, each))),
        words(sentence(said), tone="quiet" if quiet else _TONES.get(cell, "plain")),
        number(written.value(each.get("effect")), each.get("effect")),
        number(
            written.interval(each.get("simultaneous_low"), each.get("simultaneous_high")),
            each.get("simultaneous_low"),
        ),
        number(_rank(each), each.get("shap_rank")),
        words(_above(each)),
        number(written.width(each.get("detectable")), each.get("detectable")),
    )


def _rank(each: Mapping[str, Any]) -> str:
    return NOTHING if each.get("shap_rank") is None else f"{each['shap_rank']:.0f}"


def _above(each: Mapping[str, Any]) -> str:
    return {True: "yes", False: "no"}.get(each.get("above_floor"), NOTHING)  # type: ignore[arg-type]
