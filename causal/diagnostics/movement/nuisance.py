"""Do the outcome models predict rows left out at least as well as the mean does."""

from __future__ import annotations

from causal.base.finding import Finding, Status
from causal.content.wording import percent, quoted
from causal.diagnostics.movement._made import Made

LEAST = -0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Look at what the outcome models explain out of fold; worse than the mean by 5% is a WARN.

    Such a model has learned noise, and adds it to the shares; their intervals hold it, but wide.
    """
    if not made.reach:
        return ()
    worst = min(made.reach, key=lambda each: each.explained)
    bad = worst.explained < LEAST
    share = percent(abs(worst.explained))
    return (
        Finding(
            name="outcome models",
            status=Status.WARN if bad else Status.PASS,
            meaning=(
                f"After {quoted(worst.node)} the model of {made.outcome} predicts rows left out "
                f"worse than the mean, by {share} of the variance: it learned noise."
                if bad
                else f"The models of {made.outcome} predict rows left out as well as the mean or "
                "better."
            ),
            remedy="Take longer periods, or fewer nodes." if bad else "",
            statistic=worst.explained,
            threshold=LEAST,
            columns=(worst.node,) if bad else (),
        ),
    )
