"""The linear start of a boosted model: ridge, or logistic ridge, on standardised terms.

Boosting alone shrinks smooth linear confounding (its trees are piecewise constant and stop early);
started from a linear fit it only has to learn what is not linear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray

PENALTY = 1.0
_STEPS = 8
_BOUND = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """Coefficients on centred and scaled terms."""

    centre: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: float

    def predict(self, terms: FloatArray) -> FloatArray:
        """Linear predictor, shape (n,); for a logistic start the log-odds."""
        weights = self.coefficients / self.scale
        return terms @ weights + (self.intercept - float(self.centre @ weights))


def linear_start(terms: FloatArray, target: FloatArray, weight: FloatArray | None) -> Start:
    """Weighted ridge with one unit of prior information on each standardised coefficient."""
    w = np.ones(target.size) if weight is None else weight / weight.mean()
    centre, scale = _moments(terms, w)
    z = (terms - centre) / scale
    mean = float(np.average(target, weights=w))
    gram = (z * w[:, None]).T @ z + PENALTY * np.eye(z.shape[1])
    return Start(
        centre=centre,
        scale=scale,
        coefficients=np.asarray(np.linalg.solve(gram, z.T @ (w * (target - mean))), dtype=float),
        intercept=mean,
    )


def logistic_start(terms: FloatArray, target: FloatArray, weight: FloatArray | None) -> Start:
    """Weighted logistic ridge by Newton steps, the linear predictor bounded to six log-odds."""
    w = np.ones(target.size) if weight is None else weight / weight.mean()
    centre, scale = _moments(terms, w)
    z = np.hstack([np.ones((target.size, 1)), (terms - centre) / scale])
    penalty = PENALTY * np.eye(z.shape[1])
    penalty[0, 0] = 1e-6
    share = np.clip(np.average(target, weights=w), 1e-6, 1 - 1e-6)
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(share / (1 - share))
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -_BOUND, _BOUND)))
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(hessian, z.T @ (w * (target - p)) - penalty @ beta)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-8:
            break
    return Start(centre=centre, scale=scale, coefficients=beta[1:], intercept=float(beta[0]))


def _moments(terms: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre = np.average(terms, axis=0, weights=weight) if terms.shape[1] else np.zeros(0)
    spread = (
        np.sqrt(np.average((terms - centre) ** 2, axis=0, weights=weight))
        if terms.shape[1]
        else np.zeros(0)
    )
    return centre, np.where(spread > 1e-12, spread, 1.0)
