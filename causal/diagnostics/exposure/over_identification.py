"""Do several instruments agree on what exposure is worth."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import p_is, quoted, together
from causal.diagnostics.exposure._made import Made

SMALL = 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Look whether one worth fits all instruments, outcome by outcome.

    No value at all that is consistent with all of them is a FAIL: at least one acts by another way
    than exposure, or those whom they move differ in what exposure is worth to them. A common worth
    with p < .05 is a WARN.
    """
    if not made.agreements:
        return ()
    empty = [each.outcome for each in made.agreements if each.empty]
    doubted = [each.outcome for each in made.agreements if each.p < SMALL and not each.empty]
    least = min(each.p for each in made.agreements)
    status = Status.FAIL if empty else Status.WARN if doubted else Status.PASS
    named = together(quoted(name) for name in empty or doubted)
    means = {
        Status.FAIL: f"No worth of {quoted(made.exposure)} in {named} fits all instruments "
        f"({p_is(least)}): one of them acts by another way, or exposure is worth different "
        "amounts to those whom they move.",
        Status.WARN: f"The instruments hardly agree on what {quoted(made.exposure)} is worth in "
        f"{named} ({p_is(least)}).",
        Status.PASS: f"The instruments agree on what {quoted(made.exposure)} is worth (least "
        f"{p_is(least)}).",
    }
    return (
        Finding(
            name="over-identification",
            status=status,
            meaning=means[status],
            remedy="" if status is Status.PASS else "Read each instrument by itself.",
            statistic=least,
            threshold=SMALL,
        ),
    )
