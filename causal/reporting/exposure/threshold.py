"""What changes at the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, chance, count, figure, human, percent, scale_of, sentence
from causal.reporting import _forest
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Figure,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.exposure._parts import greyed, outcome_of


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the jump of each outcome, and of the first one in other ways."""
    if not result["threshold"]:
        return None
    blocks: list[Block] = [_jumps(result)]
    if result["threshold_otherwise"]:
        blocks.append(_otherwise(result))
    blocks.append(
        Text(
            text="The jump is that of units at the threshold only: those whose score is far from it "
            "may gain more or less. It takes that nothing else is decided there."
            + _untested(result),
            style="note",
        )
    )
    return Section(
        order=12,
        id="threshold",
        chapter="Threshold",
        title="What changes at the threshold",
        lead="A check failed that stops the page: units just above the cutoff may differ from those "
        "just below in more than what is given from it on. Nothing is read from this."
        if greyed(result)
        else "Units just above the cutoff are like those just below, except for what is given from "
        "it on.",
        blocks=tuple(blocks),
    )


def _untested(result: Mapping[str, Any]) -> str:
    """That nothing was named which was settled before."""
    if any(each["name"].startswith("continuity") for each in result["findings"]):
        return ""
    return " No covariate was named, so that units on both sides are alike was not tested."


def _scale(result: Mapping[str, Any], each: Mapping[str, Any]) -> Scale:
    outcome = outcome_of(result, each["outcome"])
    row = {"ci_low": each["low"], "ci_high": each["high"], "verdict": each["verdict"]}
    return scale_of(outcome, [row])


def _jumps(result: Mapping[str, Any]) -> Table:
    level = percent(result["study"]["level"])
    several = len(result["outcomes"]) > 1
    columns = (
        Column(label="Jump of"),
        Column(label="Estimate", numeric=True),
        Column(label=f"Robust {level} interval", numeric=True),
        *((Column(label="All at once", numeric=True),) if several else ()),
        Column(label="p", numeric=True),
        Column(label="Bandwidth", numeric=True),
        Column(label="Rows below, above", numeric=True),
        Column(label="Reading"),
    )
    rows = []
    for each in result["threshold"]:
        written = _scale(result, each)
        rows.append(
            (
                words(sentence(human(each["outcome"]))),
                number(written.effect(each["estimate"]), each["estimate"]),
                number(written.interval(each["low"], each["high"]), each["low"]),
                *((_at_once(each, written),) if several else ()),
                number(chance(each["p_value"]), each["p_value"]),
                number(figure(each["bandwidth"]), each["bandwidth"]),
                number(", ".join(map(count, each["rows"])), each["rows"][0]),
                words(_reading(result, each)),
            )
        )
    return table(
        "Jumps at the cutoff",
        columns,
        rows,
        note=f"All at once: these hold for all outcomes together in {level} of studies (Bonferroni); "
        "readings are from them. The exposure's own jump is by itself."
        if several
        else "",
    )


def _at_once(each: Mapping[str, Any], written: Scale) -> Cell:
    low, high = each.get("simultaneous_low"), each.get("simultaneous_high")
    return number(written.interval(low, high), low)


def _reading(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    if greyed(result):
        return "not read"
    return f"not estimable: {each['refusal']}" if each["refusal"] else str(each["verdict"])


def _otherwise(result: Mapping[str, Any]) -> Figure:
    first = result["threshold"][0]
    written = _scale(result, first)
    name = sentence(human(first["outcome"]))
    listed = [{"way": "As above", **first}, *result["threshold_otherwise"]]
    rows = [
        {
            "label": sentence(each["way"]),
            "estimate": _scaled(each["estimate"], written),
            "low": _scaled(each["low"], written),
            "high": _scaled(each["high"], written),
            "tone": "plain",
            "filled": False,
        }
        for each in listed
        if each["estimate"] is not None
    ]
    columns = (
        Column(label="How"),
        Column(label="Estimate", numeric=True),
        Column(label="Robust interval", numeric=True),
        Column(label="Rows below, above", numeric=True),
    )
    cells = [
        (
            words(sentence(each["way"]) + (f" ({each['refusal']})" if each["refusal"] else "")),
            number(written.effect(each["estimate"]), each["estimate"]),
            number(written.interval(each["low"], each["high"]), each["low"]),
            number(", ".join(map(count, each["rows"])), each["rows"][0]),
        )
        for each in listed
    ]
    unit = f" ({written.unit})" if written.unit else ""
    told = "; ".join(
        f"{each['way']} {written.interval(each['low'], each['high'])}" for each in listed
    )
    return Figure(
        title=f"The jump of {human(first['outcome'])} in other ways",
        subtitle="At placebo cutoffs nothing is given: there should be no jump.",
        describe=f"{told}.",
        draw=partial(_forest.forest, rows, axis=f"{name}{unit}"),
        table=table("Other ways", columns, cells),
        open_table=True,
    )


def _scaled(value: float | None, written: Scale) -> float | None:
    return None if value is None else value * written.factor
