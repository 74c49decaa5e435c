"""Agreement of estimators: the same estimand by other formulas, which fail in other ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from causal.base.finding import Finding, Status
from causal.estimation._estimates import Estimates, variance
from causal.estimation._fit import Fit
from causal.evaluation._chance import FAIL_Z, judge, limit, normal_size
from causal.evaluation._evaluated import Evaluated, once_a_fit

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
        compared = [o for o in opinions(fit) if o.status is not None]
        if not compared:
            continue
        worst = max(compared, key=_severity)
        size = abs(worst.z or 0.0)
        status = Status(worst.status or "PASS")
        findings.append(
            Finding(
                name="agreement of estimators",
                status=status,
                statistic=size,
                threshold=limit(FAIL_Z, len(compared)),
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


@once_a_fit
def opinions(fit: Fit) -> tuple[Opinion, ...]:
    """List every estimator's estimate; each pair of the same estimand is compared."""
    pairs = _pairs(fit)
    compared = sum(np.isfinite(size) for *_, size in pairs)
    return tuple(_opinion(fit, pair, int(compared)) for pair in pairs)


def _severity(opinion: Opinion) -> tuple[int, float, str]:
    rank = ("PASS", "WARN", "FAIL").index(opinion.status or "PASS")
    return rank, abs(opinion.z or 0.0), opinion.attribute


class _Pair(NamedTuple):
    """An estimate, its z against the first of the same estimand, and how surprising that is."""

    estimates: Estimates
    j: int
    z: float | None
    size: float


def _pairs(fit: Fit) -> list[_Pair]:
    found: list[_Pair] = []
    firsts: dict[tuple[str, ...], tuple[Estimates, int]] = {}
    for estimates in fit.others:
        for j, label in enumerate(estimates.labels):
            key = (label.attribute, label.contrast, label.outcome, label.estimand)
            if key not in firsts:
                firsts[key] = (estimates, j)
                found.append(_Pair(estimates, j, None, float("nan")))
                continue
            first, i = firsts[key]
            if first.labels[i].estimator == label.estimator:
                continue
            z = _z(firsts[key], (estimates, j))
            known = bool(np.isfinite(z)) and not (first.refusal[i] or estimates.refusal[j])
            size = (
                normal_size(z, float(min(first.df[i], estimates.df[j]))) if known else float("nan")
            )
            found.append(_Pair(estimates, j, z, size))
    return found


def _opinion(fit: Fit, pair: _Pair, compared: int) -> Opinion:
    estimates, j, z, size = pair
    label = estimates.labels[j]
    judged = bool(np.isfinite(size)) and fit.design.claims
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
        status=judge(size, compared).value if judged else None,
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
