"""The top of a readout: the verdict, what kind of test, and how healthy it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, together
from causal.reporting._view import Cell, Chips, Facts, Section, Tone
from causal.reporting.experiment._rows import named_arm

TONES: Mapping[str, Tone] = {"SHIP": "good", "ROLL BACK": "bad"}
MARKS = {"SHIP": "\u2713", "HOLD": "\u25a0", "ROLL BACK": "\u21a9", "CANNOT DECIDE": "?"}


def section(result: Mapping[str, Any]) -> Section | None:
    """Name the verdict and what it is a verdict on."""
    decision = result["decision"]
    return Section(
        order=0,
        id="top",
        chapter="",
        title=str(decision["title"]),
        lead=str(decision["subtitle"]),
        blocks=(
            Chips(label="Status", items=(verdict(decision), *_status(result))),
            Facts(items=tuple(_facts(result))),
        ),
    )


def verdict(decision: Mapping[str, Any]) -> Cell:
    """The word with its mark."""
    word = str(decision["word"])
    return Cell(text=f"{MARKS[word]} {word}", tone=TONES.get(word, "warn"))


def _status(result: Mapping[str, Any]) -> tuple[Cell, ...]:
    failed, warned = (
        sum(each["status"] == status for each in result["findings"]) for status in ("FAIL", "WARN")
    )
    tone: Tone = "bad" if failed else "warn" if warned else "good"
    said = f"Checks: {failed} failed, {warned} {'warning' if warned == 1 else 'warnings'}"
    analysis = result["analysis"]
    look = ""
    if analysis["information"] is not None and analysis["procedure"] != "fixed":
        look = f", {percent(analysis['information'])} of the planned units"
    procedure = f"{str(analysis['procedure']).capitalize()} procedure{look}"
    return Cell(text=said, tone=tone), Cell(text="Experiment"), Cell(text=procedure)


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    study, data = result["study"], result["data"]
    arms = [f"{named_arm(each)} {count(each['units'])}" for each in result["arms"]]
    facts = [
        ("Question", str(study.get("question") or "")),
        ("Metrics", together([human(each["name"]) for each in result["outcomes"]])),
        ("Window", f"{data['starts']} to {data['ends']}" if data["starts"] else ""),
        ("Units", "; ".join(arms)),
        ("Report", f"{study['name']} \u00b7 {str(study['hash'])[:10]}"),
    ]
    return [(name, text) for name, text in facts if text]
