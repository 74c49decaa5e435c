"""A change at one date in one series: do intervals against its own course hold the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.panel import FloatArray
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.series import series

LEVEL = 0.95
STEP, SLOPE = 1.0, 0.02
WEEK = np.array([0.0, 0.1, 0.1, 0.2, 0.4, 1.0, 0.8])
NAMED = Named(rollout="drawn", outcome="y")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How alike neighbours in time are, how long it is, and whether days of a week differ."""

    alike: float
    periods: int
    season: bool = False

    @property
    def name(self) -> str:
        """In words."""
        return f"rho {self.alike:g}, {self.periods} periods{', week' if self.season else ''}"


WORLDS = (
    *(World(alike=rho, periods=t) for t in (36, 56, 112) for rho in (0.0, 0.5, 0.8)),
    *(World(alike=rho, periods=112, season=True) for rho in (0.0, 0.5)),
)


def run(world: World, seed: int) -> FloatArray:
    """One draw: the mean effect and the step are held, rho; NaN where refused; shape (3,)."""
    from scipy.stats import t as student

    rng = stream(seed, "series", world.name)
    t, launch = np.arange(world.periods), 2 * world.periods // 3
    after = t >= launch
    noise = np.zeros(world.periods)
    noise[0] = rng.normal() / np.sqrt(1 - world.alike**2)
    for k in range(1, world.periods):
        noise[k] = world.alike * noise[k - 1] + rng.normal()
    effect = after * (STEP + SLOPE * (t - launch))
    y = 5 + 0.03 * t + effect + noise + (WEEK[t % 7] if world.season else 0.0)
    found = series(y, launch, NAMED, season=7 if world.season else None)
    estimates = found.estimates
    if estimates.refusal[0]:
        return np.array([np.nan, np.nan, found.rho])
    half = student.isf((1 - LEVEL) / 2, estimates.df[:2]) * estimates.std_errors[:2]
    truth = np.array([effect[after].mean(), STEP])
    return np.array([*(np.abs(estimates.values[:2] - truth) <= half).astype(float), found.rho])


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | mean effect | step | refused | mean rho found | |"
    yield "|---|---:|---:|---:|---:|---|"
    for world in WORLDS:
        if world.name not in found:
            continue
        runs = found[world.name].astype(float)
        share, made = held(runs[:, 0])
        cells = [f"{100 * held(runs[:, at])[0]:.1f}" if made else "" for at in range(2)]
        yield (
            f"| {world.name} | {' | '.join(cells)} | {100 * np.isnan(runs[:, 0]).mean():.1f} "
            f"| {np.nanmean(runs[:, 2]):.2f} | {verdict(0.93, 1.0, share, made) if made else ''} |"
        )


FAMILY = Family(
    title="What changed against its own course",
    text="""
One series with a straight trend, changed after two thirds of it by a step of 1 and a change of slope of 0.02; noise
resembles the period before by rho. *Refused* is the share without an interval (fewer than 36 periods or six a
coefficient, or neighbours too alike). Intervals may be wider than they say: *holds* is 93 or more of those that are given.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
)
