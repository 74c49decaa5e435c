"""Everything linear: five confounders, a segment of three levels whose effects differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, logistic, random, study

NUMBER = 1
ROWS = 1_000


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 1 + 0.5 x1 + 0.4 (group - 1); ATE 1."""
    rng = random(__name__, seed)
    x = rng.normal(size=(rows, 5))
    group = rng.integers(3, size=rows)
    e = logistic(0.6 * x[:, 0] - 0.4 * x[:, 1] + 0.2 * x[:, 2])
    a = (rng.random(rows) < e).astype(int)
    effect = 1 + 0.5 * x[:, 1] + 0.4 * (group - 1.0)
    low = x[:, 0] + 0.5 * x[:, 1] + 0.5 * x[:, 2] + 0.3 * x[:, 3]
    y = low + a * effect + rng.normal(size=rows)
    frame = pd.DataFrame({"a": a, "group": np.array(["p", "q", "r"])[group], **columns(x), "y": y})
    return Drawn(
        frame=frame,
        study=study("linear", ["a"], list(columns(x)), modifiers=["group"]),
        truth={("a", "1 - 0"): Means(high=low + effect, low=low, propensity=e)},
    )
