"""How different may trends be before the effect is lost."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human
from causal.diagnostics.rollout._made import Looked, Made

LEAST = 0.5


def check(made: Made) -> tuple[Finding, ...]:
    """Say the bound on trends at which an effect that is clear is no longer (Rambachan, Roth 2023).

    Under half of the largest step before adoption is a WARN.
    """
    return tuple(
        _finding(each)
        for each in made.looked
        if each.clear and each.trend is not None and each.trend.breakdown is not None
    )


def _finding(looked: Looked) -> Finding:
    least = looked.trend.breakdown if looked.trend and looked.trend.breakdown is not None else 0.0
    weak = least < LEAST
    held = (
        "even if steps of the trend after adoption were ten times the largest one before"
        if np.isinf(least)
        else f"as long as no step of the trend after adoption is over {figure(least, 2)} times the "
        "largest one before"
    )
    return Finding(
        name="honest bounds",
        status=Status.WARN if weak else Status.PASS,
        meaning=f"The mean effect on {human(looked.outcome)} stays clear {held}.",
        remedy="Bring more entities or periods before adoption: a trend about as uneven as before "
        "is enough to explain the effect."
        if weak
        else "",
        statistic=float(least) if np.isfinite(least) else None,
        threshold=LEAST,
        columns=(looked.outcome,),
    )
