"""The published answers."""

from __future__ import annotations

from typing import Any

from benchmarks.accuracy.found import number
from benchmarks.accuracy.published import NEEDED


def published(cases: list[dict[str, Any]]) -> str:
    """Table of the frozen cases, and why some are missed."""
    if not cases:
        return "## Published answers\n\nNot run: the tables are not shipped with the project.\n"
    hits = sum(case["hit"] for case in cases)
    lines = [
        "## Published answers\n",
        f"Twenty cases, frozen before anything was run on them (`benchmarks/accuracy/published.py`), "
        "run with the defaults, and again when these had changed for what other worlds showed: "
        f"**{hits} of {len(cases)} hits** (at least {NEEDED} are "
        f"asked for{'' if hits >= NEEDED else ': **MISSES**'}). For generated data the truth is the "
        "mean known effect over the population the answer names; for ATO weighted with the "
        "package's own propensities, since the generators' are not published, so a hit there says "
        "that the interval is right for those rows, not for all (*of all rows*: the mean known "
        "effect of everybody).\n",
        "| case | rows | columns | estimand | must | truth | of all rows | estimate | 95% interval | |",
        "|---|---:|---:|---|---|---:|---:|---:|---|---|",
        *(_case(case) for case in cases),
    ]
    missed = [case for case in cases if not case["hit"]]
    if missed:
        lines.append("\n**Misses.**\n")
        lines += [f"- {case['case']}: {_why(case)}" for case in missed]
    return "\n".join(lines) + "\n"


def _case(case: dict[str, Any]) -> str:
    low, high = case["low"], case["high"]
    interval = "–" if low is None else f"{number(low)} to {number(high)}"
    said = "hit" if case["hit"] else "abstained" if case["refused"] else "**miss**"
    return (
        f"| {case['case']} | {case['rows']} | {case['columns']} | {case['estimand']} "
        f"| {case['rule']} | {number(case['truth'])} | {number(case['everyone'])} "
        f"| {number(case['estimate'])} | {interval} "
        f"| {said} |"
    )


def _why(case: dict[str, Any]) -> str:
    if case["refused"]:
        return f"refused. {case['refused']}"
    edge = case["high"] if case["truth"] > case["high"] else case["low"]
    half = (case["high"] - case["low"]) / 2
    beyond = abs(case["truth"] - edge) / half
    noticed = "; ".join(case["noticed"]) or "no check spoke"
    return f"outside by {beyond:.1f} half widths of the interval. Checks: {noticed}."
