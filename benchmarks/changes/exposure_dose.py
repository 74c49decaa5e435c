"""The worth of exposure from exploration, among few items of a stratum: do the sets hold it.

Explored impressions move an item's exposure, and its outcome through it; a quality that nobody logged moves
both, and creators share half of it. Items are compared within strata that differ in all of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.panel import FloatArray
from causal.estimation.exposure.anderson_rubin import worth
from causal.estimation.exposure.dose import Items, effects

WORTH = 0.4
LEVEL = 0.95
PULLS = {"none": 0.0, "weak": 0.4, "strong": 2.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How strong exploration is, how many strata, and how many items each has."""

    strength: str
    strata: int
    items: int

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.strength}, {self.strata} strata of {self.items} items"


WORLDS = tuple(
    World(strength=strength, strata=strata, items=items)
    for strength in PULLS
    for strata, items in ((80, 3), (40, 12), (10, 60))
)


def draw(world: World, rng: np.random.Generator) -> Items:
    """Draw items."""
    n = world.strata * world.items
    stratum = np.repeat(np.arange(world.strata), world.items)
    creator = rng.integers(0, n // 5, n)
    level = rng.gamma(3.0, size=world.strata)[stratum]
    quality = rng.gamma(2.0, size=n) + rng.gamma(2.0, size=n)[creator]
    early = rng.poisson(0.7 * level).astype(float)
    shown = rng.poisson(3 * level + 3 * quality + PULLS[world.strength] * early)
    later = rng.poisson(WORTH * shown + quality + level)
    return Items(
        instrument=early,
        exposure=shown.astype(float),
        outcomes={"clicks": later.astype(float)},
        stratum=stratum,
        cluster=np.unique(creator, return_inverse=True)[1],
        code=np.arange(n),
        left_out=(),
    )


def run(world: World, seed: int) -> FloatArray:
    """One draw: set holds, is bounded, shows a point, F; shape (4,)."""
    items = draw(world, stream(seed, "dose", world.name))
    found = worth(effects(items, "clicks"), level=LEVEL)
    return np.array(
        [WORTH in found, found.kind == "bounded", found.point is not None, found.first_stage],
        dtype=float,
    )


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | set holds | bounded | point shown | median F | |"
    yield "|---|---:|---:|---:|---:|---|"
    for world in WORLDS:
        if world.name not in found:
            continue
        runs = found[world.name].astype(float)
        share, made = held(runs[:, 0])
        cells = [f"{100 * held(runs[:, at])[0]:.1f}" for at in range(3)]
        yield (
            f"| {world.name} | {' | '.join(cells)} | {np.nanmedian(runs[:, 3]):.1f} "
            f"| {verdict(0.93, 0.97, share, made)} |"
        )


FAMILY = Family(
    title="What exposure is worth to an item, by exploration",
    text="""
Explored impressions move an item's exposure not at all, weakly or strongly; a hidden quality, half of it shared by
creators of five items, moves exposure and outcome. Items are compared within strata, some of three items. The set is that
of Anderson and Rubin at 95%, clustered by creator.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
)
