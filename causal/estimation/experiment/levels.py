"""Levels of a metric in every arm, adjusted or not, and what is made of them."""

from __future__ import annotations

import numpy as np

from causal.content.outcome import Goal
from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation.experiment._adjustment import Adjustment, coefficients, total_scatter
from causal.estimation.experiment._functionals import Functionals, stratum_shares
from causal.estimation.experiment._parts import part_of


def levels(moments: Moments, reading: Reading, adjustment: Adjustment) -> Functionals:
    """The level of a metric in each arm, shape (A,).

    Without strata the mean, or the ratio of two means, of the arm. With strata both are weighted
    by the strata's shares over all arms (post-stratification). Adjusted, the level less what the
    arm's covariates differ from those of all arms, times coefficients: one set over all arms from
    the total scatter (CUPED: Deng, Xu, Kohavi, Walker 2013), or one for each arm (Lin 2013, Annals
    of Applied Statistics). The mean over all arms that levels refer to is random too, and its part
    of the variance is counted.

    Parameters
    ----------
    moments
        With every stratum in every arm.
    reading
        Which columns the metric and its covariates are made of.
    adjustment
        How covariates are used; without covariates it is none.

    Returns
    -------
    Functionals
        In the order of ``moments.arms``.
    """
    share = stratum_shares(moments)
    means = np.einsum("s,ask->ak", share, moments.mean)
    arms = len(moments.arms)
    among = moments.n.sum(axis=1) / moments.n.sum()
    value, slope = part_of(moments.columns, reading.level, means)
    spent = np.zeros((arms, arms))
    by_arm = np.zeros((arms, arms, len(moments.columns)))
    by_arm[np.arange(arms), np.arange(arms)] = slope
    if adjustment is not Adjustment.NONE and reading.covariates:
        beta = _coefficients(moments, reading, adjustment, means)
        read = [part_of(moments.columns, part, means) for part in reading.covariates]
        x = np.stack([values for values, _ in read])
        slopes = np.stack([gradient for _, gradient in read])
        value = value - np.einsum("aq,qa->a", beta, x - (x @ among)[:, None])
        shifts = np.einsum("aq,b,qbk->abk", beta, among, slopes)
        own = np.einsum("aq,qak->ak", beta, slopes)
        by_arm = by_arm + shifts
        by_arm[np.arange(arms), np.arange(arms)] -= own
        if adjustment is Adjustment.LIN:
            spent = np.eye(arms) * len(reading.covariates)
    return Functionals(
        values=value,
        gradient=by_arm[:, :, None, :] * share[None, None, :, None],
        shares=np.einsum("pak,ask->ps", by_arm, moments.mean),
        spent=spent,
    )


def differences(of: Functionals) -> Functionals:
    """Each arm's level less the control's, which comes first."""
    arms = len(of)
    return of.combined(np.column_stack([-np.ones(arms - 1), np.eye(arms - 1)]))


def gaps(of: Functionals, goal: Goal, *, margin: float, relative: bool) -> Functionals:
    """How far each arm is on the good side of a margin; above zero is not worse than it allows.

    A relative margin m is tested on t - (1 - m) c (for a goal of decrease (1 + m) c - t), with a
    variance of its own, so that the control's error counts.
    """
    arms = len(of)
    good = 1.0 if goal is Goal.INCREASE else -1.0
    allowed = margin * float(np.sign(of.values[0])) if relative else 0.0
    weights = np.column_stack([np.full(arms - 1, -good + allowed), good * np.eye(arms - 1)])
    made = of.combined(weights)
    if relative:
        return made
    return Functionals(
        values=made.values + margin, gradient=made.gradient, shares=made.shares, spent=made.spent
    )


def _coefficients(
    moments: Moments, reading: Reading, adjustment: Adjustment, means: FloatArray
) -> FloatArray:
    """Shape (A, q)."""
    if adjustment is Adjustment.CUPED:
        weight = moments.n.sum(axis=1) / moments.n.sum()
        pooled = (weight @ means)[None]
        own = _fitted(moments, reading, total_scatter(moments), pooled, 0)
        return np.tile(own, (len(moments.arms), 1))
    within = moments.scatter.sum(axis=1)
    return np.stack(
        [_fitted(moments, reading, within[arm], means, arm) for arm in range(len(moments.arms))]
    )


def _fitted(
    moments: Moments, reading: Reading, scatter: FloatArray, means: FloatArray, at: int
) -> FloatArray:
    level = part_of(moments.columns, reading.level, means)[1][at]
    covariates = [part_of(moments.columns, part, means)[1][at] for part in reading.covariates]
    return coefficients(scatter, level, np.stack(covariates))
