"""Paths of an attribute on the simulated platform: do intervals of each part hold its truth.

``cells`` are items in three cells of 5% each. ``log`` is every impression, with the propensities of a
ranker that was asked again with the item's flag flipped: what users see per impression on exploration
traffic and weighted to production, and the parts for an item in a day. Its truth replays the true
probabilities of a click over all items and days; ``truth`` holds that against worlds that differ on
a day, on the same items and days. An interval is about creators and users like those of the run, so it
is held against the mean truth over seeds, and against the run's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.changes._family import Family, monte_carlo
from causal.data.panel import BoolArray, FloatArray, Panel
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.change_estimands import Separable
from causal.data.platform.effects import click_effect
from causal.data.platform.entities import logistic
from causal.data.platform.interventions import Do, SetAttribute
from causal.data.platform.item_tables import (
    path_impressions,
    replay_ratio,
    separable,
    separable_items,
)
from causal.data.platform.views import treated
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
FEW = 0.02  # of the items are set on such a day
VIEWS = ((1, 1), (1, 0), (0, 0))  # what the ranker takes them for, and what users see
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
    """What is read: randomised cells, the log, or the two ways to know the truth of a log."""

    name: str
    parts: tuple[str, ...]


HELD = ("topic", "weekday", "question_headline")
BEFORE = ("times_seen", "relevance", "match")
"""How often the user had been shown the item, which the ranker brought about, and what else it went by."""
MATCH = "CAST(ROUND(2 * GREATEST(LEAST(relevance, 3), -2)) AS VARCHAR)"
"""Relevance in classes: users do not go by it in a straight line."""
TRUTH = LOG[2:4] + LOG[5:]
WORLDS = (
    World(name="cells", parts=CELLS),
    World(name="log", parts=LOG),
    World(name="truth", parts=TRUTH),
)


def run(world: World, seed: int) -> FloatArray:
    """Estimate, standard error, half the interval, own truth of each part; shape (parts, 4)."""
    settings = Settings(seed=FIRST + seed, size=TESTS)
    return {"cells": _cells, "log": _log, "truth": _two_truths}[world.name](settings)


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
        data={"source": "t", "derive": {"match": MATCH}},
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
        confounders=[
            "creator_tier",
            "topic",
            "item_age_days",
            "question_headline",
            "original",
            *BEFORE,
        ],
        modifiers=["low_bandwidth", "power_user"],
    )
    table = pd.DataFrame(dict(path_impressions(world)))
    panel = read_frame(table[table["day"] >= SETTLED], request(study))
    found = find_paths(study, panel, _fits(study, panel))
    late = world.day() >= SETTLED
    effect = click_effect(world, "video")[late]
    explored = world.requests.explored[world.impressions.request][late]
    if found.estimates is None:
        raise ValueError("Nothing was found.")
    user, ranker, impressions = _replayed(world)[late].sum(axis=0) / _live(world)
    truth = [effect[explored].mean(), effect[~explored].mean(), user, ranker, user + ranker]
    parts = _read(found.estimates, truth)
    more = found.added[0]
    half = (more.high - more.low) / 2
    return np.vstack([parts, [more.value, half / 1.96, half, impressions]])


def _replayed(world: Platform) -> FloatArray:
    """What users see, the ranker's part and its impressions, of every row; shape (impressions, 3).

    The true probability of a click without the video, and what users make of it, weighted by how much
    likelier the row had been under the other view of the ranker.
    """
    seen, ratio = world.impressions, replay_ratio(world)
    has = world.items.video[seen.item] == 1
    on, off = np.where(has, 1.0, ratio), np.where(has, ratio, 1.0)
    effect = click_effect(world, "video")
    look = np.array(world.settings.feedback.examination)[seen.position]
    without = look * logistic(seen.log_odds) - has * effect
    return np.column_stack([on * effect, (on - off) * without, on - off])


def _two_truths(settings: Settings) -> FloatArray:
    """Worlds that differ on a day against the replay of the truth on the same items and days.

    Of both sides what is expected of users, so that only who was shown is drawn by lot.
    """
    world = simulate(settings)
    rows, found, replayed, count = _replayed(world), np.zeros(3), np.zeros(3), 0
    for day in DAYS:
        both, ranker, neither = (_on_a_day(settings, day, view) for view in VIEWS)
        found += [both[0] - ranker[0], ranker[0] - neither[0], ranker[1] - neither[1]]
        live = _live_and_set(world, day)
        replayed += rows[(world.day() == day) & live[world.impressions.item]].sum(axis=0)
        count += int(live.sum())
    return np.column_stack([found / count, np.zeros((3, 2)), replayed / count])


def _on_a_day(settings: Settings, day: int, view: tuple[int, int]) -> tuple[float, float]:
    """Expected clicks and impressions of the items that are set on a day."""
    world = simulate(settings, Do(items=(_change(day, view),)), until=day + 1)
    seen = world.impressions
    rows = (world.day() == day) & _live_and_set(world, day)[seen.item]
    look = np.array(settings.feedback.examination)[seen.position]
    return float((look * logistic(seen.log_odds))[rows].sum()), float(rows.sum())


def _live_and_set(world: Platform, day: int) -> BoolArray:
    """Items that can be shown on a day and are set on it, shape (items,)."""
    made, oldest = world.items, world.settings.size.max_age
    live = (made.born <= day) & (day - made.born <= oldest)
    return np.asarray(live & treated(world.settings, made, _change(day, VIEWS[0])))


def _change(day: int, view: tuple[int, int]) -> SetAttribute:
    ranker, user = (float(each) for each in view)
    return SetAttribute(attribute="video", ranker=ranker, user=user, fraction=FEW, from_day=day)


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
    off = value - own
    start = (
        f"| {world.name} | {part} | {len(there)} | {own.mean():.4g} | {value.mean():.4g} "
        f"| {off.mean():+.3g} ({off.std(ddof=1) / len(there) ** 0.5:.2g}) "
    )
    if not error.any():
        return f"{start}| | | | |"
    held = [100 * float((np.abs(value - truth) <= half).mean()) for truth in (own, own.mean())]
    return (
        f"{start}| {error.mean() / value.std(ddof=1):.2f} | {held[0]:.1f} | {held[1]:.1f} "
        f"| {100 * monte_carlo(len(there)):.1f} |"
    )


FAMILY = Family(
    title="Paths of an attribute",
    text="""
The simulated platform (1,100 users, 200 creators at first, 56 days). *cells*: three cells of 5% of the items each, clicks in
an item's first week, topic, weekday and headline held fixed; the truth is of worlds in which the cells change places. *log*: all impressions
from the second week on; an item and day is one on which the item was live. Its truth is in closed form, per impression, and in a day that of
all items of the log, replayed with the true probabilities of a click. *truth* is whether that replay is right: what worlds tell that
differ on a day alone (four days, 2% of the items), less the replay on the same items and days.

*Bias* is against each run's own truth, its Monte Carlo error in brackets; *error* the mean standard error over the standard
deviation of the estimates. Intervals are about creators and users like those of a run: *mean truth* is what they should hold
in 95 of 100 runs. What a run's own items would have had moves with the estimate, so that they hold it more often.
""",
    worlds=WORLDS,
    run=run,
    lines=lines,
    most=200,
)
