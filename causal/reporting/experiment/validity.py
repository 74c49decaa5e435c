"""The validity gate: checks of the experiment itself, before any effect is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from causal.content.wording import count, figure, percent
from causal.reporting import findings
from causal.reporting._view import Code, Column, Details, Section, Table, number, table, words
from causal.reporting.experiment._rows import named_arm


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the split that was planned and seen, every check, and the queries behind them."""
    made = findings.section(result)
    if made is None:
        return None
    failed = any(each["status"] == "FAIL" for each in result["findings"])
    blocks = (split(result["arms"]), *made.blocks, *_queries(result))
    title = made.title if failed else "Is the experiment valid? Every check that may stop it passed"
    return replace(made, order=20, id="validity", chapter="Validity", title=title, blocks=blocks)


def split(arms: Sequence[Mapping[str, Any]], title: str = "The split") -> Table:
    """The arms with their planned shares, and how many units each has."""
    total = sum(each["randomized"] for each in arms) or 1
    columns = (
        Column(label="Arm"),
        Column(label="Planned", unit="%", numeric=True),
        Column(label="Seen", unit="%", numeric=True),
        Column(label="Units of randomisation", numeric=True),
        Column(label="Expected", numeric=True),
    )
    rows = [
        (
            words(named_arm(each)),
            number(percent(each["share"]), each["share"]),
            number(f"{figure(100 * each['randomized'] / total, 4)}%", each["randomized"] / total),
            number(count(each["randomized"]), each["randomized"]),
            number(count(round(each["share"] * total)), each["share"] * total),
        )
        for each in arms
    ]
    return table(title, columns, rows)


def _queries(result: Mapping[str, Any]) -> tuple[Any, ...]:
    if not result["sql"]:
        return ()
    codes = tuple(Code(text=each["text"], label=each["name"]) for each in result["sql"])
    return (Details(title="The queries behind these numbers", blocks=codes),)
