"""Did the count itself change at adoption."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human
from causal.diagnostics.rollout._made import Made

MOST = 4.0


def check(made: Made) -> tuple[Finding, ...]:
    """Look at what stands behind a cell (rows, a denominator) in the period of adoption.

    A jump of its logarithm by more than 4 errors is a WARN: the rollout may have changed what is
    logged, or who is counted.
    """
    known = [each for each in made.looked if each.jump is not None]
    if not known:
        return ()
    jumps = {each.outcome: float(each.jump or 0.0) for each in known}
    worst = max(jumps, key=lambda name: jumps[name])
    off = jumps[worst] > MOST
    return (
        Finding(
            name="logging",
            status=Status.WARN if off else Status.PASS,
            meaning=f"What stands behind a cell of {human(worst)} "
            + (
                f"jumps at adoption by {figure(jumps[worst], 2)} errors: the count itself changed."
                if off
                else f"does not jump at adoption ({figure(jumps[worst], 2)} errors)."
            ),
            remedy="Look whether the rollout changed what is logged or who is counted; an outcome by "
            "entity, without a denominator, is not open to that."
            if off
            else "",
            statistic=jumps[worst],
            threshold=MOST,
            columns=tuple(name for name in jumps if jumps[name] > MOST),
        ),
    )
