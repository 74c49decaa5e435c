"""A rare outcome: one row in a hundred."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 4
ROWS = 5_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Log-odds rise by 0.8: about 0.7% become 1.5%."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    e = logistic(0.5 * x[:, 0] - 0.3 * x[:, 1])
    a = (rng.random(rows) < e).astype(int)
    log_odds = -5.1 + 0.5 * x[:, 0] + 0.3 * x[:, 2]
    low, high = logistic(log_odds), logistic(log_odds + 0.8)
    y = (rng.random(rows) < np.where(a == 1, high, low)).astype(int)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("rare", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=high, low=low, propensity=e)},
    )
