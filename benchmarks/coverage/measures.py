"""What a world is, and how often its interval held the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from causal.base.streams import stream
from causal.estimation._estimates import Estimates

LEVEL = 0.95
Random = np.random.Generator
Draw = Callable[[Random], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A way of drawing data and asking once whether the interval held the truth.

    ``draw`` answers True or False, or None when the product abstained. ``least`` marks intervals
    that promise at least their level, with no upper bar, ``learned`` worlds that fit LightGBM.
    """

    name: str
    draw: Draw
    interval: str = "pointwise"
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


def holds(estimates: Estimates, truth: float, i: int = 0) -> bool | None:
    """Whether the pointwise interval of estimate i holds the truth."""
    from scipy.stats import t

    if estimates.refusal[i]:
        return None
    half = t.isf((1 - LEVEL) / 2, estimates.df[i]) * estimates.std_errors[i]
    return bool(abs(estimates.values[i] - truth) <= half)
