"""The top of the page: what the rollout did, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, several, together
from causal.reporting._view import Cell, Chips, Facts, Section, Tone

SCHEDULES = {
    "staggered": "Schedule: dates that differ",
    "switchback": "Schedule: switched on and off",
    "single": "Schedule: one date",
}

MOST = 3
ADOPT = {"staggered": "Adopt", "switchback": "Switched", "single": "Seen"}


def section(result: Mapping[str, Any]) -> Section | None:
    """Say the answer, and over what it was looked at."""
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
    return Cell(text=said, tone=tone), Cell(text=SCHEDULES[result["study"]["schedule"]])


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    study, data = result["study"], result["data"]
    entity, period = human(study["entity"]), study["every"] or human(study["period"])
    period = (result.get("switchback") or {}).get("period_called", period)
    clusters = (
        f" in {count(data['clusters'])} {several(human(study['cluster']))}"
        if study["cluster"]
        else ""
    )
    facts = [
        ("Question", str(study.get("question") or "")),
        ("Outcomes", together([human(each["name"]) for each in result["outcomes"]])),
        (ADOPT[study["schedule"]], f"{count(data['entities'])} {several(entity)}{clusters}"),
        (
            "Periods",
            f"{count(len(data['periods']))}, by {period}: {_short(data['starts'])} to "
            f"{_short(data['ends'])}",
        ),
        ("Changed", _changed(result)),
        ("Report", f"{study['name']} \u00b7 {str(study['hash'])[:10]}"),
    ]
    return [(name, text) for name, text in facts if text]


def _changed(result: Mapping[str, Any]) -> str:
    """Who changed at one date, and when; nothing for another schedule."""
    own = result.get("single")
    if not own:
        return ""
    more = len(own["treated"]) - MOST
    names = [*own["treated"][:MOST], *([f"{count(more)} more"] if more > 0 else [])]
    return f"{together(names)} in {_short(own['launch'])}"


def _short(period: str) -> str:
    """A time without the seconds that it does not have."""
    return period.removesuffix(":00").replace("T", " ") if "T" in period else period
