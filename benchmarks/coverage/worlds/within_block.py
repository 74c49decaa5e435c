"""Effects within blocks."""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.measures import Draw, Random, World, holds
from benchmarks.coverage.panels import column, panel, setting, sizes, study
from causal.estimation.within_block import WithinBlock


def within(clusters: int, *, by: str, ratio: bool = False, spread: float = 0.5) -> Draw:
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


WORLDS = (
    World(name="within block, by block", draw=within(80, by="block")),
    World(name="within block, by coarser cluster", draw=within(50, by="coarse")),
    World(name="within block, ratio", draw=within(50, by="coarse", ratio=True)),
    World(
        name="within block, 10 coarser clusters",
        draw=within(10, by="coarse"),
        least=True,
    ),
)
