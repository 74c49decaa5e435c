"""Whether the rollout reached those that had not adopted, and what the effect is once that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, percent, scale_of
from causal.policy.rollout import reading_of
from causal.reporting._parts import forest
from causal.reporting._view import (
    Block,
    Column,
    Figure,
    Group,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.rollout._parts import outcome_of, outcomes, stop_of, titled, unit_of

STATES = {
    "found": "Found",
    "ruled out": "Ruled out",
    "cannot be told": "Cannot be told",
    "not looked at": "Not looked at",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show what untreated cells say, first after the answer."""
    made = outcomes(result)
    if not made:
        return None
    groups: tuple[Block, ...] = tuple(_group(result, own) for own in made)
    if all(own["contamination"]["state"] == "not looked at" for own in made):
        groups = (Text(text=_words(result, made[0])),)
    entities = result["staggered"]["entities"]
    return Section(
        order=20,
        id="contamination",
        chapter="Answer",
        title=f"Did the rollout reach {entities} without it?",
        lead=f"What adopters have more than others is the effect only where others are as they would "
        f"have been. Untreated {entities} whose neighbours are treated more say whether they are.",
        blocks=groups,
    )


def _group(result: Mapping[str, Any], own: Mapping[str, Any]) -> Group:
    spill = own["contamination"]
    blocks: list[Block] = [Text(text=_words(result, own))]
    if spill["total"] is not None and spill["plain"] is not None:
        blocks.append(_figure(result, own))
    if spill["state"] == "found":
        blocks.append(
            Text(
                text=f"What all {result['staggered']['entities']} lost or gained alike, wherever "
                "their neighbours are, is in neither number.",
                style="note",
            )
        )
    return Group(title=f"{titled(own)}: {STATES[spill['state']].lower()}", blocks=tuple(blocks))


def _words(result: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """The meaning of the check."""
    found = [
        each
        for each in result["findings"]
        if each["name"] == "contamination" and own["outcome"] in each["columns"]
    ]
    said = str(found[0]["meaning"]) if found else ""
    left = own["contamination"]["variation"]
    if left is not None and own["contamination"]["gamma"] is not None:
        said += (
            f" {percent(left)} of the spread of the share of treated neighbours is left once "
            "entities and periods are taken out."
        )
    return said


def _figure(result: Mapping[str, Any], own: Mapping[str, Any]) -> Figure:
    spill = own["contamination"]
    outcome = outcome_of(result, own["outcome"])
    ends = [
        {"ci_low": spill[key][0], "ci_high": spill[key][1]}
        for key in ("total", "plain", "correction", "gamma_interval")
        if spill[key] is not None
    ]
    written = scale_of(outcome, ends)
    reading = reading_of(spill, result["study"]["pool"])
    stopped = bool(stop_of(result, own))
    rows = [
        _row(spill, key, label, written, read=read and not stopped)
        for key, label, read in (
            ("total", "Against no rollout at all", reading in ("corrected", "clean")),
            ("plain", "Against untreated as they are", reading == "clean"),
            ("correction", "What counting it changes", reading in ("corrected", "clean")),
        )
        if spill[key] is not None
    ]
    unit = f" ({written.unit})" if written.unit else ""
    return Figure(
        title=f"{titled(own)}: the effect with and without what neighbours do",
        subtitle="By filling in treated cells from untreated ones; the line is the interval, by "
        "cluster or by pool, whichever is wider. Grey: not read.",
        describe="; ".join(
            f"{row['label']} {written.effect(row['estimate'] / written.factor)}" for row in rows
        ),
        draw=forest(rows, axis=f"Effect{unit}"),
        table=_table(spill, written),
    )


def _row(
    spill: Mapping[str, Any], key: str, label: str, written: Scale, *, read: bool
) -> dict[str, Any]:
    low, high = spill[key]
    clear = low > 0 or high < 0
    return {
        "label": label,
        "estimate": spill[f"{key}_value"] * written.factor,
        "low": low * written.factor,
        "high": high * written.factor,
        "tone": "plain" if read else "quiet",
        "filled": clear and read,
    }


def _table(spill: Mapping[str, Any], written: Scale) -> Table:
    columns = (
        Column(label="What"),
        Column(label="Value", unit=unit_of(written), numeric=True),
        Column(label="Interval", unit=unit_of(written), numeric=True),
    )
    listed = (
        ("Untreated, all neighbours treated", spill["gamma"], spill["gamma_interval"]),
        ("Against no rollout at all", spill["total_value"], spill["total"]),
        ("Against untreated as they are", spill["plain_value"], spill["plain"]),
        ("What counting it changes", spill["correction_value"], spill["correction"]),
    )
    rows = [
        (
            words(label),
            number(written.value(value), value),
            number(written.interval(*ends), ends[0]),
        )
        for label, value, ends in listed
        if value is not None and ends is not None
    ]
    return table("What neighbours do", columns, rows)
