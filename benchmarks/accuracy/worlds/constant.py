"""One effect for all, and ten modifiers that change nothing: nobody gains more than others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 8
ROWS = 2_000
MODIFIERS = 10


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 0.5 in every segment."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    m = (rng.random((rows, MODIFIERS)) < np.linspace(0.2, 0.8, MODIFIERS)).astype(int)
    e = logistic(0.6 * x[:, 0] + 0.3 * (m[:, 0] - 0.2) - 0.3 * (m[:, 1] - 0.27))
    a = (rng.random(rows) < e).astype(int)
    low = x[:, 0] + 0.5 * x[:, 1] + 0.4 * m[:, 0]
    y = low + 0.5 * a + rng.normal(size=rows)
    marks = columns(m, "m")
    return Drawn(
        frame=pd.DataFrame({"a": a, **columns(x), **marks, "y": y}),
        study=study("constant", ["a"], list(columns(x)), modifiers=list(marks)),
        truth={("a", "1 - 0"): Means(high=low + 0.5, low=low, propensity=e)},
    )
