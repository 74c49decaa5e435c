"""A plan in plain words, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from causal.content.wording import NOTHING, count, figure, human, percent, together
from causal.policy.evidence import FARTHEST

Row = Mapping[str, Any]
_HEADS = ("metric", "role", "level", "findable", "wanted", "chance", "units", "days")
_ADJUSTED = "variance taken out"


def plan_words(content: Row) -> str:
    """Write a plan as a table with what it means below."""
    called = "clusters" if content["cluster"] else "units"
    head = (
        f"Plan of {content['study']}, from {content['read_from']} "
        f"({count(content['units_seen'])} {called})"
    )
    rows = [_row(each) for each in content["metrics"]]
    lines = [head, "", *_table((_heads(content), *rows)), "", *_notes(content, called)]
    return "\n".join(lines)


def _heads(content: Row) -> tuple[str, ...]:
    heads = tuple("clusters" if each == "units" and content["cluster"] else each for each in _HEADS)
    return (*heads, _ADJUSTED) if content["adjustment"] != "none" else heads


def _row(each: Row) -> tuple[str, ...]:
    return (
        human(each["metric"]),
        each["role"],
        figure(each["level"]),
        percent(each["smallest"]),
        percent(each["wanted"]),
        percent(each["power"]),
        _up(each["units"]),
        _days(each["days"], beyond=each["beyond_record"]),
        percent(each["explained"]),
    )


def _days(days: int | None, *, beyond: bool) -> str:
    if days is not None and days > FARTHEST:
        return "over two years"
    return f"about {count(days)}" if beyond else count(days)


def _up(units: float | None) -> str:
    return NOTHING if units is None else count(math.ceil(units))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; text to the left, numbers to the right."""
    kept = [row[: len(rows[0])] for row in rows]
    widths = [max(len(row[at]) for row in kept) for at in range(len(rows[0]))]
    for row in kept:
        cells = [
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _notes(content: Row, called: str) -> Iterator[str]:
    power, level = percent(content["power"]), percent(content["level"])
    source = "planned" if content["planned_units"] else "in the table: none were planned"
    yield (
        f"findable: the smallest relative effect found with a chance of {power} by "
        f"{count(content['units'])} {called}, all arms together ({source})."
    )
    yield (
        "wanted: the smallest effect worth finding (analysis.smallest), of a guardrail its margin; "
        f"{called} and days: what finds it. chance: that {count(content['units'])} {called} do; of a "
        "guardrail, that it passes when nothing changes."
    )
    yield (
        f"Held to {_procedure(content['procedure'])} at {level}; "
        f"{content['treatments']} treatment arm{'s' if content['treatments'] > 1 else ''}, the "
        f"smallest with {percent(content['shares']['smallest treatment'])} of the {called}, the "
        f"control with {percent(content['shares']['control'])}. Success metrics share alpha; "
        "guardrails share the chance to be missed."
    )
    if content["pool"] == "shared":
        yield (
            "Arms draw on one pool of exposure: what is found is a difference between arms, which "
            "is not the effect of giving it to everybody."
        )
    yield from _clusters(content)
    yield from _sources(content)
    yield from _needed(content, called)
    if content["locked"]:
        yield f"Locked in {content['locked']['file']}, SHA-256 {content['locked']['hash']}."


def _procedure(name: str) -> str:
    return {
        "fixed": "one reading at the end",
        "sequential": "a confidence sequence, read at its end",
        "group sequential": "the last of the planned looks",
    }[name]


def _clusters(content: Row) -> Iterator[str]:
    if content["cluster"] is None:
        return
    grown = [each for each in content["metrics"] if each["design_effect"] is not None]
    said = together(f"{human(each['metric'])} {figure(each['design_effect'])}" for each in grown)
    yield (
        f"Whole clusters ({content['cluster']}) are assigned, with "
        f"{figure(content['units_per_cluster'])} units each."
        + (f" Variance against assigning units one by one, in times: {said}." if said else "")
    )


def _sources(content: Row) -> Iterator[str]:
    twins = [each for each in content["metrics"] if each["before"] is not None]
    if twins:
        said = together(f"{human(each['metric'])} from {each['before']}" for each in twins)
        yield (
            f"Read off values before: {said}. What these take out of the outcome's own variance is "
            "only seen in a table with both, so fewer units may do."
        )
    for each in content["metrics"]:
        if each["why"]:
            yield f"{human(each['metric'])} is not planned: {each['why']}."
    if content["without_smallest"]:
        yield (
            "Name the smallest effect worth finding (analysis: {smallest: {outcome: 0.02}}) of "
            f"{together(map(human, content['without_smallest']))} to see its units and days."
        )


def _needed(content: Row, called: str) -> Iterator[str]:
    if content["units_needed"] is None:
        return
    days = content["days_needed"]
    if days is None:
        when = "In how many days they come is not known: name exposed_at, with dates."
    elif days > FARTHEST:
        when = "They do not come within two years at this pace."
    else:
        when = f"That takes {count(days)} days, with the fewest days and full weeks as agreed"
        if any(each["beyond_record"] for each in content["metrics"]):
            seen = content["days_seen"]
            when += f"; beyond the {count(seen)} days of the table, at the pace of its last week"
        when += "."
    yield (
        f"To find everything that is wanted: {_up(content['units_needed'])} {called} "
        f"({human(content['needed_for'])}). {when}"
    )
