"""The product world at twenty thousand rows, where a bias that stays shows."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 0
ROWS = 20_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1; x1 x2 leans the attribute and the outcome."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 20))
    shared = x[:, 1] * x[:, 2]
    e = logistic(0.5 * x[:, 0] + 0.7 * shared)
    a = (rng.random(rows) < e).astype(int)
    low = x[:, 0] + shared + 0.5 * x[:, 3]
    y = low + a + rng.normal(size=rows)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("product-large", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=low + 1, low=low, propensity=e)},
    )
