"""The header: the title is the finding; what was compared, on whom, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, together
from causal.reporting._parts import greyed
from causal.reporting._view import Cell, Chips, Facts, Section, Tone


def section(result: Mapping[str, Any]) -> Section | None:
    """Say what was found, of what, and with which kind of evidence."""
    decision = result.get("decision", {})
    study = result.get("study", {})
    return Section(
        order=0,
        id="top",
        chapter="",
        title=str(decision.get("title") or study.get("question") or "Attribution report"),
        lead=str(decision.get("subtitle") or ""),
        blocks=(
            Chips(label="Status", items=_status(result)),
            Facts(items=tuple(_facts(result))),
        ),
    )


def _status(result: Mapping[str, Any]) -> tuple[Cell, ...]:
    headline = [
        each for each in result.get("designs", ()) if each["name"] == result.get("headline")
    ]
    known = headline[0].get("identification") if headline else None
    kind = "EXPERIMENT" if known == "randomized" else "OBSERVATIONAL"
    counts = {
        status: sum(each["status"] == status for each in result.get("findings", ()))
        for status in ("FAIL", "WARN", "PASS")
    }
    tone: Tone = "bad" if counts["FAIL"] else "warn" if counts["WARN"] else "good"
    warned = "1 warning" if counts["WARN"] == 1 else f"{counts['WARN']} warnings"
    checks = f"Checks: {counts['FAIL']} failed, {warned}, {counts['PASS']} passed"
    if not any(counts.values()):
        checks, tone = "No checks were made", "warn"
    chips = [Cell(text=kind), Cell(text=checks, tone=tone)]
    if greyed(result):
        chips.append(Cell(text="No verdicts: see the failed check", tone="bad"))
    return tuple(chips)


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    study, data = result.get("study", {}), result.get("data", {})
    facts = [("Question", str(study.get("question") or ""))]
    listed = [human(each["name"]) for each in result.get("outcomes", ())]
    facts.append(("Outcomes", together(listed)))
    if data.get("starts") and data.get("ends"):
        facts.append(("Window", f"{str(data['starts'])[:10]} to {str(data['ends'])[:10]}"))
    facts.append(("Data", _size(data)))
    facts.append(("Left out", _left_out(data)))
    facts.append(("Report", f"{study.get('name', '')} \u00b7 {str(study.get('hash', ''))[:10]}"))
    return [(name, text) for name, text in facts if text]


def _left_out(data: Mapping[str, Any]) -> str:
    """Rows that were read and not used, by reason."""
    return "; ".join(
        f"{count(each['rows'])} rows {str(each['reason']).removeprefix('left out ')}"
        for each in data.get("dropped", ())
        if each.get("rows")
    )


def _size(data: Mapping[str, Any]) -> str:
    parts = [f"{count(data.get('rows'))} rows"]
    if data.get("blocks"):
        parts.append(f"{count(data['blocks'])} blocks")
    parts += [
        f"{count(each['count'])} clusters by {each['name']}" for each in data.get("clusters", ())
    ]
    return ", ".join(parts)
