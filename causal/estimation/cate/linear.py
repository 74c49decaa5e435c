"""Effects along straight lines: ridge regression of the score on the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._problem import Predict, Problem

PENALTIES = tuple(float(p) for p in np.logspace(-4, 2, 25))


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Best linear projection of the score on the columns, shrunk (Semenova, Chernozhukov 2021).

    The penalty, as a share of the mean squared term, is chosen by generalised cross-validation
    (Golub, Heath, Wahba 1979).
    """

    penalties: tuple[float, ...] = PENALTIES

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return ("linear",)

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Regress the scores of the rows, weighted by their precision."""
        terms = problem.features.terms
        centre, slope = ridge(
            terms[train], problem.psi[train], problem.precision[train], self.penalties
        )
        level = slope[-1]

        def predict(rows: IntArray) -> FloatArray:
            return ((terms[rows] - centre) @ slope[:-1] + level)[:, None]

        return predict


def ridge(
    terms: FloatArray, target: FloatArray, weight: FloatArray, penalties: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """Weighted ridge on standardised terms, its penalty by generalised cross-validation.

    Parameters
    ----------
    terms, target, weight
        Shapes (n, d), (n,) and (n,).
    penalties
        Candidates, as shares of n.

    Returns
    -------
    tuple of arrays
        The means of the terms, (d,), and slopes with the mean of the target last, (d + 1,).
    """
    w = weight / weight.mean()
    centre = np.average(terms, axis=0, weights=w) if terms.shape[1] else np.zeros(0)
    mean = float(np.average(target, weights=w))
    if not terms.shape[1]:
        return centre, np.array([mean])
    z = terms - centre
    spread = np.sqrt(np.average(z**2, axis=0, weights=w))
    spread = np.where(spread > 1e-12, spread, np.inf)
    z = z / spread
    y = target - mean
    n = target.size
    values, vectors = np.linalg.eigh((z * w[:, None]).T @ z / n)
    values = np.maximum(values, 0.0)
    along = vectors.T @ (z.T @ (w * y)) / n
    total = float(np.average(y**2, weights=w))
    best, chosen = np.inf, np.zeros(values.size)
    for penalty in penalties:
        coefficient = along / (values + penalty)
        fitted = 2 * coefficient @ along - coefficient**2 @ values
        freedom = 1 + float(np.sum(values / (values + penalty)))
        criterion = (total - fitted) / max(1 - freedom / n, 1e-6) ** 2
        if criterion < best:
            best, chosen = criterion, coefficient
    return centre, np.append((vectors @ chosen) / spread, mean)
