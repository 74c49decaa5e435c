"""Staggered rollouts with known effects: do intervals of cells, averages, bands and bounds hold them.

``panel``: effects that grow, differ by cohort and by entity, errors that remember; ``covariate``:
trends that follow one, doubly robust; ``pools``: entities whose untreated neighbours lose a part of
what adopters gain; ``edge``: trends as different as a bound allows just so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.changes._family import Family, held, verdict
from causal.base.streams import stream
from causal.data.cells.cells import Cells, treated_neighbours
from causal.data.panel import FloatArray
from causal.estimation._inference import infer
from causal.estimation.rollout.aggregates import Kind, aggregates
from causal.estimation.rollout.contamination import Interval, contamination
from causal.estimation.rollout.group_time import GroupTime, group_time
from causal.estimation.rollout.honest import relative_magnitudes
from causal.policy.rollout import reading_of

LEVEL = 0.95
PERIODS = 8
STARTS = {True: (3.0, 4.0, 6.0, np.inf), False: (3.0, 4.0, 6.0, 7.0)}
KINDS: tuple[Kind, ...] = ("overall", "event", "cohort", "calendar", "cells")
SPILL = ("neighbours", "total", "plain", "printed", "found")
NAMES = (*KINDS, *SPILL, "bounded")
JUDGED = (*KINDS, "neighbours", "total", "printed", "bounded")
AT_LEAST = ("printed", "bounded")
"""Intervals that hold several answers, or the worst one, may hold the truth more often."""
REGIONS, POOLED, POOLED_PERIODS = 8, 48, 12
STEP = 0.05
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is drawn."""

    form: str
    entities: int = 0
    never: bool = True
    size: float = 0.0

    @property
    def name(self) -> str:
        """In words."""
        if self.form == "pools":
            return f"pools, neighbours lose {self.size:g}"
        if self.form == "edge":
            return f"edge, steps of {self.size:g} errors"
        others = "some never adopt" if self.never else "all adopt"
        return f"{self.form}, {self.entities} entities, {others}"


WORLDS = (
    *(
        World(form="panel", entities=entities, never=never)
        for never in (True, False)
        for entities in (12, 24, 48, 120)
    ),
    *(World(form="covariate", entities=entities) for entities in (60, 120, 300)),
    *(World(form="pools", size=size) for size in (0.0, 0.5)),
    *(World(form="edge", size=size) for size in (0.0, 0.5, 2.0)),
)


def run(world: World, seed: int) -> FloatArray:
    """Rows of kind, value, low, high, low and high for all at once, truth."""
    rng = stream(seed, "rollout", world.name)
    if world.form == "pools":
        return _pools(world, rng)
    return _edge(world, rng) if world.form == "edge" else _panel(world, rng)


def drawn(world: World, rng: np.random.Generator) -> tuple[Cells, FloatArray]:
    """Entities over periods, and the mean effect of each cohort in each period."""
    adopted = np.repeat(STARTS[world.never], world.entities // 4)
    noise = _remembering(rng, (world.entities, PERIODS))
    time = np.arange(PERIODS)
    y = rng.normal(size=(world.entities, 1)) + rng.normal(size=PERIODS).cumsum() + noise
    x = rng.normal(size=world.entities) + np.where(np.isfinite(adopted), 0.5, 0.0)
    if world.form == "covariate":
        y = y + 0.3 * x[:, None] * time
    since = time - adopted[:, None]
    own = (1 + 0.3 * (adopted == STARTS[True][0])) * (1 + 0.5 * rng.normal(size=world.entities))
    y = y + np.where(since >= 0, (0.3 + 0.2 * np.maximum(since, 0)) * own[:, None], 0.0)
    cells = _cells(y, adopted)
    if world.form == "covariate":
        cells = replace(cells, covariates=x[:, None], covariate_names=("x",))
    mean = np.array(
        [
            np.where(time >= g, (0.3 + 0.2 * (time - g)) * (1.3 if g == STARTS[True][0] else 1), 0)
            for g in cells.cohorts
        ]
    )
    return cells, mean


def _remembering(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    noise = rng.normal(size=shape)
    for j in range(1, shape[1]):
        noise[:, j] += 0.5 * noise[:, j - 1]
    return noise


def _cells(y: FloatArray, adopted: FloatArray) -> Cells:
    entities, periods = y.shape
    return Cells(
        entities=tuple(f"e{i:03d}" for i in range(entities)),
        periods=tuple(map(str, range(periods))),
        times=np.arange(periods, dtype=float),
        adopted=adopted,
        y={"y": y},
        size={"y": np.ones_like(y)},
        rows=np.ones(y.shape, dtype=np.int64),
        weight=np.ones(entities),
        cluster=np.arange(entities),
        covariates=np.zeros((entities, 0)),
    )


def _panel(world: World, rng: np.random.Generator) -> FloatArray:
    cells, mean = drawn(world, rng)
    found = group_time(cells, "y", base="universal")
    place = {int(g): k for k, g in enumerate(cells.cohorts)}
    truth = np.array([mean[place[g], t] for g, t in found.labels])
    known = replace(found, values=np.where(np.isfinite(found.values), truth, np.nan))
    return np.concatenate([_read(found, known, cells, kind) for kind in KINDS])


def _read(found: GroupTime, known: GroupTime, cells: Cells, kind: Kind) -> FloatArray:
    """Intervals of one kind of average beside what it is of the true effects."""
    made, truth = aggregates(found, cells, kind), aggregates(known, cells, kind).values
    read = infer(made, level=LEVEL, multiplicity="simultaneous", seed=1, family=kind)
    rows = np.column_stack(
        [
            np.full(truth.size, NAMES.index(kind)),
            made.values,
            read.ci_low,
            read.ci_high,
            read.simultaneous_low,
            read.simultaneous_high,
            truth,
        ]
    )
    rows[[bool(why) for why in made.refusal], 1:6] = np.nan
    return rows


def pooled(size: float, rng: np.random.Generator) -> tuple[Cells, float]:
    """Entities of regions that share a pool, and the mean effect against no rollout at all."""
    region = rng.permutation(np.repeat(np.arange(REGIONS), POOLED // REGIONS))
    adopted = np.repeat([4, 6, 8, np.inf], POOLED // 4)
    treated = np.arange(POOLED_PERIODS) >= adopted[:, None]
    share = treated_neighbours(treated, region)
    errors = 0.3 * _remembering(rng, treated.shape)
    y = rng.normal(size=(POOLED, 1)) + rng.normal(size=POOLED_PERIODS) + treated - size * share
    cells = replace(_cells(y + errors, adopted), pool=region, spillover=share)
    return cells, float(1 - size * share[treated].mean())


def _pools(world: World, rng: np.random.Generator) -> FloatArray:
    cells, truth = pooled(world.size, rng)
    spill = contamination(cells, "y", level=LEVEL)
    overall = aggregates(group_time(cells, "y", base="universal"), cells, "overall")
    read = infer(overall, level=LEVEL, multiplicity="none", seed=1, family="overall")
    plain = (float(overall.values[0]), float(read.ci_low[0]), float(read.ci_high[0]))
    reading = reading_of({"state": spill.state, "total": spill.total}, None)
    total, filled = _ends(spill.total), _ends(spill.plain)
    printed = {
        "clean": plain,
        "corrected": total,
        "range": (total[0], min(total[1], filled[1]), max(total[2], filled[2])),
    }.get(reading, (NAN, NAN, NAN))
    found = float(spill.state == "found")
    rows = [
        (*_ends(spill.gamma), -world.size),
        (*total, truth),
        (*plain, truth),
        (*printed, truth),
        (found, found - 0.5, 1.0, 1.0),
    ]
    return np.array(
        [
            [NAMES.index(name), value, low, high, NAN, NAN, known]
            for name, (value, low, high, known) in zip(SPILL, rows, strict=True)
        ]
    )


def _ends(found: Interval | None) -> tuple[float, float, float]:
    return (NAN, NAN, NAN) if found is None else (found.value, found.low, found.high)


def _edge(world: World, rng: np.random.Generator) -> FloatArray:
    """No effect, and steps after adoption as large as the largest before: the bound just holds 0."""
    before = after = 4
    step = world.size * STEP
    v = STEP**2 * (np.eye(before + after) + 1.0)
    trend = np.concatenate([[-step, 0, 0, 0], np.cumsum([step] * after)])
    beta = trend + np.linalg.cholesky(v) @ rng.normal(size=before + after)
    weights = np.full(after, 1 / after)
    low, high = relative_magnitudes(beta, v, before, weights, 1.0, level=LEVEL)
    value = float(weights @ beta[before:])
    return np.array([[NAMES.index("bounded"), value, low, high, NAN, NAN, 0.0]])


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """A row for every world and kind of interval."""
    yield "| world | interval of | estimated | holds truth | all at once | bias, sd | |"
    yield "|---|---|---|---|---|---|---|"
    for world in WORLDS:
        if world.name in found:
            yield from _rows(world, found[world.name])


def _rows(world: World, runs: FloatArray) -> Iterator[str]:
    for code, name in enumerate(NAMES):
        own = runs[0, :, 0] == code
        if not own.any():
            continue
        value, low, high, wide_low, wide_high, truth = np.moveaxis(runs[:, own, 1:], 2, 0)
        there = np.isfinite(low)
        if name == "found":
            yield f"| {world.name} | {name} | {len(runs)} | {100 * value.mean():.0f} | | | |"
            continue
        hits = np.where(there, (low <= truth) & (truth <= high), np.nan)
        share, _ = held(hits)
        estimated = int(there.any(axis=1).sum())
        at_once, holds = "", name in JUDGED
        if np.isfinite(wide_low).any() and own.sum() > 1:
            inside = (wide_low <= truth) & (truth <= wide_high) | ~there
            joint, _ = held(np.where(there.any(axis=1), inside.all(axis=1), np.nan))
            at_once = f"{100 * joint:.1f}"
            sure = verdict(0.95, 1.0, joint, estimated)
        else:
            sure = "holds"
        top = 1.0 if name in AT_LEAST else 0.97
        each = verdict(0.93, top, share, estimated)
        said = "" if not holds or not estimated else each if each != "holds" else sure
        gap = np.nanmean(value - truth) / np.nanstd(value - truth) if estimated else np.nan
        held_share = f"{100 * share:.1f}" if estimated else "\u2013"
        yield (
            f"| {world.name} | {name} | {estimated} | {held_share} | {at_once} | "
            f"{gap:.2f} | {said} |"
        )


FAMILY = Family(
    title="Staggered rollouts",
    text="""
*panel*: 8 periods, a quarter of the entities each adopting in periods 3, 4, 6 and 7 or never; effects grow, differ by
cohort and entity. Estimates with fewer than five entities on a side are refused and not counted. *covariate*: trends
follow a covariate that adopters have more of, doubly robust. *pools*: 48 entities in 8 regions; *neighbours* is what
an untreated entity loses where all neighbours are treated, *total* the effect against no rollout at all, *plain* the
effect against untreated entities as they are (no answer, and not judged), *printed* what the title of the page says,
*found* the share of runs in which contamination is found. *edge*: bounds on relative magnitudes where trends differ by
just as much as they allow. Monte Carlo error {error}.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
)
