"""How far to believe: for each leading effect, what would have to be true for it to be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, sentence
from causal.policy.reading import label, scale
from causal.reporting._view import Block, Cell, Column, Group, Section, Text, Tone, table, words

MOST = 3
_VERDICTS: Mapping[str | None, tuple[str, Tone]] = {
    "PASS": ("\u2713 no sign of it", "good"),
    "WARN": ("! possible", "warn"),
    "FAIL": ("\u2717 likely", "bad"),
    None: ("not asked", "quiet"),
}


def section(result: Mapping[str, Any]) -> Section | None:
    """One table for each effect of the answer, at most three."""
    chosen = _chosen(result)
    if not chosen:
        return None
    return Section(
        order=95,
        id="belief",
        chapter="How far to believe",
        title="What would have to be true for this to be wrong?",
        lead="Each line is a way in which the number could mislead, what the data say of it, and "
        "whether that is likely beyond chance. No check can prove that nothing was missed.",
        blocks=tuple(_box(result, each) for each in chosen),
    )


def _chosen(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The effects of the answer's cards, else the clearest."""
    given = list(result.get("belief") or ())
    cards = [_key(card) for card in (result.get("decision") or {}).get("cards", ())]
    named = sorted(
        (each for each in given if _key(each) in cards), key=lambda each: cards.index(_key(each))
    )
    return (named or given)[:MOST]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(row["attribute"]), str(row.get("contrast")), str(row["outcome"])


def _box(result: Mapping[str, Any], effect: Mapping[str, Any]) -> Group:
    name = f"{sentence(label(result, effect))}, {human(effect['outcome'])}"
    columns = (
        Column(label="It would be wrong if"),
        Column(label="What the data say"),
        Column(label="Verdict"),
    )
    listed = [
        (words(f"{each['asks'][:1].lower()}{each['asks'][1:]}"), _said(each), _verdict(each))
        for each in effect["checks"]
    ]
    blocks: list[Block] = [table(f"Ways to be wrong: {name}", columns, listed)]
    beyond = _beyond(result, effect)
    if beyond:
        blocks.append(Text(text=beyond, style="note"))
    return Group(title=name, blocks=tuple(blocks))


def _said(check: Mapping[str, Any]) -> Cell:
    return words(check["words"])


def _verdict(check: Mapping[str, Any]) -> Cell:
    text, tone = _VERDICTS.get(check.get("status"), _VERDICTS[None])
    if check.get("status") == "PASS" and check["check"] == "E-value":
        text, tone = "yours to judge", "plain"
    elif check.get("status") == "PASS" and check["check"] == "omitted variables":
        text = "\u2713 it must be strong" if check.get("numbers") else "\u2713 ruled out"
    return words(text, tone=tone)


def _beyond(result: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    """The interval that a hidden factor as strong as the strongest seen would leave."""
    for check in effect["checks"]:
        numbers = check.get("numbers") or {}
        if check["check"] == "omitted variables" and numbers.get("low") is not None:
            written = scale(result, effect["outcome"])
            ends = written.interval(numbers["low"], numbers["high"])
            return (
                f"If something hidden were exactly as strong as {human(str(numbers['benchmark']))}, "
                f"the data would be consistent with {ends} {written.unit}".rstrip()
                + "; explaining "
                f"{100 * numbers['robustness_value']:.1f}% of what the other columns leave open in both "
                "attribute and outcome would erase it."
            )
    return ""
