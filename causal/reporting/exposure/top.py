"""The top of the page: what a unit of exposure is worth, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, together
from causal.reporting._view import Cell, Chips, Facts, Section, Tone

DESIGNS = {
    "experiment": "Instrument: an experiment",
    "exploration": "Instrument: exploration traffic",
    "threshold": "Instrument: a threshold",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Name the worth."""
    decision = result["decision"]
    return Section(
        order=0,
        id="top",
        chapter="",
        title=str(decision["title"]),
        lead=str(decision["subtitle"]),
        blocks=(
            Chips(label="Status", items=_status(result)),
            Facts(items=tuple(_facts(result))),
        ),
    )


def _status(result: Mapping[str, Any]) -> tuple[Cell, ...]:
    failed, warned = (
        sum(each["status"] == status for each in result["findings"]) for status in ("FAIL", "WARN")
    )
    tone: Tone = "bad" if failed else "warn" if warned else "good"
    said = f"Checks: {failed} failed, {warned} {'warning' if warned == 1 else 'warnings'}"
    return Cell(text=said, tone=tone), Cell(text=DESIGNS[result["study"]["design"]])


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    study, data = result["study"], result["data"]
    arms = together(f"{each['name']}: {count(each['randomized'])}" for each in result["arms"])
    facts = [
        ("Question", str(study.get("question") or "")),
        ("Exposure", human(str(result["dose"]["column"] or study["exposure"]))),
        ("Outcomes", together(human(each["name"]) for each in result["outcomes"])),
        ("Instrument", human(str(study["instrument"] or ""))),
        ("Arms", arms),
        ("Data", f"{count(data['rows'])} rows"),
        ("Exploration", f"{count(data['explored'])} rows" if data["explored"] else ""),
        ("Items", count(data["items"]) if data["items"] else ""),
        ("Clusters", together(human(name) for name in study["cluster"])),
        ("Report", f"{study['name']} \u00b7 {str(study['hash'])[:10]}"),
    ]
    return [(name, text) for name, text in facts if text]
