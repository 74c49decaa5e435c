"""What is planted in a world is there: confounding, gaps, and who is served what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.data.platform import UNIT, Do, Inject, Settings, Thin, World, simulate
from causal.data.platform.entities import INJECTED
from causal.data.platform.randomness import Stream, uniform
from causal.data.platform.retrieval import shelves

SETTINGS = Settings(seed=12, size=replace(UNIT, creators=150))


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(SETTINGS)


def apart(values: np.ndarray, group: np.ndarray) -> float:
    """Difference of two means in its standard errors."""
    on, off = values[group], values[~group]
    return (on.mean() - off.mean()) / np.sqrt(on.var() / on.size + off.var() / off.size)


def test_better_creators_make_more_videos_and_fewer_question_headlines(world):
    talent = world.creators.quality[world.items.creator]
    assert apart(talent, world.items.video == 1) > 4
    assert apart(talent, world.items.original == 1) > 4
    assert apart(talent, world.items.headline == 1) < -4


def test_the_tier_sorts_creators_by_quality_without_telling_all(world):
    tier, quality = world.creators.tier[:-1], world.creators.quality[:-1]
    means = [quality[tier == level].mean() for level in (1, 2, 3, 4)]
    assert means == sorted(means)
    assert quality[tier == 4].min() < quality[tier == 1].max()


def test_one_topic_is_poor_and_one_is_scarce(world):
    made, topics = world.items, SETTINGS.topics
    quality = made.quality - SETTINGS.supply.quality_creator * world.creators.quality[made.creator]
    means = np.array([quality[made.topic == k].mean() for k in range(topics)])
    assert means.argmin() == SETTINGS.gaps.poor
    assert np.bincount(made.topic, minlength=topics).argmin() == SETTINGS.gaps.scarce
    repaired = simulate(SETTINGS, Do(fix_quality=True)).items
    poor = repaired.topic == SETTINGS.gaps.poor
    assert repaired.quality[poor].mean() > quality[made.topic == SETTINGS.gaps.poor].mean() + 0.5


def test_the_badly_distributed_topic_reaches_power_users_only(world):
    def share(of: World) -> float:
        rows = of.users.power[of.user()] == 0
        return float((of.items.topic[of.impressions.item[rows]] == 5).mean())

    repaired = simulate(SETTINGS, Do(fix_retrieval=True))
    assert share(world) < share(repaired) / 2


def test_hidden_items_are_shown_to_none_of_those_they_are_hidden_from():
    thin = Thin(topic=0, fraction=0.5, users=0.5)
    world = simulate(SETTINGS, Do(thin=(thin,)))
    items = (world.items.topic == 0) & (
        uniform(SETTINGS.seed, Stream.THIN_ITEM, world.items.key) < 0.5
    )
    users = uniform(SETTINGS.seed, Stream.THIN_USER, np.arange(UNIT.users)) < 0.5
    hidden = items[world.impressions.item]
    assert not (hidden & users[world.user()]).any()
    assert (hidden & ~users[world.user()]).any()


def test_injected_items_are_of_the_house_and_of_their_topic():
    extra = (
        Inject(topic=2, items=5, quality=3.0, day=6),
        Inject(topic=3, items=4, quality=0.0, day=9),
    )
    made = simulate(SETTINGS, Do(inject=extra)).items
    house = made.number >= INJECTED
    assert made.topic[house].tolist() == [2] * 5 + [3] * 4
    assert np.unique(made.number[house]).size == 9
    assert made.quality[house][:5].mean() > made.quality[house][5:].mean() + 1
    assert (made.creator[house] == 2 * SETTINGS.size.creators).all()


def test_a_hidden_confounder_of_items_is_off_until_it_is_asked_for(world):
    hidden = replace(SETTINGS, supply=replace(SETTINGS.supply, hidden=1.0))
    confounded = simulate(hidden).items
    assert apart(confounded.hidden, confounded.video == 1) > 4
    assert abs(apart(world.items.hidden, world.items.video == 1)) < 4


def test_repeats_tire(world):
    seen = world.impressions
    calm = replace(SETTINGS, feedback=replace(SETTINGS.feedback, satiation=0.0))
    assert simulate(calm).impressions.click.mean() > seen.click.mean()


def test_a_shelf_holds_the_live_items_of_its_topic(world):
    shelf = shelves(world.items, SETTINGS.topics, 27, UNIT.max_age)
    live = np.flatnonzero(27 - world.items.born <= UNIT.max_age)
    assert np.array_equal(np.sort(shelf.items), live)
    for topic in range(SETTINGS.topics):
        start, length = shelf.start[topic], shelf.length[topic]
        assert (world.items.topic[shelf.items[start : start + length]] == topic).all()
