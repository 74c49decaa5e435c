"""Simultaneous intervals of many attributes at once."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.measures import LEVEL, Draw, Random, World
from benchmarks.coverage.panels import column, panel, setting, study
from causal.estimation._inference import infer
from causal.estimation.difference_in_means import DifferenceInMeans


def simultaneous(clusters: int, attributes: int, by: str) -> Draw:
    """All simultaneous intervals of many attributes without effect hold zero."""
    names = tuple(f"a{k}" for k in range(attributes))
    asked = study(names)

    def draw(rng: Random) -> bool | None:
        g = np.repeat(np.arange(clusters), 20)
        a = rng.random((g.size, attributes)) < 0.5
        if by == "cluster":
            a = (rng.random((clusters, attributes)).argsort(axis=0) < clusters / 2)[g]
        y = 0.5 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
        made = panel([column(name, a[:, k], 2) for k, name in enumerate(names)], y, (g,))
        estimates = DifferenceInMeans().fit(setting(asked, made, "naive"))
        found = infer(
            estimates,
            level=LEVEL,
            multiplicity="simultaneous",
            seed=int(rng.integers(2**31)),
            family="f",
        )
        return bool(np.all((found.simultaneous_low <= 0) & (found.simultaneous_high >= 0)))

    return draw


WORLDS = tuple(
    World(
        name=f"{k} null attributes by {by}, {c} clusters",
        interval="simultaneous",
        draw=simultaneous(c, k, by),
        least=True,
    )
    for by in ("row", "cluster")
    for c, k in ((10, 5), (10, 30), (40, 30), (200, 30))
)
