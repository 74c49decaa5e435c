"""The long run, projected from past experiments, with the record of such projections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from causal.content.wording import NOTHING, Scale, count, human, percent, scale_of, together
from causal.reporting import _scatter
from causal.reporting._view import (
    Banner,
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
from causal.reporting.experiment._rows import Row, greyed

CHANCE = 0.05


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the projection with its record; nothing where none is asked for, or without a verdict."""
    found = result.get("projection")
    if not found or greyed(result):
        return None
    record = found["record"]
    blocks: list[Block] = []
    if found["why"]:
        blocks.append(Text(text=f"Not projected: {found['why']}."))
    else:
        thin, poor = list(_thin(record)), list(_poor(record))
        if thin or poor:
            title = "Its record is poor" if poor else "Its record is thin"
            blocks.append(Banner(title=title, text=" ".join(thin + poor)))
        blocks += [_projected(result, found), *_arms(found)]
        blocks += [_record(found), _figure(result, found)]
    blocks.append(Text(text=_assumed(found), style="note"))
    return Section(
        order=64,
        id="long-run",
        chapter="When",
        title=f"The long run, projected: {human(found['target'])}",
        lead=f"The effect on {human(found['target'])} that past experiments with such effects on "
        f"{_sources(found)} had. It is a hint: the verdict does not read it, and it is no reason to "
        "ship.",
        blocks=tuple(blocks),
    )


def _sources(found: Row) -> str:
    return together(human(name) for name in found["from"])


def _scale(found: Row) -> Scale:
    """How effects on the long-term metric are written."""
    relative = found["scale"] == "relative"
    factor = 100.0 if relative else 1.0
    rows = found["record"]["rows"]
    ends = [{"ci_low": factor * row["projected_low"], "ci_high": factor * row["projected_high"]}
            for row in rows]  # fmt: skip
    made = scale_of({"kind": "mean", "name": found["target"]}, ends)
    return Scale(
        factor=factor,
        unit="%" if relative else "",
        heading="%" if relative else human(found["target"]),
        decimals=made.decimals + 1,
    )


def _projected(result: Row, found: Row) -> Table:
    by, level = _scale(found), percent(result["study"]["level"])
    columns = (
        Column(label="Arm"),
        Column(label="Projected", unit=by.unit, numeric=True),
        Column(label=f"{level} interval", unit=by.unit, numeric=True),
    )
    rows = [
        (
            words(each["arm"]),
            number(by.value(each["value"]), each["value"])
            if each["why"] is None
            else words("not projected", tone="quiet"),
            number(by.interval(each["low"], each["high"]), each["low"])
            if each["why"] is None
            else words(NOTHING),
        )
        for each in found["arms"]
    ]
    average = f"The past experiments' own average is {by.value(found['average'])}{by.unit}. "
    plain = Scale(decimals=2)
    added = [f"{plain.value(each['weight'])}{by.unit} for 1{by.unit} on {human(each['metric'])}"
             for each in found["weights"]]  # fmt: skip
    if added:
        average += f"Added to it for what is away from the average: {together(added)}. "
    return table(
        f"Projected effect on {human(found['target'])}",
        columns,
        rows,
        note=average + "The interval is for the true effect; that the past is only so many "
        "experiments, each measured with error, is part of it.",
    )


def _arms(found: Row) -> Iterator[Text]:
    """What each arm is projected from, or why it is not."""
    for each in found["arms"]:
        name = f"{each['arm']}: " if len(found["arms"]) > 1 else ""
        from_ = _shorts(found, each["arm"])
        why = "" if each["why"] is None else f" Not projected: {each['why']}."
        yield Text(
            text=f"{name}From the effects on {from_}.{why}" if from_ else f"{name}{why}".strip()
        )


def _shorts(found: Row, arm: str) -> str:
    own = [each for each in found["shorts"] if each["arm"] == arm]
    relative = found["scale"] == "relative"
    said = []
    for each in own:
        ends = {"ci_low": each["low"], "ci_high": each["high"]}
        by = scale_of({"kind": "mean"}, [ends])
        value, low, high = (
            percent(each[key], sign=True) if relative else by.value(each[key])
            for key in ("value", "low", "high")
        )
        said.append(f"{human(each['metric'])} {value} ({low} to {high})")
    return together(said)


def _record(found: Row) -> Table:
    record, by = found["record"], _scale(found)
    common = {"hits": record["commoner"], "of": record["signs"]["of"]}
    columns = (Column(label="Of past experiments, each left out in turn"), Column(label="Record"))
    lines = (
        ("Sign was right, where the long run was clear", _of(record["signs"])),
        ("Always guessing the commoner sign is right in", _of(common)),
        ("Winners in the long run that it called", _of(record["recall"])),
        ("Gains it called that were clear winners", _of(record["precision"])),
        ("Gains it called that clearly lost", _of(record["wrong"])),
        ("Losers in the long run that it called", _of(record["losses"])),
        ("What was measured lay within its interval", _of(record["held"])),
        (f"Measured for each 1{by.unit} projected above the average",
         _slope(record["slope"], by)),
    )  # fmt: skip
    past = found["past"]
    arms = "" if past["arms"] == past["experiments"] else f" with {count(past['arms'])} arms"
    left = (
        f", {count(past['left_out'])} arms left out that lack a metric" if past["left_out"] else ""
    )
    return table(
        f"Its record on {count(past['experiments'])} past experiments{arms}{left}",
        columns,
        [(words(what), cell) for what, cell in lines],
        note="Each was projected from the others alone. Clear, and called: the interval leaves zero "
        "out. Within its interval: with the error of what was measured added.",
    )


def _of(given: Row) -> Cell:
    return words(f"{given['hits']} of {given['of']}" if given["of"] else "none to tell")


def _slope(given: Row | None, by: Scale) -> Cell:
    if given is None:
        return words(NOTHING)
    plain = Scale(decimals=2)
    ends = plain.interval(given["low"], given["high"])
    return words(f"{plain.value(given['value'])}{by.unit} ({ends})")


def _thin(record: Row) -> Iterator[str]:
    """Why its signs were not put to the test, in sentences."""
    signs = record["signs"]
    if not signs["of"]:
        yield "No past experiment had a clear effect in the long run, so its signs were never tried."
    elif record["signs_by_chance"] > CHANCE:
        yield (
            f"Its sign was right in {signs['hits']} of {signs['of']} past experiments with a clear "
            f"long run; always guessing the commoner sign is right in {record['commoner']}."
        )


def _poor(record: Row) -> Iterator[str]:
    """What speaks against it, in sentences."""
    recall, wrong, slope = (record[key] for key in ("recall", "wrong", "slope"))
    if recall["of"] and 2 * recall["hits"] < recall["of"]:
        yield f"It called {recall['hits']} of {recall['of']} winners in the long run."
    if wrong["hits"]:
        yield f"Of {wrong['of']} gains it called {wrong['hits']} clearly lost in the long run."
    if slope is not None and slope["low"] <= 0:
        yield "Where it projected more, no more was measured: the slope may be zero."


def _figure(result: Row, found: Row) -> Figure:
    by, name = _scale(found), human(found["target"])
    rows = found["record"]["rows"]
    points = [
        {
            key: each[of] * by.factor
            for key, of in (("x", "projected"), ("x_low", "projected_low"),
                            ("x_high", "projected_high"), ("y", "measured"), ("y_low", "low"),
                            ("y_high", "high"))
        }
        for each in rows
    ]  # fmt: skip
    columns = (
        Column(label="Experiment"),
        Column(label="Arm"),
        Column(label="Projected", unit=by.unit, numeric=True),
        Column(label="Interval", unit=by.unit, numeric=True),
        Column(label="Measured", unit=by.unit, numeric=True),
        Column(label="Interval", unit=by.unit, numeric=True),
    )
    listed = [
        (
            words(each["experiment"]),
            words(each["arm"]),
            number(by.value(each["projected"]), each["projected"]),
            number(by.interval(each["projected_low"], each["projected_high"]), each["projected"]),
            number(by.value(each["measured"]), each["measured"]),
            number(by.interval(each["low"], each["high"]), each["measured"]),
        )
        for each in rows
    ]
    held = found["record"]["held"]
    return Figure(
        title=f"Past experiments: {name} as projected and as measured",
        subtitle=f"One point an arm, projected from the others; {percent(result['study']['level'])} "
        "intervals",
        describe=f"The projected effect on {name} of each past experiment against the measured one; "
        f"{held['hits']} of {held['of']} were within the interval. The table has the numbers.",
        draw=partial(
            _scatter.scatter,
            points,
            across=f"Projected effect on {name}" + (f" ({by.unit})" if by.unit else ""),
            up="Measured" + (f" ({by.unit})" if by.unit else ""),
        ),
        footnote="On the dashed line what was measured is what was projected.",
        table=table("Past experiments, projected and measured", columns, listed, most=60),
    )


def _assumed(found: Row) -> str:
    target, sources = human(found["target"]), _sources(found)
    known = (
        ""
        if found["past"]["covariances"]
        else " Errors of different metrics are taken as independent, since the study names no "
        "covariances: noise that metrics share counts as signal then, here and in the record."
    )
    return (
        f"It assumes that this change acts on {target} through the same paths as the past ones, so "
        f"that what moves {sources} alike moves {target} alike. Clickbait breaks that: {sources} up, "
        f"{target} down. Nothing in this experiment can show it; measuring {target} can.{known}"
    )
