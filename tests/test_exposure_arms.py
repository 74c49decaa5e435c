"""Studies of exposure by several arms, by arms that are the exposure, and by awkward columns."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from tests.test_exposure import STUDY, WORTH, drawn


def run(study: dict, frame: pd.DataFrame) -> causal.Result:
    found = causal.run(study, table=frame, workers=1)
    json.dumps(found.content, allow_nan=False)
    return found


def test_arms_that_contradict_each_other_carry_no_verdict_nor_does_any_one() -> None:
    frame = drawn(4, arms=3)
    frame["clicks"] += 4 * (frame.cell == 2)
    found = run(STUDY, frame)
    assert {each["verdict"] for each in found.content["sets"]} == {"not estimable"}
    rows = found.effects[found.effects.estimator == "Anderson-Rubin set"]
    assert set(rows.identification) == {"not estimable"}


def test_arms_that_hardly_agree_give_no_estimate() -> None:
    frame = drawn(4, arms=3)
    frame["clicks"] += 0.12 * (frame.cell == 2)
    found = run(STUDY, frame)
    whole = found.content["sets"][-1]
    assert whole["kind"] == "bounded"
    assert 1e-4 < whole["contradiction"] < 0.05
    assert {each["point"] for each in found.content["sets"]} == {None}
    assert found.title == "The arms hardly agree on what one more impression is worth"


def test_a_page_that_is_stopped_has_no_causal_badge() -> None:
    frame = drawn(7)
    frame["clicks_before"] += 0.5 * frame.cell
    rows = run(STUDY, frame).effects
    assert set(rows.identification) == {"descriptive"}


def test_a_slate_that_moved_stands_in_the_title() -> None:
    frame = drawn(6)
    frame["share_video_above"] += 0.2 * frame.cell
    found = run(STUDY, frame)
    assert found.title.startswith("One more impression, with what else was changed, brings")
    assert "also changed share video above" in found.content["decision"]["subtitle"]


def test_an_exposure_that_is_the_arm_needs_no_first_stage() -> None:
    frame = drawn(15)
    frame["impressions"] = frame.cell
    found = run({**STUDY, "covariates": [], "block": []}, frame)
    (worth,) = found.content["sets"]
    effect = frame.clicks[frame.cell == 1].mean() - frame.clicks[frame.cell == 0].mean()
    assert worth["point"] == pytest.approx(effect)
    assert worth["first_stage"] is None
    assert "exposure is that of the arm" in found.content["decision"]["subtitle"]
    assert "the same for all units of the arm" in found.html()
    assert next(each for each in found.findings if each.name == "first stage").status == "PASS"


def test_an_exposure_that_no_unit_of_the_control_has_is_read_as_any_other() -> None:
    frame = drawn(16, pull=20.0)
    rng = np.random.default_rng(1)
    frame["impressions"] = (frame.cell * (rng.random(len(frame)) < 0.6)).astype(int)
    frame["clicks"] = WORTH * frame.impressions + rng.normal(size=len(frame))
    found = run({**STUDY, "block": []}, frame).content
    assert found["sets"][0]["low"] < WORTH < found["sets"][0]["high"]
    assert found["compliers"][0]["always"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hour": "noon"}, r"covariates\[0\]: column 'hour' holds text"),
        ({"hour": pd.Timestamp("2025-01-01")}, r"covariates\[0\]: column 'hour' holds time"),
        ({"hour": np.nan}, r"covariates\[0\]: every value of column 'hour' is missing"),
    ],
)
def test_a_covariate_that_holds_no_numbers_is_named(change, words) -> None:
    with pytest.raises(causal.DataError, match=words):
        run(STUDY, drawn(17).assign(**change))


def test_a_covariate_may_be_true_or_false() -> None:
    frame = drawn(18).assign(hour=lambda f: f.hour > 11)
    frame["impressions"] = (frame.impressions > 33).astype(int)
    (who,) = run(STUDY, frame).content["compliers"]
    assert 0 < who["means"][0]["moved"]["value"] < 1


def test_a_table_without_rows_is_an_error_in_words() -> None:
    with pytest.raises(causal.DataError, match="no rows are left to read"):
        run(STUDY, drawn(19).head(0))
