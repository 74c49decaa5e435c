"""Adjusted effects with the true nuisances."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.coverage.measures import Draw, Random, World, holds
from benchmarks.coverage.panels import column, known, logistic, panel, setting, sizes, study
from causal.estimation._nuisances import Nuisances
from causal.estimation.aipw import AIPW
from causal.estimation.partially_linear import PartiallyLinear


def aipw(estimand: str, clusters: int = 60, *, spread: float = 0.5, by: str = "row") -> Draw:
    """AIPW with effects that grow with the confounder, so that ATE, ATT and ATO differ."""
    x = np.random.default_rng(1).normal(size=1_000_000)
    e = logistic(x)
    size = {"ATE": np.ones_like(e), "ATT": e, "ATO": e * (1 - e)}[estimand]
    truth = float(np.average(1 + 0.5 * x, weights=size))

    def draw(rng: Random) -> bool | None:
        g = sizes(rng, clusters, 20, spread)
        x = rng.normal(size=clusters)[g] if by == "cluster" else rng.normal(size=g.size)
        e = logistic(x)
        a = (rng.random(g.size) < e).astype(float)
        y = a * (1 + 0.5 * x) + x + 0.5 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
        made = panel([column("a", a, 2), column("x", x)], y, (g,))
        true = known(g.size, np.column_stack([x, 1 + 1.5 * x]), np.column_stack([1 - e, e]))
        at = setting(study(), made, "adjusted", true)
        return holds(AIPW(estimands={"a": estimand}).fit(at), truth)

    return draw


def categorical(rng: Random) -> bool | None:
    """The second of three levels against the first."""
    g = sizes(rng, 60, 20, 0.5)
    x = rng.normal(size=g.size)
    odds = np.exp(np.column_stack([np.zeros_like(x), 0.5 * x, -0.5 * x]))
    e = odds / odds.sum(axis=1, keepdims=True)
    a = (rng.random(g.size)[:, None] > np.cumsum(e, axis=1)).sum(axis=1)
    effects = np.array([0.0, 1.0, 2.0])
    y = effects[a] + x + 0.5 * rng.normal(size=60)[g] + rng.normal(size=g.size)
    made = panel([column("a", a, 3), column("x", x)], y, (g,))
    asked = study().model_copy(
        update={"attributes": (study().attributes[0].model_copy(update={"reference": "0"}),)}
    )
    at = setting(asked, made, "adjusted", known(g.size, x[:, None] + effects, e))
    return holds(AIPW().fit(at), 1.0)


def adjusted_ratio(rng: Random) -> bool | None:
    """Ratio of two doubly robust sums, the denominator moved by the attribute."""
    g = sizes(rng, 60, 20, 0.5)
    x = rng.normal(size=g.size)
    e = logistic(x)
    a = (rng.random(g.size) < e).astype(float)
    mean = np.column_stack([10 * np.exp(0.2 * x), 10 * np.exp(0.2 * x + 0.3)])
    rate = np.column_stack([0.1 + 0.02 * np.tanh(x), 0.15 + 0.02 * np.tanh(x)])
    row, level = np.arange(g.size), a.astype(int)
    d = rng.poisson(mean[row, level]) + 1.0
    n = rng.binomial(d.astype(int), rate[row, level]).astype(float)
    made = panel([column("a", a, 2), column("x", x)], n, (g,), denominator=d)
    pooled = float(n.sum() / d.sum())
    true = known(
        g.size, (rate - pooled) * (mean + 1), np.column_stack([1 - e, e]), mean + 1, pooled
    )
    return holds(AIPW().fit(setting(study(ratio=True), made, "adjusted", true)), _ratio_truth())


@cache
def _ratio_truth() -> float:
    x = np.random.default_rng(2).normal(size=2_000_000)
    made = []
    for level in (0, 1):
        size = 10 * np.exp(0.2 * x + 0.3 * level) + 1
        made.append(float(np.average(0.1 + 0.05 * level + 0.02 * np.tanh(x), weights=size)))
    return made[1] - made[0]


def partially_linear(rng: Random) -> bool | None:
    """Residual on residual of a continuous attribute."""
    g = sizes(rng, 60, 15, 0.5)
    x = rng.normal(size=g.size)
    dose = np.sin(x) + 0.5 * rng.normal(size=60)[g] + rng.normal(size=g.size)
    y = 0.7 * dose + x**2 + 0.5 * rng.normal(size=60)[g] + rng.normal(size=g.size)
    made = panel([column("dose", dose), column("x", x)], y, (g,))
    pair = ("dose", "y")
    true = Nuisances(
        rows=np.ones(g.size, dtype=bool),
        outcome={},
        propensity={},
        expected={pair: np.sin(x)},
        without={pair: 0.7 * np.sin(x) + x**2},
        fits=0,
    )
    return holds(PartiallyLinear().fit(setting(study(("dose",)), made, "adjusted", true)), 0.7)


WORLDS = (
    World(name="AIPW, ATE", draw=aipw("ATE")),
    World(name="AIPW, ATT", draw=aipw("ATT")),
    World(name="AIPW, ATO", draw=aipw("ATO")),
    World(name="AIPW, 8 clusters", draw=aipw("ATE", 8), least=True),
    World(
        name="AIPW, 20 unequal clusters, x by cluster",
        draw=aipw("ATE", 20, spread=1.0, by="cluster"),
        least=True,
    ),
    World(name="AIPW, three levels", draw=categorical),
    World(name="AIPW, ratio of sums", draw=adjusted_ratio),
    World(name="partially linear slope", draw=partially_linear),
)
