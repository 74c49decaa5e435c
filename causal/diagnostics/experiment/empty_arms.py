"""Did anyone come into every arm that was planned."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import percent, together
from causal.data.moments.collected import Collected
from causal.diagnostics.experiment._planned import Planned

NAME = "empty arms"


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Look for arms of positive planned share without a unit that was seen in them alone.

    A FAIL, however few units there are: whatever the arm was to be compared with, it cannot be.
    """
    counts = collected.counts
    empty = np.flatnonzero((counts.shares > 0) & (counts.randomized == 0))
    if not empty.size:
        return (
            Finding(
                name=NAME,
                status=Status.PASS,
                meaning=f"There are {planned.units} in every planned arm.",
                statistic=0.0,
                threshold=0.0,
            ),
        )
    said = together(
        f"'{counts.arms[at]}' (planned share {percent(float(counts.shares[at]))})" for at in empty
    )
    return (
        Finding(
            name=NAME,
            status=Status.FAIL,
            meaning=f"There are no {planned.units} in {said}.",
            remedy=(
                "Find out whether the arm was ever switched on, and whether its units are logged "
                "and joined. If it was called off, take it out of arms.shares."
            ),
            statistic=float(empty.size),
            threshold=0.0,
            blocks="page",
            detail=tuple(
                {"arm": counts.arms[at], "planned share": float(counts.shares[at])} for at in empty
            ),
        ),
    )
