"""Studies of a rollout, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal

STUDY = {
    "study": "the-boost",
    "kind": "rollout",
    "question": "What did the boost do?",
    "data": {"source": "table.parquet"},
    "entity": "market",
    "period": "week",
    "adopted": "since",
    "pool": "separate",
    "outcomes": [{"name": "clicks", "column": "clicks", "goal": "increase"}],
}


def drawn(
    seed: int = 0,
    *,
    entities: int = 40,
    periods: int = 8,
    dates: tuple[float, ...] = (4.0, 6.0, np.nan),
    effect: float = 1.0,
    drift: float = 0.0,
    gamma: float = 0.0,
    regions: int = 5,
) -> pd.DataFrame:
    """Markets that adopt by turns; from then on clicks are higher, and lower nearby."""
    rng = np.random.default_rng(seed)
    since = np.array(dates)[rng.permutation(np.arange(entities) % len(dates))]
    region = rng.permutation(np.arange(entities) % regions)
    week = np.arange(periods)
    on = week >= np.nan_to_num(since, nan=np.inf)[:, None]
    share = np.zeros((entities, periods))
    for each in range(regions):
        own = region == each
        share[own] = (on[own].sum(axis=0) - on[own]) / (own.sum() - 1)
    trend = np.where(np.isnan(since), 0.0, drift)[:, None] * week
    clicks = (
        rng.normal(10, 1, (entities, 1)) + 0.2 * week + effect * on + gamma * share + trend
    ) + rng.normal(0, 0.5, (entities, periods))
    return pd.DataFrame(
        {
            "market": np.repeat([f"m{k:03d}" for k in range(entities)], periods),
            "week": np.tile(week, entities),
            "since": np.repeat(since, periods),
            "region": np.repeat(region, periods),
            "clicks": clicks.ravel(),
        }
    )


def overall(found: causal.Result, outcome: str = "clicks") -> dict:
    rows = found.content["effects"]
    return next(row for row in rows if row["segment"] is None and row["outcome"] == outcome)


def statuses(found: causal.Result) -> dict[str, str]:
    return {each.name: str(each.status) for each in found.findings}


@pytest.fixture(scope="module")
def answered() -> causal.Result:
    return causal.run(STUDY, table=drawn(), workers=1)


def test_the_effect_is_found_and_is_the_title(answered) -> None:
    row = overall(answered)
    assert row["ci_low"] < 1.0 < row["ci_high"]
    assert (row["verdict"], row["identification"]) == ("raises", "natural experiment")
    assert answered.title.startswith("Clicks rose by ")
    assert answered.title.endswith(" where the boost was on")


def test_every_average_is_one_of_its_cells(answered) -> None:
    own = answered.content["staggered"]["outcomes"][0]
    cells = [each for each in own["group_time"] if each["after"]]
    values = [each["value"] for each in cells]
    assert min(values) < own["overall"]["value"] < max(values)
    assert [each["cohort"] for each in own["by_cohort"]] == ["4", "6"]
    assert [each["period"] for each in own["calendar"]] == ["4", "5", "6", "7"]
    events = [each["event"] for each in own["event_study"]["rows"]]
    assert events == [-6, -5, -4, -3, -2, 0, 1, 2, 3]
    assert {row["segment"] for row in answered.content["effects"]} == {
        None, "event time", "cohort", "calendar", "cohort x period",
    }  # fmt: skip


def test_the_page_is_safe_and_the_same_to_the_byte(answered) -> None:
    again = causal.run(STUDY, table=drawn().sample(frac=1, random_state=1), workers=2)
    assert again.html() == answered.html()
    hostile = drawn().assign(market=lambda f: f.market.replace("m000", "</script><b>"))
    page = causal.run(STUDY, table=hostile, workers=1).html()
    assert "</script><b>" not in page


def test_a_title_never_carries_an_effect_that_contamination_makes() -> None:
    study = {**STUDY, "pool": None, "analysis": {"neighbours": ["region"]}}
    frame = drawn(1, entities=60, gamma=-2.0, regions=6)
    found = causal.run(study, table=frame, workers=1)
    own = found.content["staggered"]["outcomes"][0]
    assert own["contamination"]["state"] == "found"
    plain = own["overall"]["value"]
    title = found.title + found.content["decision"]["subtitle"]
    for digits in (1, 2, 3):
        assert f"{plain:.{digits}f}" not in title
    assert "once what markets without it lost is counted" in found.title
    rows = found.content["effects"]
    assert {row["identification"] for row in rows if row["estimator"] == "group-time"} <= {
        "descriptive", "not estimable",
    }  # fmt: skip
    assert all(row["verdict"] in (None, "not estimable") for row in rows
               if row["estimator"] == "group-time")  # fmt: skip
    total = next(row for row in rows if row["estimator"] != "group-time")
    assert total["identification"] == "natural experiment"
    assert total["estimate"] < plain


def test_a_shared_pool_without_variation_gives_no_number() -> None:
    found = causal.run({**STUDY, "pool": "shared"}, table=drawn(), workers=1)
    assert found.title.endswith("cannot be told from markets that share its pool")
    assert not any(each.isdigit() for each in found.title)
    assert all(row["verdict"] is None for row in found.content["effects"] if not row["why"])
    assert "natural experiment" not in found.html().split("Words of this page")[0]


def test_what_was_not_looked_at_is_a_condition() -> None:
    found = causal.run({**STUDY, "pool": None}, table=drawn(), workers=1)
    assert found.title.endswith("if markets do not share a pool")
    assert statuses(found)["contamination"] == "WARN"


def test_trends_that_differ_take_every_effect_off_the_page() -> None:
    found = causal.run(STUDY, table=drawn(2, drift=0.4), workers=1)
    assert statuses(found)["pre-trend"] == "FAIL"
    assert found.title == "Markets moved apart before the rollout: no effect is shown"
    assert {row["identification"] for row in found.content["effects"]} == {"not estimable"}
    assert {row["estimate"] for row in found.content["effects"]} == {None}
    assert "natural experiment" not in found.html().split("Words of this page")[0]


def test_a_thinned_panel_takes_every_effect_off_the_page() -> None:
    frame = drawn(5)
    kept = frame[(frame.since != 4) | (np.arange(len(frame)) % 3 > 0)]
    found = causal.run(STUDY, table=kept, workers=1)
    assert statuses(found)["panel"] == "FAIL"
    assert found.title == "What the boost did to clicks cannot be told"
    assert {row["estimate"] for row in found.content["effects"]} == {None}
    assert {row["verdict"] for row in found.content["effects"]} == {"not estimable"}
    assert "natural experiment" not in found.html().split("Words of this page")[0]


def test_a_guardrail_kept_by_trends_alone_says_so() -> None:
    guard = {"name": "clicks", "column": "clicks", "role": "guardrail", "margin": 0.06}
    frame = drawn(6, entities=45, periods=12, dates=(3.0, 4.0, np.nan), effect=0.0)
    found = causal.run({**STUDY, "outcomes": [guard]}, table=frame, workers=1)
    own = found.content["staggered"]["outcomes"][0]
    assert own["pretrend"]["of_margin"] > 1
    assert overall(found)["verdict"] == "ruled out"
    assert statuses(found)["pre-trend"] == "WARN"
    assert found.content["decision"]["subtitle"].endswith("a drift as large as the margin.")
    assert "ruled out only if trends stayed alike" in found.html()


def test_values_that_vanish_with_adoption_take_the_effects_away() -> None:
    frame = drawn(9)
    high = frame.clicks > frame.clicks.median()
    gone = (frame.week >= frame.since) & high & (frame.index % 2 == 0)
    found = causal.run(STUDY, table=frame.assign(clicks=frame.clicks.mask(gone)), workers=1)
    assert statuses(found)["panel"] == "PASS"
    assert statuses(found)["values"] == "FAIL"
    assert {row["estimate"] for row in found.content["effects"]} == {None}
    few = causal.run(STUDY, table=frame.assign(clicks=frame.clicks.mask(frame.index % 40 == 0)),
                     workers=1)  # fmt: skip
    assert statuses(few)["values"] == "WARN"
    assert overall(few)["verdict"] == "raises"


def test_dates_drawn_by_lot_give_an_exact_p(monkeypatch) -> None:
    from causal.estimation.rollout import placebo

    monkeypatch.setattr(placebo.dealt_anew, "__kwdefaults__",
                        {**placebo.dealt_anew.__kwdefaults__, "draws": 19})  # fmt: skip
    found = causal.run({**STUDY, "assignment": "randomized"}, table=drawn(), workers=1)
    assert found.content["staggered"]["outcomes"][0]["chance"] == 1 / 20
    assert overall(found)["identification"] == "randomized"


def test_what_cannot_have_moved_is_looked_at() -> None:
    frame = drawn().assign(pings=lambda f: f.clicks * 2)
    found = causal.run({**STUDY, "negative_controls": ["pings"]}, table=frame, workers=1)
    assert statuses(found)["negative controls"] == "FAIL"
    assert overall(found)["identification"] == "not estimable"


def test_small_cells_of_exposures_are_hidden_and_cannot_be_found_again() -> None:
    frame = drawn(3, entities=24).loc[lambda f: f.index.repeat(3)]
    study = {**STUDY, "rows": "exposure", "settings": {"minimum_cell": 26}}
    thin = frame.drop(frame[(frame.since == 4) & (frame.week == 5)].index[::2])
    found = causal.run(study, table=thin, workers=1)
    own = found.content["staggered"]["outcomes"][0]
    hidden = [each for each in own["group_time"] if each["why"] and "rows" in each["why"]]
    assert {("4", "5")} < {(each["cohort"], each["period"]) for each in hidden}
    for cohort in ("4", "6"):
        assert sum(each["cohort"] == cohort and each["after"] for each in hidden) != 1
    shown = {row["segment_value"] for row in found.content["effects"]
             if row["segment"] == "cohort x period"}  # fmt: skip
    assert "4, 5" not in shown


def shown(found: causal.Result, family: str) -> dict[str, str | None]:
    own = found.content["staggered"]["outcomes"][0]
    name = {"by_cohort": "cohort", "calendar": "period"}[family]
    return {row[name]: row["why"] for row in own[family]}


def test_cohorts_of_few_users_are_hidden_however_many_rows_they_have() -> None:
    frame = drawn(7, entities=30, dates=(4.0, 5.0, 6.0, np.nan)).loc[lambda f: f.index.repeat(8)]
    frame = frame.assign(user=np.arange(len(frame)) % 7)
    frame.loc[frame.since == 4, "user"] = frame[frame.since == 4].user % 2
    study = {**STUDY, "rows": "exposure", "parties": {"user": "user"}}
    found = causal.run({**study, "settings": {"minimum_cell": 5}}, table=frame, workers=1)
    assert shown(found, "by_cohort")["4"] == "hidden: fewer users than may be shown"
    assert sum(why is not None for why in shown(found, "by_cohort").values()) == 2
    assert shown(found, "calendar")["4"] == "hidden: fewer users than may be shown"
    own = found.content["staggered"]["outcomes"][0]
    assert all(row["value"] is None for row in own["group_time"] if row["cohort"] == "4")
    named = {row["segment_value"] for row in found.content["effects"] if row["segment"] == "cohort"}
    assert "4" not in named
    assert own["hidden"] == sum(
        row["value"] is None and "estim" not in str(row["why"])
        for family in (own["group_time"], own["by_cohort"], own["calendar"],
                       own["event_study"]["rows"])
        for row in family
    )  # fmt: skip
    assert f"stand behind: {own['hidden']}." in found.html()
    everyone = causal.run({**study, "settings": {"minimum_cell": 2}}, table=frame, workers=1)
    assert not any(shown(everyone, "by_cohort").values())


def test_a_cohort_that_is_one_creator_is_hidden() -> None:
    frame = drawn(8, entities=24)
    lone = frame.market == frame[frame.since.isna()].market.iloc[0]
    frame = frame.assign(since=frame.since.mask(lone, 5.0))
    study = {**STUDY, "parties": {"creator": "market"}}
    found = causal.run(study, table=frame, workers=1)
    own = found.content["staggered"]["outcomes"][0]
    cells = {row["why"] for row in own["group_time"] if row["cohort"] == "5" and row["after"]}
    assert cells == {"hidden: one creator is nearly all of it"}
    plain = causal.run(STUDY, table=frame, workers=1).content["staggered"]["outcomes"][0]
    assert plain["hidden"] == 0


def test_few_periods_before_adoption_leave_a_cohort_out() -> None:
    frame = drawn(4, dates=(1.0, 5.0, np.nan))
    found = causal.run(STUDY, table=frame, workers=1)
    own = found.content["staggered"]
    assert [each["used"] for each in own["cohorts"]] == [False, True]
    assert {each["cohort"] for each in own["outcomes"][0]["group_time"]} == {"5"}
    with pytest.raises(causal.DesignError, match="minimum_periods"):
        causal.run(STUDY | {"analysis": {"minimum_periods": 6}}, table=frame, workers=1)


def test_the_event_study_shows_what_is_asked_for() -> None:
    study = STUDY | {"analysis": {"pre": 2, "post": 1}}
    own = causal.run(study, table=drawn(), workers=1).content["staggered"]["outcomes"][0]
    assert [each["event"] for each in own["event_study"]["rows"]] == [-2, 0, 1]
    assert own["pretrend"]["df"][0] == 1


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn().to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(STUDY))
    assert {each.name for each in causal.check(file)} == {"panel", "adoption"}
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file) is not None
    assert causal.load(out).html() == (out / "report.html").read_text()


@pytest.mark.parametrize("call", [causal.plan, causal.calibrate])
def test_other_commands_refuse_it_in_words(call) -> None:
    with pytest.raises(causal.StudyError, match="'rollout'"):
        call(STUDY)
