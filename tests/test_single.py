"""Studies of a change at one date, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal

STUDY = {
    "study": "launch",
    "kind": "rollout",
    "schedule": "single",
    "question": "What did the launch do?",
    "data": {"source": "table.parquet"},
    "entity": "market",
    "period": "day",
    "adopted": "since",
    "pool": "separate",
    "outcomes": [{"name": "clicks", "column": "clicks", "goal": "increase"}],
}
BEFORE = 40


def drawn(
    seed: int = 0,
    *,
    entities: int = 13,
    periods: int = 60,
    effect: float = 3.0,
    before: int = BEFORE,
    walk: float = 0.08,
) -> pd.DataFrame:
    """Markets that follow two common courses; the last one is changed."""
    rng = np.random.default_rng(seed)
    common = np.cumsum(walk * rng.normal(size=(periods, 2)), axis=0)
    y = 10 + rng.normal(size=(entities, 1)) + rng.uniform(0.2, 0.8, (entities, 2)) @ common.T
    y = y + 0.5 * rng.normal(size=y.shape)
    y[-1, before:] += effect
    i, t = np.indices(y.shape)
    start = pd.Timestamp("2026-01-01")
    since = np.where(i == entities - 1, start + pd.Timedelta(days=before), np.datetime64("NaT"))
    return pd.DataFrame(
        {
            "market": [f"m{k:02d}" for k in i.ravel()],
            "day": start + pd.to_timedelta(t.ravel(), unit="D"),
            "since": pd.to_datetime(since.ravel()),
            "clicks": y.ravel(),
        }
    )


def run(frame: pd.DataFrame, **changed) -> causal.Result:
    return causal.run({**STUDY, **changed}, table=frame, workers=1)


def status(found: causal.Result, name: str) -> str:
    return next(str(each.status) for each in found.findings if each.name == name)


@pytest.fixture(scope="module")
def answered() -> causal.Result:
    return run(drawn())


def test_the_blend_leads_and_its_own_course_is_a_comparison(answered) -> None:
    rows = {
        row["estimator"]: row
        for row in answered.content["effects"]
        if row["estimand"] in ("ATT", "effect")
    }
    blend = rows["synthetic difference-in-differences"]
    assert blend["ci_low"] < 3 < blend["ci_high"]
    assert (blend["identification"], blend["verdict"]) == ("natural experiment", "raises")
    course = rows["interrupted series"]
    assert (course["identification"], course["verdict"]) == ("descriptive", None)
    assert rows["plain difference"]["identification"] == "descriptive"
    assert answered.title.startswith("Clicks rose by ")
    assert answered.title.endswith("against a blend of 12 markets")


def test_the_page_is_the_same_to_the_byte(answered) -> None:
    again = causal.run(STUDY, table=drawn().sample(frac=1, random_state=1), workers=2)
    assert again.html() == answered.html()


def test_no_change_is_beyond_no_chance() -> None:
    found = run(drawn(1, effect=0.0))
    assert found.title == "Clicks did not leave a blend of 12 markets beyond chance"


def test_without_donors_its_own_course_is_all_there_is() -> None:
    frame = drawn(2)
    found = run(frame[frame.market == "m12"])
    assert "its own course" in found.title
    assert {row["identification"] for row in found.content["effects"]} == {
        "descriptive",
        "not estimable",
    }
    assert status(found, "donors") == "WARN"
    assert "something else happened" in found.content["decision"]["subtitle"]


def test_three_donors_give_a_rank_and_no_interval() -> None:
    found = run(drawn(3, entities=4), single={"methods": ["synthetic"]})
    assert found.title == "What launch did to clicks cannot be told"
    assert "3 donors for 1 changed are too few" in found.content["decision"]["subtitle"]
    assert "rank p = 0.250, the least that so few can show" in found.content["decision"]["subtitle"]
    assert "cannot be under 0.250" in found.html()
    assert all(row["ci_low"] is None for row in found.content["effects"])


def test_the_course_of_one_creator_is_not_shown_by_period() -> None:
    one = run(drawn(), parties={"creator": "market"})
    own = one.content["single"]["outcomes"][0]
    assert own["observed"] is own["synthetic"]["gap"] is None
    assert own["synthetic"]["gaps"] == []
    assert "Too few rows, users or creators stand behind some periods" in one.html()
    assert run(drawn()).content["single"]["outcomes"][0]["observed"] is not None


def test_donors_that_share_the_pool_carry_no_effect_into_the_title() -> None:
    shared, unsaid = run(drawn(), pool="shared"), run(drawn(), pool=None)
    assert (
        shared.title == "What launch did to clicks cannot be told from markets that share its pool"
    )
    assert not any(row["verdict"] in ("raises", "lowers") for row in shared.content["effects"])
    assert "against a blend of 12 donors" not in shared.text()
    assert unsaid.title.endswith(", if markets do not share a pool")
    assert status(shared, "contamination") == status(unsaid, "contamination") == "WARN"


def test_donors_whose_neighbours_changed_are_left_out() -> None:
    frame = drawn()
    frame["region"] = frame.market.map(lambda name: "a" if name in ("m10", "m11", "m12") else name)
    found = run(frame, pool="shared", analysis={"neighbours": ["region"]})
    assert found.title.endswith("against a blend of 10 markets")
    assert found.content["single"]["reached"] == ["m10", "m11"]
    assert status(found, "contamination") == "PASS"


def test_donors_may_be_named_and_those_with_holes_are_not_used() -> None:
    frame = drawn()
    chosen = run(frame, single={"donors": "market < 'm10'"})
    assert chosen.content["single"]["donors"] == 10
    lost = frame[(frame.market != "m03") | (frame.day.dt.day != 7)]
    found = run(lost)
    assert found.content["single"]["holes"] == ["m03"]
    assert found.title.endswith("against a blend of 11 markets")
    with pytest.raises(causal.DataError, match=r"single\.donors: is true in some rows of"):
        run(frame, single={"donors": "day < DATE '2026-01-10'"})


def test_a_hole_in_the_market_that_changed_is_said() -> None:
    frame = drawn()
    found = run(frame[(frame.market != "m12") | (frame.day.dt.day != 7)])
    assert found.title == "What launch did to clicks cannot be told"
    assert status(found, "few periods") == "WARN"


def test_a_market_that_no_blend_follows_has_no_effect_against_one() -> None:
    frame = drawn(4)
    day = (frame.day - frame.day.min()).dt.days
    frame.loc[frame.market == "m12", "clicks"] += 4 * np.sin(day * 1.7)
    found = run(frame)
    assert status(found, "pre-fit") == "FAIL"
    rows = {row["estimator"]: row for row in found.content["effects"]}
    assert rows["synthetic control"]["why"] == "the check of pre-fit failed"
    assert "its own course" in found.title


def test_an_earlier_change_is_seen_at_the_placebo_date() -> None:
    frame = drawn(5, effect=0.0)
    day = (frame.day - frame.day.min()).dt.days
    frame.loc[(frame.market == "m12") & (day >= 20), "clicks"] += 4.0
    found = run(frame)
    assert status(found, "placebo date") == "FAIL"
    assert not any(row["verdict"] in ("raises", "lowers") for row in found.content["effects"])


def test_a_season_is_taken_out_and_refused_where_there_are_not_two() -> None:
    frame = drawn(6, periods=55)
    frame["clicks"] += np.where(frame.day.dt.day_of_week >= 5, 3.0, 0.0)
    week = run(frame, single={"season": 7, "methods": ["series"]})
    row = week.content["effects"][0]
    assert "too few periods" in row["why"]  # 55 days for 10 coefficients
    longer = drawn(6, periods=90, before=60, walk=0.0)
    longer["clicks"] += np.where(longer.day.dt.day_of_week >= 5, 3.0, 0.0)
    found = run(longer, single={"season": 7, "methods": ["series"]})
    effect = found.content["effects"][0]
    assert abs(effect["estimate"] - 3) < 4 * effect["std_error"]
    short = run(frame, single={"season": 30, "methods": ["series"]})
    assert "fewer than two seasons" in short.content["decision"]["subtitle"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda f: f.assign(since=f.since.where(f.since.isna(), f.day.min())),
            r"adopted in the first period",
        ),
        (lambda f: f.assign(since=f.day.max() + pd.Timedelta(days=3)), r"after the last period"),
        (lambda f: f.assign(since=pd.NaT), r"no entity adopts"),
        (
            lambda f: f.assign(
                since=f.since.where(f.market != "m00", f.day.min() + pd.Timedelta(days=9))
            ),
            r"Write 'schedule: staggered'",
        ),
    ],
)
def test_a_date_that_says_nothing_is_one_sentence(change, words) -> None:
    with pytest.raises(causal.DesignError, match=words):
        run(change(drawn(7)))


def test_a_launch_on_the_last_day_has_a_blend_and_no_course() -> None:
    found = run(drawn(8, before=59))
    rows = {row["estimator"]: row for row in found.content["effects"]}
    assert rows["interrupted series"]["identification"] == "not estimable"
    assert rows["synthetic difference-in-differences"]["ci_low"] is not None
    assert status(found, "few periods") == "WARN"
    assert "two from it on" in next(f.meaning for f in found.findings if f.name == "few periods")


def test_several_markets_of_one_date_are_blended_together() -> None:
    frame = drawn(9, entities=34)
    late = frame.market.isin(["m32", "m31"])
    frame.loc[late, "since"] = frame.since.max()
    day = (frame.day - frame.day.min()).dt.days
    frame.loc[late & (day >= BEFORE), "clicks"] += 3.0
    found = run(frame)
    assert len(found.content["single"]["treated"]) == 3
    assert "against a blend of 31 markets" in found.title


def test_controls_and_counts_are_looked_at() -> None:
    rng = np.random.default_rng(10)
    frame = drawn(10)
    after = (frame.market == "m12") & frame.since.notna() & (frame.day >= frame.since)
    shown = rng.integers(900, 1100, len(frame))
    frame = frame.assign(noise=rng.normal(size=len(frame)), shown=shown, seen=shown * frame.clicks)
    ratio = [{"name": "rate", "numerator": "seen", "denominator": "shown"}]
    calm = run(frame, outcomes=ratio, negative_controls=["noise"])
    assert status(calm, "logging") == "PASS"
    assert status(calm, "negative controls") != "FAIL"
    jumped = run(
        frame.assign(shown=shown * np.where(after, 2, 1), noise=frame.noise + 9 * after),
        outcomes=ratio,
        negative_controls=["noise"],
    )
    assert status(jumped, "logging") == "WARN"
    assert status(jumped, "negative controls") == "FAIL"
    assert jumped.content["decision"]["greyed"]


def test_periods_of_few_rows_are_not_shown_one_by_one() -> None:
    frame = drawn(11)
    found = run(pd.concat([frame, frame]), rows="exposure")
    own = found.content["single"]["outcomes"][0]
    assert own["observed"] is own["synthetic"]["expected"] is own["series"]["low"] is None
    assert found.content["effects"][0]["estimate"] is not None
    assert found.text().count("stand behind some periods to show them one by one") == 2
    enough = run(pd.concat([frame, frame]), rows="exposure", settings={"minimum_cell": 2})
    assert len(enough.content["single"]["outcomes"][0]["observed"]) == 60


def test_names_are_text_and_nothing_else() -> None:
    frame = drawn(12)
    frame["market"] = frame.market.replace({"m12": "</script><b>x", "m03": "o'hara; --"})
    page = run(frame).html()
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


def test_donors_that_all_have_neighbours_that_changed_leave_its_own_course() -> None:
    frame = drawn(13).assign(near=0.0)
    frame.loc[frame.day >= frame.since.max(), "near"] = 0.5
    found = run(frame, pool=None, spillover="near")
    assert "its own course" in found.title
    assert len(found.content["single"]["reached"]) == 12


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn().to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(STUDY))
    assert {"panel", "launch", "donors"} <= {each.name for each in causal.check(file)}
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file).matches
    assert causal.load(out).html() == (out / "report.html").read_text()
