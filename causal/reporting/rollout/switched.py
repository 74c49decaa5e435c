"""The answer of a switchback, outcome by outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import p_is
from causal.reporting._view import Banner, Block, Cards, Chips, Section, Text
from causal.reporting.rollout._told import card, guard, row_of

MOST = 3


def section(result: Mapping[str, Any]) -> Section | None:
    """Answer the question for each outcome; nothing for another schedule."""
    own = result.get("switchback")
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
    rows = [
        row
        for each in own["outcomes"]
        if (row := row_of(result, each["outcome"], "total")) is not None
    ]
    cards = [card(result, row, _words(own)) for row in rows]
    blocks += [Cards(items=tuple(cards[k : k + MOST])) for k in range(0, len(cards), MOST)]
    guards = [cell for row in rows if (cell := guard(result, row)) is not None]
    if guards:
        blocks.append(Chips(label="Guardrails", items=tuple(guards)))
    chance = own["outcomes"][0]["p_drawn_anew"]
    if chance is not None:
        blocks.append(
            Text(
                text="Had being on done nothing to anyone, drawing the switches anew would give as "
                f"large an effect with {p_is(chance)} (exact, whatever the errors are like).",
                style="note",
            )
        )
    return Section(order=10, id="answer", chapter="Answer", title="Answer", blocks=tuple(blocks))


def _words(own: Mapping[str, Any]) -> str:
    called = own["periods_called"]
    if own["washout"]:
        return f"on against off, {own['washout']} {called} after each switch left out"
    if own["periods"]:
        return f"on for {own['periods'] + 1} {called} against off for as long"
    return "on against off"
