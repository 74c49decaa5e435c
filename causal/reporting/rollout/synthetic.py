"""What changed against a blend of entities that did not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import Scale, chance, count, human, percent, sentence
from causal.reporting._courses import against, strands
from causal.reporting._view import (
    Block,
    Column,
    Details,
    Figure,
    Group,
    Section,
    Table,
    Text,
    number,
    table,
    words,
)
from causal.reporting.rollout._told import FEW_ROWS, axis, dated, row_of, scale, titled, unit_of

MOST = 20


def section(result: Mapping[str, Any]) -> Section | None:
    """Show each outcome beside its blend; nothing for another schedule."""
    own = result.get("single")
    if own is None or "synthetic" not in own["methods"]:
        return None
    groups: list[Block] = []
    for each in own["outcomes"]:
        if each["synthetic"] is None:
            groups.append(
                Text(text=f"{titled(each['outcome'])}: {each['synthetic_why']}.", style="note")
            )
            continue
        groups.append(_group(result, own, each))
    return Section(
        order=20,
        id="synthetic",
        chapter="Effects",
        title="Against a blend of others",
        lead=f"Other {own['entities_called']} are blended, with weights from before the change alone, "
        "so that the blend follows what changed until then. What it did afterwards stands for what "
        "would have been.",
        blocks=tuple(groups),
    )


def _group(result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any]) -> Group:
    name = each["outcome"]
    rows = [
        row
        for made in each["synthetic"]["estimators"]
        if (row := row_of(result, name, "ATT", made["estimator"])) is not None
    ]
    written = scale(result, name, rows)
    blocks: list[Block] = (
        [_table(result, each, written), Text(text=FEW_ROWS, style="note")]
        if each["observed"] is None
        else [_course(result, own, each, written)]
    )
    if each["synthetic"]["gaps"]:
        blocks.append(_gaps(result, own, each, written))
    if each["synthetic_why"]:
        blocks.append(Text(text=f"No interval: {each['synthetic_why']}.", style="note"))
    blocks.append(
        Details(title="Which donors, and which periods, count", blocks=(_weights(own, each),))
    )
    return Group(title=titled(name), blocks=tuple(blocks))


def _course(
    result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any], written: Scale
) -> Figure:
    made, names = each["synthetic"], dated(result["data"]["periods"])
    factor = written.factor
    points = [
        {
            "x": t,
            "seen": None if seen is None else seen * factor,
            "expected": None if expected is None else expected * factor,
        }
        for t, (seen, expected) in enumerate(zip(each["observed"], made["expected"], strict=True))
    ]
    return Figure(
        title=f"{titled(each['outcome'])} and its blend",
        subtitle="Solid: seen. Dashed: the blend, at the level it had before. Upright line: the change.",
        describe=f"{titled(each['outcome'])} and a blend of {count(made['donors'])} "
        f"{own['entities_called']} over {count(len(names))} {own['periods_called']}.",
        draw=partial(
            against,
            points,
            names=names,
            starts=own["before"],
            axis=axis(written, titled(each["outcome"])),
            across="",
        ),
        table=_table(result, each, written),
        open_table=True,
    )


def _table(result: Mapping[str, Any], each: Mapping[str, Any], written: Scale) -> Table:
    unit = unit_of(written)
    columns = (
        Column(label="How"),
        Column(label="Effect", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
        Column(label="Rank p", numeric=True),
        Column(label="Rank p, close fits", numeric=True),
        Column(label="Distance before", unit=unit, numeric=True),
        Column(label="Reading"),
    )
    rows = []
    for made in each["synthetic"]["estimators"]:
        row = row_of(result, each["outcome"], "ATT", made["estimator"])
        ends = "\u2013" if row is None else written.interval(row["ci_low"], row["ci_high"])
        low = None if row is None else row["ci_low"]
        rows.append(
            (
                words(sentence(made["estimator"])),
                number(written.value(made["value"]), made["value"]),
                number(ends, low),
                number(chance(made["p_rank"]), made["p_rank"]),
                number(chance(made["p_rank_close"]), made["p_rank_close"]),
                number(written.width(made["fit"]), made["fit"]),
                words(_reading(row)),
            )
        )
    least = each["synthetic"]["p_least"]
    note = (
        "Rank p: how many donors in the place of what changed would show as large an effect. "
        + (f"With so few places it cannot be under {chance(least)}. " if least else "")
        + "The first row is the answer; the second matches levels too, the third weighs all alike."
    )
    return table(f"{titled(each['outcome'])} against donors", columns, rows, note=note)


def _reading(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["identification"] == "not estimable":
        return "not estimable"
    return {
        "raises": "\u25b2 higher",
        "lowers": "\u25bc lower",
        "no clear effect": "no clear effect",
        "ruled out": "ruled out",
    }.get(str(row["verdict"]), "comparison only")


def _gaps(
    result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any], written: Scale
) -> Figure:
    made, factor = each["synthetic"], written.factor

    def scaled(line: list[float | None]) -> list[float | None]:
        return [None if value is None else value * factor for value in line]

    shown = len(made["gaps"])
    return Figure(
        title="Distance from the blend, and donors in its place",
        subtitle=f"Bold: what changed. Faint: {count(shown)} donors, each against a blend of the others, "
        "which nothing happened to.",
        describe=f"Distances from a blend of what changed and of {count(shown)} donors.",
        draw=partial(
            strands,
            scaled(made["gap"]),
            [scaled(line) for line in made["gaps"]],
            names=dated(result["data"]["periods"]),
            starts=own["before"],
            axis=axis(written, f"Distance in {human(each['outcome'])}"),
            across="",
        ),
        footnote="The spread of the faint lines after the change is the error.",
    )


def _weights(own: Mapping[str, Any], each: Mapping[str, Any]) -> Table:
    made = each["synthetic"]
    columns = (Column(label="Donor or period"), Column(label="Weight", numeric=True))
    donors = made["weights"][:MOST]
    rows = [(words(row["entity"]), number(percent(row["weight"]), row["weight"])) for row in donors]
    rows += [
        (words(f"Period {row['period']}"), number(percent(row["weight"]), row["weight"]))
        for row in sorted(made["times"], key=lambda row: -row["weight"])[:MOST]
    ]
    left = max(len(made["weights"]) - MOST, 0) + max(len(made["times"]) - MOST, 0)
    note = (
        f"Weights of {own['entities_called']} add up to one, and so do those of periods, which set the "
        "level." + (f" {count(left)} more are in the file." if left else "")
    )
    return table("Weights of the first row", columns, rows, note=note)
