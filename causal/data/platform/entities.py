"""Users, creators and items of a world, drawn by their keys."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.interventions import Do, Inject
from causal.data.platform.randomness import Hash, Stream, bits, normal, uniform
from causal.data.platform.settings import Settings

BEFORE = -30
"""Day on which the creators of day 0 had joined."""
FIRST_ITEMS = 3
"""Items each of them has on day 0, three days old."""
INJECTED = 10_000
"""Number of the first injected item."""


def logistic(x: FloatArray) -> FloatArray:
    """The inverse of the log-odds, shape unchanged."""
    out = np.negative(x)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Users:
    """Who reads; all shapes (users,), but ``taste`` and ``log_taste`` are (users, topics)."""

    market: IntArray
    low_bandwidth: FloatArray
    power: FloatArray
    taste: FloatArray
    log_taste: FloatArray
    habit: FloatArray
    arm: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Creators:
    """Who writes; all shapes (2 x creators + 1,): those of day 0, entrants, and the house.

    The house creator makes injected items only. ``quality`` is not observed; ``tier`` (1 to 4) is
    what the platform knows of it.
    """

    quality: FloatArray
    topic: IntArray
    style: FloatArray
    rate: FloatArray
    join: IntArray
    arm: BoolArray
    tier: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """What there is to read; all shapes (items,), in the order of making."""

    creator: IntArray
    number: IntArray
    topic: IntArray
    born: IntArray
    quality: FloatArray
    video: FloatArray
    headline: FloatArray
    original: FloatArray
    hidden: FloatArray
    key: Hash

    @property
    def count(self) -> int:
        """How many items there are."""
        return int(self.creator.size)

    def joined(self, more: Items) -> Items:
        """These items and then more."""
        return Items(
            **{
                each.name: np.concatenate([getattr(self, each.name), getattr(more, each.name)])
                for each in fields(Items)
            }
        )


def make_users(settings: Settings) -> Users:
    """Draw the users of a world."""
    seed, size, demand = settings.seed, settings.size, settings.demand
    user = np.arange(size.users)
    market = (uniform(seed, Stream.MARKET, user) * size.markets).astype(np.int64)
    low = demand.low_bandwidth + demand.low_bandwidth_third_market * (market % 3 == 0)
    draws = uniform(seed, Stream.TASTE, user[:, None], np.arange(settings.topics)[None])
    taste = (-np.log(draws)) ** demand.taste_exponent
    taste /= taste.sum(axis=1, keepdims=True)
    power = (uniform(seed, Stream.POWER, user) < demand.power).astype(float)
    return Users(
        market=market,
        low_bandwidth=(uniform(seed, Stream.BANDWIDTH, user) < low).astype(float),
        power=power,
        taste=taste,
        log_taste=np.log(settings.topics * taste + 0.05),
        habit=demand.visit
        + demand.visit_power * power
        + demand.visit_spread * normal(seed, Stream.HABIT, user),
        arm=uniform(seed, Stream.USER_ARM, user) < 0.5,
    )


def make_creators(settings: Settings) -> Creators:
    """Draw the creators of a world, those who will join included."""
    seed, size, supply = settings.seed, settings.size, settings.supply
    creator = np.arange(2 * size.creators + 1)
    house = creator == creator[-1]
    shares = np.cumsum(np.array(supply.topics) / sum(supply.topics))
    quality = np.where(house, 0.0, normal(seed, Stream.CREATOR_QUALITY, creator))
    topic = np.searchsorted(shares, uniform(seed, Stream.HOME_TOPIC, creator))
    entry = 1 + (uniform(seed, Stream.JOIN, creator) * size.days * 0.9).astype(np.int64)
    spread = normal(seed, Stream.RATE, creator)
    known = (quality + 0.5 * normal(seed, Stream.TIER, creator)) / np.sqrt(1.25)
    return Creators(
        quality=quality,
        topic=np.minimum(topic, settings.topics - 1),
        style=supply.style * normal(seed, Stream.STYLE, creator),
        rate=supply.rate * np.exp(supply.rate_spread * spread - supply.rate_spread**2 / 2),
        join=np.where((creator < size.creators) | house, BEFORE, entry),
        arm=uniform(seed, Stream.CREATOR_ARM, creator) < 0.5,
        tier=1 + np.searchsorted(np.array([-0.6745, 0.0, 0.6745]), known),
    )


def first_items(settings: Settings, creators: Creators, do: Do) -> Items:
    """The items that are there on day 0."""
    owner = np.repeat(np.arange(settings.size.creators), FIRST_ITEMS)
    number = np.tile(np.arange(FIRST_ITEMS), settings.size.creators)
    return make_items(settings, creators, do, owner, number, -3)


def make_items(
    settings: Settings, creators: Creators, do: Do, owner: IntArray, number: IntArray, day: int
) -> Items:
    """Draw the items that creators make on a day, by creator and number of the item."""
    seed, supply, gaps = settings.seed, settings.supply, settings.gaps
    key = bits(seed, Stream.ITEM, owner, number)
    topic, talent, style = creators.topic[owner], creators.quality[owner], creators.style[owner]
    hidden = normal(seed, Stream.HIDDEN, key)
    quality = supply.quality_creator * talent + supply.quality_item * normal(
        seed, Stream.ITEM_QUALITY, key
    )
    quality = quality + supply.hidden * hidden
    if not do.fix_quality:
        quality = quality + gaps.poor_quality * (topic == gaps.poor)
    lean = np.linspace(-1, 1, settings.topics)[topic]
    video = (
        supply.video
        + supply.video_quality * talent
        + supply.video_topic * lean
        + style
        + supply.video_hidden * supply.hidden * hidden
    )
    headline = (
        supply.headline
        + supply.headline_quality * talent
        + supply.headline_topic * supply.video_topic * lean
        + supply.headline_style * style
        + float(do.moved("attribute", day))
    )
    original = supply.original + supply.original_quality * talent
    return Items(
        creator=owner,
        number=number,
        topic=topic,
        born=np.full(owner.size, day),
        quality=quality,
        video=(uniform(seed, Stream.VIDEO, key) < logistic(video)).astype(float),
        headline=(uniform(seed, Stream.HEADLINE, key) < logistic(headline)).astype(float),
        original=(uniform(seed, Stream.ORIGINAL, key) < logistic(original)).astype(float),
        hidden=hidden,
        key=key,
    )


def injected(settings: Settings, creators: Creators, do: Do, what: Inject, earlier: int) -> Items:
    """Items that the house adds, of a given topic and mean quality, after ``earlier`` others."""
    house = np.full(what.items, creators.topic.size - 1)
    number = INJECTED + earlier + np.arange(what.items)
    made = make_items(settings, creators, do, house, number, what.day)
    noise = normal(settings.seed, Stream.ITEM_QUALITY, made.key)
    gaps = settings.gaps
    poor = gaps.poor_quality * (what.topic == gaps.poor and not do.fix_quality)
    return replace(
        made,
        topic=np.full(what.items, what.topic),
        quality=what.quality + settings.supply.quality_item * noise + poor,
    )
