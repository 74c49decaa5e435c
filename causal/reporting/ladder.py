"""The ladder of designs: each attribute by every comparison the data allow, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, fixed, human, sentence
from causal.policy.reading import Row, decisive, effects, label, scale
from causal.reporting._parts import (
    badge,
    counted,
    estimate_cells,
    estimate_columns,
    forest,
    forest_row,
    named,
)
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Details,
    Figure,
    Section,
    Table,
    Tone,
    number,
    table,
    words,
)

MOST = 12
_STATUS: Mapping[str, tuple[str, Tone]] = {
    "PASS": ("\u2713 agree", "good"),
    "WARN": ("! differ somewhat", "warn"),
    "FAIL": ("\u2717 disagree", "bad"),
}


def section(result: Mapping[str, Any]) -> Section | None:
    """Show where the designs agree and where they part."""
    outcome = decisive(result)
    designs = [each["name"] for each in result.get("designs", ())]
    if outcome is None or len(designs) < 2:
        return None
    rungs = _rungs(result, outcome["name"], designs)
    if not rungs:
        return None
    blocks: list[Block] = [_figure(result, outcome, rungs)]
    if agreed := _agreement(result, outcome["name"]):
        blocks.append(agreed)
    blocks.append(
        Details(title="What each design compares, and what it assumes", blocks=(_designs(result),))
    )
    return Section(
        order=40,
        id="ladder",
        chapter="Effects",
        title="The ladder of designs",
        lead="The same question answered by every comparison the data allow. Where a weaker "
        "design differs from a stronger one, the difference is what the weaker one lets in.",
        blocks=tuple(blocks),
    )


def _rungs(result: Mapping[str, Any], outcome: str, designs: list[str]) -> list[list[Row]]:
    """Estimates by contrast, each by design in the order of the ladder."""
    found: dict[tuple[str, str], list[Row]] = {}
    for design in designs:
        for row in effects(result, design=design, outcome=outcome):
            found.setdefault((row["attribute"], str(row["contrast"])), []).append(row)
    return [rows for rows in found.values() if any(row.get("estimate") is not None for row in rows)]


def _figure(result: Mapping[str, Any], outcome: Row, rungs: list[list[Row]]) -> Figure:
    written = scale(result, outcome["name"])
    drawn = []
    for rows in rungs[:MOST]:
        for place, row in enumerate(rows):
            name = f"{named(result, row)} \u00b7 {row['design']}" if place == 0 else row["design"]
            drawn.append(forest_row(result, row, name, factor=written.factor))
    more = f" The first {MOST} contrasts are drawn." if len(rungs) > MOST else ""
    return Figure(
        title=f"Effect on {human(outcome['name'])} by design",
        subtitle=f"Difference in {written.heading}; each group of rows is one attribute, from the "
        "weakest design to the strongest",
        describe="For each attribute, its estimate by each design with its interval.",
        draw=forest(
            drawn,
            axis=f"Effect on {human(outcome['name'])} ({written.heading})",
            step=19,
            groups=[len(rows) for rows in rungs[:MOST]],
        ),
        footnote=f"Filled dot: clear effect. Line: interval.{more}",
        table=_table(result, outcome["name"], rungs),
    )


def _table(result: Mapping[str, Any], outcome: str, rungs: list[list[Row]]) -> Table:
    written = scale(result, outcome)
    name, *middle = estimate_columns(written)
    columns = (name, Column(label="Design"), *middle, Column(label="Rows", numeric=True))
    listed = [
        (
            words(named(result, row)),
            words(row["design"]),
            *estimate_cells(written, row),
            counted(row.get("units")),
        )
        for rows in rungs
        for row in rows
    ]
    return table(f"Effect on {human(outcome)} by design", columns, listed, most=36)


def _agreement(result: Mapping[str, Any], outcome: str) -> Table | None:
    found = [each for each in result.get("agreement", ()) if each["outcome"] == outcome]
    found.sort(key=lambda each: -abs(each.get("z") or 0))
    if not found:
        return None
    written = scale(result, outcome)
    columns = (
        Column(label="Attribute"),
        Column(label="Designs"),
        Column(label="Estimates", unit=written.unit or written.heading, numeric=True),
        Column(label="z", numeric=True),
        Column(label="Verdict"),
        Column(label="In words"),
    )
    like = "; ".join(
        dict.fromkeys(
            str(each["compared"]) for each in found if isinstance(each.get("compared"), str)
        )
    )
    listed = [
        (
            words(sentence(label(result, each))),
            words(f"{each['first']} and {each['second']}"),
            number(_pair(written, each), each.get("difference")),
            number(fixed(each.get("z"), 1), each.get("z")),
            _verdict(each),
            words(each.get("words")),
        )
        for each in found
    ]
    return table(
        "Do the designs agree?",
        columns,
        listed,
        most=24,
        note="Largest difference first. z is the difference over its standard error, "
        "from the influence that each cluster has on both. A disagreement counts as a "
        "failed check only between designs that both claim to identify the effect."
        + (f" On like terms: {like}." if like else ""),
    )


def _pair(written: Scale, each: Mapping[str, Any]) -> str:
    first, second = each.get("first_estimate"), each.get("second_estimate")
    if first is None or second is None:
        return written.value(each.get("difference"))
    return f"{written.value(first)} and {written.value(second)}"


def _verdict(each: Mapping[str, Any]) -> Cell:
    if each.get("compared") is False:
        return words("not compared", tone="quiet")
    if each.get("status") is None:
        return words("no claim", tone="quiet")
    text, tone = _STATUS.get(str(each.get("status")), (str(each.get("status") or ""), "plain"))
    return words(text, tone=tone)


def _designs(result: Mapping[str, Any]) -> Table:
    columns = (
        Column(label="Design"),
        Column(label="Known by"),
        Column(label="Population"),
        Column(label="It assumes"),
        Column(label="Rows used", numeric=True),
        Column(label="Left out"),
    )
    listed = [
        (
            words(each["name"]),
            words(badge(result, each)),
            words(each.get("population")),
            words(" ".join(each.get("assumptions") or ())),
            counted(each.get("used")),
            words(_left_out(each)),
        )
        for each in result.get("designs", ())
    ]
    return table("Designs", columns, listed)


def _left_out(design: Mapping[str, Any]) -> str:
    left = design.get("left_out") or {}
    parts = [f"{left[key]:,.0f} {key}" for key in ("rows", "blocks") if left.get(key)]
    if not parts:
        return "nothing"
    said = f": {left['words']}" if left.get("words") else ""
    return " in ".join(parts) + said
