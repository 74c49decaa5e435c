"""How often 95% intervals hold the truth, for every kind of interval, in worlds with known truth.

Run it with ``python -m benchmarks.coverage --runs 2000 --out docs/coverage.md``; with ``--only
WORD`` it runs the worlds whose name holds that word. Most worlds hand the estimators the true
nuisances, so that thousands of runs are cheap and a wrong interval is the formula's own fault;
those called *learned* fit LightGBM in every run and take a tenth of the runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.folds import folds_of
from causal.data.panel import Column, Measured, Panel, Provenance
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._boosting import Boosting
from causal.estimation._estimates import Estimates
from causal.estimation._estimator import Setting
from causal.estimation._fit import Fit, fit_design
from causal.estimation._inference import differences_from_average, infer
from causal.estimation._nuisances import Nuisances, OutcomeModel
from causal.estimation._scores import Segments
from causal.estimation.aipw import AIPW
from causal.estimation.difference_in_means import DifferenceInMeans
from causal.estimation.partially_linear import PartiallyLinear
from causal.estimation.within_block import WithinBlock

LEVEL = 0.95
Array = npt.NDArray[Any]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A way of drawing data and asking once whether the interval held the truth.

    ``draw`` answers True or False, or None when the product abstained. ``least`` marks intervals
    that promise at least their level, with no upper bar.
    """

    name: str
    interval: str
    draw: Callable[[Random], bool | None]
    least: bool = False
    learned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often an interval held the truth, over the runs that gave one."""

    world: World
    runs: int
    covered: float
    abstained: float

    @property
    def error(self) -> float:
        """Monte Carlo error of the coverage if it is what it should be."""
        return float(np.sqrt(LEVEL * (1 - LEVEL) / max(self.runs * (1 - self.abstained), 1)))

    def holds(self, errors: float = 3.0) -> bool:
        """Whether the coverage is within so many Monte Carlo errors of what it should be."""
        low = self.covered >= LEVEL - errors * self.error
        return low and (self.world.least or self.covered <= LEVEL + errors * self.error)


def measure(world: World, runs: int) -> Coverage:
    """Draw a world so many times."""
    with threadpool_limits(limits=1):
        answers = [world.draw(stream(run, "coverage", world.name)) for run in range(runs)]
    given = [answer for answer in answers if answer is not None]
    return Coverage(
        world=world,
        runs=runs,
        covered=float(np.mean(given)) if given else float("nan"),
        abstained=1 - len(given) / runs,
    )


# Panels and designs, made directly so that a run takes milliseconds.


def column(name: str, values: Array, levels: int = 0) -> Column:
    """A continuous column, or one with so many levels."""
    if not levels:
        return Column(name=name, kind=Kind.CONTINUOUS, values=values.astype(float))
    kind = Kind.BINARY if levels == 2 else Kind.CATEGORICAL
    names = tuple(str(level) for level in range(levels))
    return Column(name=name, kind=kind, values=values.astype(float), levels=names)


def panel(
    columns: list[Column],
    y: Array,
    clusters: tuple[Array, ...] = (),
    *,
    block: Array | None = None,
    weight: Array | None = None,
    denominator: Array | None = None,
) -> Panel:
    """A panel of one outcome; ``y`` is the numerator when there is a denominator."""
    rows = y.size
    w = np.ones(rows) if weight is None else weight
    ways = tuple(np.unique(way, return_inverse=True)[1] for way in clusters) or (np.arange(rows),)
    if denominator is None:
        outcome = Measured(name="y", value=y, weight=w)
    else:
        outcome = Measured(
            name="y",
            value=y / denominator,
            weight=denominator,
            numerator=y,
            denominator=denominator,
        )
    keys = [str(code) for code in range(int(ways[0].max()) + 1)]
    return Panel(
        columns={each.name: each for each in columns},
        outcomes={"y": outcome},
        clusters=ways,
        cluster_names=("g", "h")[: len(ways)],
        folds=folds_of(ways[0], keys, 5, 0),
        weight=w,
        block=block,
        provenance=Provenance(source="", fingerprint="", rows_read=rows, rows=rows),
    )


def study(attributes: tuple[str, ...] = ("a",), *, ratio: bool = False) -> Study:
    """A study of the outcome y."""
    outcome = (
        {"name": "y", "numerator": "n", "denominator": "d"}
        if ratio
        else {"name": "y", "column": "y"}
    )
    return Study(
        study="coverage",
        data={"source": "memory"},
        attributes=[
            {"name": name, "contrast": (0, 1)} if name == "dose" else name for name in attributes
        ],
        outcomes=[outcome],
        confounders=["x"],
    )


def setting(asked: Study, made: Panel, name: str, nuisances: Nuisances | None = None) -> Setting:
    """One design of it."""
    others = tuple(each for each in made.columns if each == "x")
    design = Design(
        name=name,
        identification="randomized",
        population="all rows",
        assumptions=(),
        adjustment={attribute.name: others for attribute in asked.attributes},
        claims=True,
        within_block=name == "within",
    )
    return Setting(study=asked, panel=made, design=design, nuisances=nuisances)


def known(
    rows: int, f: Array, e: Array, denominator: Array | None = None, pooled: float = 0.0
) -> Nuisances:
    """True nuisances of a with levels; ``f`` and ``e`` have shape (rows, levels)."""
    pair = ("a", "y")
    return Nuisances(
        rows=np.ones(rows, dtype=bool),
        outcome={pair: OutcomeModel(value=f, denominator=denominator, pooled=pooled)},
        propensity={pair: e},
        expected={},
        without={},
        fits=0,
    )


def holds(estimates: Estimates, truth: float, i: int = 0) -> bool | None:
    """Whether the pointwise interval of estimate i holds the truth."""
    from scipy.stats import t

    if estimates.refusal[i]:
        return None
    half = t.isf((1 - LEVEL) / 2, estimates.df[i]) * estimates.std_errors[i]
    return bool(abs(estimates.values[i] - truth) <= half)


def logistic(x: Array) -> Array:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-x))


def sizes(rng: Random, clusters: int, mean: float, spread: float) -> Array:
    """Cluster of each row, sizes log-normal with this spread."""
    drawn = rng.lognormal(np.log(mean), spread, clusters) if spread else np.full(clusters, mean)
    return np.repeat(np.arange(clusters), np.maximum(2, drawn.astype(int)))


# Gaps without adjustment.


def difference(
    clusters: int,
    treated: int,
    *,
    spread: float = 0.0,
    shared: float = 0.3,
    by: str = "cluster",
    weighted: bool = False,
) -> Callable[[Random], bool | None]:
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


def two_ways(rows: int, columns: int) -> Callable[[Random], bool | None]:
    """Users by items: noise shared along both, the attribute by item."""

    def draw(rng: Random) -> bool | None:
        g, h = rng.integers(rows, size=1500), rng.integers(columns, size=1500)
        a = (rng.permutation(columns) < columns / 2).astype(float)[h]
        y = a + 0.5 * rng.normal(size=rows)[g] + 0.5 * rng.normal(size=columns)[h]
        made = panel([column("a", a, 2)], y + rng.normal(size=1500), (g, h))
        return holds(DifferenceInMeans().fit(setting(study(), made, "naive")), 1.0)

    return draw


def relative(effect: float, baseline: float) -> Callable[[Random], bool | None]:
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


def simultaneous(clusters: int, attributes: int, by: str) -> Callable[[Random], bool | None]:
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


# Adjusted effects with the true nuisances.


def aipw(
    estimand: str, clusters: int = 60, *, spread: float = 0.5, by: str = "row"
) -> Callable[[Random], bool | None]:
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
    return holds(AIPW().fit(setting(study(ratio=True), made, "adjusted", true)), _RATIO)


def _ratio_truth() -> float:
    x = np.random.default_rng(2).normal(size=2_000_000)
    made = []
    for level in (0, 1):
        size = 10 * np.exp(0.2 * x + 0.3 * level) + 1
        made.append(float(np.average(0.1 + 0.05 * level + 0.02 * np.tanh(x), weights=size)))
    return made[1] - made[0]


_RATIO = _ratio_truth()


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


def segment(segments: int, clusters: int) -> Callable[[Random], bool | None]:
    """The effect in the first of so many segments."""

    def draw(rng: Random) -> bool | None:
        at, cut, effects = _segmented(rng, segments, clusters, moved=True)
        return holds(AIPW().fit(at, (cut,)), float(effects[0]), 1)

    return draw


def no_difference(
    segments: int, clusters: int, *, nested: bool = False
) -> Callable[[Random], bool | None]:
    """The difference-from-average test does not reject when all segments are alike."""

    def draw(rng: Random) -> bool | None:
        at, cut, _ = _segmented(rng, segments, clusters, moved=False, nested=nested)
        both = AIPW().fit(at, (cut,))
        parts = both.select(np.arange(1, segments + 1))
        if any(parts.refusal):
            return None
        *_, wald = differences_from_average(parts, both.select(np.array([0])))
        return wald.p_value > 1 - LEVEL

    return draw


def _segmented(
    rng: Random, segments: int, clusters: int, *, moved: bool, nested: bool = False
) -> tuple[Setting, Segments, Array]:
    g = sizes(rng, clusters, 20, 0.5)
    s = g % segments if nested else rng.integers(segments, size=g.size)
    x = rng.normal(size=g.size)
    e = logistic(0.5 * x)
    effects = 1.0 + moved * np.arange(segments)
    a = (rng.random(g.size) < e).astype(float)
    y = a * effects[s] + x + 0.5 * rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    made = panel([column("a", a, 2), column("x", x)], y, (g,))
    true = known(g.size, np.column_stack([x, effects[s] + x]), np.column_stack([1 - e, e]))
    names = tuple(f"s{k}" for k in range(segments))
    return (
        setting(study(), made, "adjusted", true),
        Segments(name="s", codes=s, levels=names),
        effects,
    )


# Within blocks.


def within(
    clusters: int, *, by: str, ratio: bool = False, spread: float = 0.5
) -> Callable[[Random], bool | None]:
    """Block-demeaned slope; clusters are the blocks, or hold several that share an effect."""

    def draw(rng: Random) -> bool | None:
        if by == "block":
            b = sizes(rng, clusters, 6, spread)
            g, slope = b, np.ones(b.size)
        else:
            blocks = sizes(rng, clusters, 5, spread)
            b = np.repeat(np.arange(blocks.size), 4)
            g = blocks[b]
            slope = 1 + 0.5 * rng.normal(size=clusters)[g]
        a = (rng.random(b.size) < 0.5).astype(float)
        level = rng.normal(size=int(b.max()) + 1)[b]
        y = a * slope + level + 0.3 * rng.normal(size=clusters)[g] * (a - 0.5) * (by == "block")
        y = y + rng.normal(size=b.size)
        if not ratio:
            made = panel([column("a", a, 2)], y, (g,), block=b)
            return holds(WithinBlock().fit(setting(study(), made, "within")), 1.0)
        d = rng.poisson(30, b.size) + 1.0
        made = panel([column("a", a, 2)], y * d, (g,), block=b, denominator=d)
        return holds(WithinBlock().fit(setting(study(ratio=True), made, "within")), 1.0)

    return draw


# Learned nuisances: the whole estimator.


def learned(shape: str, rows: int, boosting: Boosting) -> Callable[[Random], bool | None]:
    """AIPW or partially linear with LightGBM nuisances, confounding of this shape."""

    def draw(rng: Random) -> bool | None:
        g = np.repeat(np.arange(rows // 10), 10)
        x, z = rng.normal(size=(2, rows))
        extra = x * z if shape == "product" else 0.0
        lean = 0.7 * x + 0.5 * extra
        a = (rng.random(rows) < logistic(lean)).astype(float)
        if shape == "continuous":
            a = lean + rng.normal(size=rows)
        y = (
            a
            + x
            + 0.5 * z
            + 0.8 * extra
            + 0.5 * rng.normal(size=rows // 10)[g]
            + rng.normal(size=rows)
        )
        name = "dose" if shape == "continuous" else "a"
        made = panel(
            [column(name, a, 0 if name == "dose" else 2), column("x", x), column("z", z)], y, (g,)
        )
        asked = study((name,)).model_copy(update={"confounders": ("x", "z")})
        design = Design(
            name="adjusted", identification="adjusted", population="all rows", assumptions=(),
            adjustment={name: ("x", "z")}, claims=True,
        )  # fmt: skip
        fit = fit_design(asked, made, design, boosting=boosting, second_opinions=False)
        return holds(fit.whole, 1.0)

    return draw


def among_many(shape: str, rows: int, columns: int = 20) -> Callable[[Random], Fit]:
    """AIPW with the default models, a product or its sign confounding among many columns."""
    names = tuple(f"x{j}" for j in range(columns))
    asked = study().model_copy(update={"confounders": names})
    design = Design(
        name="adjusted", identification="adjusted", population="all rows", assumptions=(),
        adjustment={"a": names}, claims=True,
    )  # fmt: skip

    def fit(rng: Random) -> Fit:
        x = rng.normal(size=(rows, columns))
        product = x[:, 1] * x[:, 2]
        shared = np.sign(product) if shape == "sign" else product
        a = (rng.random(rows) < logistic(0.5 * x[:, 0] + 0.7 * shared)).astype(float)
        y = a + x[:, 0] + shared + 0.5 * x[:, 3] + rng.normal(size=rows)
        held = [column(name, x[:, j]) for j, name in enumerate(names)]
        return fit_design(asked, panel([column("a", a, 2), *held], y), design)

    return fit


SMALL = Boosting(rounds=20, leaves=8)
P = "pointwise"
WORLDS = (
    World(name="difference in means, 60 clusters", interval=P, draw=difference(60, 30)),
    World(
        name="difference in means, weighted",
        interval=P,
        draw=difference(60, 30, by="row", weighted=True),
    ),
    World(name="difference in means, 10 clusters", interval=P, draw=difference(10, 5)),
    World(
        name="difference in means, 12 clusters, rows drawn",
        interval=P,
        draw=difference(12, 6, by="row"),
    ),
    World(
        name="difference in means, 12 unequal clusters",
        interval=P,
        draw=difference(12, 6, spread=0.5),
        least=True,
    ),
    World(
        name="difference in means, 20 very unequal clusters",
        interval=P,
        draw=difference(20, 10, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 25 clusters, 5 treated",
        interval=P,
        draw=difference(25, 5),
        least=True,
    ),
    World(
        name="difference in means, 25 very unequal clusters, 5 treated",
        interval=P,
        draw=difference(25, 5, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 40 very unequal clusters",
        interval=P,
        draw=difference(40, 20, spread=1.0),
        least=True,
    ),
    World(
        name="difference in means, 40 very unequal clusters, mixed",
        interval=P,
        draw=difference(40, 20, spread=1.0, by="mixed"),
        least=True,
    ),
    World(name="ratio of sums, naive", interval=P, draw=naive_ratio),
    World(name="slope, naive", interval=P, draw=naive_slope),
    World(name="two-way clusters, 50 x 50", interval=P, draw=two_ways(50, 50)),
    World(name="two-way clusters, 100 x 14", interval=P, draw=two_ways(100, 14), least=True),
    World(name="relative effect, far from zero", interval="Fieller", draw=relative(0.5, 5.0)),
    World(
        name="relative effect, baseline near zero",
        interval="Fieller",
        draw=relative(0.5, 0.5),
        least=True,
    ),
    World(name="AIPW, ATE", interval=P, draw=aipw("ATE")),
    World(name="AIPW, ATT", interval=P, draw=aipw("ATT")),
    World(name="AIPW, ATO", interval=P, draw=aipw("ATO")),
    World(name="AIPW, 8 clusters", interval=P, draw=aipw("ATE", 8), least=True),
    World(
        name="AIPW, 20 unequal clusters, x by cluster",
        interval=P,
        draw=aipw("ATE", 20, spread=1.0, by="cluster"),
        least=True,
    ),
    World(name="AIPW, three levels", interval=P, draw=categorical),
    World(name="AIPW, ratio of sums", interval=P, draw=adjusted_ratio),
    World(name="partially linear slope", interval=P, draw=partially_linear),
    World(name="segment of four", interval=P, draw=segment(4, 60)),
    World(name="segment of four, 12 clusters", interval=P, draw=segment(4, 12), least=True),
    World(
        name="difference from average, 4 alike", interval="Wald test", draw=no_difference(4, 100)
    ),
    World(
        name="difference from average, 4 alike, 8 clusters each",
        interval="Wald test",
        draw=no_difference(4, 32, nested=True),
        least=True,
    ),
    World(
        name="difference from average, 8 alike, 20 clusters",
        interval="Wald test",
        draw=no_difference(8, 20),
        least=True,
    ),
    World(name="within block, by block", interval=P, draw=within(80, by="block")),
    World(name="within block, by coarser cluster", interval=P, draw=within(50, by="coarse")),
    World(name="within block, ratio", interval=P, draw=within(50, by="coarse", ratio=True)),
    World(
        name="within block, 10 coarser clusters",
        interval=P,
        draw=within(10, by="coarse"),
        least=True,
    ),
    *(
        World(
            name=f"{k} null attributes by {by}, {c} clusters",
            interval="simultaneous",
            draw=simultaneous(c, k, by),
            least=True,
        )
        for by in ("row", "cluster")
        for c, k in ((10, 5), (10, 30), (40, 30), (200, 30))
    ),
    World(
        name="learned AIPW, linear confounding",
        interval=P,
        draw=learned("linear", 2_000, SMALL),
        learned=True,
    ),
    World(
        name="learned AIPW, product confounding",
        interval=P,
        draw=learned("product", 5_000, Boosting()),
        learned=True,
    ),
    World(
        name="learned AIPW, product confounding among 20 columns",
        interval=P,
        draw=lambda rng: holds(among_many("product", 5_000)(rng).whole, 1.0),
        learned=True,
    ),
    World(
        name="learned AIPW, confounding by the sign of a product among 20 columns",
        interval=P,
        draw=lambda rng: holds(among_many("sign", 5_000)(rng).whole, 1.0),
        learned=True,
    ),
    World(
        name="learned partially linear",
        interval=P,
        draw=learned("continuous", 2_000, SMALL),
        learned=True,
    ),
)


def page(found: list[Coverage], command: str) -> str:
    """The table as Markdown."""
    lines = [
        "# Coverage of 95% intervals",
        "",
        f"Made by `{command}`. Every world has a known truth; most hand the estimators the true",
        "nuisances, those called *learned* fit LightGBM. *Must be* is 95% within three Monte Carlo",
        "errors, or at least that where an interval only promises not to miss (few or unequal",
        "clusters, Fieller, simultaneous). A test covers when it does not reject a true null.",
        "*Abstained* is the share of runs that printed no interval; coverage is over the rest.",
        "",
        "| world | interval | runs | covered | Monte Carlo error | must be | abstained | |",
        "|---|---|---:|---:|---:|---|---:|---|",
    ]
    for each in found:
        bar = "at least 95%" if each.world.least else "95%"
        lines.append(
            f"| {each.world.name} | {each.world.interval} | {each.runs} | {100 * each.covered:.1f}% "
            f"| {100 * each.error:.1f}% | {bar} | {100 * each.abstained:.1f}% "
            f"| {'holds' if each.holds() else 'MISSES'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    found = []
    for world in (w for w in WORLDS if given.only in w.name):
        each = measure(world, given.runs // 10 if world.learned else given.runs)
        found.append(each)
        print(f"{each.covered:.3f} {each.abstained:.3f} {world.name}", file=sys.stderr, flush=True)
    text = page(found, f"python -m benchmarks.coverage --runs {given.runs}")
    print(text)
    if given.out is not None:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
