"""What the planted runs recovered: bias of the design and of the naive difference, and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, human, percent, sentence
from causal.reporting import _forest
from causal.reporting._calibration import label, rows_of, scale, share_of, unit_of
from causal.reporting._view import Column, Figure, Group, Section, Table, number, table, words

Content = Mapping[str, Any]


def recovered(content: Content) -> Section:
    """Bias, coverage and false alarms by outcome."""
    groups = []
    for outcome in content["outcomes"]:
        name = outcome["name"]
        groups.append(
            Group(
                title=sentence(human(name)),
                blocks=(_bias(content, name), _held(content, name)),
            )
        )
    return Section(
        order=30,
        id="recovered",
        chapter="Trust",
        title="What the design removes, and what is left",
        blocks=tuple(groups),
    )


def _bias(content: Content, outcome: str) -> Figure:
    by = scale(content, outcome)
    found = [each for each in rows_of(content, outcome) if each["bias"] is not None]
    rows = [
        {
            "label": sentence(label(content, each)),
            "estimate": each["bias"] * by.factor,
            "low": _off(each, -2, by),
            "high": _off(each, 2, by),
            "wide_low": None,
            "wide_high": None,
            "raw": None if each["naive_bias"] is None else each["naive_bias"] * by.factor,
            "tone": "plain",
            "filled": True,
        }
        for each in found
    ]
    cells = [
        (
            words(sentence(label(content, each))),
            number(by.value(each["bias"]), each["bias"]),
            number(by.width(each["bias_error"]), each["bias_error"]),
            number(by.value(each["naive_bias"]), each["naive_bias"]),
            number(by.value(each["gap"]), each["gap"]),
        )
        for each in found
    ]
    unit = unit_of(by)
    return Figure(
        title="Bias of the design, and of the naive difference",
        subtitle="Dot: mean error of the headline design with two Monte Carlo errors each way; "
        "cross: mean error of the naive difference in the same runs. What lies between is what "
        "the design removes.",
        describe=f"Bias by attribute on {human(outcome)}; the table has the numbers.",
        draw=partial(_forest.forest, rows, axis=f"bias, {unit}"),
        table=table(
            f"Bias on {human(outcome)}",
            (
                Column(label="Attribute"),
                Column(label="Bias", unit=unit, numeric=True),
                Column(label="Monte Carlo error", unit=unit, numeric=True),
                Column(label="Bias of the naive difference", unit=unit, numeric=True),
                Column(label="Naive less headline in the table", unit=unit, numeric=True),
            ),
            cells,
        ),
        open_table=False,
    )


def _off(each: Mapping[str, Any], errors: float, by: Scale) -> float | None:
    if each["bias_error"] is None:
        return None
    return (each["bias"] + errors * each["bias_error"]) * by.factor


def _held(content: Content, outcome: str) -> Table:
    by = scale(content, outcome)
    rows = [
        (
            words(sentence(label(content, each))),
            words(share_of(each["coverage"])),
            words(share_of(each["simultaneous"])),
            words(share_of(each["false_alarms"])),
            number(by.width(each["std_error"]), each["std_error"]),
            number(by.width(each["spread"]), each["spread"]),
            words(_abstained(each)),
        )
        for each in rows_of(content, outcome)
    ]
    unit = unit_of(by)
    return table(
        f"How often intervals and verdicts on {human(outcome)} were right",
        (
            Column(label="Attribute"),
            Column(label="Interval held"),
            Column(label="Simultaneous interval held"),
            Column(label="False alarms"),
            Column(label="Standard error", unit=unit, numeric=True),
            Column(label="Spread of errors", unit=unit, numeric=True),
            Column(label="Not estimable"),
        ),
        rows,
        note="Where standard error and spread of errors agree, intervals have the right width.",
    )


def _abstained(each: Mapping[str, Any]) -> str:
    if not each["abstained"]["value"]:
        return "never"
    why = each["reasons"][0]["why"] if each["reasons"] else ""
    return f"{percent(each['abstained']['value'])}: {why}"
