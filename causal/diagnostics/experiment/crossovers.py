"""Was anyone in more than one arm."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import count, percent
from causal.diagnostics.experiment._planned import Counted, Planned

NAME = "in several arms"
TOLERATED = 0.001
FEW = 20


def check(collected: Counted, planned: Planned) -> tuple[Finding, ...]:
    """Count units of randomisation seen in more than one arm; they are in no effect.

    Who is seen in two arms is no accident of the draw: the more active a unit, the more occasions
    to be assigned twice. Leaving out a share c of units whose mean lies d standard deviations from
    that of the others moves a mean by at most c d standard deviations; in one arm only, at worst.
    Crossing units are seldom more than 3 from the others, so up to one in a thousand moves an
    effect by at most .003 standard deviations, which no experiment under about a million units
    can tell from zero: a WARN. More is a FAIL. Up to 20 units are only a WARN whatever their
    share: that many accounts of testers are in every small experiment.
    """
    counts = collected.counts
    whole = int(counts.randomized.sum()) + sum(counts.unplanned.values()) + counts.crossed
    share = counts.crossed / max(whole, 1)
    if not counts.crossed:
        status, said = Status.PASS, f"All {planned.units} were in one arm only."
    else:
        failed = share > TOLERATED and counts.crossed > FEW
        status = Status.FAIL if failed else Status.WARN
        said = (
            f"{count(counts.crossed)} of {count(whole)} {planned.units} ({percent(share)}) were in "
            "more than one arm; they are left out of every effect."
        )
    return (
        Finding(
            name=NAME,
            status=status,
            meaning=said,
            remedy="" if status is Status.PASS else _REMEDY,
            statistic=share,
            threshold=TOLERATED,
            blocks="page" if status is Status.FAIL else "none",
        ),
    )


_REMEDY = (
    "Find out why assignment was not kept: identifiers that change, assignment by another unit than "
    "the one counted, or a split that was drawn again. Name the column that was assigned as "
    "cluster when it is coarser than unit."
)
