"""The answer of a change at one date, outcome by outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import count
from causal.reporting._view import Banner, Block, Card, Cards, Chips, Section, Text
from causal.reporting.rollout._told import blank, card, guard, row_of

MOST = 3
BLEND, COURSE = "synthetic difference-in-differences", "interrupted series"


def section(result: Mapping[str, Any]) -> Section | None:
    """Answer the question by each method; nothing for another schedule."""
    own = result.get("single")
    if own is None:
        return None
    blocks: list[Block] = []
    if result["decision"]["greyed"]:
        blocks.append(
            Banner(
                title="No effect is read from this",
                text="A check failed that takes effects off the page: see the checks.",
                tone="bad",
            )
        )
    cards: list[Card] = []
    guards = []
    for each in own["outcomes"]:
        blend = row_of(result, each["outcome"], "ATT", BLEND)
        course = row_of(result, each["outcome"], "effect", COURSE)
        if blend is not None:
            shared = result["decision"]["state"] == "cannot be told"
            cards.append(
                blank(blend["outcome"], str(blend["why"]))
                if shared
                else card(result, blend, _against_blend(each))
            )
            guards.append(guard(result, blend))
        if course is not None:
            cards.append(card(result, course, "against the continuation of its own course"))
    blocks += [Cards(items=tuple(cards[k : k + MOST])) for k in range(0, len(cards), MOST)]
    kept = tuple(cell for cell in guards if cell is not None)
    if kept:
        blocks.append(Chips(label="Guardrails", items=kept))
    if "series" in own["methods"]:
        blocks.append(Text(text=_COURSE, style="note"))
    return Section(order=10, id="answer", chapter="Answer", title="Answer", blocks=tuple(blocks))


_COURSE = (
    "Against its own course is a comparison: whatever else happened at that date is in it. Against a "
    "blend of donors what happened to all is taken out."
)


def _against_blend(each: Mapping[str, Any]) -> str:
    made = each["synthetic"]
    return "" if made is None else f"against a blend of {count(made['donors'])} donors"
