"""Worlds: what is exactly equal, exactly zero and exactly reproducible."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.data.platform import (
    UNIT,
    Do,
    Inject,
    Move,
    Policy,
    Ranker,
    SetAttribute,
    Settings,
    Size,
    Thin,
    World,
    simulate,
)
from causal.data.platform.interventions import MECHANISMS

SETTINGS = Settings(seed=3, size=UNIT)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(SETTINGS)


def same_acts(one: World, other: World) -> bool:
    """Equal up to rounding in what is logged, and exactly in what was shown and done."""
    return all(
        np.array_equal(getattr(one.impressions, name), getattr(other.impressions, name))
        for name in ("item", "position", "click", "save", "hide", "answer", "times")
    ) and np.array_equal(one.visits, other.visits)


def test_a_world_is_the_same_bytes_in_another_process(world):
    code = (
        "from causal.data.platform import *;print(simulate(Settings(seed=3, size=UNIT)).digest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "3"},
    )
    assert done.stdout.strip() == world.digest()


def test_a_shorter_run_is_the_beginning_of_the_whole(world):
    short = simulate(SETTINGS, until=10)
    assert short.digest(before=10) == world.digest(before=10)
    assert short.day().max() == 9
    assert not short.visits[:, 10:].any()
    with pytest.raises(DataError, match="until day 29"):
        simulate(SETTINGS, until=29)


def test_another_seed_is_another_world(world):
    assert simulate(Settings(seed=4, size=UNIT)).digest() != world.digest()


@pytest.mark.parametrize(
    "nothing",
    [
        Do(users="all", fresh_factor=1.0),
        Do(creators="half", creator_boost=0.0),
        Do(pairs="half", creator_boost=0.0),
        Do(rollout="staggered", rollout_boost=0.0),
        Do(switchback="alternate", fresh_factor=1.0),
        Do(inject=(Inject(topic=6, items=0, quality=1.0, day=9),)),
        Do(thin=(Thin(topic=0, fraction=0.0),)),
        Do(thin=(Thin(topic=0, fraction=1.0, users=0.0),)),
        Do(items=(SetAttribute(attribute="video"),)),
        Do(items=(SetAttribute(attribute="video", user=1.0, fraction=0.0),)),
        Do(policies=(Policy(ranker=Ranker()),)),
        Do(move=Move(mechanisms=(), day=9)),
        Do(ad_load=0.15),
    ],
    ids=lambda do: str(do)[:60],
)
def test_an_intervention_that_does_nothing_changes_no_bit(world, nothing):
    assert simulate(SETTINGS, nothing).digest() == world.digest()


@pytest.mark.parametrize("zero_sum", [Do(creators="all"), Do(pairs="all")], ids=str)
def test_a_boost_for_every_creator_is_a_boost_for_none(world, zero_sum):
    boosted = simulate(SETTINGS, zero_sum)
    assert same_acts(boosted, world)
    assert boosted.impressions.click.sum() - world.impressions.click.sum() == 0
    # Only rounding of the common boost is left in the propensities.
    assert np.allclose(boosted.impressions.propensity, world.impressions.propensity, rtol=1e-11)


def test_a_boost_for_half_the_creators_moves_impressions_without_making_any(world):
    boosted = simulate(SETTINGS, Do(creators="half"))
    arm, day = boosted.creators.arm, UNIT.burn_in
    before = world.creator_impressions[arm, day].sum()
    after = boosted.creator_impressions[arm, day].sum()
    assert after > before
    # On its first day the same users ask for the same number of items.
    assert boosted.creator_impressions[:, day].sum() == world.creator_impressions[:, day].sum()


CHANGES = [
    Do(users="half"),
    Do(creators="half"),
    Do(pairs="half"),
    Do(rollout="staggered"),
    Do(rollout="all"),
    Do(switchback="alternate"),
    Do(inject=(Inject(topic=6, items=20, quality=0.5, day=10),)),
    Do(thin=(Thin(topic=0, fraction=0.5, users=0.5, from_day=12),)),
    Do(items=(SetAttribute(attribute="headline", ranker=1.0, user=0.0, from_day=9),)),
    Do(policies=(Policy(ranker=Ranker(popularity=0.0), users="power", from_day=5),)),
    *(Do(move=Move(mechanisms=(name,), day=14)) for name in MECHANISMS),
    Do(ad_load=0.9),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda do: str(do)[:60])
def test_worlds_are_one_until_the_day_something_is_done(world, change):
    changed = simulate(SETTINGS, change)
    first = change.first_day(UNIT)
    assert changed.digest(before=first) == world.digest(before=first)
    assert changed.digest() != world.digest()


def test_effects_start_with_the_first_day_of_the_intervention(world):
    changed = simulate(SETTINGS, Do(users="all"))
    first = UNIT.burn_in
    assert changed.digest(before=first + 1) != world.digest(before=first + 1)


def test_the_users_view_alone_moves_nobodys_ranking_on_its_first_day(world):
    changed = simulate(SETTINGS, Do(items=(SetAttribute(attribute="video", user=1.0, from_day=8),)))
    day = world.day() <= 8
    shown = changed.day() <= 8
    assert np.array_equal(world.impressions.item[day], changed.impressions.item[shown])
    assert not np.array_equal(world.impressions.click[day], changed.impressions.click[shown])


def test_what_the_ranker_alone_sees_moves_no_one_who_sees_the_same(world):
    """The same user, day, request, item and slot gives the same click when the past is the same."""
    changed = simulate(
        SETTINGS, Do(items=(SetAttribute(attribute="video", ranker=1.0, from_day=8),))
    )

    def clicks(each: World) -> dict[tuple[int, ...], bool]:
        at = np.flatnonzero(each.day() == 8)
        user, number = each.user()[at], each.requests.number[each.impressions.request[at]]
        item, slot = each.impressions.item[at], each.impressions.position[at]
        keys = zip(user.tolist(), number.tolist(), item.tolist(), slot.tolist(), strict=True)
        return dict(zip(keys, each.impressions.click[at].tolist(), strict=True))

    before, after = clicks(world), clicks(changed)
    shared = before.keys() & after.keys()
    assert 0 < len(shared) < len(before)
    assert all(before[key] == after[key] for key in shared)


def test_a_switchback_is_on_for_about_half_of_the_half_days():
    from causal.data.platform.scoring import switched

    market, _, half = np.meshgrid(np.arange(12), np.arange(200), np.arange(2), indexing="ij")
    on = np.concatenate([switched(SETTINGS, market[:, d], d, half[:, d]) for d in range(200)])
    assert abs(on.mean() - 0.5) < 4 * 0.5 / np.sqrt(on.size)


def test_diverted_counters_differ_from_shared_ones_only_by_what_arms_learn():
    shared = simulate(SETTINGS, Do(users="half"))
    diverted = simulate(SETTINGS, Do(users="half", diverted=True))
    assert shared.digest() != diverted.digest()
    assert diverted.digest(before=1) == shared.digest(before=1)


def test_without_response_creators_make_the_same_whatever_is_done():
    from dataclasses import replace

    deaf = replace(SETTINGS, supply=replace(SETTINGS.supply, responds=False))
    calm, moved = simulate(deaf), simulate(deaf, Do(creators="half", users="half"))
    assert np.array_equal(calm.posts, moved.posts)
    assert np.array_equal(calm.items.key, moved.items.key)


def test_every_slate_is_full_of_different_items_and_ads_pay(world):
    seen = world.impressions
    pair = seen.request.astype(np.int64) * world.items.count + seen.item
    assert np.unique(pair).size == pair.size
    assert (np.bincount(seen.request) <= UNIT.slots).all()
    assert (world.requests.revenue[world.requests.ads > 0] > 0).all()


def test_a_slate_with_too_few_candidates_is_short():
    from dataclasses import replace

    tiny = Size(users=60, creators=1, days=8, burn_in=2, candidates=6, adoption=(2, 4, 6))
    few = simulate(replace(SETTINGS, size=tiny))
    length = np.bincount(few.impressions.request, minlength=few.requests.user.size)
    assert np.array_equal(length, np.minimum(few.requests.candidates, tiny.slots))
    assert length.min() < tiny.slots


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Settings(size=Size(slots=7)), "7 slots but 6"),
        (lambda: Settings(size=Size(candidates=4)), "cannot fill 6 slots"),
        (lambda: Settings(size=Size(users=0)), "at least 1 of 'users'"),
        (lambda: Settings(seed=-1), "at least 0"),
        (lambda: Ranker(temperature=0.0), "at least 0.02"),
        (lambda: SetAttribute(attribute="vidio"), "Did you mean 'video'"),
        (lambda: Move(mechanisms=("rankers",), day=3), "Did you mean 'ranker'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(wrong, words):
    with pytest.raises(DataError, match=words):
        wrong()


def test_the_core_needs_numpy_alone():
    code = (
        "import sys, causal.data.platform, causal.data.platform.estimands;"
        "import causal.data.platform.truths, causal.data.platform.experiments;"
        "heavy = {'pandas', 'pyarrow', 'scipy', 'sklearn', 'lightgbm', 'duckdb'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
