"""No effect at all: six attributes leaned by confounders that move the outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 7
ROWS = 1_500
COUNT = 6


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Every effect is zero; any claim is false."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    lean = np.linspace(-0.6, 0.6, COUNT)
    e = logistic(x[:, [0]] * lean + 0.3 * x[:, [1]])
    a = (rng.random((rows, COUNT)) < e).astype(int)
    mean = x[:, 0] + 0.7 * x[:, 1] + 0.5 * x[:, 2]
    y = mean + rng.normal(size=rows)
    names = [f"a{j}" for j in range(COUNT)]
    return Drawn(
        frame=pd.DataFrame({**columns(a, "a"), **columns(x), "y": y}),
        study=study("null", names, list(columns(x))),
        truth={
            (name, "1 - 0"): Means(high=mean, low=mean, propensity=e[:, j])
            for j, name in enumerate(names)
        },
    )
