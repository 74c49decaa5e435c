"""The ladder of designs: each attribute by every comparison the data allow, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, fixed, human, sentence, together
from causal.policy.interval import joint
from causal.policy.reading import Row, decisive, effects, label, scale, spoken
from causal.reporting._parts import (
    badge,
    counted,
    estimate_cells,
    estimate_columns,
    forest,
    forest_row,
    greyed,
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
    Text,
    Tone,
    number,
    table,
    words,
)

MOST = 12
LONG_LABELS = 230
NOTABLE = 2  # standard errors
_OWN_ROWS = "each on its own rows"
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
    blocks: list[Block] = [*_bought(result, outcome["name"]), _figure(result, outcome, rungs)]
    blocks += _agreement(result, outcome["name"])
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
    claiming = _claiming(result)
    drawn = []
    for rows in rungs[:MOST]:
        for place, row in enumerate(rows):
            name = f"{named(result, row)} \u00b7 {row['design']}" if place == 0 else row["design"]
            mark = forest_row(result, row, name, factor=written.factor)
            mute = {} if row["design"] in claiming else {"tone": "quiet", "filled": False}
            drawn.append(mark | mute)
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
            labels=LONG_LABELS,
            groups=[len(rows) for rows in rungs[:MOST]],
        ),
        footnote=f"Filled dot: clear effect, by a design that claims to be the effect. {_lines(result)}{more}",
        table=_table(result, outcome["name"], rungs),
    )


def _lines(result: Mapping[str, Any]) -> str:
    if not joint(result):
        return "Line: interval of one comparison alone."
    return (
        "Thin line, and the interval of the table: holds for all comparisons of its design at "
        "once; thick line: for one comparison alone."
    )


def _table(result: Mapping[str, Any], outcome: str, rungs: list[list[Row]]) -> Table:
    written = scale(result, outcome)
    name, *middle = estimate_columns(written, interval="Interval")
    columns = (name, Column(label="Design"), *middle, Column(label="Rows", numeric=True))
    listed = [
        (
            words(named(result, row)),
            words(row["design"]),
            *estimate_cells(result, written, row),
            counted(row.get("units")),
        )
        for rows in rungs
        for row in rows
    ]
    return table(f"Effect on {human(outcome)} by design", columns, listed, most=36)


def _compared(result: Mapping[str, Any], outcome: str) -> list[Row]:
    """Pairs of designs on one outcome, the largest difference first."""
    found = [each for each in result.get("agreement", ()) if each["outcome"] == outcome]
    return sorted(found, key=lambda each: -abs(each.get("z") or 0))


def _bought(result: Mapping[str, Any], outcome: str) -> list[Block]:
    """Say what the randomised comparison removed, by the design that differs most from it."""
    headline = result.get("headline")
    known = {each["name"]: each for each in result.get("designs", ())}
    if greyed(result) or known.get(headline, {}).get("identification") != "randomized":
        return []
    open_ = [
        each
        for each in _compared(result, outcome)
        if each["first"] == headline
        and _silent(result, each)
        and each.get("second_estimate") is not None
    ]
    if not open_:
        return []
    most = open_[0]
    if abs(most.get("z") or 0) < NOTABLE:
        return [
            Text(
                text="Randomisation did not change the reading here: none of the "
                f"{len(open_)} comparisons without it differs from it by {NOTABLE} standard "
                "errors or more."
            )
        ]
    return [Text(text=_difference(result, known[most["second"]], most, len(open_)))]


def _difference(
    result: Mapping[str, Any], weaker: Mapping[str, Any], most: Row, number: int
) -> str:
    written = scale(result, most["outcome"])
    what = "raw gap" if weaker.get("identification") == "descriptive" else "adjusted difference"
    block = result.get("study", {}).get("block") or ()
    where = f"within {together(block)}" if most["first"] == "within" and block else "with it"
    like = "" if str(most.get("compared")) in ("", "None", _OWN_ROWS) else ", on like rows,"
    largest = f" This is the largest of {number} such differences." if number > 1 else ""
    return (
        f"What randomisation bought: without it the {what} of {spoken(result, most)} would have "
        f"read{like} {written.effect(most['second_estimate'])}; {where} it is "
        f"{written.effect(most['first_estimate'])}, {fixed(abs(most['z']), 1)} standard errors "
        f"away.{largest}"
    )


def _silent(result: Mapping[str, Any], each: Row) -> bool:
    """Whether one of the two designs makes no claim, so that they need not agree."""
    return not {each["first"], each["second"]} <= _claiming(result)


def _claiming(result: Mapping[str, Any]) -> set[str]:
    """Designs that claim to be the effect."""
    return {design["name"] for design in result.get("designs", ()) if design.get("claims")}


def _agreement(result: Mapping[str, Any], outcome: str) -> list[Block]:
    """Pairs in which both designs claim the effect; the others behind a line."""
    found = _compared(result, outcome)
    claimed = [each for each in found if not _silent(result, each)]
    silent = [each for each in found if _silent(result, each)]
    blocks: list[Block] = []
    if claimed:
        blocks.append(_pairs(result, outcome, claimed, "Do the designs agree?"))
    if silent:
        title = f"{len(silent)} comparisons with a design that makes no claim to be the effect"
        blocks.append(Details(title=title, blocks=(_pairs(result, outcome, silent, title),)))
    return blocks


def _pairs(result: Mapping[str, Any], outcome: str, found: list[Row], caption: str) -> Table:
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
            _verdict(result, each),
            words(each.get("words")),
        )
        for each in found
    ]
    return table(
        caption,
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


def _verdict(result: Mapping[str, Any], each: Mapping[str, Any]) -> Cell:
    if each.get("status") is None:
        return words("no claim" if _silent(result, each) else "not compared", tone="quiet")
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
