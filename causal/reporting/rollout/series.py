"""What changed against the continuation of its own course."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from causal.content.wording import count, fixed, human, percent
from causal.reporting._courses import against
from causal.reporting._view import Block, Column, Figure, Section, Table, Text, number, table, words
from causal.reporting.rollout._told import FEW_ROWS, axis, dated, row_of, scale, titled, unit_of

_ROWS = (("effect", "Mean from the change on"), ("level", "Step at the change"),
         ("slope", "Change of slope, a period"))  # fmt: skip


def section(result: Mapping[str, Any]) -> Section | None:
    """Show each outcome's own course; nothing for another schedule."""
    own = result.get("single")
    if own is None or "series" not in own["methods"]:
        return None
    blocks: list[Block] = []
    for each in own["outcomes"]:
        if each["series"] is None:
            blocks.append(
                Text(text=f"{titled(each['outcome'])}: {each['series_why']}.", style="note")
            )
            continue
        if each["observed"] is None:
            written = scale(result, each["outcome"], _found(result, each["outcome"]))
            blocks += [_table(result, each["outcome"], written), Text(text=FEW_ROWS, style="note")]
        else:
            blocks.append(_figure(result, own, each))
        blocks.append(Text(text=_note(each), style="note"))
    return Section(
        order=30,
        id="series",
        chapter="Effects",
        title="Against its own course",
        lead="A comparison: the course from before, continued, against what came. Whatever else "
        "happened at the same date is in the difference.",
        blocks=tuple(blocks),
    )


def _figure(result: Mapping[str, Any], own: Mapping[str, Any], each: Mapping[str, Any]) -> Figure:
    name, made = each["outcome"], each["series"]
    rows = _found(result, name)
    written = scale(result, name, rows)
    level = percent(result["study"]["level"])
    names = dated(result["data"]["periods"])
    told = written.effect(rows[0]["estimate"]) if rows else "no number"
    return Figure(
        title=f"{titled(name)} and its own course",
        subtitle=f"Solid: seen. Dashed: its course from before, continued; band: {level} interval of "
        "that course. Upright line: the change.",
        describe=f"{titled(name)} over {count(len(names))} {own['periods_called']}, of which "
        f"{count(own['before'])} before the change; mean difference from then on {told}.",
        draw=partial(
            against,
            _points(each, made, own["before"], written.factor),
            names=names,
            starts=own["before"],
            axis=axis(written, titled(name)),
            across="",
        ),
        table=_table(result, name, written),
    )


def _found(result: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = [row_of(result, name, estimand, "interrupted series") for estimand, _ in _ROWS]
    return [row for row in rows if row is not None]


def _points(
    each: Mapping[str, Any], made: Mapping[str, Any], before: int, factor: float
) -> list[dict[str, float | None]]:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    columns = zip(each["observed"], made["expected"], made["low"], made["high"], strict=True)
    return [
        {
            "x": t,
            "seen": scaled(seen),
            "expected": scaled(expected),
            "low": scaled(low) if t >= before else None,
            "high": scaled(high) if t >= before else None,
        }
        for t, (seen, expected, low, high) in enumerate(columns)
    ]


def _table(result: Mapping[str, Any], name: str, written: Any) -> Table:
    unit = unit_of(written)
    columns = (
        Column(label="What"),
        Column(label="Difference", unit=unit, numeric=True),
        Column(label="Interval", unit=unit, numeric=True),
    )
    rows = []
    for estimand, label in _ROWS:
        row = row_of(result, name, estimand, "interrupted series")
        if row is not None:
            rows.append(
                (
                    words(label),
                    number(written.value(row["estimate"]), row["estimate"]),
                    number(written.interval(row["ci_low"], row["ci_high"]), row["ci_low"]),
                )
            )
    return table(f"{titled(name)} against its own course", columns, rows)


def _note(each: Mapping[str, Any]) -> str:
    made, name = each["series"], human(each["outcome"])
    season = (
        f" A season of {count(made['season'])} is taken out." if made["season"] is not None else ""
    )
    why = f" No interval: {each['series_why']}." if each["series_why"] else ""
    return (
        f"Neighbours in time of {name} are alike by {fixed(made['rho'], 2)} (0 to 1), which the errors "
        f"take into account.{season}{why}"
    )
