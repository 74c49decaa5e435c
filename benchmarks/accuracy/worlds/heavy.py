"""Heavy tails: noise of a t distribution with 2.5 degrees of freedom."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 5
ROWS = 2_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1 + 0.5 x1; ATE 1."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    e = logistic(0.6 * x[:, 0] - 0.4 * x[:, 1])
    a = (rng.random(rows) < e).astype(int)
    effect = 1 + 0.5 * x[:, 1]
    low = x[:, 0] + 0.5 * x[:, 2]
    y = low + a * effect + rng.standard_t(2.5, size=rows)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("heavy", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=low + effect, low=low, propensity=e)},
    )
