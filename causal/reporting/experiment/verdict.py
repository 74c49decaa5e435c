"""The rule agreed beforehand, and which of its conditions hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.reporting._view import (
    Bullets,
    Cell,
    Column,
    Details,
    Section,
    Text,
    Tone,
    table,
    words,
)

_MARKS = {True: "\u2713", False: "\u2717", None: "\u2013"}


def section(result: Mapping[str, Any]) -> Section | None:
    """Tick each clause."""
    decision = result["decision"]
    greyed = bool(decision["greyed"])
    judged = [each for each in decision["clauses"] if not greyed or each["holds"] is not None]
    rows = [(_tick(each, greyed=greyed), words(each["words"])) for each in judged]
    columns = (Column(label="Holds"), Column(label="Condition"))
    blocks: list[Any] = [table("Conditions of the rule", columns, rows)]
    if len(decision["arms"]) > 1 and not greyed:
        blocks.append(_arms(decision))
    if result["deviations"]:
        blocks.append(
            Bullets(
                title="Deviations from the locked plan",
                items=tuple(result["deviations"]),
                tone="warn",
            )
        )
    elif result["study"]["plan"] == "locked":
        late = bool(result["plan"]["outcomes_seen"])
        when = "when outcomes were in the table already" if late else "before outcomes were there"
        blocks.append(Text(text=f"The plan was locked {when}; nothing deviates."))
    if not greyed:
        rule = Text(text=str(decision["rule"]))
        blocks.append(Details(title="The rule in words", blocks=(rule,)))
    return Section(
        order=25 if greyed else 10,
        id="verdict",
        chapter="Verdict",
        title="Why",
        blocks=tuple(blocks),
    )


def _tick(clause: Mapping[str, Any], *, greyed: bool) -> Cell:
    holds = clause["holds"]
    tone: Tone = "quiet" if holds is None else "good" if holds else "warn"
    if greyed:
        tone = "bad" if holds is False else "quiet"
    return words(_MARKS[holds], tone=tone)


def _arms(decision: Mapping[str, Any]) -> Any:
    columns = (Column(label="Arm"), Column(label="Verdict"), Column(label="Why"))
    rows = [
        (words(each["arm"]), words(each["word"]), words(each["sentence"]))
        for each in decision["arms"]
    ]
    return table("Verdict on each arm", columns, rows)
