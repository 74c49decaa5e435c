"""Does each method that was asked for give a number."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import human, quoted
from causal.diagnostics.single._made import Made

NAMES = {"series": "its own course", "synthetic": "a blend of donors"}


def check(made: Made) -> tuple[Finding, ...]:
    """Name what is refused, and why: a WARN.

    A course is refused with fewer than six periods a coefficient, fewer than two seasons before, or
    neighbours in time too alike; a blend without donors, and its interval with fewer than ten.
    """
    refused = [(method, each.outcome, why) for each in made.looked for method, why in each.refused]
    if not made.looked:
        return ()
    if not refused:
        return (
            Finding(
                name="few periods",
                status=Status.PASS,
                meaning="There are periods and entities enough for each method.",
            ),
        )
    method, outcome, why = refused[0]
    more = "" if len(refused) == 1 else f" {len(refused) - 1} more are below."
    return (
        Finding(
            name="few periods",
            status=Status.WARN,
            meaning=f"Against {NAMES[method]} {quoted(human(outcome))} has no interval: {why}.{more}",
            remedy="Take a longer stretch of time, shorter periods, no season, or more donors.",
            columns=tuple(dict.fromkeys(each for _, each, _ in refused)),
            detail=tuple(
                {"against": NAMES[method], "outcome": outcome, "why": why}
                for method, outcome, why in refused
            ),
        ),
    )
