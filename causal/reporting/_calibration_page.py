"""The page of a calibration: what can be found, how often it is right, and how it was planted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, count, human, percent, sentence
from causal.reporting import _curves, _forest
from causal.reporting._calibration import label, scale
from causal.reporting._view import (
    Banner,
    Block,
    Bullets,
    Cell,
    Chips,
    Column,
    Details,
    Facts,
    Figure,
    Group,
    Section,
    Table,
    Text,
    Tone,
    number,
    table,
    words,
)

Content = Mapping[str, Any]
_KINDS = {
    "additive": "what is expected, plus the row's own noise with a new sign, skewness kept",
    "chance": "0 or 1, by chance at the expected rate",
    "counts": "counts out of the row's own denominator, overdispersed as in the table",
}
_SHOWN = (
    "Bias, coverage, false alarms and power in worlds that look like this table: its columns, its "
    "blocks and clusters, its gaps, its noise. If intervals fail here, they fail on the table."
)
_NOT_SHOWN = (
    "Hidden confounding: what is not a column of the study is not in the planted worlds either.",
    "Confounding in shapes the generating models miss: the worlds are as smooth as their fit.",
    "Interference: an item's attribute moves only that item's outcome here.",
    "What the attributes really do: the effects are planted.",
)


def sections(content: Content) -> list[Section]:
    """Everything the page says, in order."""
    return [
        _top(content),
        _answers(content),
        _findings(content),
        _recovered(content),
        _power(content),
        _worlds(content),
    ]


def _top(content: Content) -> Section:
    runs, data, design = content["runs"], content["data"], content["design"]
    failed = sum(each["status"] == "FAIL" for each in content["findings"])
    warned = sum(each["status"] == "WARN" for each in content["findings"])
    tone: Tone = "bad" if failed else "warn" if warned else "good"
    size = [f"{count(data['rows'])} rows"]
    if data["blocks"]:
        size.append(f"{count(data['blocks'])} blocks")
    size += [f"{count(each['count'])} clusters by {each['name']}" for each in data["clusters"]]
    return Section(
        order=0,
        id="top",
        chapter="",
        title=content["title"],
        lead=f"Effects of known size were planted {runs['total']} times in the study's own table; "
        "this is what its own pipeline made of them.",
        blocks=(
            Chips(
                label="Status",
                items=(
                    Cell(text="PLANTED EFFECTS"),
                    Cell(text=f"Checks: {failed} failed, {warned} warned", tone=tone),
                ),
            ),
            Facts(
                items=(
                    ("Study", content["study"]["name"]),
                    ("Table", ", ".join(size)),
                    ("Design", f"{design['name']}: {design['population']}"),
                    ("Runs", f"{runs['total']}, of which {runs['without_effect']} without effect"),
                )
            ),
        ),
    )


def _answers(content: Content) -> Section:
    blocks: list[Block] = []
    if any(each["status"] == "FAIL" for each in content["findings"]):
        blocks.append(
            Banner(
                title="A check failed",
                text="The sizes below assume intervals that hold; here they do not.",
                tone="bad",
            )
        )
    blocks.append(
        Bullets(title="Smallest effects worth looking for", items=tuple(content["answers"]))
    )
    blocks += [_smallest(content, outcome["name"]) for outcome in content["outcomes"]]
    return Section(
        order=10, id="smallest", chapter="Answer", title="What can be found", blocks=tuple(blocks)
    )


def _of(content: Content, outcome: str) -> list[Mapping[str, Any]]:
    return [each for each in content["effects"] if each["outcome"] == outcome]


def _unit(by: Scale) -> str:
    return by.unit or by.heading


def _smallest(content: Content, outcome: str) -> Table:
    by = scale(content, outcome)
    rows = [
        (
            words(sentence(label(content, each))),
            number(by.width(each["smallest_told"]), each["smallest_told"]),
            words(percent(each["smallest_relative"])),
            number(by.width(each["smallest"]), each["smallest"]),
            words(_seen(by, each)),
            words(_ruled_out(by, each)),
        )
        for each in _of(content, outcome)
    ]
    unit = _unit(by)
    return table(
        f"{sentence(human(outcome))}: the effect found four times in five",
        (
            Column(label="Attribute"),
            Column(label="Smallest effect", unit=unit, numeric=True),
            Column(label="Of baseline", numeric=True),
            Column(label="By standard errors", unit=unit, numeric=True),
            Column(label="By the runs", unit=unit),
            Column(label="Margin ruled out when nil"),
        ),
        rows,
        note="By the runs: with the 95% Monte Carlo interval. Where it lies above the one by "
        "standard errors, it is the one to go by.",
    )


def _seen(by: Scale, each: Mapping[str, Any]) -> str:
    if each["smallest_seen"] is None:
        return "too few runs"
    low, high = by.width(each["smallest_low"]), by.width(each["smallest_high"])
    return f"{by.width(each['smallest_seen'])} ({low} to {high})"


def _ruled_out(by: Scale, each: Mapping[str, Any]) -> str:
    if each["margin"] is None:
        return ""
    return f"{by.size(each['margin'])}: {_share(each['ruled_out'])}"


def _share(share: Mapping[str, Any]) -> str:
    if share["value"] is None:
        return "\u2013"
    return f"{percent(share['value'])} \u00b1{percent(share['error'])}"


def _findings(content: Content) -> Section:
    tones: Mapping[str, Tone] = {"FAIL": "bad", "WARN": "warn", "PASS": "good"}
    rows = [
        (
            words(each["status"], tone=tones[each["status"]]),
            words(sentence(each["name"])),
            words(" ".join(part for part in (each["meaning"], each["remedy"]) if part)),
        )
        for each in content["findings"]
    ]
    return Section(
        order=20,
        id="checks",
        chapter="Trust",
        title="Whether intervals and verdicts hold on this table",
        lead="\u00b1 is one Monte Carlo error; a check fails only beyond three of them.",
        blocks=(
            table(
                "Checks of the planted runs",
                (Column(label="Status"), Column(label="Check"), Column(label="What it means")),
                rows,
            ),
        ),
    )


def _recovered(content: Content) -> Section:
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
    found = [each for each in _of(content, outcome) if each["bias"] is not None]
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
    unit = _unit(by)
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
            words(_share(each["coverage"])),
            words(_share(each["simultaneous"])),
            words(_share(each["false_alarms"])),
            number(by.width(each["std_error"]), each["std_error"]),
            number(by.width(each["spread"]), each["spread"]),
            words(_abstained(each)),
        )
        for each in _of(content, outcome)
    ]
    unit = _unit(by)
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


def _power(content: Content) -> Section:
    blocks: list[Block] = [_curve(content, each["name"]) for each in content["outcomes"]]
    rows = []
    for each in content["effects"]:
        by = scale(content, each["outcome"])
        rows += [
            (
                words(f"{sentence(label(content, each))} on {human(each['outcome'])}"),
                number(by.effect(power["size"]), power["size"]),
                words(_share(power["found"])),
                words(percent(power["expected"])),
                number(count(power["found"]["runs"]), power["found"]["runs"]),
            )
            for power in each["powers"]
        ]
    blocks.append(
        Details(
            title="Every planted size",
            blocks=(
                table(
                    "How often a planted effect was found",
                    (
                        Column(label="Effect"),
                        Column(label="Planted", numeric=True),
                        Column(label="Found"),
                        Column(label="Expected"),
                        Column(label="Runs", numeric=True),
                    ),
                    rows,
                    most=200,
                ),
            ),
        )
    )
    return Section(
        order=40,
        id="power",
        chapter="Power",
        title="How often an effect of a size is found",
        lead="Found: called clear, with the right sign, by the interval the verdict is read from.",
        blocks=tuple(blocks),
    )


def _curve(content: Content, outcome: str) -> Block:
    """Found and expected at each planted multiple, averaged over the attributes of an outcome."""
    found = [each for each in _of(content, outcome) if each["powers"]]
    multiples = sorted({power["multiple"] for each in found for power in each["powers"]})
    rows = []
    for multiple in multiples:
        own = [p for each in found for p in each["powers"] if p["multiple"] == multiple]
        share = sum(p["found"]["value"] for p in own) / len(own)
        error = sum(p["found"]["error"] for p in own) / len(own)
        rows.append(
            {
                "x": f"{multiple:g}",
                "estimate": 100 * share,
                "low": 100 * max(0.0, share - 2 * error),
                "high": 100 * min(1.0, share + 2 * error),
            }
        )
    if not rows:
        return Text(text=f"No effect on {human(outcome)} was planted.")
    return Figure(
        title=f"Power on {human(outcome)}",
        subtitle="Share of runs in which a planted effect was found, over all attributes, by its "
        "size: 1 is the size that is to be found four times in five. Lines: two Monte Carlo errors "
        "of a single attribute.",
        describe=f"Power on {human(outcome)} by planted size; the table below has the numbers.",
        draw=partial(
            _curves.course,
            rows,
            axis="found, %",
            across="planted size, in smallest effects",
            domain=(0.0, 100.0),
        ),
    )


def _worlds(content: Content) -> Section:
    world = content["world"]
    rows = [
        (words(sentence(human(each["attribute"]))), words(each["words"]))
        for each in world["attributes"]
    ]
    drawn = [
        (words(sentence(human(each["outcome"]))), words(_KINDS[each["kind"]]))
        for each in world["outcomes"]
    ]
    clipped = [
        Text(
            text=f"In {percent(world['clipped'])} of draws a planted effect met the end of a "
            "rate, 0 or 1, and was cut; truths count it so.",
            style="note",
        )
    ]
    return Section(
        order=50,
        id="worlds",
        chapter="Worlds",
        title="How the worlds were made",
        lead=_SHOWN,
        blocks=(
            table(
                "How attributes were drawn",
                (Column(label="Attribute"), Column(label="Drawn")),
                rows,
            ),
            table(
                "How outcomes were drawn",
                (Column(label="Outcome"), Column(label="Drawn")),
                drawn,
            ),
            *(clipped if world["clipped"] else []),
            Bullets(title="What this cannot show", items=_NOT_SHOWN),
        ),
    )
