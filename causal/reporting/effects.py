"""Effects: a forest for each outcome, with the raw gap as a cross and the way it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import chance, count, human, percent, sentence, together
from causal.policy.interval import adjusted_by, alone, interval_words, joint
from causal.policy.reading import (
    Row,
    clear,
    compares_only,
    effects,
    outcomes,
    scale,
    spoken,
)
from causal.reporting._parts import (
    badge,
    counted,
    estimate_cells,
    estimate_columns,
    forest,
    forest_key,
    forest_row,
    greyed,
    interval_cell,
    interval_label,
    level_words,
    measured,
    named,
    raw_gaps,
    relative,
    titled_outcome,
    verdict,
)
from causal.reporting._view import (
    Banner,
    Block,
    Cell,
    Column,
    Details,
    Figure,
    Group,
    Section,
    Table,
    Text,
    name,
    number,
    table,
    words,
)

MOST_EXACT = 40  # rows of the tables of tests, over all outcomes


def section(result: Mapping[str, Any]) -> Section | None:
    """Show every effect of the headline design, outcome by outcome."""
    shown = [each for each in outcomes(result) if effects(result, outcome=each["name"])]
    if not shown:
        return None
    blocks: list[Block] = []
    if greyed(result):
        blocks.append(
            Banner(
                title="For debugging only",
                tone="bad",
                text="A check that these numbers rest on failed: no verdict here.",
            )
        )
    room = MOST_EXACT
    for outcome in shown:
        inside = _outcome(result, outcome, room)
        room -= len(effects(result, outcome=outcome["name"]))
        blocks.append(Group(title=titled_outcome(outcome), blocks=tuple(inside)))
    return Section(
        order=30,
        id="effects",
        chapter="Effects",
        title="Effects",
        lead=_lead(result),
        blocks=tuple(blocks),
    )


def _lead(result: Mapping[str, Any]) -> str:
    design = result.get("headline")
    known = [each for each in result.get("designs", ()) if each["name"] == design]
    population = f" on {known[0]['population']}" if known and known[0].get("population") else ""
    if compares_only(result):
        return (
            f"Each row compares items with and without one attribute; design \u201c{design}\u201d"
            f"{population}. These are differences between groups, not effects of the attribute."
        )
    return (
        f"Each row changes one attribute and holds the others as observed; design "
        f"\u201c{design}\u201d{population}. The cross is the raw gap, before anything is held "
        "fixed: the distance from the cross to the dot is what the comparison removed."
    )


def _outcome(result: Mapping[str, Any], outcome: Mapping[str, Any], room: int) -> list[Block]:
    rows = effects(result, outcome=outcome["name"])
    drawn = [row for row in rows if row.get("estimate") is not None]
    missing = [row for row in rows if row.get("estimate") is None]
    blocks: list[Block] = [_figure(result, outcome, drawn)] if drawn else []
    blocks += [_refused(result, missing)] if missing else []
    if drawn and len(drawn) <= room:
        blocks.append(Details(title="Tests and exact numbers", blocks=(_exact(result, drawn),)))
    elif drawn:
        blocks.append(
            Text(
                style="note",
                text="Standard errors, tests and counts of these "
                f"{len(drawn)} estimates are in effects.parquet.",
            )
        )
    return blocks


def _figure(result: Mapping[str, Any], outcome: Mapping[str, Any], rows: list[Row]) -> Figure:
    written = scale(result, outcome["name"])
    gaps = raw_gaps(result, outcome["name"]) if result.get("headline") != "naive" else {}
    drawn = [
        forest_row(
            result,
            row,
            named(result, row),
            factor=written.factor,
            raw=gaps.get((row["attribute"], row["contrast"])),
        )
        for row in rows
    ]
    cross = " Cross: raw gap." if gaps else ""
    most = max((row.get("units") or 0 for row in rows), default=0)
    window = result.get("data", {})
    dates = (
        f"; {str(window['starts'])[:10]} to {str(window['ends'])[:10]}"
        if (window.get("starts") and window.get("ends"))
        else ""
    )
    return Figure(
        title=_finding(result, outcome, rows),
        subtitle=f"Difference in {human(outcome['name'])}, in {written.heading}, with "
        f"{level_words(result)} {_plural(interval_words(result))}",
        describe=f"Forest of {len(rows)} estimates for {human(outcome['name'])}; the table below "
        "has the same numbers.",
        draw=forest(drawn, axis=f"{measured(result, outcome)} ({written.heading})"),
        footnote=f"{forest_key(result)}{cross} n = {count(most)} rows{dates}.",
        table=_table(result, outcome, rows, gaps),
        open_table=True,
    )


def _plural(interval: str) -> str:
    """The words for one interval, for several."""
    return interval.replace("interval that holds", "intervals that hold", 1).replace(
        "for one comparison", "for each comparison"
    )


def _finding(result: Mapping[str, Any], outcome: Row, rows: list[Row]) -> str:
    """The figure's title: what it shows, in a sentence."""
    name = human(outcome["name"])
    found = [] if greyed(result) else [row for row in rows if clear(row)]
    known = {row.get("identification") for row in found}
    if greyed(result) or "descriptive" in known:
        return f"Differences in {name}"
    if not found:
        return f"No clear effect on {name}"
    if known == {"adjusted"}:
        return _associated(result, name, found)
    parts: list[str] = []
    for direction, plural in (("lowers", "lower"), ("raises", "raise")):
        names = [spoken(result, row) for row in found if row["verdict"] == direction]
        if names:
            shown = names[:4] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
            verb = direction if len(names) == 1 else plural
            parts.append(f"{together(shown)} {verb} {'it' if parts else name}")
    return sentence("; ".join(parts))


def _associated(result: Mapping[str, Any], name: str, found: list[Row]) -> str:
    parts = []
    for direction, word in (("lowers", "lower"), ("raises", "higher")):
        names = [spoken(result, row) for row in found if row["verdict"] == direction]
        shown = names[:4] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
        parts += [f"{word} {name} with {together(shown)}"] if names else []
    return f"After adjustment: {'; '.join(parts)}"


def _table(
    result: Mapping[str, Any],
    outcome: Mapping[str, Any],
    rows: list[Row],
    gaps: Mapping[tuple[str, str], float | None],
) -> Table:
    written = scale(result, outcome["name"])
    unit = written.unit or written.heading
    columns = [
        *estimate_columns(written, interval=interval_label(result)),
        *([Column(label="p, adjusted", numeric=True)] if adjusted_by(result) else []),
        Column(label="Relative", unit="%", numeric=True),
    ]
    if gaps:
        columns.append(Column(label="Raw gap", unit=unit, numeric=True))
    columns += [
        Column(label="Without it", unit="%" if written.unit == "pp" else "", numeric=True),
        Column(label="Verdict"),
        Column(label="Known by"),
    ]
    listed = []
    for row in rows:
        gap = gaps.get((row["attribute"], row["contrast"]))
        middle = (number(written.value(gap), gap),) if gaps else ()
        listed.append(
            (
                words(named(result, row)),
                *estimate_cells(result, written, row),
                *([_adjusted(row)] if adjusted_by(result) else []),
                relative(row),
                *middle,
                number(written.level(row.get("baseline")), row.get("baseline")),
                verdict(result, row),
                words(badge(result, row)),
            )
        )
    return table(measured(result, outcome), tuple(columns), listed)


def _exact(result: Mapping[str, Any], rows: list[Row]) -> Table:
    written = scale(result, rows[0]["outcome"])
    unit = written.unit
    columns = (
        Column(label="Attribute"),
        Column(label="Column"),
        Column(label="Contrast"),
        Column(label="Standard error", unit=unit, numeric=True),
        Column(label=_other(result), unit=unit, numeric=True),
        Column(label="Relative interval, alone", unit="%", numeric=True),
        Column(label="p", numeric=True),
        Column(label="p, adjusted", numeric=True),
        Column(label="Rows", numeric=True),
        Column(label="With it", numeric=True),
        Column(label="Clusters", numeric=True),
        Column(label="Estimand"),
        Column(label="Estimator"),
    )
    listed = [
        (
            words(named(result, row)),
            name(str(row["attribute"])),
            words(row.get("contrast")),
            number(written.width(row.get("std_error")), row.get("std_error")),
            interval_cell(written, alone(row) if joint(result) else _simultaneous(row)),
            number(_relative_interval(row), row.get("relative_low")),
            number(chance(row.get("p_value")), row.get("p_value")),
            _adjusted(row),
            counted(row.get("units")),
            counted(row.get("treated")),
            counted(row.get("clusters")),
            words(row.get("estimand")),
            words(row.get("estimator")),
        )
        for row in rows
    ]
    return table(f"Tests and exact numbers: {human(rows[0]['outcome'])}", columns, listed)


def _other(result: Mapping[str, Any]) -> str:
    """Name the interval that does not decide."""
    return "Interval of it alone" if joint(result) else "Simultaneous interval"


def _simultaneous(row: Row) -> tuple[float | None, float | None]:
    return row.get("simultaneous_low"), row.get("simultaneous_high")


def _adjusted(row: Row) -> Cell:
    return number(chance(row.get("p_adjusted")), row.get("p_adjusted"))


def _relative_interval(row: Row) -> str:
    low, high = row.get("relative_low"), row.get("relative_high")
    if low is None or high is None:
        return "\u2013"
    return f"{percent(low, sign=True)} to {percent(high, sign=True)}"


def _refused(result: Mapping[str, Any], rows: list[Row]) -> Block:
    if len(rows) == 1:
        row = rows[0]
        return Text(text=f"{named(result, row)}: not estimable. {_why(row)}", style="note")
    columns = (Column(label="Attribute"), Column(label="Why it is not estimable"))
    listed = [(words(named(result, row)), words(_why(row))) for row in rows]
    return table("Not estimable", columns, listed)


def _why(row: Row) -> str:
    return sentence(str(row.get("why") or "the assumptions of this design visibly fail"))
