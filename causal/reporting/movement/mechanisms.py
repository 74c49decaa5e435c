"""Which mechanism changed: shares of the move that add up to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, figure, human, percent, sentence, together
from causal.reporting._view import (
    Banner,
    Block,
    Cell,
    Column,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.movement._parts import figure_of, greyed, move_of, scale, tone

ONLY = (
    "how much the metric would have moved had only the way a node follows from what comes before it "
    "changed"
)
FORMS = {
    "order": f"in causal order: {ONLY}, nodes before it already as they are after, nodes after it "
    "still as they were before",
    "shapley": f"as Shapley values: {ONLY}, averaged over every order in which mechanisms may change",
    "sampled": f"as Shapley values: {ONLY}, averaged over drawn orders in which mechanisms may "
    "change",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show each mechanism's share, and what shipped experiments claim of it."""
    shares = result["mechanisms"]
    if not shares:
        return None
    name = result["outcomes"][0]["name"]
    blocks: list[Block] = []
    if greyed(result):
        blocks.append(
            Banner(
                title="No share is read from this",
                text="A check failed that stops the page: see the checks.",
                tone="bad",
            )
        )
    blocks.append(_figure(result, name))
    blocks += _shipped(result, name)
    blocks.append(Text(text=_needs(result), style="note"))
    return Section(
        order=20,
        id="mechanisms",
        chapter="Mechanisms",
        title=f"What changed, and what it did to {human(name)}",
        lead=f"Shares {FORMS[result['form']]}. They add up to the move exactly.",
        blocks=tuple(blocks),
    )


def _figure(result: Mapping[str, Any], name: str) -> Block:
    level = percent(result["study"]["level"])
    parts = [
        {
            "label": _label(result, each),
            "value": each["share"],
            "low": each["simultaneous_low"],
            "high": each["simultaneous_high"],
            "claimed": each["claimed"],
            "tone": tone(result, name, each["share"], clear=each["clear"]),
        }
        for each in result["mechanisms"]
    ]
    claims = any(each["claimed"] is not None for each in result["mechanisms"])
    return figure_of(
        result,
        name,
        parts,
        title="From before to after, mechanism by mechanism",
        subtitle=f"Each bar starts where the last one ended. Line: {level} interval of the share, "
        "for all shares at once.",
        table=_table(result, name),
        footnote="The fainter part of a bar is what shipped experiments claim of it."
        if claims
        else "",
    )


def _label(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    nodes = together(human(node) for node in each["nodes"])
    if not each["parents"]:
        return sentence(nodes)
    return sentence(nodes) + (
        " itself" if each["nodes"][-1] == result["outcomes"][0]["name"] else ""
    )


def _table(result: Mapping[str, Any], name: str) -> Table:
    written, move = _scale(result, name), move_of(result, name)
    unit = written.unit or written.heading
    columns = (
        Column(label="Mechanism"),
        Column(label="Given"),
        Column(label="Share of the move", unit=unit, numeric=True),
        Column(label="Interval, all at once", unit=unit, numeric=True),
        Column(label="Of the move", numeric=True),
        Column(label="Reading"),
    )
    rows = [
        (
            words(_label(result, each)),
            words(together(human(parent) for parent in each["parents"]) if each["parents"] else ""),
            number(written.value(each["share"]), each["share"]),
            number(
                written.interval(each["simultaneous_low"], each["simultaneous_high"]),
                each["simultaneous_low"],
            ),
            number(_part(each["share"], move), each["share"]),
            words(
                _reading(result, each), tone=tone(result, name, each["share"], clear=each["clear"])
            ),
        )
        for each in result["mechanisms"]
    ]
    whole = (
        words("All"),
        words(""),
        number(written.value(move["difference"]), move["difference"]),
        number(written.interval(move["low"], move["high"]), move["low"]),
        number("100%", 1.0),
        words(""),
    )
    return table("Shares of the move", columns, [*rows, whole])


def _scale(result: Mapping[str, Any], name: str) -> Scale:
    """As fine as the intervals of the shares deserve."""
    ends = [
        {"low": each["simultaneous_low"], "high": each["simultaneous_high"]}
        for each in result["mechanisms"]
        if each["simultaneous_low"] is not None
    ]
    return scale(result, name, ends)


def _part(share: float | None, move: Mapping[str, Any]) -> str:
    """Percent of the move; nothing where the move itself is inside noise."""
    if share is None or move["low"] is None or move["low"] <= 0 <= move["high"]:
        return "\u2013"
    return percent(share / move["difference"])


def _reading(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    if greyed(result):
        return "not read"
    if each["why"]:
        return f"not estimable: {each['why']}"
    if not each["clear"]:
        return "no clear share"
    return "\u25b2 raised it" if each["share"] > 0 else "\u25bc lowered it"


def _claims(each: Mapping[str, Any], written: Scale) -> list[tuple[Cell, ...]]:
    """What shipped experiments claim of one share, and what they leave."""
    if not each["claims"]:
        return []
    node, nothing = words(sentence(human(each["node"]))), number("", None)
    rows = [
        (
            words(human(claim["name"])),
            node,
            number(written.value(claim["effect"]), claim["effect"]),
            number(written.value(claim["corrected"]), claim["corrected"]),
            number(percent(claim["share"]), claim["share"]),
            number(written.value(claim["claimed"]), claim["claimed"]),
        )
        for claim in each["claims"]
    ]
    ends = written.interval(each["unexplained_low"], each["unexplained_high"])
    left = number(written.value(each["unexplained"]), each["unexplained"])
    return [*rows, (words(f"Unexplained ({ends})"), node, nothing, nothing, nothing, left)]


def _shipped(result: Mapping[str, Any], name: str) -> list[Block]:
    written = _scale(result, name)
    rows = [row for each in result["mechanisms"] for row in _claims(each, written)]
    if not rows:
        return []
    unit = written.unit or written.heading
    columns = (
        Column(label="Shipped"),
        Column(label="Acts on"),
        Column(label="Effect as measured", unit=unit, numeric=True),
        Column(label="Corrected", unit=unit, numeric=True),
        Column(label="Live for", numeric=True),
        Column(label="Part of the share", unit=unit, numeric=True),
    )
    note = (
        "An experiment that had to look good to ship looks better than it is: effects are corrected "
        "for that. What no experiment claims of a mechanism's share is unexplained; both add up to "
        "the share."
    )
    return [table("What shipped experiments claim", columns, rows, note=note)]


def _needs(result: Mapping[str, Any]) -> str:
    order = " \u2192 ".join(human(node) for node in result["study"]["order"])
    drawn = [each["monte_carlo"] for each in result["mechanisms"] if each["monte_carlo"]]
    more = (
        f" Drawing orders adds a standard error of at most {figure(max(drawn), 2)}, which is in the "
        "intervals."
        if drawn
        else ""
    )
    return (
        f"These shares are effects of changed mechanisms only if the order is right ({order}) and "
        "nothing that was not measured drives both a node and what comes after it and changed "
        f"between the periods.{more}"
    )
