"""What a report of a change at one date says first: against donors where they stand, or its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import count, human, p_is, percent, scale_of, sentence
from causal.policy.said import Said

Row = Mapping[str, Any]
COURSE = "Nothing here rules out that something else happened at the same date."


def said_of(
    outcome: Row,
    *,
    blended: Row | None,
    course: Row | None,
    rank: float | None,
    donors: int,
    rollout: str,
    entities: str,
    condition: str,
    findings: Sequence[Row],
    level: float,
    least: float | None = None,
) -> Said:
    """Put the leading effect in words: the blend's where it is an effect, else the course's.

    Parameters
    ----------
    outcome
        The leading outcome, as the page shows it.
    blended, course
        Rows of the effect against a blend of donors and against its own course; None: not asked for.
    rank
        How far out the effect lies among placebos.
    donors
        How many are blended.
    rollout, entities
        What changed, and what the donors are, several of them.
    condition
        What the title says of pools; ``cannot be told`` where donors share one.
    findings
        The answers of the checks.
    level
        Of the intervals.
    least
        The smallest rank p that so many donors can show.
    """
    name = human(str(outcome["name"]))
    unknown = f"What {rollout} did to {name} cannot be told"
    stops = [each for each in findings if each["status"] == "FAIL" and each["blocks"] == "page"]
    if stops:
        return Said(
            title=unknown,
            subtitle=str(stops[0]["meaning"]),
            state="invalid",
            greyed=True,
            reason=str(stops[0]["name"]),
        )
    beside = _course_words(outcome, course, level)
    if blended is not None and blended["estimate"] is not None:
        if blended["identification"] == "descriptive":
            return Said(
                title=f"{unknown} from {entities} that share its pool",
                subtitle=f"What it gained may be what those lost. {beside}".strip(),
                state="cannot be told",
                greyed=False,
                reason="contamination",
            )
        return _blend(outcome, blended, name, donors, entities, condition, level)
    if course is not None and course["estimate"] is not None:
        return _course(outcome, course, blended, rank, name, level, least)
    why = _reason(blended, course)
    tail = (
        f" Among {count(donors)} donors in its place, an effect as large comes with rank {p_is(rank)}"
        f"{_least(rank, least)}."
        if rank is not None
        else ""
    )
    return Said(
        title=unknown,
        subtitle=f"{sentence(why)}.{tail}",
        state="not estimable",
        greyed=False,
        reason=why,
    )


def _reason(blended: Row | None, course: Row | None) -> str:
    found = [str(row["why"]) for row in (blended, course) if row is not None and row["why"]]
    return found[0] if found else "no method was asked for"


def _blend(
    outcome: Row, row: Row, name: str, donors: int, entities: str, condition: str, level: float
) -> Said:
    blend = f"a blend of {count(donors)} {entities}"
    verdict, value = row["verdict"], row["estimate"]
    scale = scale_of(outcome, [row])
    if verdict in ("raises", "lowers"):
        verb = "rose" if verdict == "raises" else "fell"
        title = f"{sentence(name)} {verb} by {scale.size(value)} against {blend}"
    elif verdict == "ruled out":
        title = f"{sentence(name)} stayed within {percent(outcome['margin'])} of {blend}"
    else:
        title = f"{sentence(name)} did not leave {blend} beyond chance"
    interval = f"{percent(level)} interval {scale.interval(row['ci_low'], row['ci_high'])}"
    unit = f" {scale.unit}" if scale.unit else ""
    without = scale.level(row["baseline"])
    return Said(
        title=title + condition,
        subtitle=f"Mean from the change on: {scale.effect(value)} ({interval}{unit}), where "
        f"{without} was to be expected.",
        state="open" if condition else "effect",
        greyed=False,
    )


def _course(
    outcome: Row,
    row: Row,
    blended: Row | None,
    rank: float | None,
    name: str,
    level: float,
    least: float | None,
) -> Said:
    low, high, value = row["ci_low"], row["ci_high"], row["estimate"]
    clear = low > 0 or high < 0
    scale = scale_of(outcome, [{**row, "verdict": "raises" if clear else None}])
    if clear:
        verb = "rose" if value > 0 else "fell"
        title = f"{sentence(name)} {verb} by {scale.size(value)} against its own course"
    else:
        title = f"{sentence(name)} did not leave its own course beyond chance"
    interval = f"{percent(level)} interval {scale.interval(low, high)}"
    unit = f" {scale.unit}" if scale.unit else ""
    words = [f"Mean from the change on: {scale.effect(value)} ({interval}{unit}).", COURSE]
    if blended is not None and blended["why"]:
        words.append(f"No effect against donors: {blended['why']}.")
    if rank is not None:
        words.append(
            f"Among donors in its place an effect as large comes with rank {p_is(rank)}"
            f"{_least(rank, least)}."
        )
    return Said(title=title, subtitle=" ".join(words), state="descriptive", greyed=False)


def _least(rank: float, least: float | None) -> str:
    """That a rank p is the smallest one there can be, where it is."""
    return ", the least that so few can show" if least is not None and rank <= least else ""


def _course_words(outcome: Row, row: Row | None, level: float) -> str:
    if row is None or row["estimate"] is None:
        return ""
    scale = scale_of(outcome, [row])
    unit = f" {scale.unit}" if scale.unit else ""
    ends = scale.interval(row["ci_low"], row["ci_high"])
    return (
        f"Against its own course: {scale.effect(row['estimate'])} ({percent(level)} interval "
        f"{ends}{unit}). {COURSE}"
    )
