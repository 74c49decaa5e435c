"""Averages of models by their predictions for rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from causal.data.panel import FloatArray

STEPS = 300


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


def stack_chances(chances: Sequence[FloatArray], weight: FloatArray) -> FloatArray:
    """Weights, none negative, that add to one and make what was observed most likely.

    Stacking of densities (Smyth, Wolpert 1999) by expectation and maximisation. Squared error hardly
    notices a row that had one chance in a thousand where a model gave it one in a hundred thousand;
    the score of an effect divides by it.

    Parameters
    ----------
    chances
        Out of fold, the probability each model gave to the level a row has, shape (n,) each.
    weight
        What a row counts, shape (n,).

    Returns
    -------
    array
        Shape (models,).

    Examples
    --------
    >>> stack_chances([np.array([0.9, 0.1]), np.array([0.1, 0.9])], np.ones(2)).round(3).tolist()
    [0.5, 0.5]
    >>> stack_chances([np.array([0.8, 0.7]), np.array([0.1, 0.2])], np.ones(2)).round(3).tolist()
    [1.0, 0.0]
    """
    p = np.maximum(np.stack(chances), 1e-12)
    shares = np.full(len(p), 1 / len(p))
    for _ in range(STEPS):
        part = shares[:, None] * p
        now = (part / part.sum(axis=0)) @ weight / weight.sum()
        if np.max(np.abs(now - shares)) < 1e-6:
            break
        shares = now
    return now
