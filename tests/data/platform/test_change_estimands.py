"""Estimands of changes: what is exactly zero, what adds up, and which way planted answers point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.data.platform import UNIT, Do, Settings, simulate
from causal.data.platform.change_estimands import (
    CreatorRollout,
    DirectPaths,
    ExposureWorth,
    Separable,
    SwitchbackDay,
)
from causal.data.platform.estimands import Rollout, by_cell
from causal.data.platform.truths import truth

SETTINGS = Settings(seed=4, size=UNIT)
TINY = replace(SETTINGS, size=replace(UNIT, users=120, creators=30, days=21, adoption=(7, 14, 14)))


def test_means_of_cells_by_cohort_week_and_time_since_adoption():
    when = np.array([7, 7, 14, 99])
    gap = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, -1.0, 6.0], [0.0, -2.0, -3.0]])
    assert by_cell(gap, when, 7, "y") == {
        "ATT y": 3.2,
        "spillover y": -2.0,
        "ATT y 1, 1": 2.0,
        "ATT y 1, 2": 3.0,
        "ATT y 2, 2": 6.0,
        "ATT event y 0": pytest.approx(10 / 3),
        "ATT event y 1": 3.0,
        "ATT calendar y 1": 2.0,
        "ATT calendar y 2": 4.0,
        "spillover y 0": -1.5,
        "spillover y 1": -3.0,
    }


def test_a_rollout_to_one_market_and_one_cut_short():
    single = Rollout(do=Do(rollout="single"), until=14).measure(TINY)
    assert single["ATT new creator share 1, 1"] == single["ATT new creator share"]
    assert not [name for name in single if name.endswith("2")]
    assert np.isfinite(single["spillover new creator share"])


def test_a_boost_of_nothing_is_exactly_nothing():
    nothing = CreatorRollout(do=Do(creators="staggered", creator_boost=0.0)).measure(TINY)
    assert all(value == 0 for value in nothing.values() if np.isfinite(value))


def test_creators_who_are_boosted_gain_what_the_others_lose():
    found = truth(CreatorRollout(), SETTINGS, seeds=range(3))
    assert found["ATT impressions"].value > 3 * found["ATT impressions"].error
    assert found["spillover impressions"].value < -3 * found["spillover impressions"].error


def test_the_first_day_of_a_switchback_is_that_of_the_switchback_itself():
    found = SwitchbackDay().measure(TINY)
    day = UNIT.burn_in
    on, off = (
        simulate(TINY, Do(switchback=state), until=day + 1).impressions for state in ("all", "none")
    )
    rows = [
        simulate(TINY, Do(switchback=state), until=day + 1).day() == day
        for state in ("all", "none")
    ]
    gap = on.new_creator[rows[0]].mean() - off.new_creator[rows[1]].mean()
    assert found["new creator share"] == pytest.approx(gap, abs=1e-12)
    later = SwitchbackDay(days=(day, day + 3)).measure(TINY)
    assert later != found


def test_paths_add_up_and_a_view_that_moves_nothing_has_no_part():
    direct, cells = DirectPaths(attribute="video", fraction=0.1), Separable(attribute="video")
    for estimand in (direct, cells):
        found = estimand.measure(TINY)
        assert found["total"] == pytest.approx(found["user-seen"] + found["ranker-seen"])
    one, other = (replace(direct, days=days).measure(TINY) for days in ((8,), (8, 8)))
    assert one == pytest.approx(other)
    ranker = replace(TINY.distribution.ranker, video=0.0)
    blind = replace(TINY, distribution=replace(TINY.distribution, ranker=ranker))
    none = direct.measure(blind)
    assert none["impressions"] == none["ranker-seen"] == 0 != none["user-seen"]
    feedback = replace(TINY.feedback, video=0.0, video_low_bandwidth=0.0)
    utility = replace(TINY.utility, video=0.0)
    assert direct.measure(replace(TINY, feedback=feedback))["user-seen"] == 0
    nothing = cells.measure(replace(blind, feedback=feedback, utility=utility))
    assert nothing["total"] == nothing["impressions"] == 0


def test_an_added_impression_is_worth_less_than_a_click_and_more_than_none():
    found = truth(ExposureWorth(fraction=0.1), SETTINGS, seeds=range(3))
    worth = found["clicks per impression"]
    assert worth.value > 3 * worth.error
    assert worth.value + 3 * worth.error < 1
    assert found["impressions"].value > 0
