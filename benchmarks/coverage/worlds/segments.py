"""Effects by segment, and the test that all segments are alike."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.measures import LEVEL, Draw, Random, World, holds
from benchmarks.coverage.panels import Array, column, known, logistic, panel, setting, sizes, study
from causal.estimation._estimator import Setting
from causal.estimation._inference import differences_from_average
from causal.estimation._scores import Segments
from causal.estimation.aipw import AIPW


def segment(segments: int, clusters: int) -> Draw:
    """The effect in the first of so many segments."""

    def draw(rng: Random) -> bool | None:
        at, cut, effects = _segmented(rng, segments, clusters, moved=True)
        return holds(AIPW().fit(at, (cut,)), float(effects[0]), 1)

    return draw


def no_difference(segments: int, clusters: int, *, nested: bool = False) -> Draw:
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


WORLDS = (
    World(name="segment of four", draw=segment(4, 60)),
    World(name="segment of four, 12 clusters", draw=segment(4, 12), least=True),
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
)
