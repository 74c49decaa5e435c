"""Difference in differences of two periods, doubly robust where there are covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray

FEWEST = 15
HIGHEST = 0.995
_STEPS, _NEAR = 50, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoPeriods:
    """One comparison.

    Attributes
    ----------
    value
        What the treated gained beyond the controls; NaN where it is refused.
    influence
        Shape (n,); value minus its target is to first order their sum.
    refusal
        Why there is no value, or nothing.
    """

    value: float
    influence: FloatArray
    refusal: str = ""


def two_periods(
    gain: FloatArray, treated: BoolArray, weight: FloatArray, covariates: FloatArray
) -> TwoPeriods:
    """Compare gains of treated and controls (Sant'Anna, Zhao 2020, panel data).

    Parameters
    ----------
    gain
        Outcome after minus before, (n,).
    treated
        Who is treated, (n,); everyone else is a control.
    weight
        Size of each, (n,).
    covariates
        Shape (n, m); with m = 0 the means are compared.
    """
    if covariates.shape[1] == 0:
        value, influence = _means(gain, treated, weight)
        return TwoPeriods(value=value, influence=influence)
    few = min(int(treated.sum()), int((~treated).sum()))
    nothing = np.zeros(gain.size)
    if few < FEWEST:
        return TwoPeriods(
            value=float("nan"),
            influence=nothing,
            refusal=f"too few for covariates: {few} entities, and {FEWEST} are needed",
        )
    try:
        return _adjusted(gain, treated, weight / weight.mean(), _design(covariates))
    except np.linalg.LinAlgError:
        return TwoPeriods(
            value=float("nan"),
            influence=nothing,
            refusal="covariates tell cohorts apart, or each other",
        )


def _means(gain: FloatArray, treated: BoolArray, weight: FloatArray) -> tuple[float, FloatArray]:
    one, other = weight * treated, weight * ~treated
    mean_one, mean_other = one @ gain / one.sum(), other @ gain / other.sum()
    influence = one * (gain - mean_one) / one.sum() - other * (gain - mean_other) / other.sum()
    return float(mean_one - mean_other), influence


def _design(covariates: FloatArray) -> FloatArray:
    """A constant and standardised columns; the result is the same for any scale of them."""
    spread = covariates.std(axis=0)
    if not (spread > 0).all():
        raise np.linalg.LinAlgError
    x = np.column_stack([np.ones(len(covariates)), (covariates - covariates.mean(axis=0)) / spread])
    if np.linalg.cond(x.T @ x) > 1e10:
        raise np.linalg.LinAlgError
    return x


def _adjusted(
    gain: FloatArray, treated: BoolArray, weight: FloatArray, x: FloatArray
) -> TwoPeriods:
    n = gain.size
    d, c = treated.astype(float), 1.0 - treated
    p, hessian = _logit(d, weight, x)
    bread = np.linalg.inv(x.T @ (x * (weight * c)[:, None]) / n)
    slope = bread @ (x.T @ (weight * c * gain) / n)
    rest = gain - x @ slope
    one, other = weight * d, weight * c * p / (1 - p)
    mean_one, mean_other = one.mean(), other.mean()
    eta_one, eta_other = (one * rest).mean() / mean_one, (other * rest).mean() / mean_other
    outcome_score = (x * (weight * c * rest)[:, None]) @ bread
    treated_score = (x * (weight * (d - p))[:, None]) @ np.linalg.inv(hessian / n)
    m_one = (x * one[:, None]).mean(axis=0)
    m_other = (x * other[:, None]).mean(axis=0)
    m_weights = (x * (other * (rest - eta_other))[:, None]).mean(axis=0)
    psi_one = (one * (rest - eta_one) - outcome_score @ m_one) / mean_one
    psi_other = other * (rest - eta_other) + treated_score @ m_weights - outcome_score @ m_other
    return TwoPeriods(
        value=float(eta_one - eta_other), influence=(psi_one - psi_other / mean_other) / n
    )


def _logit(d: FloatArray, weight: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probability of being treated by Newton's method, and the information matrix.

    Raises
    ------
    numpy.linalg.LinAlgError
        When covariates tell the treated apart.
    """
    b = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -40.0, 40.0)))
        hessian = x.T @ (x * (weight * p * (1 - p))[:, None])
        step = np.linalg.solve(hessian, x.T @ (weight * (d - p)))
        b = b + step
        if np.abs(step).max() < _NEAR:
            break
    else:
        raise np.linalg.LinAlgError
    p = 1 / (1 + np.exp(-np.clip(x @ b, -40.0, 40.0)))
    if p.max() > HIGHEST:
        raise np.linalg.LinAlgError
    return p, x.T @ (x * (weight * p * (1 - p))[:, None])
