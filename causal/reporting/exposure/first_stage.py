"""What the instrument did: to exposure, and to each outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import chance, figure, fixed, human, sentence
from causal.reporting._view import Block, Column, Section, number, table, words
from causal.reporting.exposure._parts import amount, effect_scale, row_label, worth_scale

_LEADS = {
    "experiment": "Effects of the instrument itself are those of an experiment and need no further "
    "assumption. The worth of exposure is the effect on the outcome for each unit of exposure moved.",
    "exploration": "Impressions that chance gave an item early move all the impressions of its "
    "window, among items of one stratum that came in the same period.",
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the first stage, the effects of the instrument itself, and the usual estimate."""
    if not result["first_stage"]:
        return None
    blocks: list[Block] = [_stage(result)]
    if result["intent"]:
        blocks.append(_intent(result))
    usual = [each for each in result["sets"] if each["usual"]]
    if usual:
        blocks.append(_usual(result, usual))
    return Section(
        order=20,
        id="first-stage",
        chapter="Worth",
        title=f"How far the instrument moved {amount(result)}",
        lead=_LEADS[result["study"]["design"]],
        blocks=tuple(blocks),
    )


def _stage(result: Mapping[str, Any]) -> Block:
    columns = (
        Column(label="Instrument"),
        Column(label=f"Effect on {amount(result)}", numeric=True),
        Column(label="Standard error", numeric=True),
        Column(label="F", numeric=True),
    )
    rows = [
        (
            words(each["instrument"].replace(" - ", " against ")),
            number(figure(each["effect"]), each["effect"]),
            number(figure(each["std_error"]), each["std_error"]),
            number(fixed(each["f"], 1), each["f"]),
        )
        for each in result["first_stage"]
    ]
    asked = fixed(result["study"]["strong"], 0)
    note = f"An estimate is shown from F {asked} on."
    if len(rows) > 1:
        note += " Of all arms together it is the effective F (Montiel Olea, Pflueger 2013)."
    if any(each.get("exact") for each in result["first_stage"]):
        note += " Without an F: exposure is the same for all units of the arm."
    return table("First stage", columns, rows, note=note)


def _intent(result: Mapping[str, Any]) -> Block:
    columns = (
        Column(label="Effect of the instrument on"),
        Column(label="Instrument"),
        Column(label="Control", numeric=True),
        Column(label="Effect", numeric=True),
        Column(label="Interval", numeric=True),
        Column(label="p", numeric=True),
    )
    rows = []
    for each in result["intent"]:
        written = effect_scale(result, each)
        rows.append(
            (
                words(sentence(human(each["outcome"]))),
                words(each["instrument"].replace(" - ", " against ")),
                number(written.level(each["control"]), each["control"]),
                number(written.effect(each["estimate"]), each["estimate"]),
                number(written.interval(each["low"], each["high"]), each["low"]),
                number(chance(each["p_value"]), each["p_value"]),
            )
        )
    return table("Effects of the instrument", columns, rows)


def _usual(result: Mapping[str, Any], found: list[Any]) -> Block:
    columns = (
        Column(label="Outcome"),
        Column(label="Two-stage least squares", numeric=True),
        Column(label="Its usual interval", numeric=True),
        Column(label="Set", numeric=True),
    )
    rows = []
    for each in found:
        written = worth_scale(result, each["outcome"])
        usual = each["usual"]
        rows.append(
            (
                words(row_label(result, each)),
                number(written.effect(usual["estimate"]), usual["estimate"]),
                number(written.interval(usual["low"], usual["high"]), usual["low"]),
                number(written.interval(each["low"], each["high"]), each["low"]),
            )
        )
    return table(
        "Beside the usual interval",
        columns,
        rows,
        note="The usual interval takes the first stage for certain; the set does not.",
    )
