"""Averages of models by their predictions for rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from causal.data.panel import FloatArray


def stack(predictions: Sequence[FloatArray], target: FloatArray, weight: FloatArray) -> FloatArray:
    """Weights, none negative, that add to one and make the least squared error.

    Short-stacking (Ahrens, Hansen, Schaffer, Wiemann 2025, Journal of Applied Econometrics): the
    predictions are out of fold already, and one set of weights serves all folds.

    Parameters
    ----------
    predictions
        Out-of-fold predictions of each model, shape (n,) or (n, classes) as the target.
    target
        What was observed; for classes their indicators.
    weight
        What a row counts, shape (n,).

    Returns
    -------
    array
        Shape (models,).

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 2.0, 3.0])
    >>> stack([y + 1, y - 1, 0 * y], y, np.ones(4)).round(3).tolist()
    [0.5, 0.5, 0.0]
    """
    w = weight[:, None] if target.ndim == 2 else weight
    error = np.stack([((p - target) * np.sqrt(w)).ravel() for p in predictions])
    gram = error @ error.T
    if not np.trace(gram) > 0:
        return np.full(len(gram), 1 / len(gram))
    gram = gram + 1e-9 * np.trace(gram) * np.eye(len(gram))
    best, least = np.zeros(len(gram)), np.inf
    for size in range(1, len(gram) + 1):
        for chosen in combinations(range(len(gram)), size):
            shares = np.linalg.solve(gram[np.ix_(chosen, chosen)], np.ones(size))
            shares = shares / shares.sum()
            loss = float(shares @ gram[np.ix_(chosen, chosen)] @ shares)
            if shares.min() >= 0 and loss < least:
                best, least = np.zeros(len(gram)), loss
                best[list(chosen)] = shares
    return best
