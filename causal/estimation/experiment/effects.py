"""Effects of the arms on a metric as estimates: with joint errors, baselines and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments, marginal, strata
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment._functionals import (
    Functionals,
    covariance,
    degrees_of_freedom,
    stacked,
)
from causal.estimation.experiment.levels import differences, levels

FEWEST_CLUSTERS = 5
ROUNDING = 1e-12
"""An error this small a part of the levels is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What estimates of an experiment are called, and whether whole clusters were assigned."""

    arm_column: str
    population: str = "all units"
    clustered: bool = False
    adjustment: Adjustment = Adjustment.CUPED


def effects(moments: Moments, readings: Sequence[Reading], asked: Asked) -> Estimates:
    """Effects of every arm on every metric, those of the first metric first.

    Parameters
    ----------
    moments
        Control first.
    readings
        Metrics whose columns' products are all known; others are asked for one by one.
    asked
        Names, and how to adjust.

    Returns
    -------
    Estimates
        With ``influence`` a root of the joint covariance and no ways of clustering. Shape
        (metrics x (arms - 1),).
    """
    usable = common(moments)
    of = [levels(usable, reading, asked.adjustment) for reading in readings]
    apart = stacked([differences(each) for each in of])
    joint = covariance(stacked([apart, stacked(of)]), usable)
    count, arms = len(apart), len(moments.arms)
    controls = count + np.repeat(np.arange(len(of)), arms - 1) * arms
    at = np.arange(count)
    df = degrees_of_freedom(apart, usable)
    return Estimates(
        labels=tuple(_label(moments, reading, arm, asked) for reading in readings
                     for arm in moments.arms[1:]),
        sizes=tuple(_size(usable, arm) for _ in readings for arm in range(1, arms)),
        values=apart.values,
        influence=root(joint[:count, :count]),
        ways=(),
        df=df,
        baseline=np.concatenate([np.repeat(each.values[:1], arms - 1) for each in of]),
        baseline_variance=np.column_stack([joint[at, controls], joint[controls, controls]]),
        refusal=tuple(_refusal(usable, arm, asked) for _ in readings for arm in range(1, arms)),
    )  # fmt: skip


def estimates_of(wanted: Functionals, moments: Moments, like: Estimates) -> Estimates:
    """Other functionals of the same arms and metrics, as estimates without a baseline."""
    count = len(wanted)
    return Estimates(
        labels=like.labels,
        sizes=like.sizes,
        values=wanted.values,
        influence=root(covariance(wanted, moments)),
        ways=(),
        df=degrees_of_freedom(wanted, moments),
        baseline=np.full(count, np.nan),
        baseline_variance=np.full((count, 2), np.nan),
        refusal=like.refusal,
    )


def without_error(estimates: Estimates, at: int) -> str:
    """Why an effect has no error to be held against, or nothing."""
    error = float(estimates.std_errors[at])
    size = abs(float(estimates.values[at])) + abs(float(estimates.baseline[at]))
    if not np.isfinite(error):
        return "no error can be made of its values: too few units have one, or they are too large"
    return "its values do not vary within the arms" if error <= ROUNDING * size else ""


def common(moments: Moments) -> Moments:
    """Moments in which every stratum has two sampling units of every arm.

    Smaller strata are added up into one, which planned shares that are the same everywhere allow;
    where that lacks an arm too it is left out. Without any stratum left there are no strata.
    """
    few = (moments.n < 2).any(axis=0)
    if not few.any() or len(moments.strata) == 1:
        return moments
    own = strata(moments, np.flatnonzero(~few).tolist())
    rest = marginal(strata(moments, np.flatnonzero(few).tolist()), [])
    if not own.strata:
        return rest
    if (rest.n < 2).any():
        return own
    return Moments(
        arms=moments.arms,
        strata=(*own.strata, ("the rest",) * len(own.strata[0])),
        columns=moments.columns,
        units=np.hstack([own.units, rest.units]),
        n=np.hstack([own.n, rest.n]),
        mean=np.concatenate([own.mean, rest.mean], axis=1),
        scatter=np.concatenate([own.scatter, rest.scatter], axis=1),
    )


def root(v: FloatArray) -> FloatArray:
    """R with R'R = v, shape (p, p); NaN where v has one.

    Taken of the correlations, so that a metric of small numbers keeps its digits beside one of
    large numbers.
    """
    if not np.isfinite(v).all():
        return np.full(v.shape, np.nan)
    size = np.sqrt(np.maximum(np.diag(v), 0.0))
    whole = np.where(size > 0, size, 1.0)
    alike = v / np.outer(whole, whole)
    values, vectors = np.linalg.eigh((alike + alike.T) / 2)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))).T * size)


def _label(moments: Moments, reading: Reading, arm: str, asked: Asked) -> Label:
    return Label(
        attribute=asked.arm_column,
        contrast=f"{arm} - {moments.arms[0]}",
        outcome=reading.metric,
        estimand="ATE",
        design="experiment",
        estimator=asked.adjustment.value,
        population=asked.population,
        identification="randomized",
    )


def _size(moments: Moments, arm: int) -> Size:
    units = moments.units.sum(axis=1)
    n = moments.n.sum(axis=1)
    both = int(units[arm] + units[0])
    return Size(
        units=both,
        clusters=int(n[arm] + n[0]),
        treated=float(units[arm] / both) if both else None,
        effective_units=float(n[arm] + n[0]),
    )


def _refusal(moments: Moments, arm: int, asked: Asked) -> str:
    n = moments.n.sum(axis=1)[[0, arm]]
    fewest, what = (FEWEST_CLUSTERS, "clusters") if asked.clustered else (2, "units")
    if n.min() >= fewest:
        return ""
    name = moments.arms[0 if n[0] < fewest else arm]
    return f"arm '{name}' has {n.min()} {what}; at least {fewest} are needed"
