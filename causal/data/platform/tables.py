"""Tables of a world as a user would have them: ids, times, and what is known, not what is true."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.days import simulate
from causal.data.platform.interventions import Do
from causal.data.platform.randomness import Stream, normal, uniform
from causal.data.platform.scoring import adopted
from causal.data.platform.settings import Settings
from causal.data.platform.world import World

if TYPE_CHECKING:
    import pandas as pd

Table = Mapping[str, np.ndarray[Any, Any]]

TOPICS = ("music", "sport", "food", "travel", "news", "science", "crafts", "games")
START = np.datetime64("2026-01-05", "s")
"""Midnight of day 0, a Monday."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HALF_DAY = 12 * 3600
SENSITIVITY, SPECIFICITY = 0.90, 0.85
GOLD_SHARE = 0.05
TIER_MISSING = 0.04
DIMENSIONS = 16
EMBEDDING_NOISE = 0.5


def tables(world: World) -> dict[str, pd.DataFrame]:
    """Make the tables of a world.

    Returns
    -------
    dict of pandas.DataFrame
        ``impressions``, ``items``, ``users``, ``creators``, and ``panel`` (market x week).

    Examples
    --------
    >>> from causal.data.platform import UNIT, Settings, simulate
    >>> made = tables(simulate(Settings(seed=1, size=UNIT)))
    >>> sorted(made)
    ['creators', 'impressions', 'items', 'panel', 'users']
    """
    import pandas as pd

    made = {
        "impressions": impressions(world),
        "items": items(world),
        "users": users(world),
        "creators": creators(world),
        "panel": panel(world),
    }
    return {name: pd.DataFrame(dict(table)) for name, table in made.items()}


def write_tables(
    directory: Path, settings: Settings | None = None, do: Do | None = None
) -> dict[str, Path]:
    """Run a world and write its tables as parquet files.

    Parameters
    ----------
    directory
        Where to; it is made when it is not there.
    settings
        The world, by default the large one.
    do
        What is done to it: an experiment, a rollout; nothing when None.

    Returns
    -------
    dict of Path
        The file of each table. The same settings give the same bytes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    made = tables(simulate(settings or Settings(), do))
    files = {name: directory / f"{name}.parquet" for name in made}
    for name, table in made.items():
        table.to_parquet(files[name], index=False)
    return files


def impressions(world: World) -> Table:
    """One row for each impression, in the order of requests and slots.

    ``propensity_1``, ``propensity_2`` ... are those under the shadow rankers of the run.
    """
    seen, size = world.impressions, world.settings.size
    day, user, item = world.day(), world.user(), seen.item
    number = world.requests.number[seen.request]
    creator = world.items.creator[item]
    request = (user * size.days + day) * size.requests + number
    return {
        "impression_id": request * size.slots + seen.position,
        "request_id": request,
        "user_id": user,
        "item_id": item_ids(world)[item],
        "creator_id": creator,
        "shown_at": times(world)[seen.request],
        "weekday": np.array(WEEKDAYS, dtype=object)[day % 7],
        "market": _markets(world)[user],
        "low_bandwidth": world.users.low_bandwidth[user] == 1,
        "power_user": world.users.power[user] == 1,
        "topic": _topics(world.items.topic)[item],
        "creator_tier": tiers(world)[creator],
        "new_creator": seen.new_creator,
        "item_age_days": day - world.items.born[item],
        "video": world.items.video[item] == 1,
        "question_headline": world.items.headline[item] == 1,
        "original": world.items.original[item] == 1,
        "position": seen.position + 1,
        "explored": world.requests.explored[seen.request],
        "propensity": seen.propensity,
        **{f"propensity_{n}": other for n, other in enumerate(seen.shadow.T, start=1)},
        "candidates": world.requests.candidates[seen.request],
        "relevance": seen.relevance,
        "times_seen": seen.times.astype(np.int64),
        "clicked": seen.click,
        "saved": seen.save,
        "hidden": seen.hide,
        "survey_asked": seen.asked,
        "satisfied": _answers(seen.answer),
    }


def items(world: World) -> Table:
    """One row for each item, with counts; those of the first week are missing until it is over."""
    made, seen, n = world.items, world.impressions, world.items.count
    week = world.day() - made.born[seen.item] < 7
    young = made.born > world.settings.size.days - 7
    label, gold = video_labels(world)
    return {
        "item_id": item_ids(world),
        "creator_id": made.creator,
        "topic": _topics(made.topic),
        "posted_at": START + made.born * np.timedelta64(86_400, "s"),
        "video": made.video == 1,
        "video_label": label,
        "video_gold": gold,
        "question_headline": made.headline == 1,
        "original": made.original == 1,
        "impressions": np.bincount(seen.item, minlength=n),
        "clicks": np.bincount(seen.item[seen.click], minlength=n),
        "saves": np.bincount(seen.item[seen.save], minlength=n),
        "hides": np.bincount(seen.item[seen.hide], minlength=n),
        "impressions_first_week": _unless(young, np.bincount(seen.item[week], minlength=n)),
        "clicks_first_week": _unless(young, np.bincount(seen.item[week & seen.click], minlength=n)),
        **{
            f"embedding_{d:02d}": column.astype(np.float32)
            for d, column in enumerate(embedding(world).T)
        },
    }


def users(world: World) -> Table:
    """One row for each user: traits, arm, visits before and after, revenue."""
    who, size = world.users, world.settings.size
    n, late = who.market.size, size.long_from
    clicks = np.bincount(world.user()[world.impressions.click], minlength=n)
    return {
        "user_id": np.arange(n),
        "market": _markets(world),
        "low_bandwidth": who.low_bandwidth == 1,
        "power_user": who.power == 1,
        "arm": who.arm,
        "visits_before": world.visits[:, : size.burn_in].sum(axis=1),
        f"visits_{late}_{size.days - 1}": world.long_visits(),
        f"retained_{size.days}": world.retained(),
        "requests": np.bincount(world.requests.user, minlength=n),
        "clicks": clicks,
        "ads": np.bincount(world.requests.user, world.requests.ads, n).astype(np.int64),
        "revenue": np.bincount(world.requests.user, world.requests.revenue, n),
    }


def creators(world: World) -> Table:
    """One row for each creator who joined before the end, the house left out."""
    who, days = world.creators, world.settings.size.days
    joined = np.flatnonzero(who.join < days)
    joined = joined[joined < who.join.size - 1]
    return {
        "creator_id": joined,
        "joined_at": START + who.join[joined] * np.timedelta64(86_400, "s"),
        "home_topic": _topics(who.topic[joined]),
        "tier": tiers(world)[joined],
        "arm": who.arm[joined],
        "posts": world.posts[joined].sum(axis=1),
        "impressions": world.creator_impressions[joined].sum(axis=1),
        "clicks": world.creator_clicks[joined].sum(axis=1),
        "active": world.active[joined, -1],
    }


def panel(world: World) -> Table:
    """One row for each market and week; ``adopted_week`` is missing where it never adopts."""
    size = world.settings.size
    weeks = -(-size.days // 7)
    cell = world.users.market[world.user()] * weeks + world.day() // 7
    asked = world.users.market[world.requests.user] * weeks + world.requests.day // 7
    cells = size.markets * weeks
    market, week = np.divmod(np.arange(cells), weeks)
    seen = world.impressions
    shown = np.bincount(cell, minlength=cells)
    new = np.bincount(cell[seen.new_creator], minlength=cells)
    clicks = np.bincount(cell[seen.click], minlength=cells)
    when = adopted(world.settings, market, world.do.rollout)
    never = (when >= size.days) | (world.do.rollout == "none")
    return {
        "market": _names("m", market),
        "week": week,
        "adopted_week": np.where(never, np.nan, when / 7),
        "users": np.bincount(world.users.market, minlength=size.markets)[market],
        "requests": np.bincount(asked, minlength=cells),
        "impressions": shown,
        "clicks": clicks,
        "click_rate": clicks / np.maximum(shown, 1),
        "new_creator_impressions": new,
        "new_creator_share": new / np.maximum(shown, 1),
        "revenue": np.bincount(asked, world.requests.revenue, cells),
    }


def item_ids(world: World) -> IntArray:
    """Number that an item has in every world, shape (items,)."""
    return world.items.creator * 100_000 + world.items.number


def tiers(world: World) -> np.ndarray[Any, Any]:
    """What the platform knows of creators' quality: a noisy quartile, missing for a few."""
    tier = _names("tier ", world.creators.tier, width=1)
    draw = uniform(world.settings.seed, Stream.TIER_MISSING, np.arange(tier.size))
    tier[draw < TIER_MISSING] = None
    return tier


def video_labels(world: World) -> tuple[BoolArray, np.ndarray[Any, Any]]:
    """A classifier's label of video, and the truth for a small gold sample; shapes (items,)."""
    seed, key = world.settings.seed, world.items.key
    video = world.items.video == 1
    right = uniform(seed, Stream.LABEL, key) < np.where(video, SENSITIVITY, SPECIFICITY)
    gold = np.full(video.size, None, dtype=object)
    chosen = uniform(seed, Stream.GOLD, key) < GOLD_SHARE
    gold[chosen] = video[chosen]
    return np.where(right, video, ~video), gold


def embedding(world: World) -> FloatArray:
    """Embedding of items: linear in topic, quality, video and headline, with noise.

    Returns
    -------
    numpy.ndarray
        Shape (items, 16). It leaks the attributes and the quality that no other column shows.
    """
    seed, made = world.settings.seed, world.items
    topic = np.eye(world.settings.topics)[made.topic]
    features = np.column_stack([topic, made.quality, made.video, made.headline])
    dimension, feature = np.arange(DIMENSIONS)[:, None], np.arange(features.shape[1])[None]
    loading = normal(seed, Stream.EMBEDDING_WEIGHT, dimension, feature)
    noise = normal(seed, Stream.EMBEDDING_NOISE, made.key[:, None], dimension.T)
    return np.asarray(features @ loading.T + EMBEDDING_NOISE * noise)


def _names(start: str, code: IntArray, width: int = 2) -> np.ndarray[Any, Any]:
    levels = [f"{start}{level:0{width}d}" for level in range(int(code.max()) + 1)]
    return np.array(levels, dtype=object)[code]


def _markets(world: World) -> np.ndarray[Any, Any]:
    return _names("m", world.users.market)


def _topics(topic: IntArray) -> np.ndarray[Any, Any]:
    count = int(topic.max()) + 1 if topic.size else 0
    names = [TOPICS[k] if k < len(TOPICS) else f"topic {k}" for k in range(count)]
    return np.array(names, dtype=object)[topic]


def times(world: World) -> np.ndarray[Any, Any]:
    """When each request was made: its day, its half day, and a second in it."""
    asked = world.requests
    second = (uniform(world.settings.seed, Stream.CLOCK, asked.key) * HALF_DAY).astype(np.int64)
    second += np.minimum(asked.number, 1) * HALF_DAY + asked.day * 86_400
    return START + second * np.timedelta64(1, "s")


def _answers(answer: IntArray) -> np.ndarray[Any, Any]:
    out = np.full(answer.size, None, dtype=object)
    out[answer == 1] = True
    out[answer == 0] = False
    return out


def _unless(missing: BoolArray, values: IntArray) -> FloatArray:
    return np.where(missing, np.nan, values)
