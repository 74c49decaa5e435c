"""Tables of experiments: who was exposed, what came after, and what was there before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.data.platform import TESTS, UNIT, Do, Settings, World, simulate, tables
from causal.data.platform.experiment_tables import (
    AD_LOAD,
    CREATOR_BOOST,
    boosted_creators,
    demand,
    experiment_tables,
    exposed_users,
    visits,
    write_experiments,
)
from causal.design.experiment import Experiment

SETTINGS = Settings(seed=2, size=replace(UNIT, days=42))
START, EXPOSED = pd.Timestamp("2026-01-12"), pd.Timestamp("2026-01-19")
STUDIES = Path(__file__).resolve().parents[3] / "datasets" / "platform"


@pytest.fixture(scope="module")
def loaded() -> World:
    return simulate(SETTINGS, AD_LOAD)


@pytest.fixture(scope="module")
def boosted() -> World:
    return simulate(SETTINGS, CREATOR_BOOST)


@pytest.fixture(scope="module")
def untouched() -> World:
    return simulate(SETTINGS)


def test_the_same_settings_write_the_same_bytes(tmp_path):
    small = replace(SETTINGS, size=replace(UNIT, users=60, days=14))
    one, other = write_experiments(tmp_path / "a", small), write_experiments(tmp_path / "b", small)
    assert list(one) == ["ad_load_users", "ad_load_visits", "creator_boost", "pair_boost"]
    assert all(one[name].read_bytes() == other[name].read_bytes() for name in one)


def test_who_is_exposed_and_what_was_before_do_not_depend_on_the_experiment(loaded, untouched):
    one, other = (pd.DataFrame(exposed_users(each)) for each in (loaded, untouched))
    pd.testing.assert_frame_equal(
        one.drop(columns="back_in_week_4"), other.drop(columns="back_in_week_4")
    )
    assert one["user_id"].is_unique
    assert one["first_seen"].between(START, EXPOSED, inclusive="left").all()
    assert set(one["arm"]) == {"A", "B"}


def test_what_was_before_creators_were_boosted_does_not_depend_on_the_boost(boosted, untouched):
    one, other = (pd.DataFrame(boosted_creators(each)) for each in (boosted, untouched))
    after = ["impressions", "clicks", "posts", "active_days"]
    pd.testing.assert_frame_equal(one.drop(columns=after), other.drop(columns=after))
    assert not one["impressions"].equals(other["impressions"])


def test_first_seen_is_the_first_visit_and_visits_are_all_there_were(loaded):
    made = experiment_tables(loaded)
    late = loaded.requests.day >= UNIT.burn_in
    first = made["visits"].groupby("user_id")["visited_at"].min()
    seen = made["users"].set_index("user_id")["first_seen"]
    assert (seen == first.reindex(seen.index)).all()
    assert set(seen.index) == set(first.index[first < EXPOSED])
    assert made["visits"]["visited_at"].min() >= START
    assert len(made["visits"]) == loaded.visits[:, UNIT.burn_in :].sum()
    assert made["visits"]["requests"].sum() == late.sum()
    assert made["visits"]["ads"].sum() == loaded.requests.ads[late].sum()
    assert np.isclose(made["visits"]["revenue"].sum(), loaded.requests.revenue[late].sum())


def test_what_a_visit_holds_adds_up_to_what_the_user_did(loaded):
    shown = tables(loaded)["impressions"]
    late = shown[shown["shown_at"] >= START].groupby("user_id")
    own = pd.DataFrame(visits(loaded)).groupby("user_id")
    assert own["impressions"].sum().equals(late.size().rename("impressions"))
    assert own["clicks"].sum().equals(late["clicked"].sum().rename("clicks"))
    early = shown[shown["shown_at"] < START].groupby("user_id")["clicked"].sum()
    users = pd.DataFrame(exposed_users(loaded)).set_index("user_id")
    assert (users["clicks_before"] == early.reindex(users.index).fillna(0)).all()
    known = tables(loaded)["users"].set_index("user_id")["visits_before"]
    assert (users["visits_before"] == known.reindex(users.index)).all()


def test_who_came_back_is_who_has_a_visit_in_the_fourth_week_since_exposure(loaded):
    users = pd.DataFrame(exposed_users(loaded))
    joined = pd.DataFrame(visits(loaded)).merge(users, on="user_id")
    days = (joined["visited_at"] - joined["first_seen"]) / pd.Timedelta(days=1)
    back = set(joined.loc[(days >= 21) & (days < 28), "user_id"])
    assert set(users.loc[users["back_in_week_4"], "user_id"]) == back
    assert 0 < len(back) < len(users)


def test_the_treated_get_the_advertisements_that_were_planned(loaded):
    users = pd.DataFrame(exposed_users(loaded))
    seen = pd.DataFrame(visits(loaded)).merge(users, on="user_id")
    slots = UNIT.slots - SETTINGS.feedback.ads_from_slot
    for arm, load in (("A", 0.15), ("B", 0.25)):
        own = seen[seen["arm"] == arm]
        n = own["requests"].sum() * slots
        assert abs(own["ads"].sum() / n - load) < 4 * np.sqrt(load * (1 - load) / n)


def test_creators_have_all_the_impressions_of_both_times(boosted):
    table = pd.DataFrame(boosted_creators(boosted))
    start, until = UNIT.burn_in, 2 * UNIT.burn_in
    assert table["impressions_before"].sum() == boosted.creator_impressions[:, :start].sum()
    assert table["impressions"].sum() == boosted.creator_impressions[:, start:until].sum()
    assert table["clicks"].sum() == boosted.creator_clicks[:, start:until].sum()
    assert table["exposed_at"].between(START, EXPOSED, inclusive="left").all()
    entrants = table["exposed_at"] > START
    assert entrants.any()
    assert (table.loc[entrants, "impressions_before"] == 0).all()


def test_demand_is_the_requests_of_the_days_that_creators_are_counted_in(boosted):
    day = boosted.requests.day
    assert demand(boosted) == ((day < 7).sum(), ((day >= 7) & (day < 14)).sum())


def test_a_short_experiment_is_set_against_as_short_a_time_before():
    brief = replace(SETTINGS, size=replace(UNIT, users=60, days=10))
    world = simulate(brief, CREATOR_BOOST)
    table = pd.DataFrame(boosted_creators(world))
    assert table["impressions_before"].sum() == world.creator_impressions[:, 4:7].sum()
    assert table["active_days"].max() == 3


def test_nothing_that_is_not_observed_is_in_a_table(loaded):
    hidden = {"quality", "worth", "satisfaction", "taste", "habit"}
    made = experiment_tables(loaded)
    assert not hidden & {column for table in made.values() for column in table.columns}


def test_the_shipped_study_has_the_demand_of_the_shipped_world():
    study = causal.read_study(STUDIES / "creator-boost.yaml")
    assert isinstance(study, Experiment)
    assert study.analysis.demand is not None
    world = simulate(Settings(seed=1, size=TESTS), Do(creators="half"), until=2 * TESTS.burn_in)
    assert (study.analysis.demand.before, study.analysis.demand.during) == demand(world)
