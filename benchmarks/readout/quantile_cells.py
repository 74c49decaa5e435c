"""Coverage of quantile metrics: smooth values, many zeros, whole numbers; units or clusters assigned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from benchmarks.readout import bar
from causal.base.streams import stream
from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Sample
from causal.data.moments.rows import moments_of
from causal.data.panel import FloatArray, IntArray
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked

LEVEL, LIFT, TREATED, ROWS, CLUSTERS = 0.95, 0.115, 0.4, 3_000, 60
SD, SHARED = 0.5, 0.3
ZEROS, SCALE = 0.7, 10.7


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Which values, which quantile of them, and what was assigned."""

    kind: str
    at: float
    clustered: bool

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.kind}, {self.at:g}, {f'{CLUSTERS} unequal clusters' if self.clustered else 'units'}"


WORLDS = tuple(
    World(kind=kind, at=at, clustered=clustered)
    for kind, at in (
        ("smooth", 0.5),
        ("smooth", 0.9),
        ("7 in 10 are zero", 0.9),
        ("whole numbers", 0.5),
        ("whole numbers", 0.9),
    )
    for clustered in (False, True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How often the intervals held the truth, how wide they were, and how often there was none."""

    world: World
    runs: int
    absolute: float
    relative: float
    width: float
    refused: float

    def holds(self, errors: float = 2.0) -> bool:
        """Whether neither is below 95% by more Monte Carlo errors; more is the price of steps."""
        return bar.at_least(min(self.absolute, self.relative), self.runs, errors=errors)


def draw(world: World, rng: np.random.Generator, rows: int = ROWS) -> Sample:
    """Draw one experiment; the lift multiplies what is there before it is cut to whole numbers."""
    groups = CLUSTERS if world.clustered else rows
    size = rng.poisson(20, groups) + rng.integers(5, 60, groups) if world.clustered else None
    own = np.repeat(np.arange(groups), 1 if size is None else size)
    arm = (rng.permutation(groups) < round(TREATED * groups)).astype(np.int64)[own]
    moved = SHARED * rng.normal(size=groups)[own] if world.clustered else np.zeros(own.size)
    value = _made(world, np.exp(moved + SD * rng.normal(size=own.size)) * (1 + LIFT * arm))
    if world.kind.endswith("zero"):
        value = value * (rng.random(own.size) >= ZEROS)
    return Sample(
        arm=arm,
        value=value,
        cluster=own if world.clustered else None,
        missing=np.zeros(2, dtype=np.int64),
    )


def truth(world: World) -> tuple[float, float]:
    """Absolute and relative effect on the quantile."""
    at = (world.at - ZEROS) / (1 - ZEROS) if world.kind.endswith("zero") else world.at
    sd = float(np.hypot(SD, SHARED)) if world.clustered else SD
    smooth = float(np.exp(sd * norm.ppf(at)))
    control, treated = (
        float(_made(world, np.array([smooth * (1 + LIFT * arm)]))[0]) for arm in (0, 1)
    )
    return treated - control, treated / control - 1


def _made(world: World, value: FloatArray) -> FloatArray:
    return np.floor(SCALE * value) if world.kind == "whole numbers" else value


def measure(world: World, runs: int) -> Cell:
    """One world."""
    absolute, lift = truth(world)
    metric = Metric(
        name="q", column="q", type=Type.QUANTILE, quantile=world.at, role=Role.SECONDARY
    )
    asked = Asked(arm_column="arm", clustered=world.clustered)
    rules = Rules(procedure=Procedure.FIXED, level=LEVEL, seed=1)
    held, width, refused = np.zeros(2), 0.0, 0
    for run in range(runs):
        sample = draw(world, stream(run, "quantiles", world.name))
        moments = moments_of(
            _arms(sample), np.zeros((sample.arm.size, 1)), arms=("A", "B"), columns=("none",)
        )
        (found,) = compare(moments, [], [metric], asked, rules, samples={"q": sample})
        if found.refusal:
            refused += 1
            continue
        held[0] += found.effect.low <= absolute <= found.effect.high
        over = found.relative
        if over.low is not None and over.high is not None:
            held[1] += over.low <= lift <= over.high
            width += over.high - over.low
    read = max(runs - refused, 1)
    return Cell(
        world=world,
        runs=runs,
        absolute=float(held[0] / read),
        relative=float(held[1] / read),
        width=width / read,
        refused=refused / runs,
    )


def _arms(sample: Sample) -> IntArray:
    return sample.arm


def table(runs: int) -> Iterator[str]:
    """The section of the page, line by line."""
    yield "| values, quantile, assigned | absolute | relative | width | without an interval | |"
    yield "|---|---:|---:|---:|---:|---|"
    for world in WORLDS:
        cell = measure(world, runs)
        yield (
            f"| {world.name} | {cell.absolute:.1%} | {cell.relative:.1%} | {100 * cell.width:.0f} "
            f"| {cell.refused:.1%} | {'holds' if cell.holds() else '**MISSES**'} |"
        )
