"""The page of a calibration: what can be found, how often it is right, and how it was planted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, count, human, percent, sentence
from causal.reporting import _curves
from causal.reporting._calibration import label, rows_of, scale, share_of, unit_of
from causal.reporting._calibration_recovered import recovered
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
        recovered(content),
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
        for each in rows_of(content, outcome)
    ]
    unit = unit_of(by)
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
    return f"{by.size(each['margin'])}: {share_of(each['ruled_out'])}"


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


def _power(content: Content) -> Section:
    blocks: list[Block] = [_curve(content, each["name"]) for each in content["outcomes"]]
    rows = []
    for each in content["effects"]:
        by = scale(content, each["outcome"])
        rows += [
            (
                words(f"{sentence(label(content, each))} on {human(each['outcome'])}"),
                number(by.effect(power["size"]), power["size"]),
                words(share_of(power["found"])),
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
    found = [each for each in rows_of(content, outcome) if each["powers"]]
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
