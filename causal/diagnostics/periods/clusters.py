"""Are there enough independent clusters to tell a move from noise."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count
from causal.data.movement.sums import Periods

FEWEST = 10
FEW = 30


def check(periods: Periods) -> tuple[Finding, ...]:
    """Count clusters of each way, or rows where none is named: under 10 FAIL, under 30 WARN."""
    least = min(periods.whole[0].clusters)
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
