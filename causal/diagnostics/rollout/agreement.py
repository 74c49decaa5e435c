"""Do two ways of estimating the effect agree."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.wording import figure, human
from causal.diagnostics.rollout._made import Looked, Made

APART, FAR = 2.0, 3.0


def check(made: Made) -> tuple[Finding, ...]:
    """Compare the overall effect with imputation of the same cells, in errors of their difference.

    Errors are those of a normal that is as rare, however few clusters there are. 2 is a WARN, 3 a
    FAIL: effects are not estimable. Where effects follow covariates, which imputation does not, 3
    is a WARN too.
    """
    return tuple(
        _finding(each, each.z) for each in made.looked if each.z is not None and np.isfinite(each.z)
    )


def _finding(looked: Looked, z: float) -> Finding:
    far = abs(z) >= FAR and not looked.covariates
    status = Status.FAIL if far else Status.WARN if abs(z) >= APART else Status.PASS
    agree = status is Status.PASS
    why = " Imputation does not follow covariates." if looked.covariates and not agree else ""
    return Finding(
        name="agreement",
        status=status,
        meaning=f"Filled in from untreated cells, the effect on {human(looked.outcome)} is "
        f"{looked.filled_words}, {figure(abs(z), 2)} errors of the difference from the group-time "
        f"effect.{why}",
        remedy=""
        if agree
        else "Trends that differ by what is not in the comparison move the two apart: name it as a "
        "covariate or a block.",
        statistic=float(z),
        threshold=FAR if far else APART,
        blocks="design" if far else "none",
        columns=(looked.outcome,),
    )
