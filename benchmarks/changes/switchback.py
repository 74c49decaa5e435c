"""Switchbacks with known effects of now and of before: do intervals hold them.

84 periods; being on adds 0.5 at once, 0.3 and 0.1 in the two periods after; noise resembles the period
before by 0.3. ``m`` is how far the study says that a period acts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation.rollout._lags import Switched
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.switchback import ahead, by_chance, switchback

PERIODS = 84
LAGS = (0.5, 0.3, 0.1)
ALIKE = 0.3
LEVEL = 0.95
DRAWS = 19
SURE = 0.01
NAMED = Named(rollout="drawn", outcome="y")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How many entities, how far the study looks, and what is odd about it."""

    entities: int = 12
    reach: int = 2
    washout: int = 0
    odd: str = ""

    @property
    def name(self) -> str:
        """In words."""
        how = f"washout {self.washout}" if self.washout else f"m = {self.reach}"
        return f"{self.entities} entities, {how}{f', {self.odd}' if self.odd else ''}"

    @property
    def lags(self) -> tuple[float, ...]:
        """What being on does, by how long ago."""
        return () if self.odd == "no effect" else LAGS


WORLDS = (
    *(World(entities=entities) for entities in (6, 12, 40)),
    *(World(reach=reach) for reach in (0, 1, 3)),
    World(reach=0, washout=2),
    World(odd="a tenth missing"),
    World(odd="unequal sizes"),
    World(odd="pairs of periods drawn as one"),
    World(odd="no effect"),
)


def run(world: World, seed: int) -> FloatArray:
    """One draw: immediate, total and carry-over held, one lag more found, ahead found, p by draws; (6,)."""
    rng = stream(seed, "switchback", world.name)
    cells, together = _drawn(world, rng)
    whole = switchback(cells, NAMED)
    found = {label.estimand: k for k, label in enumerate(whole.labels)}
    truth = {
        "immediate": sum(world.lags[:1]),
        "total": sum(world.lags),
        "carry-over": sum(world.lags[1:]),
    }
    inside = [_held(whole, found[name], value) if name in found else np.nan
              for name, value in truth.items()]  # fmt: skip
    longer = _found(whole, found["next"]) if "next" in found else np.nan
    p = (
        by_chance(cells, 0.5, together=together, draws=DRAWS, seed=seed)
        if world.odd == "no effect"
        else np.nan
    )
    return np.array([*inside, longer, _found(ahead(cells, NAMED), 0), p], dtype=float)


def _drawn(world: World, rng: np.random.Generator) -> tuple[Switched, np.ndarray]:
    shape = (world.entities, PERIODS)
    on = (rng.random(shape) < 0.5).astype(float)
    together = np.arange(on.size).reshape(shape)
    if world.odd == "pairs of periods drawn as one":
        on, together = np.repeat(on[:, ::2], 2, axis=1), together // 2
    noise = rng.normal(size=shape)
    for t in range(1, PERIODS):
        noise[:, t] += ALIKE * noise[:, t - 1]
    size = None
    if world.odd == "unequal sizes":
        size = rng.integers(20, 400, shape).astype(float)
        noise *= np.sqrt(150 / size)
    y = rng.normal(size=(world.entities, 1)) + rng.normal(size=(1, PERIODS)) + noise
    for lag, effect in enumerate(world.lags):
        y[:, lag:] += effect * on[:, : PERIODS - lag]
    if world.odd == "a tenth missing":
        gone = rng.random(shape) < 0.1
        y[gone], on[gone] = np.nan, np.nan
    cells = Switched(y=y, on=on, size=size, periods=world.reach, washout=world.washout)
    return cells, together


def _held(estimates: Estimates, at: int, truth: float) -> float:
    from scipy.stats import t as student

    if estimates.refusal[at]:
        return float("nan")
    half = student.isf((1 - LEVEL) / 2, estimates.df[at]) * estimates.std_errors[at]
    return float(abs(estimates.values[at] - truth) <= half)


def _found(estimates: Estimates, at: int) -> float:
    from scipy.stats import t as student

    z = abs(estimates.values[at]) / estimates.std_errors[at]
    return float(2 * student.sf(z, estimates.df[at]) < SURE)


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield "| world | at once | in all | carried over | one lag more found | ahead found | |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for world in WORLDS:
        if world.name not in found:
            continue
        runs = found[world.name].astype(float)
        cells = [_share(runs[:, at]) for at in range(5)]
        share, made = held(runs[:, 1])
        enough = world.reach >= 2 or world.washout >= 2
        good = verdict(0.93, 0.97, share, made) if enough else "too short: told by one lag more"
        p = runs[:, 5]
        chance = (
            f"; by drawing anew {100 * np.nanmean(p <= 0.05 + 1e-9):.1f} found"
            if np.isfinite(p).any()
            else ""
        )
        yield f"| {world.name} | {' | '.join(cells)} | {good}{chance} |"


def _share(values: FloatArray) -> str:
    share, made = held(values)
    return f"{100 * share:.1f}" if made else ""


FAMILY = Family(
    title="What a switchback does",
    text="""
84 periods; being on adds 0.5 at once, 0.3 and 0.1 in the two periods after; noise resembles the period before by 0.3.
*m* is how far the study says that a period acts: 0 and 1 are too short, and *one lag more found* (p < 0.01) is the
check that takes their effects off the page; where m is enough it is a false alarm. *Ahead found* is the check of
balance, in all worlds a false alarm. *No effect* draws switches anew 19 times, which should find one in 5%.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
)
