"""How often the validity gate fails experiments in which nothing is wrong: at most 1% is claimed.

Run ``python -m benchmarks.readout.gate``: 1,000 experiments of every world, as a markdown table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from causal.base.catalog import members
from causal.base.finding import Finding, Status
from causal.base.streams import stream
from causal.data.moments.collected import Collected, Counts, Part, Reading, Split
from causal.data.moments.rows import SIZE, moments_of
from causal.data.panel import BoolArray, FloatArray, IntArray, Provenance
from causal.diagnostics.experiment._planned import Planned

ALLOWED = 0.01
RUNS = 1_000
DAYS = 14
BLOCKS = 8
MISSING = 0.02
COVARIATES = ("visits", "revenue", "premium", "age")
METRICS = ("clicks", "rating")
FIRST = date(2026, 3, 2)
SHARES = (0.5, 0.3, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One kind of valid experiment.

    ``rows`` units, in ``clusters`` clusters of unequal size where these are assigned; ``strata``
    whether covariates are compared within blocks; ``looks`` whether it is read every day.
    """

    name: str
    rows: int = 4_000
    clusters: int = 0
    strata: bool = False
    looks: bool = False
    shares: tuple[float, ...] = SHARES


WORLDS = (
    World(name="4,000 units, three arms"),
    World(name="4,000 units, within 8 blocks", strata=True),
    World(name="300 units, exact tests", rows=300),
    World(name="4,000 units, arms of 95% and 5%", shares=(0.95, 0.05)),
    World(name="60 unequal clusters", clusters=60, shares=(0.5, 0.5)),
    World(name="200 unequal clusters, three arms", clusters=200),
    World(name="4,000 units, read on each of 14 days", looks=True),
    World(name="200 unequal clusters, read on each of 14 days", clusters=200, looks=True),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Rows of one experiment: arm, day, block and cluster by unit; covariates x and what is known."""

    arm: IntArray
    day: IntArray
    block: IntArray
    own: IntArray
    x: FloatArray
    known: BoolArray


def draw(world: World, rng: np.random.Generator) -> Drawn:
    """Draw units; arms, days and blocks belong to the cluster where clusters are assigned.

    Covariates are skewed and correlated, those of a cluster alike; more units come at weekends, and
    blocks are of unequal size and differ in their means.
    """
    groups = world.clusters or world.rows
    size = np.ones(groups, dtype=np.int64)
    if world.clusters:
        size = 1 + rng.poisson(rng.gamma(1.5, world.rows / groups / 1.5, groups))
    own = np.repeat(np.arange(groups), size)
    weekly = np.tile([1.0, 1, 1, 1, 1, 1.6, 1.8], DAYS // 7)
    arm = rng.choice(len(world.shares), groups, p=world.shares)
    day = rng.choice(DAYS, groups, p=weekly / weekly.sum())
    rank = np.arange(1, BLOCKS + 1)
    block = rng.choice(BLOCKS, groups, p=(1 / rank) / (1 / rank).sum())
    shared = (rng.normal(size=groups) * (0.5 if world.clusters else 0) + 0.1 * block)[own]
    base = rng.normal(size=own.size) + shared
    x = np.column_stack(
        [
            rng.poisson(np.exp(0.5 + 0.4 * base)),
            np.exp(0.8 * base + 0.6 * rng.normal(size=own.size)),
            rng.random(own.size) < 0.1,
            rng.normal(40, 12, own.size),
        ]
    ).astype(float)
    return Drawn(
        arm=arm[own],
        day=day[own],
        block=block[own],
        own=own,
        x=x,
        known=rng.random((own.size, len(METRICS))) >= MISSING,
    )


def collected(world: World, drawn: Drawn, days: int = DAYS) -> Collected:
    """What a readout would collect of the first so many days."""
    seen = drawn.day < days
    arm, own = drawn.arm[seen], drawn.own[seen]
    arms = tuple("ABCDE"[: len(world.shares)])
    moments = moments_of(
        arm,
        np.column_stack([drawn.x[seen], drawn.known[seen]]),
        arms=arms,
        columns=(*COVARIATES, *METRICS),
        stratum=drawn.block[seen] if world.strata else None,
        strata=[(str(b),) for b in range(BLOCKS)] if world.strata else ((),),
        cluster=own if world.clusters else None,
    )
    below = SIZE if world.clusters else None
    covariates = tuple(Part(numerator=name, denominator=below) for name in COVARIATES)
    return Collected(
        moments=moments,
        segments={},
        readings=tuple(
            Reading(
                metric=name,
                level=Part(numerator=name, denominator=below),
                covariates=covariates,
                known=Part(numerator=name, denominator=SIZE) if world.clusters else None,
            )
            for name in METRICS
        ),
        counts=_counts(world, drawn, arms, days),
        missing={
            name: np.bincount(arm, ~drawn.known[seen, at], len(arms)).astype(np.int64)
            for at, name in enumerate(METRICS)
        },
        immature={},
        first=FIRST,
        last=FIRST + timedelta(days=days - 1),
        caps={},
        sql=(),
        provenance=Provenance(source="drawn", fingerprint="", rows_read=arm.size, rows=arm.size),
    )


def _counts(world: World, drawn: Drawn, arms: tuple[str, ...], days: int) -> Counts:
    """Units of randomisation: each cluster once."""
    _, first = np.unique(drawn.own, return_index=True)
    first = first[drawn.day[first] < days]
    arm, day, block = drawn.arm[first], drawn.day[first], drawn.block[first]

    def split(name: str, values: tuple[str, ...], at: IntArray) -> Split:
        flat = np.bincount(at * len(arms) + arm, minlength=len(values) * len(arms))
        return Split(name=name, values=values, counts=flat.reshape(len(values), len(arms)))

    dates = tuple(str(FIRST + timedelta(days=d)) for d in range(days))
    return Counts(
        arms=arms,
        shares=np.array(world.shares),
        randomized=np.bincount(arm, minlength=len(arms)),
        days=split("day", dates, day),
        splits=(split("block", tuple(f"b{b}" for b in range(BLOCKS)), block),),
    )


def planned(world: World) -> Planned:
    """The plan of a world."""
    return Planned(
        looks=world.looks,
        planned_units=(world.clusters or world.rows) if world.looks else None,
        clustered=bool(world.clusters),
    )


def findings(given: Collected, plan: Planned) -> tuple[Finding, ...]:
    """Every check of the gate."""
    family = members("causal.diagnostics.experiment").values()
    return tuple(found for member in family for found in member.check(given, plan))


def alarms(world: World, runs: int, seed: int = 20261123) -> Iterator[tuple[str, ...]]:
    """Names of the checks that failed in each run; at any look, where it is read every day."""
    plan = planned(world)
    for run in range(runs):
        drawn = draw(world, stream(seed, "gate", world.name, run))
        days = range(1, DAYS + 1) if world.looks else (DAYS,)
        failed = [
            each.name
            for until in days
            for each in findings(collected(world, drawn, until), plan)
            if each.status is Status.FAIL and each.name != "few clusters"
        ]
        yield tuple(dict.fromkeys(failed))


def table(runs: int) -> Iterator[str]:
    """Lines of a markdown table, each when it is known."""
    yield f"| valid experiments | runs | failed | share | at most {ALLOWED:.0%} | by which check |"
    yield "|---|---:|---:|---:|---|---|"
    for world in WORLDS:
        found = [each for each in alarms(world, runs) if each]
        names = [name for each in found for name in each]
        which = ", ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))
        share = len(found) / runs
        held = "yes" if share <= ALLOWED else "NO"
        yield f"| {world.name} | {runs:,} | {len(found)} | {share:.1%} | {held} | {which} |"


def main(runs: int = RUNS) -> None:
    """Print the table."""
    for line in table(runs):
        print(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
