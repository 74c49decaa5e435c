"""Second opinions: filling in, dates too early, and what one regression would have said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import chance, figure, percent, scale_of, sentence
from causal.reporting._view import Block, Column, Group, Section, Text, number, table, words
from causal.reporting.rollout._parts import (
    outcome_of,
    outcomes,
    silent,
    titled,
    unit_of,
    why_silent,
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Show other ways to the same number, and to numbers that must be zero."""
    made = outcomes(result)
    if not made:
        return None
    return Section(
        order=80,
        id="opinions",
        chapter="Trust",
        title="Second opinions",
        lead="None of these is the answer. The first two should agree; effects of dates too early "
        "should be nothing; one regression with effects of entities and periods compares late "
        "adopters with early ones too, and is shown for those who know it.",
        blocks=tuple(Group(title=titled(own), blocks=tuple(_blocks(result, own))) for own in made),
        closed=True,
    )


def _blocks(result: Mapping[str, Any], own: Mapping[str, Any]) -> list[Block]:
    overall, written = (
        own["overall"],
        scale_of(outcome_of(result, own["outcome"]), [own["overall"]]),
    )
    columns = (
        Column(label="Way"),
        Column(label="Value", unit=unit_of(written), numeric=True),
        Column(label="Standard error", unit=unit_of(written), numeric=True),
        Column(label="Note"),
    )
    rows = [
        (
            words("Group-time effects"),
            number(written.value(overall["value"]), overall["value"]),
            number("", None),
            words(overall["why"] or "mean from adoption on"),
        )
    ]
    filled, regression = own["imputation"], own["twfe"]
    if filled is not None:
        apart = (
            f"{figure(abs(filled['z']), 2)} standard errors apart"
            if filled["z"] is not None
            else ""
        )
        rows.append(
            _row("Filling in from untreated cells", filled["value"], filled, written, apart)
        )
    rows += [
        _row(
            f"Dated {each['periods']} periods early",
            each["value"],
            each,
            written,
            each["why"] or f"p = {chance(each['p_value'])}".replace("= <", "< "),
        )
        for each in own["placebo"]
        if each["value"] is not None
    ]
    if regression is not None:
        share = percent(regression["negative_share"])
        rows.append(
            _row(
                "One regression",
                regression["estimate"],
                regression,
                written,
                f"{share} of treated cells weigh negatively, "
                f"{figure(regression['negative_sum'], 2)} in all",
            )
        )
    blocks: list[Block] = [table(f"{titled(own)}: other ways", columns, rows)]
    if silent(result, own):
        blocks.append(Text(text=sentence(why_silent(result, own)), style="note"))
    return blocks


def _row(
    label: str, value: float, each: Mapping[str, Any], written: Any, note: str
) -> tuple[Any, ...]:
    error = each["std_error"]
    return (
        words(label),
        number(written.value(value), value),
        number(written.width(error), error),
        words(note),
    )
