"""Studies of what exposure is worth, from the file to the page."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import causal

STUDY = {
    "study": "worth-of-an-impression",
    "kind": "exposure",
    "question": "What is one more impression worth?",
    "data": {"source": "table.parquet"},
    "unit": "item_id",
    "design": "experiment",
    "exposure": {"column": "impressions", "name": "impression"},
    "instrument": {"column": "cell", "control": "0"},
    "block": "topic",
    "covariates": ["hour"],
    "modifiers": ["topic"],
    "slate": ["share_video_above"],
    "negative_controls": ["clicks_before"],
    "outcomes": [{"name": "clicks", "column": "clicks"}],
}
WORTH = 0.25


def drawn(seed: int = 0, rows: int = 3_000, *, pull: float = 6.0, arms: int = 2) -> pd.DataFrame:
    """Items whose cell moves impressions by ``pull``; a hidden quality moves both them and clicks."""
    rng = np.random.default_rng(seed)
    cell, quality = rng.integers(0, arms, rows), rng.normal(size=rows)
    hour = rng.integers(0, 24, rows)
    shown = np.maximum(
        0, np.round(30 + pull * cell + 5 * quality + 0.2 * hour + 3 * rng.normal(size=rows))
    )
    return pd.DataFrame(
        {
            "item_id": np.arange(rows),
            "cell": cell,
            "creator": rng.integers(0, 120, rows),
            "topic": np.array(["music", "</script>", "food"])[rng.integers(0, 3, rows)],
            "hour": hour,
            "impressions": shown,
            "clicks": 5 + WORTH * shown + 2 * quality + rng.normal(size=rows),
            "share_video_above": rng.random(rows),
            "clicks_before": rng.normal(size=rows),
        }
    )


def run(study: dict = STUDY, **options: object) -> causal.Result:
    return causal.run(study, table=drawn(**options), workers=1)


@pytest.fixture(scope="module")
def strong() -> causal.Result:
    return run(seed=1)


@pytest.fixture(scope="module")
def weak() -> causal.Result:
    return run(seed=2, pull=0.0)


def test_a_strong_instrument_gives_the_worth_that_is_known(strong) -> None:
    (found,) = strong.content["sets"]
    assert found["kind"] == "bounded"
    assert found["low"] < WORTH < found["high"]
    assert found["low"] < found["point"] < found["high"]
    assert strong.title == f"One more impression brings {found['point']:.2f} clicks"
    assert found["verdict"] == "raises"
    assert not strong.failed


def test_what_is_received_and_what_comes_of_it_go_together_by_more_than_the_worth(strong) -> None:
    table = drawn(1)
    slope = np.polyfit(table.impressions, table.clicks, 1)[0]
    assert slope > strong.content["sets"][0]["high"]


def test_the_usual_interval_stands_beside_the_set(strong) -> None:
    (found,) = strong.content["sets"]
    assert found["usual"]["estimate"] == pytest.approx(found["point"])
    assert found["usual"]["low"] == pytest.approx(found["low"], abs=0.002)


def test_a_weak_instrument_is_told_as_a_set_without_an_end(weak) -> None:
    (found,) = weak.content["sets"]
    assert found["kind"] in ("rays", "whole line")
    assert found["intervals"][0][0] is None
    assert weak.title == "The instrument moves impressions too little to tell what it is worth"
    assert weak.content["decision"]["state"] == "weak"
    assert "goes on without end" in weak.text()


def numbers_for(result: causal.Result) -> list[float]:
    """The ratio of the two effects, which stands nowhere when the instrument is weak."""
    y, d = (
        next(each for each in result.content["intent"] if each["outcome"] == name)
        for name in ("clicks", "impressions")
    )
    return [y["estimate"] / d["estimate"]]


def test_without_a_strong_instrument_no_estimate_of_the_worth_stands_anywhere(weak) -> None:
    (found,) = weak.content["sets"]
    assert found["point"] is None
    assert found["usual"] is None
    rows = weak.effects
    worth = rows[rows.estimator == "Anderson-Rubin set"].iloc[0]
    assert np.isnan([worth.estimate, worth.ci_low, worth.ci_high]).all()
    assert worth.verdict == "not estimable"
    (ratio,) = numbers_for(weak)
    for digits in (2, 3, 4):
        shown = re.escape(f"{abs(ratio):.{digits}f}")
        for text in (weak.title, weak.text(), weak.html(), json.dumps(weak.content["decision"])):
            assert not re.search(rf"(?<![\d.]){shown}", text)
    assert "estimate " not in weak.html().split("<svg")[1].split("</svg>")[0].lower().replace(
        "no estimate", ""
    )


def test_the_first_stage_says_that_no_claim_is_made(weak, strong) -> None:
    finding = next(each for each in weak.findings if each.name == "first stage")
    assert (finding.status, finding.blocks) == ("FAIL", "none")
    assert "no claim is made" in finding.meaning
    assert next(each for each in strong.findings if each.name == "first stage").status == "PASS"


def test_several_arms_are_read_one_by_one_and_together() -> None:
    found = run(seed=3, arms=3).content
    assert [len(each["instruments"]) for each in found["sets"]] == [1, 1, 2]
    together = found["sets"][-1]
    assert together["low"] < WORTH < together["high"]
    assert together["contradiction"] is not None
    assert "over-identification" in {each["name"] for each in found["findings"]}


def test_an_arm_is_not_picked_where_all_together_are_too_weak() -> None:
    found = run(seed=2, rows=1_200, pull=0.35, arms=3).content["sets"]
    assert [each["first_stage"] > 10 for each in found] == [False, True, False]
    assert [each["point"] for each in found] == [None, None, None]
    assert "would be picked from them" in found[1]["why"]


def test_arms_that_contradict_each_other_leave_no_value() -> None:
    frame = drawn(4, arms=3)
    frame["clicks"] += 4 * (frame.cell == 2)
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.content["sets"][-1]["kind"] == "empty"
    assert "contradict each other" in found.title
    names = {each.name: each.status for each in found.findings}
    assert names["over-identification"] == "FAIL"


def test_those_moved_are_described_where_exposure_is_had_or_not() -> None:
    rng = np.random.default_rng(5)
    frame = drawn(5)
    young = frame.hour < 12
    chance = np.where(young, 0.7, 0.2) * frame.cell
    frame["impressions"] = (rng.random(len(frame)) < 0.1 + chance).astype(int)
    frame["clicks"] = 2.0 * frame.impressions + rng.normal(size=len(frame))
    found = causal.run(STUDY, table=frame, workers=1).content
    assert found["dose"]["binary"]
    assert found["sets"][0]["estimand"] == "LATE"
    (who,) = found["compliers"]
    (hour,) = who["means"]
    assert hour["moved"]["high"] < hour["everyone"]
    assert who["share"] == pytest.approx(0.45, abs=0.06)
    assert who["share"] + who["always"] + who["never"] == pytest.approx(1)
    small = STUDY | {"settings": {"minimum_cell": 2_000}}
    hidden = causal.run(small, table=frame, workers=1).content
    assert hidden["compliers"] == []
    assert "moves too few" in hidden["why_no_compliers"]


def test_a_covariate_that_some_lack_describes_nobody() -> None:
    frame = drawn(14)
    frame["age"] = frame.hour
    frame["hour"] = frame.hour.where(frame.item_id > 20)
    frame["impressions"] = (frame.impressions > 35).astype(int)
    study = STUDY | {"covariates": ["hour", "age"]}
    (who,) = causal.run(study, table=frame, workers=1).content["compliers"]
    assert [each["name"] for each in who["means"]] == ["age"]
    alone = causal.run(STUDY, table=frame, workers=1).content
    assert alone["compliers"] == []
    assert alone["why_no_compliers"] == "every covariate is missing for some units"
    assert alone["data"]["notes"] == [
        "21 units have no 'hour': its mean takes no noise out of them."
    ]


def test_an_instrument_that_changes_the_slate_is_warned_of(strong) -> None:
    assert next(each for each in strong.findings if each.name == "exclusion").status == "PASS"
    frame = drawn(6)
    frame["share_video_above"] += 0.2 * frame.cell
    found = causal.run(STUDY, table=frame, workers=1)
    finding = next(each for each in found.findings if each.name == "exclusion")
    assert finding.status == "WARN"
    assert finding.columns == ("share_video_above",)
    assert "What else the instrument changed" in found.text()


def test_an_instrument_that_moves_the_past_stops_the_page() -> None:
    frame = drawn(7)
    frame["clicks_before"] += 0.5 * frame.cell
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.title == "What one more impression is worth cannot be told"
    assert found.content["sets"][0]["point"] is None
    assert found.effects.verdict.isna().all()


def test_a_broken_split_stops_the_page() -> None:
    frame = drawn(8)
    frame = frame[(frame.cell == 0) | (frame.item_id % 4 > 0)]
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.content["decision"]["reason"] == "sample ratio"
    assert found.content["decision"]["greyed"]


def test_without_monotonicity_nobody_is_described() -> None:
    found = run(STUDY | {"analysis": {"monotone": False}}, seed=13)
    assert found.content["compliers"] == []
    assert "count with a negative weight" in found.text().replace("\n", " ")


def test_clusters_that_were_assigned_are_counted_as_such() -> None:
    frame = drawn(9)
    frame["cell"] = frame.creator % 2
    frame["topic"] = "music"
    study = {key: STUDY[key] for key in STUDY if key not in ("block", "modifiers")}
    found = causal.run(study | {"cluster": "creator"}, table=frame, workers=1)
    rows = found.effects
    assert set(rows[rows.identification == "randomized"].clusters) == {120}
    assert "Whole clusters were assigned" in found.text()


def test_the_page_is_safe_and_the_same_to_the_byte(strong) -> None:
    page = strong.html()
    assert "</script>," not in page
    again = causal.run(STUDY, table=drawn(1).sample(frac=1, random_state=1), workers=2)
    assert again.html() == page


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn(10).to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(STUDY))
    names = {each.name for each in causal.check(file)}
    assert {"first stage", "sample ratio", "exclusion", "negative controls"} <= names
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file) is not None
    assert causal.load(out).html() == (out / "report.html").read_text()


@pytest.mark.parametrize("call", [causal.plan, causal.calibrate])
def test_other_commands_refuse_it_in_words(call) -> None:
    with pytest.raises(causal.StudyError, match="'exposure'"):
        call(STUDY)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"impressions": 4.0}, "is 4 in every row, so nothing moved it"),
        ({"impressions": lambda f: f.impressions - 40}, "has values below zero"),
        ({"impressions": lambda f: f.impressions.where(f.item_id > 9)}, "is missing in 10 of"),
        ({"cell": 0}, "nothing can be compared"),
        ({"cell": "x"}, r"instrument\.control: no unit is in the arm '0'"),
    ],
)
def test_an_exposure_or_instrument_that_cannot_be_one_is_an_error(change, words) -> None:
    with pytest.raises(causal.DataError, match=words):
        causal.run(STUDY, table=drawn(11).assign(**change), workers=1)


def test_a_planned_arm_without_units_stops_the_page() -> None:
    study = STUDY | {
        "instrument": {"column": "cell", "control": "0", "shares": {"0": 0.4, "1": 0.4, "2": 0.2}}
    }
    found = causal.run(study, table=drawn(12), workers=1)
    assert found.failed
    assert found.content["decision"]["state"] == "invalid"
