"""Tables of cells of entities and periods in worlds where something was rolled out or switched."""

from __future__ import annotations

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.scoring import NEVER, adopted, creator_adoption, switched
from causal.data.platform.tables import START, TOPICS, Table, panel, tiers
from causal.data.platform.world import World

HALF_DAYS = 2
SETTLED = 14
"""Days after which new creators are about as many every day."""


def rollout_cells(world: World) -> Table:
    """One row for each market and week of a staggered rollout, with its ``treated_neighbours``.

    That is the share of the users of all other markets whose market has adopted. Every market has
    all others as neighbours, since all draw on one pool of items: what is left of it once the
    market and the week are known is next to nothing.
    """
    made = dict(panel(world))
    size = world.settings.size
    users = np.bincount(world.users.market, minlength=size.markets)
    when = adopted(world.settings, np.arange(size.markets), world.do.rollout)
    weeks = made["week"].reshape(size.markets, -1)[0]
    on = (world.do.rollout != "none") & (weeks[None] * 7 >= when[:, None])
    treated = users[:, None] * on
    others = users.sum() - users
    share = (treated.sum(axis=0)[None] - treated) / np.maximum(others, 1)[:, None]
    return {**made, "treated_neighbours": share.ravel()}


def switchback_cells(world: World) -> Table:
    """One row for each market and half day of a switchback, from its first day on.

    ``half_day`` counts from midnight of day 0, and ``on`` is 1 where freshness counted more, drawn
    with probability one half for each row by itself.
    """
    size = world.settings.size
    half = world.requests.day * HALF_DAYS + np.minimum(world.requests.number, HALF_DAYS - 1)
    made = _market_cells(world, half, size.days * HALF_DAYS)
    day, part = np.divmod(made["period"], HALF_DAYS)
    market = np.repeat(np.arange(size.markets), size.days * HALF_DAYS)
    on = np.array(
        [
            switched(world.settings, np.array([m]), int(d), np.array([h]))[0]
            for m, d, h in zip(market, day, part, strict=True)
        ]
    )
    late = day >= size.burn_in
    table = {
        "market": made["market"],
        "half_day": made["period"],
        "starts_at": START + made["period"] * np.timedelta64(43_200, "s"),
        "on": (on & (world.do.switchback != "none")).astype(np.int64),
        **{name: made[name] for name in COUNTS},
    }
    return {name: column[late] for name, column in table.items()}


def single_market_days(world: World) -> Table:
    """One row for each market and day of a rollout to one market: from day 14 on.

    ``launched_on`` is the day on which the market adopted, missing for the others.
    """
    size = world.settings.size
    made = _market_cells(world, world.requests.day, size.days)
    day = made["period"]
    market = np.repeat(np.arange(size.markets), size.days)
    when = adopted(world.settings, market, world.do.rollout)
    launched = START + np.where(when == NEVER, 0, when) * np.timedelta64(86_400, "s")
    launched[(when >= size.days) | (world.do.rollout == "none")] = np.datetime64("NaT", "s")
    served = np.bincount(world.requests.day, minlength=size.days)[day] > 0
    table = {
        "market": made["market"],
        "day": START + day * np.timedelta64(86_400, "s"),
        "launched_on": launched,
        **{name: made[name] for name in COUNTS},
    }
    return {name: column[(day >= SETTLED) & served] for name, column in table.items()}


def creator_cells(world: World) -> Table:
    """One row for each creator there on day 0 and each week, in a staggered boost of creators.

    ``impressions_relative`` is over the creator's own mean of the weeks before anyone adopted, the
    first left out, plus 1. ``treated_share`` is the share of the other creators of the topic who
    have adopted, weighted by their impressions before anyone did.
    """
    settings, size = world.settings, world.settings.size
    weeks = size.days // 7
    who = np.flatnonzero(world.creators.join < 0)[:-1]
    shown = by_week(world.creator_impressions[who], weeks)
    before = shown[:, : size.adoption[0] // 7]
    when = creator_adoption(settings, world.creators)[who]
    if world.do.creators != "staggered":
        when = np.full_like(when, NEVER)
    on = np.arange(weeks)[None] * 7 >= when[:, None]
    topic = world.creators.topic[who]
    never = np.repeat(when >= size.days, weeks)
    return {
        "creator_id": np.repeat(who, weeks),
        "week": np.tile(np.arange(weeks), who.size),
        "adopted_week": np.where(never, np.nan, np.repeat(when, weeks) / 7),
        "topic": np.repeat(np.array(_topic_names(settings.topics), dtype=object)[topic], weeks),
        "creator_tier": np.repeat(tiers(world)[who], weeks),
        "impressions": shown.ravel(),
        "clicks": by_week(world.creator_clicks[who], weeks).ravel(),
        "posts": by_week(world.posts[who].astype(np.int64), weeks).ravel(),
        "impressions_before": np.repeat(before.sum(axis=1), weeks),
        "impressions_relative": relative(shown, before.shape[1]).ravel(),
        "treated_share": _share_of_topic(on, before.sum(axis=1) + 1.0, topic).ravel(),
    }


def relative(shown: IntArray, before: int) -> FloatArray:
    """Impressions over the own mean of the weeks before, the first left out, plus 1.

    Parameters
    ----------
    shown
        Impressions, shape (creators, weeks).
    before
        Number of weeks before.
    """
    usual = shown[:, min(1, before - 1) : before].mean(axis=1, keepdims=True) + 1.0
    return np.asarray(shown / usual)


COUNTS = (
    "requests",
    "impressions",
    "clicks",
    "click_rate",
    "new_creator_impressions",
    "new_creator_share",
)


def _market_cells(world: World, period: IntArray, periods: int) -> dict[str, IntArray | FloatArray]:
    """Counts by market and period, which is given by request."""
    markets = world.settings.size.markets
    asked = world.users.market[world.requests.user] * periods + period
    cells, seen = markets * periods, world.impressions
    cell = asked[seen.request]
    shown = np.bincount(cell, minlength=cells)
    new = np.bincount(cell[seen.new_creator], minlength=cells)
    clicks = np.bincount(cell[seen.click], minlength=cells)
    names = np.array([f"m{market:02d}" for market in range(markets)], dtype=object)
    return {
        "market": np.repeat(names, periods),
        "period": np.tile(np.arange(periods), markets),
        "requests": np.bincount(asked, minlength=cells),
        "impressions": shown,
        "clicks": clicks,
        "click_rate": clicks / np.maximum(shown, 1),
        "new_creator_impressions": new,
        "new_creator_share": new / np.maximum(shown, 1),
    }


def by_week(daily: IntArray, weeks: int) -> IntArray:
    """Sums of whole weeks, from shape (entities, days) to (entities, weeks)."""
    return np.asarray(daily[:, : weeks * 7].reshape(len(daily), weeks, 7).sum(axis=2))


def _topic_names(count: int) -> list[str]:
    return [TOPICS[k] if k < len(TOPICS) else f"topic {k}" for k in range(count)]


def _share_of_topic(on: BoolArray, weight: FloatArray, topic: IntArray) -> FloatArray:
    """Weighted share of the others of one's topic that are on; shapes (creators, weeks), (creators,)."""
    own = on * weight[:, None]
    out = np.zeros(on.shape)
    for k in np.unique(topic):
        rows = topic == k
        others = np.maximum(weight[rows].sum() - weight[rows], 1.0)
        out[rows] = (own[rows].sum(axis=0)[None] - own[rows]) / others[:, None]
    return np.clip(out, 0.0, 1.0)
