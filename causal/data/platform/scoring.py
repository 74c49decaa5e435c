"""Scores: the ranker's log-worth of candidates, by kind of request."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.entities import Creators, Items, Users
from causal.data.platform.interventions import Do, Policy
from causal.data.platform.randomness import Stream, uniform
from causal.data.platform.settings import Ranker, Settings
from causal.data.platform.views import Views

MOVED_HEADLINE = 1.0
"""Weight of a question headline once the ranker has moved."""
ADOPTING = (0.75, 0.25)
"""Share of creators who adopt the staggered boost, in topics of even and of odd number."""
NEVER = np.iinfo(np.int64).max
"""A day that never comes."""


@dataclass(slots=True, kw_only=True, eq=False)
class Counters:
    """Impressions and clicks of items, by arm of the user; shapes (2, items).

    All users share their sums unless an experiment diverts the data.
    """

    impressions: IntArray
    clicks: IntArray

    @staticmethod
    def empty(items: int) -> Counters:
        """Nothing counted yet."""
        zero = np.zeros((2, items), dtype=np.int64)
        return Counters(impressions=zero, clicks=zero.copy())

    def grow(self, items: int) -> None:
        """Make room for new items."""
        more = ((0, 0), (0, items - self.impressions.shape[1]))
        self.impressions = np.pad(self.impressions, more)
        self.clicks = np.pad(self.clicks, more)

    def count(self, item: IntArray, click: BoolArray, arm: BoolArray) -> None:
        """Add impressions, given by item, click and arm; shapes (n,)."""
        items = self.impressions.shape[1]
        code = item + items * arm
        shown = np.bincount(code, minlength=2 * items).reshape(2, items)
        clicked = np.bincount(code[click], minlength=2 * items).reshape(2, items)
        self.impressions += shown
        self.clicks += clicked

    def popularity(self, settings: Settings, arm: int | None) -> FloatArray:
        """Log of the shrunken click rate relative to the prior, of an arm or (None) of all."""
        prior = settings.distribution
        shown = self.impressions.sum(axis=0) if arm is None else self.impressions[arm]
        clicks = self.clicks.sum(axis=0) if arm is None else self.clicks[arm]
        rate = (clicks + prior.prior_rate * prior.prior_impressions) / (
            shown + prior.prior_impressions
        )
        return np.asarray(np.log(rate / prior.prior_rate))


def scores(
    settings: Settings,
    do: Do,
    world: tuple[Users, Creators, Items, Counters],
    view: Views,
    asked: tuple[IntArray, IntArray, IntArray, FloatArray],
    day: int,
) -> FloatArray:
    """Log-worth of every candidate, shape (requests, candidates).

    Requests that are treated alike share one table of what does not depend on the user's taste,
    so that the cost hardly grows with the number of interventions.

    Parameters
    ----------
    world
        Users, creators, items and counters.
    view
        Items as the ranker sees them.
    asked
        User and number of each request; candidates and their relevance (requests, candidates).
    day
        The day.
    """
    users, creators, items, counters = world
    user, number, candidate, relevance = asked
    policy = _policy(settings, do, users, day)[user]
    fresh = _fresh(settings, do, users, user, number, day)
    boosted = _rollout(settings, do, users, day)[user]
    arm = users.arm[user]
    kind = ((policy * 2 + fresh) * 2 + boosted) * 2 + arm
    kinds, which = np.unique(kind, return_inverse=True)
    usual = settings.distribution.ranker
    if do.moved("ranker", day):
        usual = replace(usual, headline=MOVED_HEADLINE)
    rankers = (usual, *(each.ranker for each in do.policies))
    boost = _creator_boost(settings, do, creators, day)
    new = (creators.join >= 0) & (day - creators.join <= settings.supply.new_days)
    tables, weights = [], []
    for code in kinds.tolist():
        ranker = rankers[code // 8]
        treated, on, side = bool(code & 4), bool(code & 2), code & 1
        popular = counters.popularity(settings, side if do.diverted else None)
        by_creator = boost[side] + do.rollout_boost * (new & on)
        factor = do.fresh_factor if treated else 1.0
        tables.append(_table(ranker, factor, popular, view) + by_creator[items.creator])
        weights.append((ranker.relevance, ranker.temperature))
    weight, temperature = np.array(weights).T
    flat = np.stack(tables) / temperature[:, None]
    out: FloatArray = relevance * (weight / temperature)[which][:, None]
    out += flat[which[:, None], candidate]
    return out


def _table(ranker: Ranker, factor: float, popular: FloatArray, view: Views) -> FloatArray:
    """The part of the score that is the item's alone, shape (items,)."""
    out: FloatArray = (
        ranker.popularity * popular
        + ranker.freshness * factor * view.fresh
        + ranker.video * view.video_ranked
        + ranker.headline * view.headline_ranked
    )
    return out


def _policy(settings: Settings, do: Do, users: Users, day: int) -> IntArray:
    """Number of the policy each user is under: 0 the usual one, a later one wins."""
    out = np.zeros(users.market.size, dtype=np.int64)
    for place, policy in enumerate(do.policies, start=1):
        start = settings.size.burn_in if policy.from_day is None else policy.from_day
        if day >= start:
            out[members(policy, users)] = place
    return out


def members(policy: Policy, users: Users) -> BoolArray:
    """Users under a policy, shape (users,)."""
    groups = {
        "all": np.ones(users.arm.size, dtype=bool),
        "half": users.arm,
        "low bandwidth": users.low_bandwidth == 1,
        "high bandwidth": users.low_bandwidth == 0,
        "power": users.power == 1,
        "other": users.power == 0,
    }
    return groups[policy.users]


def _fresh(
    settings: Settings, do: Do, users: Users, user: IntArray, number: IntArray, day: int
) -> BoolArray:
    """Requests in which freshness counts more, shape (requests,)."""
    out = np.zeros(user.size, dtype=bool)
    if day < settings.size.burn_in:
        return out
    if do.users != "none":
        out |= users.arm[user] | (do.users == "all")
    if do.switchback == "all":
        out[:] = True
    elif do.switchback == "alternate":
        out |= switched(settings, users.market[user], day, number)
    return out


def switched(settings: Settings, market: IntArray, day: int, half: IntArray) -> BoolArray:
    """Whether a switchback is on, by market, day and half day; shape of market and half."""
    return uniform(settings.seed, Stream.SWITCHBACK, market, day, half) < 0.5


def adopted(settings: Settings, market: IntArray, rollout: str = "staggered") -> IntArray:
    """Day on which a market adopts the rollout; the last quarter of the markets never does.

    Of a ``single`` rollout, the first market adopts and no other.
    """
    days = np.array([*settings.size.adoption, NEVER])
    if rollout == "single":
        return np.where(market == 0, days[0], NEVER)
    return days[np.minimum(4 * market // settings.size.markets, 3)]


def creator_adoption(settings: Settings, creators: Creators) -> IntArray:
    """Day on which a creator adopts the staggered boost, shape (creators,); the house never does.

    Three quarters adopt in topics of even number and one quarter in the others, each of the days of
    adoption equally likely: creators who have not adopted differ in how many of their topic have.
    """
    draw = uniform(settings.seed, Stream.CREATOR_ADOPTION, np.arange(creators.arm.size))
    share = np.where(creators.topic % 2 == 0, ADOPTING[0], ADOPTING[1])
    days = np.array(settings.size.adoption)
    out = np.where(draw < share, days[np.minimum(draw / share * days.size, 2).astype(int)], NEVER)
    out[-1] = NEVER
    return out


def _rollout(settings: Settings, do: Do, users: Users, day: int) -> BoolArray:
    if do.rollout == "none":
        return np.zeros(users.market.size, dtype=bool)
    if do.rollout == "all":
        return np.full(users.market.size, day >= settings.size.adoption[0])
    return day >= adopted(settings, users.market, do.rollout)


def _creator_boost(settings: Settings, do: Do, creators: Creators, day: int) -> FloatArray:
    """Boost of each creator as shown to users of each arm, shape (2, creators)."""
    out = np.zeros((2, creators.arm.size))
    if do.creators == "staggered":
        out += do.creator_boost * (day >= creator_adoption(settings, creators))
    if day < settings.size.burn_in:
        return out
    if do.creators in ("half", "all"):
        out += do.creator_boost * (creators.arm | (do.creators == "all"))
    if do.pairs == "all":
        out += do.creator_boost
    elif do.pairs == "half":
        out[1] += do.creator_boost * creators.arm
    return out
