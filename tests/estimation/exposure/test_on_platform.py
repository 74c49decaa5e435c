"""On the simulated platform, where what a slot does to a click is known in closed form."""

import numpy as np
import pytest

from causal.data.platform import TESTS, Settings, simulate
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.exposure.exploration import examination, sets

CURVE = np.array([0.72, 0.55, 0.43, 0.35, 0.29])


@pytest.fixture(scope="module")
def world():
    return simulate(Settings(seed=3, size=TESTS))


def test_exploration_traffic_gives_back_the_platforms_examination(world):
    shown = world.impressions
    explored = world.requests.explored[shown.request]
    found = examination(
        shown.click[explored].astype(float),
        shown.position[explored].astype(np.int64) + 1,
        (world.user()[explored], world.items.creator[shown.item[explored]]),
        name="click",
    )
    assert found.estimates.refusal == ("",) * 5
    apart = (found.estimates.values - CURVE) / found.estimates.std_errors
    assert np.abs(apart).max() < 4  # five slots of one world: 3e-4 by chance
    assert all(each.shape == "bounded" for each in sets(found, level=0.95))


def test_early_exploration_moves_later_exposure_too_little_for_a_point(world):
    shown, items = world.impressions, world.items
    age = world.day() - items.born[shown.item]
    explored = world.requests.explored[shown.request]
    usable = (items.born >= 0) & (items.born <= TESTS.days - 15)

    def count(rows):
        return np.bincount(shown.item[rows], minlength=items.count).astype(float)[usable]

    stratum = np.unique(items.topic[usable] * 1_000 + items.born[usable], return_inverse=True)[1]
    creator = np.unique(items.creator[usable], return_inverse=True)[1]
    found = worth(
        from_rows(
            count(shown.click & (age >= 7) & (age < 14)),
            count(age < 7),
            count(explored & (age < 3))[:, None],
            creator,
            strata=stratum,
        ),
        level=0.95,
    )
    assert found.first_stage < 10
    assert found.point is None
