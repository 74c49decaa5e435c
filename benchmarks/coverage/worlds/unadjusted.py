"""Gaps without adjustment: differences, ratios and slopes, and effects over a baseline."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.measures import LEVEL, Draw, Random, World, holds
from benchmarks.coverage.panels import column, panel, setting, sizes, study
from causal.estimation._inference import infer
from causal.estimation.difference_in_means import DifferenceInMeans


def difference(
    clusters: int,
    treated: int,
    *,
    spread: float = 0.0,
    shared: float = 0.3,
    by: str = "cluster",
    weighted: bool = False,
) -> Draw:
    """Difference in means, the attribute drawn by cluster, by row or in between."""

    def draw(rng: Random) -> bool | None:
        g = sizes(rng, clusters, 20, spread)
        chance = {
            "cluster": (rng.permutation(clusters) < treated).astype(float),
            "row": np.full(clusters, treated / clusters),
            "mixed": rng.beta(0.5, 0.5, clusters),
        }[by]
        a = (rng.random(g.size) < chance[g]).astype(float)
        noise = np.sqrt(shared) * rng.normal(size=clusters)[g]
        y = a + noise + np.sqrt(1 - shared) * rng.normal(size=g.size)
        w = rng.lognormal(0, 0.5, g.size) if weighted else None
        made = panel([column("a", a, 2)], y, (g,), weight=w)
        return holds(DifferenceInMeans().fit(setting(study(), made, "naive")), 1.0)

    return draw


def naive_ratio(rng: Random) -> bool | None:
    """Ratio of sums in each arm, the denominator moved by the attribute."""
    g = sizes(rng, 60, 10, 0.5)
    a = (rng.random(g.size) < 0.4).astype(float)
    quality = rng.normal(size=60)[g]
    d = rng.poisson(20 * np.exp(0.3 * a + 0.2 * quality)) + 1.0
    n = rng.binomial(d.astype(int), 0.1 + 0.05 * a) + 0.05 * d * quality
    made = panel([column("a", a, 2)], n, (g,), denominator=d)
    # Per arm: E[n] / E[d] with E[d] = 20 exp(.3 a) m + 1 and E[d q] = 20 exp(.3 a) m s.
    m, s = np.exp(0.02), 0.2
    low, high = (
        0.05 * 20 * np.exp(0.3 * k) * m * s / (20 * np.exp(0.3 * k) * m + 1) for k in (0, 1)
    )
    return holds(
        DifferenceInMeans().fit(setting(study(ratio=True), made, "naive")), 0.05 + high - low
    )


def naive_slope(rng: Random) -> bool | None:
    """Simple slope of a continuous attribute with unequal clusters."""
    g = sizes(rng, 50, 15, 0.5)
    dose = rng.normal(size=50)[g] + rng.normal(size=g.size)
    y = 0.7 * dose + rng.normal(size=50)[g] + rng.normal(size=g.size)
    made = panel([column("dose", dose)], y, (g,))
    return holds(DifferenceInMeans().fit(setting(study(("dose",)), made, "naive")), 0.7)


def two_ways(rows: int, columns: int) -> Draw:
    """Users by items: noise shared along both, the attribute by item."""

    def draw(rng: Random) -> bool | None:
        g, h = rng.integers(rows, size=1500), rng.integers(columns, size=1500)
        a = (rng.permutation(columns) < columns / 2).astype(float)[h]
        y = a + 0.5 * rng.normal(size=rows)[g] + 0.5 * rng.normal(size=columns)[h]
        made = panel([column("a", a, 2)], y + rng.normal(size=1500), (g, h))
        return holds(DifferenceInMeans().fit(setting(study(), made, "naive")), 1.0)

    return draw


def relative(effect: float, baseline: float) -> Draw:
    """Fieller's interval of the effect over the baseline; None when it is unbounded."""

    def draw(rng: Random) -> bool | None:
        g = sizes(rng, 60, 10, 0.5)
        a = (rng.random(g.size) < 0.5).astype(float)
        y = baseline + effect * a + rng.normal(size=60)[g] + rng.normal(size=g.size)
        made = panel([column("a", a, 2)], y, (g,))
        estimates = DifferenceInMeans().fit(setting(study(), made, "naive"))
        found = infer(estimates, level=LEVEL, multiplicity="none", seed=0, family="r")
        if np.isnan(found.relative_low[0]):
            return None
        return bool(found.relative_low[0] <= effect / baseline <= found.relative_high[0])

    return draw


WORLDS = (
    World(name="difference in means, 60 clusters", draw=difference(60, 30)),
    World(
        name="difference in means, weighted",
        draw=difference(60, 30, by="row", weighted=True),
    ),
    World(name="difference in means, 10 clusters", draw=difference(10, 5)),
    World(
        name="difference in means, 12 clusters, rows drawn",
        draw=difference(12, 6, by="row"),
    ),
    World(
        name="difference in means, 12 unequal clusters",
        draw=difference(12, 6, spread=0.5),
        least=True,
    ),
    World(
        name="difference in means, 20 very unequal clusters",
        draw=difference(20, 10, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 25 clusters, 5 treated",
        draw=difference(25, 5),
        least=True,
    ),
    World(
        name="difference in means, 25 very unequal clusters, 5 treated",
        draw=difference(25, 5, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 40 very unequal clusters",
        draw=difference(40, 20, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 40 very unequal clusters, mixed",
        draw=difference(40, 20, spread=1.0, by="mixed"),
        least=True,
    ),
    World(name="ratio of sums, naive", draw=naive_ratio),
    World(name="slope, naive", draw=naive_slope),
    World(name="two-way clusters, 50 x 50", draw=two_ways(50, 50)),
    World(name="two-way clusters, 100 x 14", draw=two_ways(100, 14), least=True),
    World(name="relative effect, far from zero", interval="Fieller", draw=relative(0.5, 5.0)),
    World(
        name="relative effect, baseline near zero",
        interval="Fieller",
        draw=relative(0.5, 0.5),
        least=True,
    ),
)
