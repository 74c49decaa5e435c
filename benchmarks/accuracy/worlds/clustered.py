"""Attribute and outcome by cluster: 40, 80, 120 or 200 creators of 20 items each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.accuracy.drawing import Drawn, Means, logistic, random, study

NUMBER = 3
CLUSTERS = (40, 80, 120, 200)
SIZE = 20
ROWS = 0


def draw(seed: int, rows: int = ROWS) -> Drawn:
    """Effect 0.5 + 0.3 x; a creator's tier confounds, and creators share noise."""
    rng = random(__name__, seed)
    clusters = rows // SIZE or CLUSTERS[seed % len(CLUSTERS)]
    g = np.repeat(np.arange(clusters), SIZE)
    tier = rng.integers(3, size=clusters)
    own = logistic(0.6 * tier.astype(float) - 0.6)
    a = (rng.random(clusters) < own).astype(int)[g]
    x = rng.normal(size=g.size)
    effect = 0.5 + 0.3 * x
    low = 0.5 * (tier[g] - 1.0) + x
    noise = 0.6 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    frame = pd.DataFrame({"creator": g, "a": a, "tier": np.array(["s", "m", "l"])[tier[g]], "x": x})
    return Drawn(
        frame=frame.assign(y=low + a * effect + noise),
        study=study("clustered", ["a"], ["tier", "x"], cluster="creator"),
        truth={("a", "1 - 0"): Means(high=low + effect, low=low, propensity=own[g])},
        variant=f"{clusters:3d} clusters",
    )
