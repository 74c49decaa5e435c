"""Are there enough independent clusters to tell a move from noise, or does one carry everything."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count, fixed
from causal.data.movement.sums import Periods

FEWEST = 10
FEW = 30
ALONE = 2.0


def check(periods: Periods) -> tuple[Finding, ...]:
    """Count clusters of each way, or rows where none is named: under 10 FAIL, under 30 WARN.

    Where they differ much in size (weight, denominator), what counts is how many of equal size would
    carry as much (Carter, Schnepel, Steigerwald 2017): under 2 FAIL, under 10 WARN.
    """
    least, worth = min(periods.whole[0].clusters), periods.whole[0].worth
    if least >= FEWEST and worth < FEWEST:
        return (_uneven(least, worth),)
    status = Status.FAIL if least < FEWEST else Status.WARN if least < FEW else Status.PASS
    meanings = {
        Status.FAIL: f"There are {count(least)} independent clusters, too few to tell how far a "
        "difference is by chance.",
        Status.WARN: f"There are {count(least)} independent clusters: intervals are wide, and hold "
        "less exactly than they say.",
        Status.PASS: f"There are {count(least)} independent clusters.",
    }
    return (
        Finding(
            name="few clusters",
            status=status,
            meaning=meanings[status],
            remedy=""
            if status is Status.PASS
            else "Name a finer cluster, if rows are independent "
            "within the present one, or take longer periods.",
            statistic=float(least),
            threshold=float(FEWEST if status is Status.FAIL else FEW),
            blocks="page" if status is Status.FAIL else "none",
        ),
    )


def _uneven(least: int, worth: float) -> Finding:
    status = Status.FAIL if worth < ALONE else Status.WARN
    return Finding(
        name="few clusters",
        status=status,
        meaning=f"There are {count(least)} independent clusters, but so unequal in size that they "
        f"carry as much as {fixed(worth, 1)} equal ones: "
        + (
            "one of them decides the move, and how far it is by chance cannot be told."
            if status is Status.FAIL
            else "intervals hold less exactly than they say."
        ),
        remedy="Look at the largest cluster, and at weights and denominators; cap or leave out what "
        "is wrong, or take longer periods.",
        statistic=worth,
        threshold=ALONE if status is Status.FAIL else float(FEWEST),
        blocks="page" if status is Status.FAIL else "none",
    )
