"""Tables of items and of impressions for what exposure is worth and by which path an attribute acts."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.interventions import Do, SetAttribute
from causal.data.platform.ranking import reweighted
from causal.data.platform.tables import START, TOPICS, WEEKDAYS, Table, impressions, item_ids
from causal.data.platform.views import treated
from causal.data.platform.world import World

WEEK = 7


SEPARABLE = ((1, 1), (1, 0), (0, 0))
"""Cells of items: what the ranker takes them for, and what users see."""
EXPOSED = ((1, 0), (0, 0))
"""Cells that users see alike, as without the attribute."""


def separable(attribute: str, share: float, cells: tuple[tuple[int, int], ...] = SEPARABLE) -> Do:
    """Set an attribute in disjoint cells of items, as the ranker and as users see it.

    Each cell has a share of the items, chosen by a hash; a later setting wins over an earlier one,
    and the cells are nested from the last to the first.
    """
    return Do(
        items=tuple(
            SetAttribute(
                attribute=attribute,
                ranker=float(ranker),
                user=float(user),
                fraction=(place + 1) * share,
            )
            for place, (ranker, user) in reversed(list(enumerate(cells)))
        )
    )


def exposed(share: float) -> Do:
    """Two disjoint cells of items: the ranker takes them for videos, or for none; users see none."""
    return separable("video", share, EXPOSED)


def separable_items(world: World) -> Table:
    """One row for each item of the cells of :func:`separable` whose first week is over."""
    first, second, third = (treated(world.settings, world.items, each) for each in world.do.items)
    chosen = _whole(world, WEEK) & first
    name = world.do.items[0].attribute
    return {
        **_traits(world, chosen),
        f"ranked_{name}": second[chosen].astype(np.int64),
        f"shown_{name}": third[chosen].astype(np.int64),
        "impressions_first_week": _count(world, (0, WEEK))[chosen],
        "clicks_first_week": _count(world, (0, WEEK), clicked=True)[chosen],
    }


def ranking_items(world: World) -> Table:
    """One row for each item of the cells of :func:`exposed` whose second week is over.

    ``cell`` is 1 where the ranker took the item for a video, which users did not see.
    """
    both, taken = (treated(world.settings, world.items, each) for each in world.do.items)
    chosen = _whole(world, 2 * WEEK) & both
    seen, made = world.impressions, world.items
    week = world.day() - made.born[seen.item] < WEEK
    shown = np.bincount(seen.item[week], minlength=made.count)
    slot = np.bincount(seen.item[week], seen.position[week] + 1.0, made.count)
    return {
        **_traits(world, chosen),
        "cell": np.where(taken[chosen], "1", "0").astype(object),
        "impressions_first_week": shown[chosen],
        "clicks_first_week": _count(world, (0, WEEK), clicked=True)[chosen],
        "impressions_week_2": _count(world, (WEEK, 2 * WEEK))[chosen],
        "clicks_week_2": _count(world, (WEEK, 2 * WEEK), clicked=True)[chosen],
        "position_mean": (slot / np.where(shown > 0, shown, np.nan))[chosen],
        "creator_clicks_before": _clicks_before(world)[chosen],
    }


def path_impressions(world: World) -> Table:
    """The impressions of a world, with what a replay of the ranker logs.

    ``day`` counts from 0. ``propensity_flipped`` is what the propensity becomes had the ranker read
    the other value of the item's own video flag, all other items as they were: the propensity times
    the ratio of the probabilities of this slot and of those above it. Where the order was uniform
    it is the propensity.
    """
    return {
        **impressions(world),
        "day": world.day(),
        "propensity_flipped": world.impressions.propensity * replay_ratio(world),
    }


def replay_ratio(world: World) -> FloatArray:
    """By what an impression's probability is multiplied if the item's own video flag is flipped.

    Returns
    -------
    numpy.ndarray
        Shape (impressions,), 1 where the request was exploration. See :func:`reweighted`.
    """
    seen, ranker = world.impressions, world.settings.distribution.ranker
    factor = np.exp(ranker.video / ranker.temperature)
    shape = (world.requests.user.size, world.settings.size.slots)
    propensity, times = np.zeros(shape), np.ones(shape)
    where = (seen.request, seen.position)
    propensity[where] = seen.propensity
    times[where] = np.where(world.items.video[seen.item] == 1, 1 / factor, factor)
    out = reweighted(propensity, times)[where]
    out[world.requests.explored[seen.request]] = 1.0
    return np.asarray(out)


def _traits(world: World, chosen: BoolArray) -> dict[str, np.ndarray[Any, Any]]:
    made = world.items
    born = made.born[chosen]
    return {
        "item_id": item_ids(world)[chosen],
        "creator_id": made.creator[chosen],
        "topic": np.array(TOPICS, dtype=object)[made.topic[chosen]],
        "posted_at": START + born * np.timedelta64(86_400, "s"),
        "weekday": np.array(WEEKDAYS, dtype=object)[born % 7],
        "question_headline": made.headline[chosen] == 1,
    }


def _whole(world: World, days: int) -> BoolArray:
    """Items posted in the horizon so early that so many days of theirs are in it."""
    born = world.items.born
    return (born >= 0) & (born <= world.settings.size.days - days)


def _count(world: World, ages: tuple[int, int], *, clicked: bool = False) -> IntArray:
    """Impressions or clicks of each item between two ages in days, shape (items,)."""
    seen = world.impressions
    age = world.day() - world.items.born[seen.item]
    rows = (age >= ages[0]) & (age < ages[1])
    if clicked:
        rows &= seen.click
    return np.bincount(seen.item[rows], minlength=world.items.count)


def _clicks_before(world: World) -> IntArray:
    """Clicks of the item's creator in the week before the item was posted, shape (items,)."""
    made = world.items
    total = np.pad(np.cumsum(world.creator_clicks, axis=1), ((0, 0), (1, 0)))
    last = np.maximum(made.born, 0)
    return np.asarray(total[made.creator, last] - total[made.creator, np.maximum(last - WEEK, 0)])
