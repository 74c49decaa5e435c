"""Coverage of effects: kind of metric x adjustment x assignment x absolute or relative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from benchmarks.readout import bar
from benchmarks.readout.bar import LEVEL
from benchmarks.readout.worlds import WORLDS, World, draw, truth
from causal.base.streams import stream
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.fieller import relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How often the intervals of one cell held the truth, and how wide they were."""

    world: World
    adjustment: Adjustment
    runs: int
    absolute: float
    relative: float
    width: float

    def holds(self, errors: float | None = None) -> bool:
        """Whether both meet the bar, or are within so many Monte Carlo errors of 95%."""
        return bar.two_sided(self.absolute, self.runs, errors=errors) and bar.at_least(
            self.relative, self.runs, errors=2.0 if errors is None else errors
        )


def cells(runs: int) -> Iterator[Cell]:
    """Measure every cell; adjustments see the same draws."""
    for world in WORLDS:
        yield from measure(world, runs)


def measure(world: World, runs: int) -> tuple[Cell, ...]:
    """One world, each way of adjusting."""
    absolute, lift = truth(world)
    held = np.zeros((len(Adjustment), 2))
    width = np.zeros(len(Adjustment))
    for run in range(runs):
        drawn = draw(world, stream(run, "readout", world.name))
        for at, adjustment in enumerate(Adjustment):
            asked = Asked(arm_column="arm", clustered=world.clustered, adjustment=adjustment)
            found = effects(drawn.moments, [drawn.reading], asked)
            critical = float(student.isf((1 - LEVEL) / 2, found.df[0]))
            value, error = float(found.values[0]), float(found.std_errors[0])
            held[at, 0] += abs(value - absolute) <= critical * error
            ratio = relative(
                value,
                float(found.baseline[0]),
                variance=error**2,
                baseline_variance=float(found.baseline_variance[0, 1]),
                covariance=float(found.baseline_variance[0, 0]),
                critical=critical,
            )
            if ratio.low is not None and ratio.high is not None:
                held[at, 1] += ratio.low <= lift <= ratio.high
                width[at] += ratio.high - ratio.low
    return tuple(
        Cell(
            world=world,
            adjustment=adjustment,
            runs=runs,
            absolute=float(held[at, 0] / runs),
            relative=float(held[at, 1] / runs),
            width=float(width[at] / runs),
        )
        for at, adjustment in enumerate(Adjustment)
    )
