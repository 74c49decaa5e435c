"""Is exposure given at the cutoff: does it jump there."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, p_is, quoted
from causal.diagnostics.exposure._made import Made

SMALL = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Test the jump of the exposure at the cutoff; p of .05 or more is a WARN.

    Where exposure does not jump, a jump of the outcome comes of something else.
    """
    found = made.crossing
    if found is None:
        return ()
    jumps = found.p < SMALL
    return (
        Finding(
            name="exposure at the cutoff",
            status=Status.PASS if jumps else Status.WARN,
            meaning=(
                f"{quoted(made.exposure)} jumps by {figure(found.effect)} at the cutoff "
                f"({p_is(found.p)})."
                if jumps
                else f"{quoted(made.exposure)} does not jump at the cutoff beyond chance "
                f"({p_is(found.p)}): what changes there need not come of it."
            ),
            remedy="" if jumps else "Look at what the score decides, and from which value on.",
            statistic=found.p,
            threshold=SMALL,
            columns=() if jumps else (found.name,),
        ),
    )
