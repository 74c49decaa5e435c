"""Confounding by smooth curves: a sine of one column and the absolute value of another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 0
ROWS = 3_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1; sin(2 x1) + |x2| leans the attribute and the outcome."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 10))
    shared = np.sin(2 * x[:, 1]) + np.abs(x[:, 2]) - 0.8
    e = logistic(0.5 * x[:, 0] + 0.7 * shared)
    a = (rng.random(rows) < e).astype(int)
    low = x[:, 0] + shared + 0.5 * x[:, 3]
    y = low + a + rng.normal(size=rows)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("smooth", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=low + 1, low=low, propensity=e)},
    )
