"""Who gains, exploratory: apart from everything the verdict reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, together
from causal.reporting._view import Banner, Block, Section, Text
from causal.reporting.experiment._rows import differing, greyed
from causal.reporting.heterogeneity import blocks_of


def section(result: Mapping[str, Any]) -> Section | None:
    """Say who gains, or that no heterogeneity was found; nothing unless it was asked for."""
    given = result.get("heterogeneity") or ()
    if not given or greyed(result):
        return None
    found = any(entry["found"] for entry in given)
    told = any(not entry.get("reason") for entry in given)
    title = "who gains" if found else "no heterogeneity found" if told else "who gains is not known"
    searched = (
        "Units were read one by one, and every column known before the experiment was searched. "
        "What is found here is a reason for an experiment of its own."
    )
    blocks: list[Block] = [
        Banner(
            title="Exploratory: the verdict does not read it",
            text=searched if told else "It was asked for, and this experiment cannot tell it.",
            tone="plain",
        )
    ]
    for entry in given:
        blocks += blocks_of(result, entry)
        blocks += [Text(text=each, style="note") for each in _notes(result, entry)]
    return Section(
        order=53,
        id="exploratory",
        chapter="Who",
        title=f"Exploratory: {title}",
        blocks=tuple(blocks),
    )


def _notes(result: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    said = []
    declared = [
        human(each["segment"])
        for each in differing(result)
        if (each["outcome"], each["arm"]) == (entry["outcome"], entry["attribute"])
    ]
    if declared and not entry["found"] and not entry.get("reason"):
        said.append(
            f"Declared segments differ by {together(declared)}, and this does not take it back: a "
            "question asked beforehand is a sharper test than a search over all columns."
        )
    units, learned = entry.get("units"), entry.get("learned")
    if units is not None and learned is not None and learned < units:
        said.append(f"Learned from {count(learned)} of {count(units)} units, drawn at random.")
    if entry.get("linearised") and not entry.get("reason"):
        said.append(
            "The ratio is linearised: a unit counts by what it adds to the ratio of its arm."
        )
    return said
