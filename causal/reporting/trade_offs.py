"""Trade-offs: what each attribute does to every outcome, guardrails with their zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, percent, sentence
from causal.policy.guardrails import allowed, guardrail_status
from causal.policy.reading import Row, effects, label, outcomes, scale
from causal.reporting._forest import span
from causal.reporting._parts import (
    estimate_cells,
    estimate_columns,
    forest,
    forest_row,
    greyed,
    interval_label,
    measured,
    named,
    tone,
    verdict,
)
from causal.reporting._view import (
    Block,
    Cell,
    Column,
    Figure,
    Section,
    Table,
    Text,
    Tone,
    number,
    table,
    words,
)

MOST = 24  # rows of a drawing
MOST_DRAWN = 3  # guardrails
_STATUS = {"worse": "\u2717 worse", "safe": "\u2713 within margin", "unclear": "? not ruled out"}
_TONE: Mapping[str, Tone] = {"worse": "bad", "safe": "good", "unclear": "warn"}


def section(result: Mapping[str, Any]) -> Section | None:
    """Put all outcomes of one attribute in one row; only for more than one outcome."""
    listed = [each for each in outcomes(result) if effects(result, outcome=each["name"])]
    if len(listed) < 2:
        return None
    return Section(
        order=70,
        id="trade-offs",
        chapter="Trade-offs",
        title="Trade-offs across outcomes",
        lead="One row for each attribute, one column for each outcome. An attribute that helps "
        "success and harms a guardrail is no win.",
        blocks=(
            _table(result, listed),
            Text(text=_zones(listed), style="note"),
            *_drawn(result, listed),
        ),
    )


def _drawn(result: Mapping[str, Any], listed: list[Row]) -> list[Block]:
    """Draw each guardrail with the range that its margin does not allow."""
    guards = [each for each in listed if each.get("role") == "guardrail"]
    found: list[Block] = []
    for guardrail in guards[:MOST_DRAWN]:
        rows = [
            row
            for row in effects(result, outcome=guardrail["name"])
            if row.get("estimate") is not None
        ]
        found += [_figure(result, guardrail, rows[:MOST])] if rows else []
    return found


def _figure(result: Mapping[str, Any], guardrail: Row, rows: list[Row]) -> Figure:
    written = scale(result, guardrail["name"])
    name = human(guardrail["name"])
    margin = guardrail.get("margin")
    limit = f"more than {percent(margin)} worse" if margin else "any worse"
    drawn = [forest_row(result, row, named(result, row), factor=written.factor) for row in rows]
    ends = [_limit(guardrail, row) * written.factor for row in rows]
    domain = span([*drawn, *({"estimate": end} for end in ends)])
    rising = guardrail.get("goal", "increase") == "increase"
    for row, end in zip(drawn, ends, strict=True):
        row.update(zone_low=domain[0] if rising else end, zone_high=end if rising else domain[1])
    return Figure(
        title=f"{sentence(name)} and its guardrail",
        subtitle=f"{measured(result, guardrail)}, in {written.heading}; shaded: {limit}",
        describe=f"Forest of {len(rows)} estimates for {name} with the range that the guardrail "
        "does not allow.",
        draw=forest(
            drawn, axis=f"{measured(result, guardrail)} ({written.heading})", domain=domain
        ),
        footnote="Filled dot: clear effect. Safe: the interval that decides stays out of the shade. Worse: it lies wholly inside it. "
        "Anything else is not ruled out.",
        table=_guarded(result, guardrail, rows),
    )


def _limit(guardrail: Row, row: Row) -> float:
    """The change at which the guardrail is reached, in units of the outcome."""
    rising = guardrail.get("goal", "increase") == "increase"
    return -allowed(guardrail, row) if rising else allowed(guardrail, row)


def _guarded(result: Mapping[str, Any], guardrail: Row, rows: list[Row]) -> Table:
    written = scale(result, guardrail["name"])
    columns = (
        *estimate_columns(written, interval=interval_label(result)),
        Column(label="Limit", unit=written.unit or written.heading, numeric=True),
        Column(label="Reading"),
    )
    listed = [
        (
            words(named(result, row)),
            *estimate_cells(result, written, row),
            number(written.value(_limit(guardrail, row)), _limit(guardrail, row)),
            words("no verdict", tone="quiet")
            if greyed(result)
            else _reading(result, guardrail, row),
        )
        for row in rows
    ]
    return table(f"{sentence(human(guardrail['name']))} and its guardrail", columns, listed)


def _reading(result: Mapping[str, Any], guardrail: Row, row: Row) -> Cell:
    status = guardrail_status(result, guardrail, row)
    safe = status == "safe" and not guardrail.get("margin")
    return words("\u2713 not worse" if safe else _STATUS[status], tone=_TONE[status])


def _table(result: Mapping[str, Any], listed: list[Row]) -> Table:
    found = {
        outcome["name"]: {
            (row["attribute"], str(row["contrast"])): row
            for row in effects(result, outcome=outcome["name"])
        }
        for outcome in listed
    }
    keys = list(dict.fromkeys(key for rows in found.values() for key in rows))
    columns = [Column(label="Attribute")]
    for outcome in listed:
        written = scale(result, outcome["name"])
        columns.append(
            Column(
                label=f"{sentence(human(outcome['name']))}, {outcome.get('role', 'success')}",
                unit=written.unit or written.heading,
                numeric=True,
            )
        )
        columns.append(Column(label="Reading"))
    rows = []
    for key in keys:
        cells: list[Cell] = []
        for outcome in listed:
            cells += _cells(result, outcome, found[outcome["name"]].get(key))
        name = next(rows_[key] for rows_ in found.values() if key in rows_)
        rows.append((words(sentence(label(result, name))), *cells))
    return table("Effects on every outcome", tuple(columns), rows)


def _cells(result: Mapping[str, Any], outcome: Row, row: Row | None) -> list[Cell]:
    if row is None or row.get("estimate") is None:
        return [words("\u2013", tone="quiet"), words("not estimable", tone="quiet")]
    written = scale(result, outcome["name"])
    text = written.value(row["estimate"])
    value = number(text, row["estimate"], tone=tone(result, row))
    if outcome.get("role") == "guardrail" and not greyed(result):
        status = guardrail_status(result, outcome, row)
        value = number(text, row["estimate"], tone="bad" if status == "worse" else "plain")
        return [value, _reading(result, outcome, row)]
    return [value, verdict(result, row)]


def _zones(listed: list[Row]) -> str:
    said = [
        f"{sentence(human(each['name']))} may get worse by at most {percent(each['margin'])} "
        "of its level"
        for each in listed
        if each.get("role") == "guardrail" and each.get("margin")
    ]
    if not said:
        return "No guardrail has a margin: a guardrail is safe only where it is clearly not worse."
    return "; ".join(said) + ". Within margin: the whole decision interval is better than that."
