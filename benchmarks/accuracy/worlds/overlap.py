"""Weak overlap: some rows nearly always have the attribute, others hardly ever."""

from __future__ import annotations

import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 6
ROWS = 2_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1 + 0.5 x0, where x0 drives the attribute: the populations differ."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    e = logistic(2.2 * x[:, 0] + 0.8 * x[:, 1] + 0.5)
    a = (rng.random(rows) < e).astype(int)
    effect = 1 + 0.5 * x[:, 0]
    low = x[:, 0] + 0.5 * x[:, 1] + 0.5 * x[:, 2]
    y = low + a * effect + rng.normal(size=rows)
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), "y": y}),
        study=study("overlap", ["a"], list(columns(x))),
        truth={("a", "1 - 0"): Means(high=low + effect, low=low, propensity=e)},
    )
