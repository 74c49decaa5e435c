"""What one more unit of exposure is worth: every value that the data do not refuse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, fixed, human, percent, sentence
from causal.policy.exposure import set_words
from causal.reporting._sets import sets
from causal.reporting._view import (
    Banner,
    Block,
    Column,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.exposure._parts import exposure, greyed, row_label, tone, worth_scale

READINGS = {
    "raises": "\u25b2 raises",
    "lowers": "\u25bc lowers",
    "no clear effect": "no clear effect",
    "not estimable": "not estimable",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the set of each outcome, and a point only where one may be shown."""
    if not result["sets"]:
        return None
    blocks: list[Block] = []
    if greyed(result):
        blocks.append(
            Banner(
                title="No worth is read from this",
                text="A check failed that stops the page: see the checks.",
                tone="bad",
            )
        )
    blocks += _held(result)
    blocks += _figures(result)
    blocks.append(_table(result))
    blocks.append(Text(text=_needs(result), style="note"))
    level = percent(result["study"]["level"])
    return Section(
        order=10,
        id="worth",
        chapter="Worth",
        title=f"What one more {exposure(result)} is worth",
        lead=f"All values that the data do not refuse at {level}. Sets made this way hold the true "
        f"worth in {level} of studies, however little the instrument moves exposure; they may go on "
        "without end, and then no estimate is given.",
        blocks=tuple(blocks),
    )


def _held(result: Mapping[str, Any]) -> tuple[Block, ...]:
    """The worth of exposure while the slate is held, where that was asked."""
    found = result.get("held") or []
    if not found:
        return ()
    slate = human(found[0]["slate"])
    rows = [
        (
            words(sentence(human(each["outcome"]))),
            number(
                set_words(each, worth_scale(result, each["outcome"])) if each["kind"] else "\u2013",
                each["low"],
            ),
            words(
                "not read"
                if greyed(result)
                else READINGS[each["verdict"]] + (f": {each['why']}" if each["why"] else "")
            ),
        )
        for each in found
    ]
    columns = (
        Column(label="Outcome"),
        Column(label="Values consistent with the data", numeric=True),
        Column(label="Reading"),
    )
    return (
        table(
            f"Worth of one more {exposure(result)} with {slate} held",
            columns,
            rows,
            note="A value is kept when some effect of the slate makes what is left of every arm as "
            "near zero as chance allows. It takes that the arms change nothing else.",
        ),
    )


def _figures(result: Mapping[str, Any]) -> list[Block]:
    """One picture for each outcome that has a set, since each has its own unit."""
    drawn: list[Block] = []
    for outcome in result["outcomes"]:
        found = [
            each
            for each in result["sets"]
            if each["outcome"] == outcome["name"] and each["kind"] not in (None, "empty")
        ]
        if found:
            drawn.append(_figure(result, outcome, found))
    return drawn


def _figure(result: Mapping[str, Any], outcome: Mapping[str, Any], found: list[Any]) -> Figure:
    written = worth_scale(result, outcome["name"])
    name = sentence(human(outcome["name"]))
    rows = [
        {
            "label": row_label(result, each) if len(found) > 1 else "",
            "pieces": [
                tuple(None if end is None else end * written.factor for end in piece)
                for piece in each["intervals"]
            ],
            "point": None if each["point"] is None else each["point"] * written.factor,
            "tone": tone(result, each),
        }
        for each in found
    ]
    told = "; ".join(
        f"{row_label(result, each)}: {set_words(each, written)}"
        + (
            ", no estimate"
            if each["point"] is None
            else f", estimate {written.effect(each['point'])}"
        )
        for each in found
    )
    unit = f" ({written.unit})" if written.unit else ""
    arrows = any(None in piece for each in found for piece in each["intervals"])
    return Figure(
        title=f"{name}: values consistent with the data",
        subtitle=("Dot: estimate. " if any(each["point"] is not None for each in found) else "")
        + ("Arrow: goes on without end." if arrows else ""),
        describe=f"{told}.",
        draw=partial(sets, rows, axis=f"{name} per {exposure(result)}{unit}"),
    )


def _table(result: Mapping[str, Any]) -> Table:
    level = percent(result["study"]["level"])
    several = any(each.get("family", 1) > 1 for each in result["sets"])
    columns = (
        Column(label="Outcome"),
        Column(label="Estimate", numeric=True),
        Column(label=f"Values consistent with the data, {level}", numeric=True),
        *((Column(label="All at once", numeric=True),) if several else ()),
        Column(label="First-stage F", numeric=True),
        Column(label="Reading"),
    )
    rows = []
    for each in result["sets"]:
        written = worth_scale(result, each["outcome"])
        told = "\u2013" if each["kind"] is None else set_words(each, written)
        rows.append(
            (
                words(row_label(result, each)),
                number(written.effect(each["point"]), each["point"]),
                number(told, each["low"]),
                *((number(_at_once(each, written), None),) if several else ()),
                number(fixed(each["first_stage"], 1), each["first_stage"]),
                words(_reading(result, each), tone=tone(result, each)),
            )
        )
    return table(
        f"Worth of one more {exposure(result)}",
        columns,
        rows,
        note=f"All at once: these hold together in {level} of studies, over outcomes and, of single "
        "arms, over arms as well (Bonferroni); readings are from them."
        if several
        else "",
    )


def _at_once(each: Mapping[str, Any], written: Scale) -> str:
    return "\u2013" if not each.get("at_once") else set_words(each["at_once"], written)


def _reading(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    if greyed(result):
        return "not read"
    said = READINGS.get(str(each["verdict"]), "\u2013")
    if not each["why"]:
        return said
    how = ", by how much is not told" if each["verdict"] in ("raises", "lowers") else ""
    return f"{said}{how}: {each['why']}"


def _needs(result: Mapping[str, Any]) -> str:
    whose = (
        "the mean effect on those whose exposure the instrument moved"
        if result["dose"]["binary"]
        else "the mean effect of a unit of exposure, weighted to those whose amount the instrument "
        "moved and to the amounts it moved them through"
    )
    other = (
        ", and that it moves nobody's exposure the other way."
        if result["study"]["monotone"]
        else ". Since it may move some the other way, they count with a negative weight."
    )
    drawn = (
        "that items of one stratum that came together were equally often at hand"
        if result["study"]["design"] == "exploration"
        else "that the instrument was drawn by chance"
    )
    return (
        f"The worth is {whose}. It takes {drawn} and that the instrument acts on the outcome through "
        f"exposure alone{other}{_untested(result)}"
    )


def _untested(result: Mapping[str, Any]) -> str:
    """That nothing was named which the instrument may have changed."""
    if result["exclusion"] or result["study"]["design"] != "experiment":
        return ""
    return " No column of the slate was named, so that it changed nothing else was not tested."
