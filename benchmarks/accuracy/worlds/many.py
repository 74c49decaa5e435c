"""Ten attributes that come together; five of them do nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 9
ROWS = 2_000
EFFECTS = (0.6, -0.4, 0.3, 0.2, -0.2, 0.0, 0.0, 0.0, 0.0, 0.0)


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """A chain: an attribute is likelier where the one before it is."""
    rng = random(__name__, seed)
    count = len(EFFECTS)
    x = rng.normal(size=(rows, 4))
    a = np.zeros((rows, count), dtype=int)
    log_odds = np.zeros((rows, count))
    for j in range(count):
        log_odds[:, j] = 0.4 * x[:, j % 4] - 0.4 + (0.8 * a[:, j - 1] if j else 0.0)
        a[:, j] = rng.random(rows) < logistic(log_odds[:, j])
    mean = x @ np.array([0.8, 0.5, 0.3, 0.3]) + a @ np.array(EFFECTS)
    y = mean + rng.normal(size=rows)
    names = [f"a{j}" for j in range(count)]
    return Drawn(
        frame=pd.DataFrame({**columns(a, "a"), **columns(x), "y": y}),
        study=study("many", names, list(columns(x))),
        truth={
            (name, "1 - 0"): Means(
                high=mean + (1 - a[:, j]) * EFFECTS[j],
                low=mean - a[:, j] * EFFECTS[j],
                propensity=_given_others(x, a, j),
            )
            for j, name in enumerate(names)
        },
    )


def _given_others(x: np.ndarray, a: np.ndarray, j: int) -> np.ndarray:
    """P(a_j = 1 | all other attributes, x), by Bayes along the chain, shape (rows,)."""
    before = 0.8 * a[:, j - 1] if j else 0.0
    own = logistic(0.4 * x[:, j % 4] - 0.4 + before)
    high, low = own, 1 - own
    if j + 1 < a.shape[1]:
        base = 0.4 * x[:, (j + 1) % 4] - 0.4
        follows = a[:, j + 1]
        with_it, without = logistic(base + 0.8), logistic(base)
        high = high * np.where(follows == 1, with_it, 1 - with_it)
        low = low * np.where(follows == 1, without, 1 - without)
    return np.asarray(high / (high + low))
