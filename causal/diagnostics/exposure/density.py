"""Do scores pile up on one side of the cutoff."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is
from causal.diagnostics.exposure._made import Made

SMALL, SURE = 0.05, 0.01


def check(made: Made) -> tuple[Finding, ...]:
    """Look whether the density of the score jumps at the cutoff.

    p < .05 is a WARN; p < .01 a FAIL: who can choose their side differ from the others, and the
    jump of the outcome is theirs too.
    """
    p = made.density
    if p is None:
        return ()
    status = Status.FAIL if p < SURE else Status.WARN if p < SMALL else Status.PASS
    return (
        Finding(
            name="density",
            status=status,
            meaning=(
                f"Scores do not pile up on one side of the cutoff ({p_is(p)})."
                if status is Status.PASS
                else f"There are more scores on one side of the cutoff than on the other "
                f"({p_is(p)}): who could choose their side are not like the others."
            ),
            remedy="" if status is Status.PASS else _REMEDY,
            statistic=p,
            threshold=SURE if status is Status.FAIL else SMALL,
            blocks="page" if status is Status.FAIL else "none",
        ),
    )


_REMEDY = "Find out who can move their score, and leave out where they can with data.where."
