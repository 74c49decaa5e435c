"""Experiments with known effects: every kind of metric, units or clusters assigned, with strata or not.

The relative lift is planted in the means themselves, so that truths are exact. The treatment also
moves a ratio's denominator, which a readout of its numerator alone would take for an effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments
from causal.data.moments.rows import SIZE, moments_of
from causal.data.panel import FloatArray

LIFT = 0.115
MOVED = 0.08
CLUSTERS = 60
STRATA = (("a",), ("b",), ("c",))
TREATED = 0.4
KINDS = ("mean", "proportion", "count", "ratio", "retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is measured, and how it was assigned."""

    kind: str
    clustered: bool
    stratified: bool

    @property
    def name(self) -> str:
        """In words."""
        how = f"{CLUSTERS} unequal clusters" if self.clustered else "units"
        return f"{self.kind}, {how}{', 3 strata' if self.stratified else ''}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """One experiment, and what to read of it."""

    moments: Moments
    reading: Reading


WORLDS = tuple(
    World(kind=kind, clustered=clustered, stratified=stratified)
    for kind in KINDS
    for clustered in (False, True)
    for stratified in (False, True)
)


def draw(world: World, rng: np.random.Generator, rows: int = 3_000) -> Drawn:
    """Draw one experiment.

    Outcomes lean on a covariate and on the stratum; so does, for retention, whether the window has
    closed. Clusters move their units by a factor, or for shares by a number, of their own.
    """
    groups = CLUSTERS if world.clustered else rows
    size = rng.poisson(20, groups) + rng.integers(5, 60, groups) if world.clustered else None
    own = np.repeat(np.arange(groups), 1 if size is None else size)
    arm = (rng.permutation(groups) < round(TREATED * groups)).astype(int)
    stratum = rng.integers(0, 3, groups) if world.stratified else np.zeros(groups, int)
    moved = rng.uniform(-1, 1, groups) if world.clustered else np.zeros(groups)
    y, d, x = _outcome(world.kind, rng, arm[own], stratum[own], moved[own])
    moments = moments_of(
        arm[own],
        np.column_stack([y, d, x]),
        arms=("A", "B"),
        columns=("y", "d", "x"),
        stratum=stratum[own],
        strata=STRATA if world.stratified else ((),),
        cluster=own if world.clustered else None,
    )
    return Drawn(moments=moments, reading=_reading(world))


def _reading(world: World) -> Reading:
    size = SIZE if world.clustered else None
    own = world.kind in ("ratio", "retention")
    return Reading(
        metric=world.kind,
        level=Part(numerator="y", denominator="d" if own else size),
        covariates=(Part(numerator="x", denominator=size),),
    )


def _outcome(
    kind: str, rng: np.random.Generator, arm: FloatArray, stratum: FloatArray, moved: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Numerator, denominator and covariate of every unit."""
    x = rng.normal(size=arm.size)
    lift = 1 + LIFT * arm
    factor = np.exp(0.3 * stratum) * (1 + 0.3 * moved)
    if kind == "mean":
        return factor * np.exp(0.5 * x) * lift * rng.gamma(2.0, 0.5, x.size), np.ones(x.size), x
    if kind == "count":
        return rng.poisson(factor * np.exp(0.5 * x) * lift).astype(float), np.ones(x.size), x
    if kind == "ratio":
        d = rng.poisson(3 * np.exp(0.2 * x) * (1 + MOVED * arm)) + 1.0
        return rng.poisson(0.3 * d * factor * np.exp(0.3 * x) * lift).astype(float), d, x
    u = rng.random(x.size)
    share = 0.1 + 0.4 * u + 0.05 * stratum + 0.05 * moved
    y = (rng.random(x.size) < share * lift).astype(float)
    known = (rng.random(x.size) < 0.5 + 0.4 * u).astype(float)
    return (y, np.ones(x.size), u) if kind == "proportion" else (y * known, known, u)


def truth(world: World) -> tuple[float, float]:
    """Absolute and relative effect on the population."""
    control, treated = (_level(world, arm) for arm in (0, 1))
    return treated - control, treated / control - 1


def _level(world: World, arm: int) -> float:
    stratum = np.arange(3.0) if world.stratified else np.zeros(1)
    factor, lift = float(np.exp(0.3 * stratum).mean()), 1 + LIFT * arm
    if world.kind in ("mean", "count"):
        return factor * np.exp(0.125) * lift
    if world.kind == "ratio":
        more = 3 * (1 + MOVED * arm)
        rate = 0.3 * factor * lift * (np.exp(0.045) + more * np.exp(0.125))
        return float(rate / (1 + more * np.exp(0.02)))
    shift = 0.1 + 0.05 * float(stratum.mean())
    if world.kind == "proportion":
        return (shift + 0.2) * lift
    return ((shift + 0.2) * 0.5 + 0.4 * (shift / 2 + 0.4 / 3)) / 0.7 * lift
