"""Effects by day since exposure: bands over all days, and false alarms of the test for novelty.

Run ``python -m benchmarks.readout.by_day``: 2,000 experiments of every world, as a markdown table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from benchmarks.readout import bar
from benchmarks.readout.bar import LEVEL
from causal.base.streams import stream
from causal.data.moments.collected import Daily, Part, Reading
from causal.data.moments.rows import SIZE, moments_of
from causal.data.panel import FloatArray
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.over_time import courses

RUNS = 2_000
DAYS = 14
LIFT = 0.3
FELL = (1 + np.arange(DAYS)) ** -0.5
"""Activity by day since exposure: units are exposed on a day they are active."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is measured, how it was assigned, and whether the effect wears off."""

    kind: str = "total"
    clusters: int = 0
    adjustment: Adjustment = Adjustment.NONE
    fades: bool = False

    @property
    def name(self) -> str:
        """In words."""
        how = f"{self.clusters} unequal clusters" if self.clusters else "units"
        return f"{self.kind}, {how}, {self.adjustment.value}"

    @property
    def lift(self) -> FloatArray:
        """The relative effect on each day."""
        return np.asarray(LIFT * (FELL if self.fades else np.ones(DAYS)))


WORLDS = tuple(
    World(kind=kind, clusters=clusters, adjustment=adjustment, fades=fades)
    for kind, clusters, adjustment in (
        ("total", 0, Adjustment.NONE),
        ("total", 0, Adjustment.CUPED),
        ("total", 60, Adjustment.NONE),
        ("total", 60, Adjustment.CUPED),
        ("ratio", 0, Adjustment.NONE),
        ("ratio", 60, Adjustment.NONE),
    )
    for fades in (False, True)
)


def draw(world: World, rng: np.random.Generator, rows: int = 2_000) -> Daily:
    """Units that differ from one another for good, and clusters of them too."""
    groups = world.clusters or rows
    size = rng.poisson(10, groups) + rng.integers(5, 50, groups) if world.clusters else None
    own = np.repeat(np.arange(groups), 1 if size is None else size)
    arm = (rng.permutation(groups) < groups // 2).astype(int)[own]
    keen = rng.gamma(4.0, 0.25, own.size) * (1 + 0.3 * rng.uniform(-1, 1, groups))[own]
    lifted = 1 + world.lift * arm[:, None]
    came = rng.poisson(4 * FELL * keen[:, None] * (1.0 if world.kind == "ratio" else lifted))
    columns, names = [came], [f"y:{day}" for day in range(DAYS)]
    if world.kind == "ratio":
        hits = rng.poisson(0.4 * came * np.sqrt(keen)[:, None] * lifted)
        columns, names = [hits, came], [*names, *(f"d:{day}" for day in range(DAYS))]
    x = keen * rng.gamma(8.0, 0.125, own.size)
    end = SIZE if world.clusters else None
    moments = moments_of(
        arm,
        np.column_stack([*columns, x]),
        arms=("A", "B"),
        columns=(*names, "x"),
        cluster=own if world.clusters else None,
    )
    return Daily(
        metric=world.kind,
        moments=moments,
        readings=tuple(
            Reading(
                metric=f"{world.kind}, {day}",
                level=Part(
                    numerator=f"y:{day}", denominator=f"d:{day}" if world.kind == "ratio" else end
                ),
                covariates=(Part(numerator="x", denominator=end),),
            )
            for day in range(DAYS)
        ),
        length=1,
        until=date(2026, 3, 1),
        divided=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Shares of runs: all days in their band, and a change called at 5%; the band's mean width."""

    world: World
    runs: int
    held: float
    called: float
    width: float

    def holds(self) -> bool:
        """Whether bands meet the bar, and the slope's interval where the effect lasts."""
        enough = bar.at_least(self.held, self.runs)
        return enough and (self.world.fades or bar.two_sided(1 - self.called, self.runs))


def measure(world: World, runs: int) -> Found:
    """One world."""
    held, called, width = 0, 0, 0.0
    asked = Asked(arm_column="arm", clustered=bool(world.clusters), adjustment=world.adjustment)
    for run in range(runs):
        (found,) = courses(
            draw(world, stream(run, "by day", world.name, "fades" if world.fades else "lasts")),
            asked,
            level=LEVEL,
            seed=run,
        )
        low, high = (np.array([getattr(day, end) for day in found.joint], dtype=float)
                     for end in ("low", "high"))  # fmt: skip
        lift = world.lift if found.relative else np.nan
        held += bool(((low <= lift) & (lift <= high)).all())
        called += found.trend.p_value < 1 - LEVEL
        width += float(np.mean(high - low))
    return Found(world=world, runs=runs, held=held / runs, called=called / runs, width=width / runs)


def table(runs: int) -> Iterator[str]:
    """Every world, as a markdown table."""
    yield (
        "| metric, assignment, adjustment | all days in the band | its width | lasting effect, "
        "change called | fading effect: all days in the band | change called | |"
    )
    yield "|---|---:|---:|---:|---:|---:|---|"
    for at in range(0, len(WORLDS), 2):
        lasting, fading = (measure(world, runs) for world in WORLDS[at : at + 2])
        verdict = "holds" if lasting.holds() and fading.holds() else "**MISSES**"
        yield (
            f"| {lasting.world.name} | {lasting.held:.1%} | {100 * lasting.width:.0f} "
            f"| {lasting.called:.1%} | {fading.held:.1%} | {fading.called:.1%} | {verdict} |"
        )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readout.by_day")
    parser.add_argument("--runs", type=int, default=RUNS)
    for line in table(parser.parse_args().runs):
        print(line, file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
