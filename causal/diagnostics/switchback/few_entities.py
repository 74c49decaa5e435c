"""Are there enough independent entities for the errors that are printed."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count
from causal.diagnostics.switchback._made import Made

FEWEST, FEW = 5, 10


def check(made: Made) -> tuple[Finding, ...]:
    """Count what is independent: fewer than 5 is a FAIL, fewer than 10 a WARN."""
    status = (
        Status.FAIL
        if made.clusters < FEWEST
        else Status.WARN
        if made.clusters < FEW
        else Status.PASS
    )  # fmt: skip
    one_by_one = made.clusters == len(made.cells.entities)
    named = made.entity if one_by_one else f"independent groups of {made.entity}"
    more = {
        Status.FAIL: f", too few to say how far chance reaches; at least {FEWEST} are needed.",
        Status.WARN: ": intervals are wide, and hold less exactly than they say.",
        Status.PASS: ".",
    }
    return (
        Finding(
            name="few clusters",
            status=status,
            meaning=f"There are {count(made.clusters)} {named}{more[status]}",
            remedy="" if status is Status.PASS else "Cut entities finer, as regions into cities.",
            statistic=float(made.clusters),
            threshold=float(FEWEST if status is Status.FAIL else FEW),
            blocks="design" if status is Status.FAIL else "none",
            designs=("switchback",) if status is Status.FAIL else (),
        ),
    )
