"""Did anyone come into every arm that was planned."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import percent, together
from causal.data.moments.collected import Collected
from causal.diagnostics.experiment._planned import Planned

NAME = "empty arms"
RARE = 0.001


def check(collected: Collected, planned: Planned) -> tuple[Finding, ...]:
    """Look for arms of positive planned share without a unit that was seen in them alone.

    Nothing is compared with such an arm in any case. A FAIL where it would happen by chance in fewer
    than 1 in 1,000 experiments that have come as far: early on, an arm may have no cluster yet.
    """
    counts = collected.counts
    empty = np.flatnonzero((counts.shares > 0) & (counts.randomized == 0))
    if not empty.size:
        return (
            Finding(
                name=NAME,
                status=Status.PASS,
                meaning=f"There are {planned.units} in every planned arm.",
                statistic=None,
                threshold=None,
            ),
        )
    total = counts.randomized.sum()
    chance = float(((1 - counts.shares[counts.shares > 0]) ** total).sum())
    early = chance >= RARE
    said = together(
        f"'{counts.arms[at]}' (planned share {percent(float(counts.shares[at]))})" for at in empty
    )
    return (
        Finding(
            name=NAME,
            status=Status.WARN if early else Status.FAIL,
            meaning=f"There are no {planned.units} in {said}"
            + (f", which with so few of them ({total:,.0f} in all) happens." if early else "."),
            remedy=(
                "Wait until there are some; nothing is compared with the arm before."
                if early
                else "Find out whether the arm was ever switched on, and whether its units are "
                "logged and joined. If it was called off, take it out of arms.shares."
            ),
            statistic=chance,
            threshold=RARE,
            blocks="none" if early else "page",
            detail=tuple(
                {"arm": counts.arms[at], "planned share": float(counts.shares[at])} for at in empty
            ),
        ),
    )
