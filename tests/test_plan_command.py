"""Planning an experiment: with arms or without, and what a run then says of the locked plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import causal
from causal.__main__ import main
from causal.workflow import verify

UNITS = 2_000
FILE = "ads.yaml"


def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    before = rng.gamma(2.0, 5.0, UNITS)
    return pd.DataFrame({
        "user": np.arange(UNITS),
        "arm": rng.choice(["A", "B"], UNITS),
        "house": np.arange(UNITS) // 4,
        "before": before.round(3),
        "first": pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 14, UNITS), "D"),
        "revenue": (before * rng.gamma(5.0, 0.2, UNITS)).round(3),
        "clicks": rng.poisson(3, UNITS),
        "impressions": rng.poisson(30, UNITS) + 3,
    })  # fmt: skip


def asked(**more: Any) -> dict[str, Any]:
    return {
        "study": "ads", "kind": "experiment", "data": {"source": "users.parquet"}, "unit": "user",
        "exposed_at": "first",
        "arms": {"column": "arm", "control": "A", "shares": {"A": 0.5, "B": 0.5}},
        "outcomes": [
            {"name": "revenue", "column": "revenue", "before": "before"},
            {"name": "click_rate", "numerator": "clicks", "denominator": "impressions",
             "role": "guardrail", "margin": 0.05},
        ],
        "analysis": {"planned_units": 4_000, "smallest": {"revenue": 0.05}},
    } | more  # fmt: skip


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table().to_parquet("users.parquet")
    write()


def write(**more: Any) -> Any:
    Path(FILE).write_text(yaml.safe_dump(asked(**more)), "utf-8")
    return causal.read_study(FILE)


def planned(frame: pd.DataFrame | None = None, **more: Any) -> dict[str, Any]:
    found = causal.plan(write(**more), table=frame).content
    return {**found, "of": {each["metric"]: each for each in found["metrics"]}}


def test_an_outcome_that_is_not_there_is_planned_from_its_values_before() -> None:
    found = planned(table().drop(columns=["arm", "revenue", "clicks", "impressions"]))
    assert found["read_from"] == "units before the experiment"
    own = found["of"]["revenue"]
    before = table()["before"]
    assert own["before"] == "before"
    assert own["level"] == pytest.approx(before.mean(), rel=1e-5)
    assert own["explained"] is None
    error = before.std() * np.sqrt(4 / 4_000) / before.mean()
    assert own["smallest"] == pytest.approx(2.80159 * error, rel=1e-3)
    assert "numerator" in found["of"]["click_rate"]["why"]


def test_a_table_of_an_earlier_period_shows_what_covariates_take_out() -> None:
    frame = table().drop(columns=["arm"])
    own = planned(frame)["of"]["revenue"]
    assert own["before"] is None
    share = np.corrcoef(frame["before"], frame["revenue"])[0, 1] ** 2
    assert own["explained"] == pytest.approx(share, rel=1e-3)
    plain = planned(frame, analysis={**asked()["analysis"], "adjustment": "none"})["of"]["revenue"]
    assert own["units"] / plain["units"] == pytest.approx(1 - share, rel=0.01)


def test_once_there_are_arms_the_control_alone_is_read() -> None:
    frame = table()
    frame.loc[frame["arm"] == "B", "revenue"] *= 50
    found = planned(frame)
    assert found["read_from"] == "the control arm"
    control = frame.loc[frame["arm"] == "A", "revenue"].mean()
    assert found["of"]["revenue"]["level"] == pytest.approx(control, rel=1e-5)
    assert found["units_seen"] == UNITS


def test_arms_without_outcomes_are_no_experiment_yet() -> None:
    empty = table().assign(revenue=np.nan, clicks=np.nan, impressions=np.nan)
    found = planned(empty)
    assert found["read_from"] == "units before the experiment"
    assert found["of"]["revenue"]["before"] == "before"
    nobody = empty.assign(arm=None)
    assert planned(nobody)["of"]["revenue"] == found["of"]["revenue"]


def test_a_further_table_that_is_not_there_yet_is_waited_for() -> None:
    outcomes = [
        {"name": "visits", "table": "visits", "column": "visited", "before": "before"},
        {"name": "shares", "table": "visits", "column": "shared", "role": "guardrail",
         "margin": 0.1},
    ]  # fmt: skip
    data = {"source": "users.parquet", "tables": {"visits": "visits.parquet"}}
    more: dict[str, Any] = {
        "outcomes": outcomes,
        "data": data,
        "analysis": {"smallest": {"visits": 0.1}},
    }
    Path("users.parquet").unlink()
    table().drop(columns=["arm"]).to_parquet("users.parquet")
    found = planned(**more)
    assert found["of"]["visits"]["before"] == "before"
    assert "there is no value of shared yet" in found["of"]["shares"]["why"]
    visits = pd.DataFrame({"user": np.repeat(np.arange(UNITS), 2), "visited": 1.5, "shared": 1})
    visits["visited"] += np.arange(2 * UNITS) % 7
    visits["shared"] += np.arange(2 * UNITS) % 3
    visits.to_parquet("visits.parquet")
    there = planned(**more)
    assert there["of"]["visits"]["before"] is None
    level = visits.groupby("user")["visited"].sum().mean()
    assert there["of"]["visits"]["level"] == pytest.approx(level, rel=1e-5)
    assert there["of"]["shares"]["units"] is not None


def test_a_shared_pool_is_said_to_give_a_difference_only() -> None:
    assert "not the effect of giving it" in causal.plan(write(side="creator")).text
    assert "not the effect of giving it" not in causal.plan(write()).text


def test_clusters_are_what_is_counted_and_what_they_cost_is_said() -> None:
    frame = table().drop(columns=["arm"])
    frame["revenue"] += 20 * np.random.default_rng(1).normal(size=UNITS // 4)[frame["house"]]
    found = planned(frame, cluster="house")
    assert found["units_seen"] == UNITS // 4
    assert found["units_per_cluster"] == 4
    assert found["of"]["revenue"]["design_effect"] > 2
    assert found["of"]["click_rate"]["design_effect"] == pytest.approx(1, abs=0.25)
    assert "Whole clusters (house)" in causal.plan(causal.read_study(FILE)).text
    alone = planned(frame)["of"]["revenue"]["units"]
    assert 4 * found["of"]["revenue"]["units"] / alone > 1.5


def test_days_are_those_in_which_new_units_come_rounded_to_full_weeks() -> None:
    frame = table().drop(columns=["arm"])
    analysis = {"planned_units": 4_000, "smallest": {"revenue": 0.10}}
    found = planned(frame, analysis=analysis, outcomes=asked()["outcomes"][:1])
    own = found["of"]["revenue"]
    daily = frame["first"].value_counts().sort_index().cumsum().to_numpy()
    assert own["days"] == int(np.flatnonzero(daily >= own["units"])[0]) + 1
    assert not own["beyond_record"]
    assert found["days_needed"] == 7
    far = planned(frame, analysis={**analysis, "smallest": {"revenue": 0.02}})
    assert far["of"]["revenue"]["beyond_record"]
    assert far["of"]["revenue"]["days"] > 14
    assert far["days_needed"] % 7 == 0
    undated = planned(frame.drop(columns=["first"]))
    assert undated["days_needed"] is None
    assert undated["of"]["revenue"]["units"] is not None


def test_looks_and_arms_ask_for_more_units() -> None:
    frame, base = table().drop(columns=["arm"]), asked()["analysis"]
    fixed = planned(frame)["of"]["revenue"]
    looks = {**base, "interval": "group sequential", "looks": [0.5, 1]}
    grouped = planned(frame, analysis=looks)["of"]["revenue"]
    anytime = planned(frame, analysis={**base, "interval": "sequential"})["of"]["revenue"]
    assert fixed["units"] < grouped["units"] < anytime["units"]
    assert anytime["smallest"] / fixed["smallest"] == pytest.approx(
        (1.95996 * 1.5486 + 0.84162) / 2.80159, rel=1e-3
    )
    arms = {"column": "arm", "control": "A", "shares": {"A": 0.4, "B": 0.3, "C": 0.3}}
    found = planned(frame, arms=arms)
    assert found["treatments"] == 2
    assert found["of"]["revenue"]["units"] > fixed["units"]


def test_the_effect_named_smallest_is_found_with_the_planned_power_by_the_units_it_needs() -> None:
    frame = table().drop(columns=["arm"])
    units = int(np.ceil(planned(frame)["of"]["revenue"]["units"]))
    analysis = {**asked()["analysis"], "planned_units": units}
    own = planned(frame, analysis=analysis)["of"]["revenue"]
    assert own["smallest"] == pytest.approx(0.05, rel=1e-3)
    assert own["power"] == pytest.approx(0.8, abs=2e-3)


def test_the_margin_of_a_guardrail_is_what_it_must_rule_out_absolute_ones_too() -> None:
    frame = table().drop(columns=["arm"])
    relative = planned(frame)["of"]["click_rate"]
    level = relative["level"]
    outcomes = [asked()["outcomes"][0], {**asked()["outcomes"][1], "margin": None,
                                         "absolute_margin": 0.05 * level}]  # fmt: skip
    absolute = planned(frame, outcomes=outcomes)["of"]["click_rate"]
    assert absolute["units"] == pytest.approx(relative["units"], rel=1e-4)


def test_what_takes_more_than_two_years_is_not_counted_in_days() -> None:
    frame = table().drop(columns=["arm"]).head(100)
    analysis = {**asked()["analysis"], "smallest": {"revenue": 1e-4}}
    found = causal.plan(causal.study_from({**asked(), "analysis": analysis}), table=frame)
    assert found.content["days_needed"] > 730
    assert "over two years" in found.text
    assert "They do not come within two years at this pace." in found.text


def test_nothing_to_plan_from_is_an_error_that_names_every_metric() -> None:
    frame = table()[["user", "first"]]
    with pytest.raises(causal.DataError, match=r"none can be planned.*revenue.*click_rate"):
        planned(frame)


def test_a_study_of_attributes_is_not_planned() -> None:
    study = causal.study_from({
        "study": "s", "data": {"source": "users.parquet"}, "attributes": ["arm"],
        "outcomes": [{"name": "revenue", "column": "revenue"}],
    })  # fmt: skip
    with pytest.raises(causal.StudyError, match="causal calibrate"):
        causal.plan(study)


def test_the_command_prints_a_table_or_json_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", FILE]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Plan of ads, from the control arm ({UNITS:,} units)"
    assert lines[2].split()[:4] == ["metric", "role", "level", "findable"]
    assert lines[3].startswith("revenue")
    assert main(["plan", FILE, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["metric"] for each in found["metrics"]] == ["revenue", "click_rate"]
    assert sorted(each.name for each in tmp_path.iterdir()) == [FILE, "users.parquet"]


def test_a_plan_is_the_same_bytes_whatever_the_workers(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for workers in ("1", "4"):
        assert main(["plan", FILE, "--json", "--workers", workers]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_a_locked_plan_is_kept_to_and_departures_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(causal.StudyError, match="--lock"):
        causal.run(write(plan="locked"))
    frame = table().drop(columns=["arm", "revenue", "clicks", "impressions"])
    frame.to_parquet("users.parquet")
    assert main(["plan", FILE, "--lock"]) == 0
    assert f"Locked in {FILE}.plan.json" in capsys.readouterr().out
    table().to_parquet("users.parquet")
    kept = causal.run(write(plan="locked"))
    found = {each.name: each for each in kept.findings}["locked plan"]
    assert (found.status, kept.content["deviations"]) == (causal.Status.PASS, [])
    assert kept.content["plan"]["hash"][:16] in kept.text()
    assert "locked before outcomes were there; nothing deviates" in " ".join(kept.text().split())
    assert verify(kept.save(tmp_path / "reports")).matches
    changed = causal.run(write(plan="locked", settings={"level": 0.9}))
    assert changed.content["deviations"] == ["settings.level was 0.95 and is 0.9"]
    found = {each.name: each for each in changed.findings}["locked plan"]
    assert (found.status, "0.95" in found.meaning) == (causal.Status.WARN, True)
    assert "settings.level was 0.95 and is 0.9" in changed.text()
    assert main(["check", FILE]) == 0
    assert "locked plan" in capsys.readouterr().out
