"""Paths of an attribute on the simulated platform: do intervals of each part hold its truth.

``cells`` are items in three cells of 5% each. ``log`` is every impression, with the propensities of a
ranker that was asked again with the item's flag flipped: what users see per impression on exploration
traffic and weighted to production, and the parts for an item in a day. The truth of a run is of its own
seed; with few runs the mean truth over seeds is steadier, so both are held against the interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.changes._family import Family, monte_carlo
from causal.data.panel import FloatArray, Panel
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.change_estimands import DirectPaths, Separable
from causal.data.platform.effects import click_effect
from causal.data.platform.item_tables import (
    path_impressions,
    separable,
    separable_items,
)
from causal.data.platform.world import World as Platform
from causal.data.read import read_frame
from causal.design.identification import exploration_within
from causal.design.reading import of_attributes, study_from
from causal.design.request import request
from causal.design.study import Study
from causal.estimation._estimates import Estimates
from causal.estimation._fit import fit_design
from causal.estimation._inference import infer
from causal.estimation.paths._paths import find_paths
from causal.estimation.paths.separable import separable as by_cells

SHARE = 0.05
SETTLED = 7  # the first week of a world is unlike any other
DAYS = (13, 25, 37, 49)
FIRST = 200  # the first seed
CELLS = ("user", "ranker", "total")
LOG = (
    "user, an impression of exploration",
    "user, an impression of production",
    "user, an item and day",
    "ranker, an item and day",
    "total, an item and day",
    "impressions the ranker adds, an item and day",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is read: randomised cells, or the log."""

    name: str
    parts: tuple[str, ...]


HELD = ("topic", "weekday", "question_headline")
WORLDS = (World(name="cells", parts=CELLS), World(name="log", parts=LOG))


def run(world: World, seed: int) -> FloatArray:
    """Estimate, standard error, half the interval, own truth of each part; shape (parts, 4)."""
    settings = Settings(seed=FIRST + seed, size=TESTS)
    return _cells(settings) if world.name == "cells" else _log(settings)


def _cells(settings: Settings) -> FloatArray:
    import pandas as pd

    world = simulate(settings, separable("video", SHARE))
    study = _study(
        unit="item_id",
        cluster="creator_id",
        assignment="randomized",
        data={
            "source": "t",
            "derive": {"video": "CASE WHEN ranked_video = shown_video THEN shown_video END"},
        },
        exposure={"ranked": "ranked_video", "shown": "shown_video"},
        outcomes=[{"name": "clicks", "column": "clicks_first_week"}],
        confounders=list(HELD),
    )
    panel = read_frame(pd.DataFrame(dict(separable_items(world))), request(study))
    truth = Separable(attribute="video", share=SHARE).measure(settings)
    found = by_cells(study, panel, held=HELD)
    return _read(found, [truth[key] for key in ("user-seen", "ranker-seen", "total")])


def _log(settings: Settings) -> FloatArray:
    import pandas as pd

    world = simulate(settings)
    study = _study(
        unit="impression_id",
        cluster=["creator_id", "user_id"],
        block="creator_id",
        time="shown_at",
        exploration="explored",
        exposure={
            "position": "position",
            "propensity": "propensity",
            "flipped": "propensity_flipped",
            "item": "item_id",
            "period": "day",
            "live": _live(world),
        },
        outcomes=[{"name": "click rate", "column": "clicked"}],
        confounders=["creator_tier", "topic", "item_age_days", "question_headline", "original"],
        modifiers=["low_bandwidth", "power_user"],
        mediators=["times_seen", "relevance"],
    )
    table = pd.DataFrame(dict(path_impressions(world)))
    panel = read_frame(table[table["day"] >= SETTLED], request(study))
    found = find_paths(study, panel, _fits(study, panel))
    late = world.day() >= SETTLED
    effect = click_effect(world, "video")[late]
    explored = world.requests.explored[world.impressions.request][late]
    direct = DirectPaths(attribute="video", days=DAYS).measure(settings)
    if found.estimates is None:
        raise ValueError("Nothing was found.")
    parts = _read(
        found.estimates,
        [effect[explored].mean(), effect[~explored].mean(), direct["user-seen"],
         direct["ranker-seen"], direct["total"]],
    )  # fmt: skip
    more = found.added[0]
    half = (more.high - more.low) / 2
    return np.vstack([parts, [more.value, half / 1.96, half, direct["impressions"]]])


def _fits(study: Study, panel: Panel) -> Any:
    design = exploration_within.identify(study, panel)
    if design is None:
        raise ValueError("There is no exploration traffic.")
    return (fit_design(study, panel, design),)


def _study(**values: Any) -> Study:
    whole = {"study": "paths", "kind": "attributes", "data": {"source": "t"},
             "attributes": ["video"], **values}  # fmt: skip
    return of_attributes(study_from(whole))


def _live(world: Platform) -> int:
    """Items by days on which they could be shown."""
    size, born = world.settings.size, world.items.born
    first, last = np.maximum(born, SETTLED), np.minimum(born + size.max_age, size.days - 1)
    return int(np.maximum(last - first + 1, 0).sum())


def _read(found: Estimates, truth: Sequence[float]) -> FloatArray:
    read = infer(found, level=0.95, multiplicity="none", seed=1, family="paths")
    half = read.ci_high - found.values
    refused = np.array([bool(text) for text in found.refusal])
    rows = np.column_stack([found.values, read.std_error, half, np.asarray(truth)])
    rows[refused] = np.nan
    return np.asarray(rows, dtype=float)


def lines(found: Mapping[str, FloatArray]) -> Iterator[str]:
    """The table of the page."""
    yield (
        "| from | part | runs | truth | estimate | bias | error | holds own truth "
        "| holds mean truth | Monte Carlo error |"
    )
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for world in WORLDS:
        made = found.get(world.name)
        for at, part in enumerate(world.parts if made is not None else ()):
            yield _line(world, part, np.asarray(made)[:, at].astype(float))


def _line(world: World, part: str, runs: FloatArray) -> str:
    there = runs[np.isfinite(runs).all(axis=1)]
    value, error, half, own = there.T
    mean = own.mean()
    off, spread = value - own, value.std(ddof=1)
    held = [100 * float((np.abs(value - truth) <= half).mean()) for truth in (own, mean)]
    return (
        f"| {world.name} | {part} | {len(there)} | {mean:.4g} | {value.mean():.4g} "
        f"| {off.mean():+.3g} ({off.std(ddof=1) / len(there) ** 0.5:.2g}) "
        f"| {error.mean() / spread:.2f} | {held[0]:.1f} | {held[1]:.1f} "
        f"| {100 * monte_carlo(len(there)):.1f} |"
    )


FAMILY = Family(
    title="Paths of an attribute",
    text="""
The simulated platform (1,100 users, 200 creators at first, 56 days). *cells*: three cells of 5% of the items each, clicks in
an item's first week, topic, weekday and headline held fixed. *log*: all impressions from the second week on; an item and day is one on which the item was live. The
truth of *user* per impression is in closed form, of items in a day from four worlds that differ on that day alone (mean of four days, 2% of the
items), of cells from worlds in which the cells change places. *Bias* is against each run's own truth, its Monte Carlo error
in brackets; *error* the mean standard error over the standard deviation of the estimates. A run's own truth of an item and
day is noisy itself; the mean truth over the runs is not.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
    most=200,
)
