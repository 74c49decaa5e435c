"""Does what the rollout cannot have moved, move."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is
from causal.diagnostics.rollout._made import Made

SURE, LIKELY = 0.001, 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Look at the effects on negative controls, adjusted for how many (Holm 1979).

    p < 0.05 is a WARN, p < 0.001 a FAIL: something else than the rollout came with it, and effects
    are not estimable.
    """
    known = [each for each in made.unmoved if np.isfinite(each.p_value)]
    if not known:
        return ()
    p = np.array([each.p_value for each in known])
    least = min(1.0, float(p.min()) * p.size)
    worst = known[int(np.argmin(p))]
    status = Status.FAIL if least < SURE else Status.WARN if least < LIKELY else Status.PASS
    found = status is not Status.PASS
    return (
        Finding(
            name="negative controls",
            status=status,
            meaning=f"{human(worst.outcome)} moved by {worst.words} at adoption ({p_is(least)}, "
            f"adjusted for {p.size}), which the rollout cannot have done."
            if found
            else f"Nothing that the rollout cannot have moved, moved at adoption ({p_is(least)}, "
            f"adjusted for {p.size}).",
            remedy="Look what else changed with adoption." if found else "",
            statistic=least,
            threshold=SURE,
            blocks="design" if status is Status.FAIL else "none",
            columns=(worst.outcome,) if found else (),
        ),
    )
