"""Straight lines on few columns: the lasso, its penalty by cross-validation over the folds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causal.data.panel import FloatArray, IntArray

PENALTIES = 20
SWEEPS = 60


def lasso(
    terms: FloatArray, target: FloatArray, weight: FloatArray, folds: IntArray
) -> Callable[[FloatArray], FloatArray]:
    """Fit a weighted lasso (Tibshirani 1996) by coordinate descent over all penalties at once.

    Parameters
    ----------
    terms, target, weight, folds
        Shapes (n, d), (n,), (n,) and (n,).

    Returns
    -------
    callable
        From terms (m, d) to predictions (m,).
    """
    spread = terms.std(axis=0)
    z = (terms - terms.mean(axis=0)) / np.where(spread > 1e-12, spread, np.inf)
    w = weight / weight.mean()
    start = np.abs(z.T @ (w * (target - np.average(target, weights=w)))) / target.size
    most = float(start.max()) if start.size else 0.0
    if most <= 0 or np.unique(folds).size < 2:
        mean = float(np.average(target, weights=w))
        return lambda rows: np.full(rows.shape[0], mean)
    penalties = most * np.logspace(0, -2.5, PENALTIES)
    losses = np.zeros(PENALTIES)
    for fold in np.unique(folds):
        out = folds == fold
        path, level, centre = _path(z[~out], target[~out], w[~out], penalties)
        guess = (z[out] - centre) @ path.T + level
        losses += w[out] @ (target[out][:, None] - guess) ** 2
    path, level, centre = _path(z, target, w, penalties[: int(np.argmin(losses)) + 1])
    slopes = path[-1] / np.where(spread > 1e-12, spread, np.inf)
    base = level - float(terms.mean(axis=0) @ slopes) - float(centre @ path[-1])
    return lambda rows: rows @ slopes + base


def _path(
    z: FloatArray, y: FloatArray, w: FloatArray, penalties: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """Coefficients (penalties, d), the mean of y and the means of z."""
    total = w.sum()
    centre, level = w @ z / total, float(w @ y / total)
    z = z - centre
    gram = (z * w[:, None]).T @ z / total
    along = z.T @ (w * (y - level)) / total
    own = np.maximum(np.diag(gram), 1e-12)
    beta = np.zeros((penalties.size, z.shape[1]))
    for _ in range(SWEEPS):
        before = beta.copy()
        for j in np.flatnonzero(np.diag(gram) > 1e-12):
            pull = along[j] - beta @ gram[:, j] + beta[:, j] * own[j]
            beta[:, j] = np.sign(pull) * np.maximum(np.abs(pull) - penalties, 0.0) / own[j]
        if np.max(np.abs(beta - before)) < 1e-4 * max(float(np.max(np.abs(beta))), 1e-12):
            break
    return beta, level, centre
