"""Clusters of very unequal size: a few creators make most of the items."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, logistic, random, study

NUMBER = 10
CLUSTERS = 120
ROWS = 0


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 0.5 + 0.3 x; sizes are log-normal, creators share noise and lean to the attribute."""
    rng = random(__name__, seed)
    clusters = rows // 16 or CLUSTERS
    sizes = np.maximum(2, rng.lognormal(np.log(10), 1.0, clusters)).astype(int)
    g = np.repeat(np.arange(clusters), sizes)
    quality = rng.normal(size=clusters)[g]
    x = rng.normal(size=g.size)
    e = logistic(0.7 * quality + 0.4 * x)
    a = (rng.random(g.size) < e).astype(int)
    effect = 0.5 + 0.3 * x
    low = 0.6 * quality + x
    noise = 0.5 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    frame = pd.DataFrame({"creator": g, "a": a, "quality": quality, "x": x})
    return Drawn(
        frame=frame.assign(y=low + a * effect + noise),
        study=study("unequal", ["a"], ["quality", "x"], cluster="creator"),
        truth={("a", "1 - 0"): Means(high=low + effect, low=low, propensity=e)},
    )
