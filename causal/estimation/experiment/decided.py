"""The one procedure that decides: interval and p-value of each comparison from the same maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation._inference import infer
from causal.estimation.experiment.boundaries import Spending, boundaries, smallest_alpha
from causal.estimation.experiment.sequences import multiplier, p_value, tuning


class Procedure(StrEnum):
    """When the numbers may be looked at."""

    FIXED = "fixed"
    SEQUENTIAL = "sequential"
    GROUP_SEQUENTIAL = "group sequential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What was fixed before the experiment.

    ``looks`` are the shares of the planned information at every look so far, this one last; a
    fixed procedure has one, and a confidence sequence only needs the last. ``information`` is the
    share that is there, for what a confidence sequence would say beside another procedure; None
    where no number of units was planned, to which one could be tuned.
    """

    procedure: Procedure
    level: float
    seed: int
    looks: tuple[float, ...] = (1.0,)
    spending: Spending = Spending.OBRIEN_FLEMING
    information: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """Decision intervals of p comparisons; every array has shape (p,)."""

    procedure: Procedure
    method: str
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    critical: FloatArray


def decide(
    estimates: Estimates, rules: Rules, *, together: bool, among: int | None = None
) -> Decided:
    """Intervals and p-values that decide.

    Parameters
    ----------
    estimates
        The comparisons.
    rules
        Fixed: the largest |t| over the family by its joint covariance. Sequential: confidence
        sequences; group sequential: repeated intervals (Jennison, Turnbull 1989) at the boundary of
        this look; both share alpha out evenly.
    together
        Whether one claim too many over all of them is what alpha bounds, as for success metrics; a
        guardrail each has to pass needs no such share.
    among
        How many comparisons that is, where there are more than these and their joint covariance is
        not known: alpha is then shared out evenly (Bonferroni).
    """
    alpha = 1 - rules.level
    each = alpha / ((among or len(estimates)) if together else 1)
    if rules.procedure is Procedure.FIXED:
        if together and among is not None and among > len(estimates):
            return _bonferroni(estimates, rules, among)
        return _fixed(estimates, rules, together=together)
    if rules.procedure is Procedure.SEQUENTIAL:
        return _sequential(estimates, rules, each)
    return _group_sequential(estimates, rules, each)


def _fixed(estimates: Estimates, rules: Rules, *, together: bool) -> Decided:
    if not together or len(estimates) < 2:
        return _pointwise(estimates, rules)
    error = _errors(estimates)
    with np.errstate(all="ignore"):
        order = np.argsort(-np.abs(estimates.values / error), kind="stable")
    found = infer(
        _turned(estimates.select(order)),
        level=rules.level,
        multiplicity="simultaneous",
        seed=rules.seed,
        family="decision",
    )
    back = np.argsort(order)
    return _around(
        estimates,
        rules,
        "largest |t| of the family",
        found.critical[back],
        found.p_adjusted[back],
    )


def _turned(estimates: Estimates) -> Estimates:
    """All on one side of zero: draws then do not depend on which side is good, nor on names."""
    sign = np.where(estimates.values < 0, -1.0, 1.0)
    return replace(estimates, values=estimates.values * sign, influence=estimates.influence * sign)


def _bonferroni(estimates: Estimates, rules: Rules, among: int) -> Decided:
    found = _pointwise(estimates, replace(rules, level=1 - (1 - rules.level) / among))
    return replace(found, method="bonferroni", p_value=np.minimum(found.p_value * among, 1.0))


def _pointwise(estimates: Estimates, rules: Rules) -> Decided:
    from scipy.stats import t as student

    with np.errstate(all="ignore"):
        statistic = np.abs(estimates.values / _errors(estimates))
    return _around(
        estimates,
        rules,
        "t",
        student.isf((1 - rules.level) / 2, estimates.df),
        2 * student.sf(statistic, estimates.df),
    )


def _sequential(estimates: Estimates, rules: Rules, alpha: float) -> Decided:
    error = _errors(estimates)
    information = np.full(len(estimates), rules.looks[-1])
    tuned = tuning(alpha)
    with np.errstate(all="ignore"):
        p = p_value(estimates.values / error, information, tuned)
    return _around(
        estimates,
        rules,
        "confidence sequence",
        multiplier(information, alpha, tuned),
        np.minimum(p * (1 - rules.level) / alpha, 1.0),
    )


def _group_sequential(estimates: Estimates, rules: Rules, alpha: float) -> Decided:
    looks = np.array(rules.looks)
    critical = boundaries(looks, alpha, rules.spending)[-1]
    with np.errstate(all="ignore"):
        z = np.abs(estimates.values / _errors(estimates))
    p = [smallest_alpha(float(each), looks, rules.spending) for each in z]
    return _around(
        estimates,
        rules,
        "repeated interval",
        np.full(len(estimates), critical),
        np.minimum(np.array(p) * (1 - rules.level) / alpha, 1.0),
    )


def _errors(estimates: Estimates) -> FloatArray:
    error = estimates.std_errors
    return np.where(error > 0, error, np.nan)


def _around(
    estimates: Estimates, rules: Rules, method: str, critical: FloatArray, p: FloatArray
) -> Decided:
    reach = critical * _errors(estimates)
    return Decided(
        procedure=rules.procedure,
        method=method,
        low=estimates.values - reach,
        high=estimates.values + reach,
        p_value=p,
        critical=critical,
    )
