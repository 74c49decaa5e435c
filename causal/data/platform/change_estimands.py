"""Estimands of changes: rollouts to creators, switches, paths of an attribute, worth of exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.cell_tables import by_week, relative
from causal.data.platform.days import simulate
from causal.data.platform.estimands import by_cell
from causal.data.platform.interventions import Do, Policy, SetAttribute
from causal.data.platform.item_tables import EXPOSED, SEPARABLE, WEEK, separable
from causal.data.platform.scoring import creator_adoption
from causal.data.platform.settings import Settings
from causal.data.platform.tables import item_ids
from causal.data.platform.views import treated
from causal.data.platform.world import World

Counts = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorRollout:
    """Effect of a staggered boost of creators on those boosted, and on those not yet boosted.

    Of the creators there on day 0, by week, in impressions relative to before (see
    :func:`~causal.data.platform.cell_tables.relative`), against a world without any boost. The
    names are those of :class:`~causal.data.platform.estimands.Rollout`.
    """

    do: Do = field(default_factory=lambda: Do(creators="staggered"))

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Differences of cells."""
        size = settings.size
        ran, never = (simulate(settings, do) for do in (self.do, Do()))
        who = np.flatnonzero(ran.creators.join < 0)[:-1]
        before = size.adoption[0] // WEEK
        values = [
            relative(by_week(world.creator_impressions[who], size.days // WEEK), before)
            for world in (ran, never)
        ]
        when = creator_adoption(settings, ran.creators)[who]
        return by_cell(values[0] - values[1], when, size.adoption[0], "impressions")


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchbackDay:
    """Freshness counting more in all markets against in none, on days before anything can answer.

    Each day by itself: until then nothing was on, so counters, creators and users are the same in
    both worlds. Without ``days`` it is the first day of the switchback.
    """

    days: tuple[int, ...] = ()

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Mean differences over the days."""
        ranker = settings.distribution.ranker
        changed = replace(ranker, freshness=Do().fresh_factor * ranker.freshness)
        gaps = []
        for day in self.days or (settings.size.burn_in,):
            on = Do(policies=(Policy(ranker=changed, from_day=day),))
            pair = [_shares(simulate(settings, do, until=day + 1), day) for do in (on, Do())]
            gaps.append(pair[0] - pair[1])
        new, clicks = np.mean(gaps, axis=0)
        return {"new creator share": float(new), "click rate": float(clicks)}


def _shares(world: World, day: int) -> FloatArray:
    """Share of new creators and of clicks among the impressions of a day, shape (2,)."""
    rows, seen = world.day() == day, world.impressions
    return np.array([seen.new_creator[rows].mean(), seen.click[rows].mean()])


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPaths:
    """What an attribute of a few items brings on the day it is set, by path, for an item that is live.

    Four worlds that differ on this day only: nothing has answered yet, neither counters nor users
    nor creators. ``user-seen`` is Y(1, 1) - Y(1, 0) and ``ranker-seen`` Y(1, 0) - Y(0, 0), the first
    index the ranker's; in clicks, and ``impressions`` what the ranker's view brings of them. With
    several ``days``, each in worlds of its own, it is the mean over all live items of all of them;
    without any it is the first day of the second half of the horizon.
    """

    attribute: str
    days: tuple[int, ...] = ()
    fraction: float = 0.02

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Clicks and impressions per live item and day."""
        days = self.days or (settings.size.long_from,)
        y = {
            (ranker, user): np.sum(
                [self._counts(settings, day, (ranker, user)) for day in days], axis=0
            )
            for ranker in (0, 1)
            for user in (0, 1)
        }
        clicks = {view: count[0] / count[2] for view, count in y.items()}
        out = {
            "items": y[0, 0][2] / len(days),
            "without": clicks[0, 0],
            "user-seen": clicks[1, 1] - clicks[1, 0],
            "ranker-seen": clicks[1, 0] - clicks[0, 0],
            "total": clicks[1, 1] - clicks[0, 0],
            "impressions": (y[1, 0][1] - y[0, 0][1]) / y[0, 0][2],
        }
        return {name: float(value) for name, value in out.items()}

    def _counts(self, settings: Settings, day: int, view: tuple[int, int]) -> Counts:
        """Clicks and impressions of the items that are live, and how many these are."""
        change = SetAttribute(
            attribute=self.attribute,
            ranker=float(view[0]),
            user=float(view[1]),
            fraction=self.fraction,
            from_day=day,
        )
        world = simulate(settings, Do(items=(change,)), until=day + 1)
        made, seen = world.items, world.impressions
        live = (day - made.born <= settings.size.max_age) & treated(settings, made, change)
        rows = (world.day() == day) & live[seen.item]
        return (float(seen.click[rows].sum()), float(rows.sum()), float(live.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Separable:
    """What an experiment on items is after: clicks in an item's first week, by path of an attribute.

    Three cells of items, each with a ``share`` of them: neither the ranker nor users see the
    attribute, the ranker alone, both. Three worlds in which the cells change places, so that each
    item is in each cell once, beside as many others in each.
    """

    attribute: str
    share: float = 0.05

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Clicks and impressions per item."""
        y = _rotated(settings, self.attribute, self.share, SEPARABLE)
        both, ranker, neither = (y[cell] for cell in SEPARABLE)
        return {
            "items": both[3],
            "without": neither[1],
            "user-seen": both[1] - ranker[1],
            "ranker-seen": ranker[1] - neither[1],
            "total": both[1] - neither[1],
            "impressions": ranker[0] - neither[0],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureWorth:
    """Clicks per added impression, where the ranker takes items for videos and users see none.

    Two cells of items, each with a ``fraction`` of them, which change places. ``week 2`` is the
    clicks of an item's second week by impressions added in its first, those that came of it later
    included.
    """

    fraction: float = 0.05

    def measure(self, settings: Settings) -> Mapping[str, float]:
        """Ratios of differences."""
        y = _rotated(settings, "video", self.fraction, EXPOSED)
        on, off = (y[cell] for cell in EXPOSED)
        added = on[0] - off[0]
        return {
            "items": on[3],
            "impressions": added,
            "clicks per impression": (on[1] - off[1]) / added,
            "clicks per impression, week 2": (on[2] - off[2]) / added,
        }


def _rotated(
    settings: Settings, attribute: str, share: float, cells: tuple[tuple[int, int], ...]
) -> dict[tuple[int, int], Counts]:
    """Impressions, clicks, clicks in week 2 and number of items, by cell, each item in each once."""
    found: list[dict[tuple[int, int], dict[int, FloatArray]]] = []
    for turn in range(len(cells)):
        order = cells[turn:] + cells[:turn]
        world = simulate(settings, separable(attribute, share, order))
        found.append(_by_place(world, order))
    shared = sorted(
        set.intersection(*(set().union(*(set(each) for each in world.values())) for world in found))
    )
    out = {}
    for cell in cells:
        per_item = {item: row for world in found for item, row in world[cell].items()}
        mean = np.mean([per_item[item] for item in shared], axis=0)
        out[cell] = (*mean.tolist(), float(len(shared)))
    return out


def _by_place(
    world: World, order: tuple[tuple[int, int], ...]
) -> dict[tuple[int, int], dict[int, FloatArray]]:
    """Impressions, clicks and clicks in week 2 of the items of each cell, by the item's number."""
    made, seen, days = world.items, world.impressions, world.settings.size.days
    age = world.day() - made.born[seen.item]

    def count(rows: BoolArray) -> IntArray:
        return np.bincount(seen.item[rows], minlength=made.count)

    first, second = age < WEEK, (age >= WEEK) & (age < 2 * WEEK)
    table = np.column_stack(
        [count(first), count(first & seen.click), count(second & seen.click)]
    ).astype(float)
    whole = (made.born >= 0) & (made.born <= days - 2 * WEEK)
    names = item_ids(world)
    nested = [treated(world.settings, made, each) for each in reversed(world.do.items)]
    inner = np.zeros(made.count, dtype=bool)
    out = {}
    for cell, inside in zip(order, nested, strict=True):
        chosen = np.flatnonzero(inside & ~inner & whole)
        out[cell] = dict(zip(names[chosen].tolist(), table[chosen], strict=True))
        inner = inside
    return out
