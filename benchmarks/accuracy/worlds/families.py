"""No effect of ten attributes drawn by row or by cluster, with 10, 40 and 200 clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, columns, random, study

NUMBER = 7
FORMS = (
    ("row", 10), ("row", 40), ("row", 200), ("cluster", 10), ("cluster", 40), ("cluster", 200),
)  # fmt: skip
COUNT = 10
ROWS = 0


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Every effect is zero; clusters share noise, and a covariate moves the outcome."""
    rng = random(__name__, seed)
    by, clusters = FORMS[seed % len(FORMS)]
    size = max(rows // clusters, 800 // clusters, 5)
    g = np.repeat(np.arange(clusters), size)
    drawn = rng.random((g.size if by == "row" else clusters, COUNT)) < 0.5
    a = (drawn if by == "row" else drawn[g]).astype(int)
    x = rng.normal(size=g.size)
    y = x + 0.6 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    names = [f"a{j}" for j in range(COUNT)]
    return Drawn(
        frame=pd.DataFrame({"creator": g, **columns(a, "a"), "x": x, "y": y}),
        study=study("families", names, ["x"], cluster="creator", assignment="randomized"),
        truth={
            (name, "1 - 0"): Means(high=x, low=x, propensity=np.full(g.size, 0.5)) for name in names
        },
        variant=f"by {by}, {clusters:3d} clusters",
    )
