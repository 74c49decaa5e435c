"""Parts that sections of a switchback and of a change at one date share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import Scale, human, percent, scale_of, sentence
from causal.reporting._parts import IDENTIFICATIONS
from causal.reporting._view import Card, Cell, Tone
from causal.reporting.rollout._parts import outcome_of

Row = Mapping[str, Any]
_GUARDS: Mapping[str, tuple[str, str, Tone]] = {
    "kept": ("\u2713", "harm beyond {allowed} is ruled out", "good"),
    "broken": ("\u2717", "harmed beyond {allowed}", "bad"),
    "unclear": ("?", "harm beyond {allowed} is not ruled out", "warn"),
    "not told": ("?", "not told", "warn"),
}


def row_of(result: Row, outcome: str, estimand: str, estimator: str | None = None) -> Row | None:
    """One row of the tidy table."""
    named = [
        row
        for row in result["effects"]
        if (row["outcome"], row["estimand"]) == (outcome, estimand)
        and estimator in (None, row["estimator"])
    ]
    return named[0] if named else None


def scale(result: Row, outcome: str, rows: Sequence[Row]) -> Scale:
    """How numbers of an outcome are written: as fine as these rows deserve."""
    return scale_of(outcome_of(result, outcome), rows)


def titled(outcome: str) -> str:
    """An outcome's name, with a capital."""
    return sentence(human(outcome))


def tone(result: Row, row: Row) -> Tone:
    """Good or bad by what the outcome should do; quiet where nothing is clear or read."""
    if result["decision"]["greyed"] or row["verdict"] not in ("raises", "lowers"):
        return "quiet"
    up = outcome_of(result, row["outcome"])["goal"] == "increase"
    return "good" if (row["verdict"] == "raises") == up else "bad"


def card(result: Row, row: Row, words: str) -> Card:
    """One answer; without a number where there is none."""
    name, level = titled(row["outcome"]), percent(result["study"]["level"])
    badge = IDENTIFICATIONS[row["identification"]]
    if row["estimate"] is None:
        return blank(row["outcome"], str(row["why"] or ""))
    written, shown = scale(result, row["outcome"], [row]), tone(result, row)
    low, high = row["simultaneous_low"], row["simultaneous_high"]
    between = f"{written.interval(low, high)} {written.unit}".rstrip()
    clear = row["verdict"] in ("raises", "lowers")
    relative = row["relative"]
    return Card(
        name=name,
        value=written.effect(row["estimate"]),
        direction="" if not clear else "\u25b2" if row["estimate"] > 0 else "\u25bc",
        interval=f"{between}: values consistent with the data ({level})",
        relative=f"{percent(relative, sign=True)} relative" if relative is not None else "",
        badge=badge,
        words=words,
        tone=shown,
        judgement={"good": "good", "bad": "bad"}.get(
            shown, "no verdict" if row["verdict"] is None else ""
        ),
    )


def blank(outcome: str, why: str) -> Card:
    """An answer that there is none, and why."""
    return Card(
        name=titled(outcome),
        value="\u2013",
        direction="",
        interval="no effect is shown",
        relative="",
        badge=IDENTIFICATIONS["not estimable"],
        words=why,
        tone="quiet",
        judgement="no verdict",
    )


def guard(result: Row, row: Row) -> Cell | None:
    """Whether a guardrail with a margin is kept, by the interval of its effect."""
    outcome = outcome_of(result, row["outcome"])
    if outcome["role"] != "guardrail" or not outcome["margin"]:
        return None
    mark, said, shown = _GUARDS[_guarded(result, outcome, row)]
    words = said.format(allowed=percent(outcome["margin"]))
    return Cell(text=f"{mark} {human(outcome['name'])}: {words}", tone=shown)


def _guarded(result: Row, outcome: Row, row: Row) -> str:
    read = row["verdict"] is not None and row["ci_low"] is not None
    if not read or not row["baseline"] or result["decision"]["greyed"]:
        return "not told"
    sign = 1 if outcome["goal"] == "increase" else -1
    worst, best = sorted((sign * row["ci_low"], sign * row["ci_high"]))
    floor = -outcome["margin"] * abs(row["baseline"])
    return "kept" if worst > floor else "broken" if best < floor else "unclear"


def unit_of(written: Scale) -> str:
    """Unit for the heading of a column."""
    return written.unit or written.heading


def axis(written: Scale, words: str) -> str:
    """Heading of an axis, with its unit."""
    return f"{words} ({written.unit})" if written.unit else words


FEW_ROWS = "Too few rows, users or creators stand behind some periods to show them one by one."
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def dated(names: Sequence[str]) -> list[str]:
    """Names of periods for an axis: days of one year as "Jan 31", other periods as they are.

    >>> dated(["2026-01-31T12:00:00", "2026-02-01T00:00:00"]), dated(["7", "8"])
    (['Jan 31 12:00', 'Feb 1 00:00'], ['7', '8'])
    """
    days = all(len(name) >= 10 and name[4:5] == name[7:8] == "-" for name in names)
    if not days or len({name[:4] for name in names}) > 1:
        return list(names)
    return [
        f"{_MONTHS[int(name[5:7]) - 1]} {int(name[8:10])} {name[11:16]}".rstrip() for name in names
    ]
