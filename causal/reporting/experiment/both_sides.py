"""Both sides of the marketplace: what one arm gains that the other may lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import fixed, human, percent, sentence
from causal.reporting._view import Banner, Block, Cell, Column, Section, Table, number, table, words
from causal.reporting.experiment._rows import Row


def section(result: Mapping[str, Any]) -> Section | None:
    """Displacement on a shared pool, or why there is no number for it."""
    if result["analysis"]["pool"] != "shared":
        return None
    found, whose = result["displacement"], str(result["analysis"]["side"])
    blocks: list[Block] = [Banner(title="Not the effect on the platform", text=_why(whose))]
    blocks += [_table(each) for each in found]
    if not found:
        blocks.append(
            Banner(
                title="Displacement is not estimable",
                text=f"It needs two arms, an outcome that {whose}s compete for (competes: true) with "
                "the same measure before the experiment (before), and how demand measured outside "
                "the outcome grew (analysis: demand).",
                tone="plain",
            )
        )
    return Section(
        order=35,
        id="both-sides",
        chapter="Effects",
        title="One pool, two arms: what the difference hides",
        blocks=tuple(blocks),
    )


def _why(whose: str) -> str:
    return (
        f"{sentence(whose)}s compete for one pool of exposure: what a treated {whose} gains may be "
        f"what a control {whose} loses, and their difference counts it twice. The effect of giving "
        "it to everybody is not identified by this design."
    )


def _table(each: Row) -> Table:
    rows = (
        ("Treated, against what was expected of them", "treated", "of what was expected"),
        ("Control, against what was expected of them", "control", "of what was expected"),
        ("Total of both arms", "total", "of what was expected"),
        (
            "Difference between the arms, not adjusted (not an effect on the platform)",
            "naive",
            "of the control",
        ),
        ("Displacement: control's loss over the treated's gain", "ratio", "1 is a mere shift"),
    )
    columns = (
        Column(label="What"),
        Column(label="Value", numeric=True),
        Column(label="Consistent with the data", numeric=True),
        Column(label="In shares"),
    )
    listed = [
        (words(name), _value(each[key], key), _interval(each[key], key), words(of))
        for name, key, of in rows
    ]
    return table(sentence(human(each["outcome"])), columns, listed)


def _written(value: float | None, key: str) -> str:
    if key == "ratio":
        return fixed(value, 2)
    return percent(value, sign=True)


def _value(given: Row, key: str) -> Cell:
    return number(_written(given["value"], key), given["value"])


def _interval(given: Row, key: str) -> Cell:
    if given["shape"] != "bounded":
        return words("every value: nothing was gained that a loss could be a share of")
    return number(f"{_written(given['low'], key)} to {_written(given['high'], key)}", given["low"])
