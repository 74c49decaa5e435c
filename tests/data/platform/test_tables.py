"""Tables: what a user would have, complete, consistent, and the same bytes every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.base.finding import Status
from causal.data.platform import (
    UNIT,
    Do,
    Settings,
    World,
    simulate,
    tables,
    write_changes,
    write_experiments,
    write_tables,
)

SETTINGS = Settings(seed=2, size=UNIT)
STUDIES = Path(__file__).resolve().parents[3] / "datasets" / "platform"


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(SETTINGS)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every table of a small world."""
    folder = tmp_path_factory.mktemp("platform")
    for write in (write_tables, write_experiments, write_changes):
        write(folder, SETTINGS)
    return folder


@pytest.fixture(scope="module")
def made(world: World) -> dict[str, pd.DataFrame]:
    return tables(world)


def test_the_same_settings_write_the_same_bytes(tmp_path):
    small = replace(SETTINGS, size=replace(UNIT, users=60, days=14))
    one, other = write_tables(tmp_path / "a", small), write_tables(tmp_path / "b", small)
    assert list(one) == ["impressions", "items", "users", "creators", "panel"]
    assert all(one[name].read_bytes() == other[name].read_bytes() for name in one)


def test_ids_are_unique_and_meet(made):
    shown = made["impressions"]
    assert shown["impression_id"].is_unique
    assert made["items"]["item_id"].is_unique
    assert shown["item_id"].isin(made["items"]["item_id"]).all()
    assert shown["creator_id"].isin(made["creators"]["creator_id"]).all()
    assert shown["user_id"].isin(made["users"]["user_id"]).all()
    assert not shown.groupby("request_id")["item_id"].value_counts().gt(1).any()


def test_an_item_has_the_same_number_and_nature_in_every_world(made):
    other = tables(simulate(SETTINGS, Do(creators="half", rollout="staggered")))["items"]
    both = made["items"].merge(other, on="item_id", suffixes=("", "_other"))
    assert len(both) > len(other) / 2
    for column in ("video", "question_headline", "topic", "video_label", "embedding_03"):
        assert both[column].equals(both[f"{column}_other"].rename(column))


def test_tables_count_the_same_events(made, world):
    shown, clicks = len(made["impressions"]), int(made["impressions"]["clicked"].sum())
    for name in ("items", "creators", "panel"):
        assert made[name]["impressions"].sum() == shown
        assert made[name]["clicks"].sum() == clicks
    assert made["users"]["clicks"].sum() == clicks
    assert np.isclose(made["users"]["revenue"].sum(), made["panel"]["revenue"].sum())
    first = made["items"]["clicks_first_week"]
    young = world.items.born > UNIT.days - 7
    assert (first.isna() == young).all()
    assert (first[~young] <= made["items"]["clicks"][~young]).all()


def test_nothing_that_is_not_observed_is_in_a_table(made):
    hidden = {"quality", "log_odds", "hidden_confounder", "worth", "satisfaction", "taste", "habit"}
    assert not hidden & {column for table in made.values() for column in table.columns}


def test_times_run_with_the_days_and_requests(made):
    shown = made["impressions"]
    assert shown["shown_at"].min() >= pd.Timestamp("2026-01-05")
    assert shown["shown_at"].max() < pd.Timestamp("2026-01-05") + pd.Timedelta(days=UNIT.days)
    assert (shown["shown_at"].dt.day_name() == shown["weekday"]).all()
    assert shown.groupby("request_id")["shown_at"].nunique().eq(1).all()


def within(hits: pd.Series, share: float) -> bool:
    return abs(hits.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(hits))


def test_labels_err_as_often_as_they_say_and_a_few_are_gold(made):
    items = made["items"]
    right = items["video_label"] == items["video"]
    assert within(right[items["video"]], 0.90)
    assert within(right[~items["video"]], 0.85)
    gold = items["video_gold"].notna()
    assert within(gold, 0.05)
    assert (items["video_gold"][gold].astype(bool) == items["video"][gold]).all()
    assert within(made["creators"]["tier"].isna(), 0.04)


def test_survey_answers_are_missing_more_often_for_other_users(made):
    shown = made["impressions"]
    asked = shown[shown["survey_asked"]]
    assert shown.loc[~shown["survey_asked"], "satisfied"].isna().all()
    assert within(shown["survey_asked"], 0.02)
    answered = asked["satisfied"].notna()
    assert answered[asked["power_user"]].mean() > answered[~asked["power_user"]].mean()


def test_saves_follow_clicks(made):
    shown = made["impressions"]
    assert not (shown["saved"] & ~shown["clicked"]).any()


def test_an_embedding_leaks_video_and_quality(made, world):
    columns = [name for name in made["items"] if name.startswith("embedding_")]
    x = made["items"][columns].to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(x)), x])
    for target in (world.items.video, world.items.quality):
        fitted = x @ np.linalg.lstsq(x, target, rcond=None)[0]
        assert np.corrcoef(fitted, target)[0, 1] > 0.6


def test_adoption_is_in_the_panel_only_when_there_is_a_rollout(made):
    assert made["panel"]["adopted_week"].isna().all()
    rolled = tables(simulate(SETTINGS, Do(rollout="staggered")))["panel"]
    assert sorted(rolled["adopted_week"].dropna().unique()) == [1, 2, 3]
    assert rolled["adopted_week"].isna().mean() == 0.25


@pytest.mark.parametrize("file", sorted(STUDIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_studies_read_the_tables(file, written):
    copy = written / file.name
    copy.write_bytes(file.read_bytes())
    findings = causal.check(causal.read_study(copy))
    assert not [each.name for each in findings if each.status is Status.FAIL]


def test_a_move_has_a_week_before_and_one_after_it(tmp_path):
    files = write_changes(tmp_path, SETTINGS)
    days = pd.read_parquet(files["moved_impressions"]).groupby("period")["shown_at"]
    span = (days.max().dt.normalize() - days.min().dt.normalize()).dt.days
    assert span.to_dict() == {"after": 6, "before": 6}
    assert days.max()["before"] < days.min()["after"]


def test_the_shipped_study_runs_on_a_small_world():
    """One attribute and one outcome of it, for time."""
    small = replace(SETTINGS, size=replace(UNIT, users=80, creators=30, days=14))
    table = tables(simulate(small))["impressions"]
    study = causal.read_study(STUDIES / "video.yaml")
    lean = {
        "attributes": study.attributes[:1],
        "outcomes": study.outcomes[:1],
        "modifiers": (),
        "confounders": ("creator_tier", "topic"),
    }
    result = causal.run(study.model_copy(update=lean), table=table, workers=1)
    assert set(result.effects["design"]) == {
        "naive", "adjusted", "within", "exploration", "exploration x within",
    }  # fmt: skip


def test_the_page_of_the_platform_says_what_is_so():
    import doctest

    page = Path(__file__).resolve().parents[3] / "docs" / "platform.md"
    done = doctest.testfile(str(page), module_relative=False)
    assert done.attempted >= 8
    assert not done.failed
