"""Does an effect show before it can be there."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import human, p_is
from causal.diagnostics.rollout._made import Looked, Made

SURE, LIKELY = 0.01, 0.05


def check(made: Made) -> tuple[Finding, ...]:
    """Look at the effects of dates too early, adjusted for how many dates (Holm 1979).

    p < 0.01 is a FAIL: effects are not estimable; p < 0.05 a WARN.
    """
    return tuple(_finding(each) for each in made.looked if each.early)


def _finding(looked: Looked) -> Finding:
    p = np.array([each.p_value for each in looked.early])
    adjusted = np.minimum(np.maximum.accumulate(np.sort(p) * np.arange(p.size, 0, -1)), 1.0)
    least = float(adjusted[0])
    worst = looked.early[int(np.argmin(p))]
    status = Status.FAIL if least < SURE else Status.WARN if least < LIKELY else Status.PASS
    found = status is not Status.PASS
    outcome = human(looked.outcome)
    return Finding(
        name="placebo dates",
        status=status,
        meaning=(
            f"Dated {worst.periods} periods too early, the rollout would already have moved "
            f"{outcome} by {worst.words} ({p_is(least)}, adjusted for {p.size} dates)."
            if found
            else f"Dated too early, the rollout shows no effect on {outcome} ({p_is(least)}, "
            f"adjusted for {p.size} dates)."
        ),
        remedy="Look whether adoption was announced or prepared, and name the periods with "
        "analysis.anticipation; or what else came before."
        if found
        else "",
        statistic=least,
        threshold=SURE,
        blocks="design" if status is Status.FAIL else "none",
        columns=(looked.outcome,),
        detail=tuple(
            {"periods too early": each.periods, "effect": each.words, "p": each.p_value}
            for each in looked.early
        ),
    )
