"""The shipped rollouts, of which the truth is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import causal
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.cell_tables import creator_cells, rollout_cells
from causal.data.platform.change_estimands import CreatorRollout
from causal.data.platform.change_tables import ROLLED, STAGGERED, rollout_settings

PLATFORM = Path(__file__).resolve().parent.parent / "datasets" / "platform"


@pytest.fixture(scope="module")
def boosted() -> causal.Result:
    world = simulate(Settings(seed=3, size=TESTS), STAGGERED)
    frame = pd.DataFrame(dict(creator_cells(world)))
    return causal.run(PLATFORM / "creator-rollout.yaml", table=frame, workers=1)


def test_what_creators_without_the_boost_lost_is_counted(boosted) -> None:
    own = boosted.content["staggered"]["outcomes"][0]
    truth = CreatorRollout().measure(Settings(seed=3, size=TESTS))
    spill = own["contamination"]
    assert spill["variation"] > 0.05
    assert spill["gamma"] < 0
    assert spill["total"][0] < truth["ATT impressions"] < spill["total"][1]
    assert spill["total_value"] < own["overall"]["value"]


def test_the_title_is_a_range_or_corrected_and_never_the_plain_effect(boosted) -> None:
    assert boosted.content["decision"]["state"] in ("corrected", "range")
    plain = boosted.content["staggered"]["outcomes"][0]["overall"]["value"]
    assert f"{plain:.2f}" not in boosted.title
    rows = [row for row in boosted.content["effects"] if row["estimator"] == "group-time"]
    assert {row["verdict"] for row in rows} <= {None, "not estimable"}


def test_markets_that_share_a_pool_tell_nothing() -> None:
    world = simulate(rollout_settings(Settings(seed=1, size=TESTS)), ROLLED)
    frame = pd.DataFrame(dict(rollout_cells(world)))
    found = causal.run(PLATFORM / "rollout.yaml", table=frame, workers=1)
    assert found.title == (
        "What the new creator boost did to new share cannot be told from markets that share its pool"
    )
    assert not [row for row in found.content["effects"] if row["identification"] == "randomized"]
    assert {row["verdict"] for row in found.content["effects"]} <= {None, "not estimable"}
