"""The title of a readout: the verdict and what decided, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import human, percent
from causal.policy.evidence import Reason, Verdict, Word

VERBS = {
    Word.SHIP: "Ship",
    Word.HOLD: "Hold",
    Word.ROLL_BACK: "Roll back",
    Word.CANNOT_DECIDE: "Cannot decide",
}


def title(verdict: Verdict, comparisons: Sequence[Mapping[str, Any]]) -> str:
    """Say the verdict and its reason; of a number only what was shown."""
    verb = VERBS[verdict.word] + (
        f" {verdict.arm}" if verdict.arm and verdict.word is not Word.CANNOT_DECIDE else ""
    )
    name = human(verdict.decisive_outcome) if verdict.decisive_outcome else ""
    reasons = {
        Reason.INVALID: "the experiment is not valid",
        Reason.NOT_IDENTIFIED: "arms share one pool of exposure",
        Reason.GUARDRAIL_BROKEN: f"{name} is worse than its margin",
        Reason.NOT_ESTIMABLE: f"{name} is not estimable",
        Reason.SHOWN: _moved(verdict, comparisons, name),
        Reason.NOT_DUE: "the analysis is not due yet",
        Reason.TOO_EARLY: "too early to decide",
        Reason.TRADE_OFF: "one success metric is better, another worse",
        Reason.GUARDRAIL_UNCLEAR: f"harm to {name} is not ruled out",
        Reason.WORSE: f"{name} is worse",
        Reason.NOT_PRECISE: "no clear effect yet",
        Reason.AS_DECLARED: _at_the_end(verdict, name),
    }
    return f"{verb}: {reasons[verdict.reason]}"


def _at_the_end(verdict: Verdict, name: str) -> str:
    """A gain that may not be taken for a guardrail that is not known to be kept, or nothing."""
    if any(each.name == "a success metric better" and each.holds for each in verdict.clauses):
        return f"harm to {name} is not ruled out"
    return "no clear effect at the end of the plan"


def _moved(verdict: Verdict, comparisons: Sequence[Mapping[str, Any]], name: str) -> str:
    own = [
        each
        for each in comparisons
        if each["outcome"] == verdict.decisive_outcome and each["arm"] == verdict.arm
    ]
    if not own or own[0]["relative_decided"]["shape"] != "bounded":
        return f"{name} is better"
    given = own[0]["relative_decided"]
    value, low, high = (
        percent(given[each], sign=True, width=given["high"] - given["low"])
        for each in ("value", "low", "high")
    )
    return f"{name} {value} ({low} to {high})"
