"""What a report of a switchback says first: what being on did to the leading outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causal.content.wording import human, p_is, percent, scale_of, sentence
from causal.policy.said import Said

Row = Mapping[str, Any]


def said_of(
    outcome: Row,
    total: Row,
    *,
    within: str,
    entities: str,
    pool: str | None,
    chance: float | None,
    findings: Sequence[Row],
    level: float,
) -> Said:
    """Put the total effect on one outcome in words.

    Parameters
    ----------
    outcome, total
        The leading outcome, and the row of its total effect.
    within
        Over how long it adds up, as "3 half days"; empty where a period acts on itself alone.
    entities
        What is switched, several of them.
    pool
        Whether they share what is given out; None: not said.
    chance
        P-value by drawing anew.
    findings
        The answers of the checks.
    level
        Of the intervals.
    """
    name = human(str(outcome["name"]))
    stops = [each for each in findings if each["status"] == "FAIL" and each["blocks"] == "page"]
    if stops or total["identification"] == "not estimable":
        why = str(stops[0]["meaning"]) if stops else f"{sentence(str(total['why']))}."
        return Said(
            title=f"What being on did to {name} cannot be told",
            subtitle=why,
            state="invalid" if stops else "not estimable",
            greyed=bool(stops),
            reason=str(stops[0]["name"]) if stops else None,
        )
    scale = scale_of(outcome, [total])
    over = f" within {within}" if within else ""
    moved = f"{scale.size(total['estimate'])}{over}"
    title = {
        "raises": f"Switched on, {name} rose by {moved}",
        "lowers": f"Switched on, {name} fell by {moved}",
        "ruled out": f"Switched on, {name} moved by less than {percent(outcome['margin'])}{over}",
    }.get(str(total["verdict"]), f"Switched on, {name} did not move beyond chance{over}")
    interval = scale.interval(total["simultaneous_low"], total["simultaneous_high"])
    words = [
        f"{sentence(scale.effect(total['estimate']))} against {entities} that were off at the time "
        f"({percent(level)} interval {interval} {scale.unit}".rstrip()
        + f"), at a level of {scale.level(total['baseline'])} while off."
    ]
    if chance is not None:
        words.append(f"Drawing the switches anew gives as much by chance with {p_is(chance)}.")
    return Said(
        title=title + _pool(pool, entities),
        subtitle=" ".join(words),
        state="estimated",
        greyed=False,
    )


def _pool(pool: str | None, entities: str) -> str:
    if pool == "shared":
        return f", against {entities} that were off and share the pool"
    return "" if pool == "separate" else f", if {entities} do not share a pool"
