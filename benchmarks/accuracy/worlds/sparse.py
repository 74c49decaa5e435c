"""Confounding by two of fifty columns, one product and one step."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 0
ROWS = 5_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1; x7 x31 and a step in x19 leans the attribute and the outcome."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 50))
    shared = x[:, 7] * x[:, 31] + (x[:, 19] > 0.5) - 0.31
    e = logistic(0.5 * x[:, 0] + 0.7 * shared)
    a = (rng.random(rows) < e).astype(int)
    low = x[:, 0] + shared + 0.5 * x[:, 3]
    y = low + a + rng.normal(size=rows)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("sparse", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=low + 1, low=low, propensity=e)},
    )
