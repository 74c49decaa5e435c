"""The design card: who was assigned on each side, and what was treated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count, human, percent, together
from causal.reporting._view import Facts, Section

_GIVEN = {
    "pairs": "pairs of a treated user and a treated creator; mixed pairs are given nothing",
    "sides": "each side by a treatment of its own; mixed pairs are given one of the two",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Say what the numbers below are numbers of."""
    analysis = result["analysis"]
    margins = [
        f"{human(name)} {percent(margin)}" for name, margin in analysis["equivalence"].items()
    ]
    facts = [
        ("Randomised", f"{analysis['user']} and {analysis['creator']}, each by itself"),
        ("Treated", _GIVEN[analysis["given"]]),
        ("Counted", "all pairs of a user and a creator; pairs without a row count as 0"),
        ("Pairs with a row", count(result["data"]["units"])),
        ("Decides", "both sides treated against neither, over all pairs (intention to treat)"),
        ("Adjustment", "none"),
        ("Procedure", "fixed horizon: read once; the largest |t| over success metrics decides"),
        ("Spillover that counts as none", together(margins) if margins else "none declared"),
        ("Pool of exposure", f"declared {analysis['declared_pool']}" if analysis["declared_pool"]
         else "not declared: read off the four cells"),
        ("Days", count(analysis["days"]) if analysis["days"] else ""),
    ]  # fmt: skip
    return Section(
        order=30,
        id="design",
        chapter="Design",
        title="Design",
        blocks=(Facts(items=tuple((name, text) for name, text in facts if text)),),
    )
