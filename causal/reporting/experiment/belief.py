"""The Bayesian view: effects read with the prior that the study gives, beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import percent
from causal.reporting._view import Cell, Column, Section, number, table, words
from causal.reporting.experiment._rows import Row, greyed, label


def section(result: Mapping[str, Any]) -> Section | None:
    """Show each success metric with the prior; nothing without one, or on a page without verdict."""
    found = result["posterior"]
    if not found or greyed(result):
        return None
    columns = (
        Column(label="Metric"),
        Column(label="Relative effect, with this prior", unit="%", numeric=True),
        Column(label=f"{percent(result['study']['level'])} of the belief", unit="%", numeric=True),
        Column(label="Chance to be better", unit="%", numeric=True),
        Column(label="Expected loss of taking it", unit="%", numeric=True),
    )
    rows = [_row(result, each) for each in found]
    prior = percent(found[0]["prior_sd"])
    note = (
        f"With this prior: relative effects are normal around zero with a standard deviation of "
        f"{prior}. The verdict does not read this table."
    )
    return Section(
        order=45,
        id="with-a-prior",
        chapter="Effects",
        title="What to believe, with this prior",
        blocks=(table("Success metrics, with this prior", columns, rows, note=note),),
    )


def _row(result: Row, each: Row) -> tuple[Cell, ...]:
    low, high = each["low"], each["high"]
    return (
        words(label(result, each)),
        number(percent(each["mean"], sign=True), each["mean"]),
        number(f"{percent(low, sign=True)} to {percent(high, sign=True)}", low),
        number(percent(each["chance_better"]), each["chance_better"]),
        number(percent(each["expected_loss"]), each["expected_loss"]),
    )
