"""The top of the page: how far the metric moved, and what explains most of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, together
from causal.reporting._view import Cell, Chips, Facts, Section, Tone


def section(result: Mapping[str, Any]) -> Section | None:
    """Name the move."""
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
    kind = "Mechanisms: adjusted" if result["mechanisms"] else "Segments: comparison only"
    return Cell(text=said, tone=tone), Cell(text=kind)


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    study, data = result["study"], result["data"]
    clusters = together(
        f"{count(number)} {human(name)}"
        for name, number in zip(study["cluster"], result["move"][0]["clusters"], strict=False)
    ) if study["cluster"] else ""  # fmt: skip
    facts = [
        ("Question", str(study.get("question") or "")),
        ("Metrics", together([human(each["name"]) for each in result["outcomes"]])),
        ("Before", f"{study['before']}: {count(data['before'])} rows"),
        ("After", f"{study['after']}: {count(data['after'])} rows"),
        ("Clusters", clusters),
        ("Report", f"{study['name']} \u00b7 {str(study['hash'])[:10]}"),
    ]
    return [(name, text) for name, text in facts if text]
