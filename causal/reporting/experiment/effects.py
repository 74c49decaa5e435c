"""Effects by role: what decides, what guards, what is only shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.content.wording import Scale, chance, figure, human, percent, sentence
from causal.reporting._charts import LABELS
from causal.reporting._parts import forest
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
    number,
    table,
    words,
)
from causal.reporting.experiment._bars import by, held, legend, sequential, unjudged
from causal.reporting.experiment._rows import (
    ROLES,
    Row,
    drawn,
    greyed,
    label,
    reading,
    relatable,
    relative,
    relative_interval,
    scale,
    shared,
    side,
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Every comparison, in relative terms, with its table and its exact numbers."""
    blocks: list[Block] = []
    if not result["comparisons"]:
        blocks.append(
            Banner(
                title="Nothing to compare",
                tone="bad",
                text="The control, or every other arm, has no units.",
            )
        )
    elif greyed(result):
        blocks.append(
            Banner(
                title="For debugging only",
                tone="bad",
                text="A check of the experiment failed: nothing below may be read as an effect.",
            )
        )
    elif shared(result):
        blocks.append(
            Banner(
                title="Differences between arms",
                text="Arms share one pool of exposure: what one gained the other may have lost, so "
                "no difference below is an effect of giving it to everybody.",
            )
        )
    for role, heading in ROLES.items():
        rows = [row for row in result["comparisons"] if row["role"] == role]
        if rows:
            blocks.append(Group(title=heading, blocks=tuple(_role(result, role, rows))))
    return Section(
        order=40,
        id="effects",
        chapter="Effects",
        title="Effects",
        lead="Each arm less the control, over the control's level. "
        "Absolute effects and everything behind them are in the tables.",
        blocks=tuple(blocks),
    )


def _role(result: Row, role: str, rows: list[Row]) -> list[Block]:
    shown = [row for row in rows if not row["why"]]
    plotted = [row for row in shown if relatable(row)]
    blocks: list[Block] = []
    if plotted:
        blocks.append(
            Figure(
                title=_title(result, role, shown),
                subtitle=f"Relative effect, with {percent(result['study']['level'])} intervals",
                describe=f"Forest of {len(plotted)} relative effects; the table has the same numbers.",
                draw=forest(
                    [drawn(result, row) for row in plotted],
                    axis="Relative effect (%)",
                    domain=_domain(result, plotted),
                    labels=_room(result),
                ),
                footnote=legend(result, role, shown),
                table=_table(result, rows),
                open_table=True,
            )
        )
    else:
        blocks.append(_table(result, rows))
    blocks.append(Details(title="Tests and exact numbers", blocks=(_exact(result, rows),)))
    return blocks


def _room(result: Row) -> int:
    """Room for the longest name, the same in every chart: what it does not need the plot has."""
    longest = max(len(label(result, row)) for row in result["comparisons"])
    return max(90, min(LABELS, 24 + 7 * longest))


def _domain(result: Row, rows: list[Row]) -> tuple[float, float]:
    """An axis that shows the intervals, and the edge of each margin."""
    from causal.reporting._forest import span

    listed = [drawn(result, row) for row in rows]
    low, high = span(listed)
    for each in listed:
        edges = [each.get("zone_low"), each.get("zone_high")]
        for edge in edges:
            if edge is not None and abs(edge) < 1_000:
                low, high = min(low, edge * 1.3), max(high, edge * 1.3)
    return low, high


def _title(result: Row, role: str, rows: list[Row]) -> str:
    if unjudged(result, role):
        return f"Differences in {ROLES[role].lower()}"
    moved = [row for row in rows if reading(result, row).tone in ("good", "bad")]
    if role == "guardrail":
        broken = [row for row in rows if reading(result, row).tone == "bad"]
        unclear = [row for row in rows if reading(result, row).tone == "warn"]
        if broken:
            return f"{sentence(human(broken[0]['outcome']))} is worse than its margin"
        return "Harm is not ruled out everywhere" if unclear else "Every guardrail is kept"
    if not moved:
        return "No clear effect"
    return "; ".join(
        f"{label(result, row)} {relative(row, 'relative_decided').text}"
        if relatable(row, "relative_decided")
        else f"{label(result, row)} is {'better' if side(row) > 0 else 'worse'}"
        for row in moved[:3]
    )


def _table(result: Row, rows: list[Row]) -> Table:
    columns = (
        Column(label="Metric"),
        Column(label="Control", numeric=True),
        Column(label="Treated", numeric=True),
        Column(label="Effect", numeric=True),
        Column(label="Relative", unit="%", numeric=True),
        Column(label=by(result, rows, "Interval"), unit="%", numeric=True),
        Column(label="Reading"),
    )
    listed = []
    for row in rows:
        written = scale(result, row["outcome"])
        value = None if row["why"] else row["effect"]["value"]
        listed.append(
            (
                words(label(result, row)),
                number(written.level(row["control"]), row["control"]),
                number(written.level(row["treated"]), row["treated"]),
                number(written.effect(value), value),
                relative(row, "relative_decided"),
                relative_interval(row, "relative_decided"),
                reading(result, row),
            )
        )
    return table("Effects", columns, listed)


def _exact(result: Row, rows: list[Row]) -> Table:
    beside = ("", ", relative") if held(rows) else ()
    always = ", valid at every look" if sequential(rows) else ""
    columns = (
        Column(label="Metric"),
        Column(label="Interval, alone", numeric=True),
        Column(label=f"{by(result, rows, 'Interval')}{always}", numeric=True),
        *(Column(label=f"Valid at every look{of}", numeric=True) for of in beside),
        Column(label="Without adjustment", numeric=True),
        Column(label="Distance to the margin", numeric=True),
        Column(label="Standard error", numeric=True),
        Column(label="Degrees of freedom", numeric=True),
        Column(label="p", numeric=True),
        Column(label=by(result, rows, "p"), numeric=True),
        Column(label="Corrected for selection", numeric=True),
        Column(label="Why not"),
    )
    listed = []
    for row in rows:
        plain = scale(result, row["outcome"])
        written = replace(plain, decimals=plain.decimals + 1)
        hide = greyed(result) or shared(result)
        error, df, corrected = (_shown(row, key) for key in ("std_error", "df", "corrected"))
        listed.append(
            (
                words(label(result, row)),
                *(_ends(written, row, key) for key in ("effect", "decided")),
                *(_always(written, row) if beside else ()),
                *(_ends(written, row, key) for key in ("raw", "gap")),
                number(written.width(error), error),
                number(figure(df, 4), df),
                *(number(chance(p), p) for p in (_shown(row, "p_value"), _shown(row, "decided_p"))),
                number(written.effect(None if hide else corrected), None if hide else corrected),
                words(row["why"]),
            )
        )
    return table("Tests and exact numbers", columns, listed)


def _always(written: Scale, row: Row) -> tuple[Cell, Cell]:
    if row["relative_always"] is None:
        return words(None), words(None)
    return _ends(written, row, "always"), relative_interval(row, "relative_always")


def _shown(row: Row, key: str) -> Any:
    return None if row["why"] else row[key]


def _ends(written: Scale, row: Row, key: str) -> Cell:
    given = _shown(row, key)
    if given is None:
        return words(None)
    return number(written.interval(given["low"], given["high"]), given["low"])
