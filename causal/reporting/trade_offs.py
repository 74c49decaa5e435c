"""Trade-offs: what each attribute does to every outcome, guardrails with their zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, percent, sentence
from causal.policy.guardrails import guardrail_status
from causal.policy.reading import Row, effects, label, outcomes, scale
from causal.reporting._parts import greyed, tone, verdict
from causal.reporting._view import Cell, Column, Section, Table, Text, Tone, number, table, words

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
        blocks=(_table(result, listed), Text(text=_zones(listed), style="note")),
    )


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
        said = _STATUS[status]
        if status == "safe" and not outcome.get("margin"):
            said = "\u2713 not worse"
        return [value, words(said, tone=_TONE[status])]
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
