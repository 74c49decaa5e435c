"""Is anyone in an arm that nobody should be in."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import count, together
from causal.diagnostics.experiment._planned import Counted, Planned

NAME = "arms of zero share"


def check(collected: Counted, planned: Planned) -> tuple[Finding, ...]:
    """Count units in arms whose planned share is zero, and in arms that the plan does not name.

    One unit is enough for a FAIL: by the plan there can be none, so units were assigned, logged or
    joined otherwise than it says, and how many of them are in the other arms is not known.
    """
    counts = collected.counts
    none = np.flatnonzero((counts.shares == 0) & (counts.randomized > 0))
    found = [(counts.arms[at], int(counts.randomized[at]), "planned share 0") for at in none]
    found += [(arm, n, "not in the plan") for arm, n in sorted(counts.unplanned.items()) if n > 0]
    number = sum(n for _, n, _ in found)
    if not found:
        return (
            Finding(
                name=NAME,
                status=Status.PASS,
                meaning=f"All {planned.units} are in arms with a planned share.",
                statistic=0.0,
                threshold=0.0,
            ),
        )
    said = together(f"{count(n)} in '{arm}' ({why})" for arm, n, why in found)
    return (
        Finding(
            name=NAME,
            status=Status.FAIL,
            meaning=f"There are {planned.units} in arms that should have none: {said}.",
            remedy=(
                "Find out how they got there. If the arm was planned, give its share in "
                "arms.shares; if they are test accounts, leave them out with data.where."
            ),
            statistic=float(number),
            threshold=0.0,
            blocks="page",
            detail=tuple({"arm": arm, "count": n, "why": why} for arm, n, why in found),
        ),
    )
