"""The shipped moves with known reasons."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import causal
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.change_tables import MOVED, moved_impressions

DATASETS = Path(__file__).resolve().parent.parent / "datasets"


def test_a_new_policy_explains_the_rise_and_nothing_else_does() -> None:
    found = causal.run(DATASETS / "open-bandit" / "policy-changed.yaml").content
    shares = {each["node"]: each for each in found["mechanisms"]}
    move = found["move"][0]
    assert (move["before"], move["after"]) == (0.0046, 0.0069)
    assert [node for node, each in shares.items() if each["clear"]] == ["item"]
    # Who comes and how they take to an item did not change: their intervals hold zero, and item's
    # holds the whole move.
    own = shares["item"]
    assert own["simultaneous_low"] < move["difference"] < own["simultaneous_high"]


def test_where_the_ranker_changed_positions_moved_and_clicks_at_a_position_did_not() -> None:
    world = simulate(Settings(seed=3, size=TESTS), MOVED)
    table = pd.DataFrame(dict(moved_impressions(world)))
    study = causal.read_study(DATASETS / "platform" / "clicks-moved.yaml")
    small = study.model_copy(
        update={
            "segments": (("topic",),),
            "mechanisms": (("question_headline", "position"), ("position", "click rate"),
                           ("question_headline", "click rate")),
        }
    )  # fmt: skip
    found = causal.run(small, table=table).content
    shares = {each["node"]: each for each in found["mechanisms"]}
    assert shares["position"]["clear"]
    assert shares["position"]["share"] < 0
    assert not shares["click rate"]["clear"]


@pytest.mark.parametrize("name", ["open-bandit/policy-changed.yaml"])
def test_the_table_may_be_redistributed(name: str) -> None:
    card = (DATASETS / name).with_name("README.md").read_text("utf-8")
    assert "CC BY 4.0" in card
    assert "Citation" in card
