"""Agreement of estimators: the same estimand by other formulas, which fail in other ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.estimation._estimates import Estimates, variance
from causal.estimation._fit import Fit
from causal.evaluation._evaluated import Evaluated

WARN_Z = 2.0
FAIL_Z = 3.0
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One estimator's estimate; ``z`` of its difference from the first of the same estimand."""

    attribute: str
    contrast: str
    outcome: str
    design: str
    estimand: str
    estimator: str
    estimate: float
    std_error: float
    z: float | None
    status: str | None


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """FAIL when estimators of one estimand differ by more than 3 errors of their difference.

    The error comes from the joint influence (METHODS 2). With many comparisons the limit is raised
    to keep the chance of a false alarm that of a single one.
    """
    findings = []
    for fit in evaluated.fits:
        compared = [o for o in opinions(fit) if o.z is not None and np.isfinite(o.z)]
        if not compared or not fit.design.claims:
            continue
        worst = max(compared, key=lambda o: (abs(o.z or 0.0), o.attribute))
        warn, fail = (_limit(z, len(compared)) for z in (WARN_Z, FAIL_Z))
        size = abs(worst.z or 0.0)
        status = Status.FAIL if size > fail else Status.WARN if size > warn else Status.PASS
        findings.append(
            Finding(
                name="agreement of estimators",
                status=status,
                statistic=size,
                threshold=fail,
                meaning=f"In the {fit.design.name} design the largest difference between two "
                f"estimators of the same effect is {size:.1f} standard errors "
                f"('{worst.attribute}' on {worst.outcome}: {worst.estimator}); "
                f"{len(compared)} comparisons.",
                remedy=""
                if status is Status.PASS
                else "The models of outcome and attribute miss something that both need: look at "
                "balance on products, and add the interaction or a finer confounder.",
                columns=() if status is Status.PASS else (worst.attribute,),
            )
        )
    return tuple(findings)


def opinions(fit: Fit) -> tuple[Opinion, ...]:
    """List every estimator's estimate; each pair of the same estimand is compared."""
    found: list[Opinion] = []
    firsts: dict[tuple[str, ...], tuple[Estimates, int]] = {}
    for estimates in fit.others:
        for j, label in enumerate(estimates.labels):
            key = (label.attribute, label.contrast, label.outcome, label.estimand)
            z = None
            if key in firsts:
                if firsts[key][0].labels[firsts[key][1]].estimator == label.estimator:
                    continue
                z = _z(firsts[key], (estimates, j))
            else:
                firsts[key] = (estimates, j)
            found.append(_opinion(estimates, j, fit, z))
    return tuple(found)


def _opinion(estimates: Estimates, j: int, fit: Fit, z: float | None) -> Opinion:
    label = estimates.labels[j]
    judged = z is not None and np.isfinite(z) and fit.design.claims
    size = abs(z or 0.0)
    status = "FAIL" if size > FAIL_Z else "WARN" if size > WARN_Z else "PASS"
    return Opinion(
        attribute=label.attribute,
        contrast=label.contrast,
        outcome=label.outcome,
        design=fit.design.name,
        estimand=label.estimand,
        estimator=label.estimator,
        estimate=float(estimates.values[j]),
        std_error=float(estimates.std_errors[j]),
        z=z,
        status=status if judged else None,
    )


def _z(first: tuple[Estimates, int], second: tuple[Estimates, int]) -> float:
    (a, i), (b, j) = first, second
    influence = a.influence[:, [i]] - b.influence[:, [j]]
    error = float(np.sqrt(max(variance(influence, influence, a.ways)[0], 0.0)))
    apart = float(b.values[j] - a.values[i])
    rounding = ROUNDING * float(max(a.std_errors[i], b.std_errors[j]))
    if error <= rounding:
        return 0.0 if abs(apart) <= rounding else float("nan")
    return apart / error


def _limit(z: float, comparisons: int) -> float:
    """The bound whose chance of being passed once in so many comparisons is that of z in one."""
    from scipy.stats import norm

    return float(norm.isf(norm.sf(z) / max(comparisons, 1)))
