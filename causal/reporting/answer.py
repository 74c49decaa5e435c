"""The answer, on one screen: three cards, what to do, the guardrails, what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import p_is, percent, sentence
from causal.policy.interval import adjusted_by, interval_words
from causal.policy.reading import label, scale
from causal.reporting._parts import badge, level_words
from causal.reporting._view import (
    Banner,
    Block,
    Bullets,
    Card,
    Cards,
    Cell,
    Chips,
    Row,
    Section,
    Text,
    Tone,
)

_GUARDS: Mapping[str, tuple[str, Tone]] = {
    "worse": ("\u2717 ", "bad"),
    "safe": ("\u2713 ", "good"),
    "unclear": ("? ", "warn"),
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Say what to do, in at most three cards."""
    decision = result.get("decision")
    if not decision:
        return None
    blocks: list[Block] = []
    if decision.get("greyed"):
        blocks.append(
            Banner(
                title="These numbers cannot be trusted yet",
                tone="bad",
                text=f"{decision.get('reason') or ''} The effects below are grey, for debugging only, "
                "and carry no verdict.",
            )
        )
    blocks += _cards(result, decision)
    if not decision.get("greyed"):
        blocks.append(_actions(decision))
    else:
        blocks.append(Bullets(title="What to do first", items=tuple(decision.get("test_next", ()))))
    blocks += _guardrails(decision)
    if decision.get("change_our_mind"):
        blocks.append(
            Bullets(
                title="What would change our mind",
                items=tuple(decision["change_our_mind"]),
                tone="quiet",
            )
        )
    if decision.get("caution"):
        blocks.append(Text(text=str(decision["caution"]), style="note"))
    return Section(order=20, id="answer", chapter="Answer", title="Answer", blocks=tuple(blocks))


def _cards(result: Mapping[str, Any], decision: Mapping[str, Any]) -> list[Block]:
    cards = tuple(_card(result, each) for each in decision.get("cards", ())[:3])
    if cards:
        return [Cards(items=cards)]
    if decision.get("greyed"):
        return []
    return [Text(text=f"{decision.get('title', '')}.", style="lead")]


def _card(result: Mapping[str, Any], card: Mapping[str, Any]) -> Card:
    written = scale(result, card["outcome"])
    quiet = card.get("verdict") is None
    tone: Tone = (
        "quiet" if quiet or card.get("good") is None else ("good" if card["good"] else "bad")
    )
    arrow = "" if quiet else "\u25b2" if card["verdict"] == "raises" else "\u25bc"
    return Card(
        name=sentence(label(result, card)),
        value=written.effect(card.get("estimate")),
        direction=arrow,
        interval=_interval(result, card),
        relative=f"{percent(card.get('relative'), sign=True)} relative"
        if card.get("relative") is not None
        else "",
        badge=badge(result, card),
        words=str(card.get("words") or ""),
        tone=tone,
        judgement={"good": "good", "bad": "bad"}.get(tone, "no verdict" if quiet else ""),
    )


def _interval(result: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    """The interval that decides, and what it holds for."""
    written = scale(result, card["outcome"])
    between = f"{written.interval(card.get('low'), card.get('high'))} {written.unit}".rstrip()
    name, _, decides = interval_words(result).partition("; ")
    said = f"{between}: values consistent with the data ({level_words(result)} {name})"
    if adjusted_by(result):
        said += f"; {p_is(card.get('p_adjusted'))}, {decides.partition('p, ')[2]}"
    return said.replace("p = <", "p < ")


def _actions(decision: Mapping[str, Any]) -> Row:
    return Row(
        blocks=(
            Bullets(
                title="Do",
                items=tuple(decision.get("do", ())),
                tone="good",
                empty="Nothing yet: no effect is both clear and well enough identified.",
            ),
            Bullets(
                title="Do not",
                items=tuple(decision.get("do_not", ())),
                tone="bad",
                empty="Nothing is both clearly harmful and well enough identified.",
            ),
            Bullets(
                title="Test next",
                items=tuple(decision.get("test_next", ())),
                tone="warn",
                empty="Nothing is left open that these data could settle.",
            ),
        )
    )


def _guardrails(decision: Mapping[str, Any]) -> list[Block]:
    items = []
    for each in decision.get("guardrails", ()):
        mark, tone = _GUARDS.get(str(each.get("status")), ("", "plain"))
        items.append(Cell(text=f"{mark}{each.get('words', '')}", tone=tone))
    return [Chips(label="Guardrails", items=tuple(items))] if items else []
