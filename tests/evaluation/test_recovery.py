"""The calibration is calibrated: it agrees with brute force in worlds whose every answer is known.

Brute force here is a difference in means with clustered errors, written out in numpy: where an
attribute is randomised and nothing is held fixed, it is what the study's design comes to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from causal import workflow
from causal.base.errors import DesignError
from causal.design.study import Study
from causal.reporting._calibration import Calibration
from tests.estimation.conftest import study_of

CREATORS, ITEMS = 150, 6
CREATOR = np.repeat(np.arange(CREATORS), ITEMS)


def table(rng: np.random.Generator, *, by: str, shared: float, effect: float = 0.0) -> pd.DataFrame:
    """A randomised attribute, by row or by creator, and noise that creators share."""
    if by == "creator":
        a = rng.permutation(np.arange(CREATORS) % 2)[CREATOR]
    else:
        a = rng.integers(2, size=CREATOR.size)
    noise = np.sqrt(shared) * rng.normal(size=CREATORS)[CREATOR] + rng.normal(size=CREATOR.size)
    return pd.DataFrame({"creator": CREATOR, "a": a, "y": effect * a + noise})


def brute(frame: pd.DataFrame, *, clustered: bool) -> tuple[float, float, float]:
    """Difference in means, its standard error (CR1) and its degrees of freedom."""
    a, y = frame.a.to_numpy(), frame.y.to_numpy()
    on, off = a == 1, a == 0
    estimate = y[on].mean() - y[off].mean()
    pull = np.where(on, (y - y[on].mean()) / on.sum(), -(y - y[off].mean()) / off.sum())
    parts = np.bincount(CREATOR, weights=pull) if clustered else pull
    g = parts.size
    return estimate, float(np.sqrt(g / (g - 1) * np.sum(parts**2))), g - 1


def randomised(**changes: Any) -> Study:
    """A study that holds nothing fixed."""
    return study_of(confounders=[], assignment="randomized", settings={"folds": 2}, **changes)


def calibrated(study: Study, frame: pd.DataFrame, runs: int) -> Calibration:
    """Calibrate on two threads."""
    return workflow.calibrate(study, table=frame, runs=runs, workers=2)


def status(made: Calibration, name: str) -> str:
    """How a check came out."""
    return next(str(each.status) for each in made.findings if each.name == name)


def test_the_smallest_effect_is_found_four_times_in_five_by_brute_force():
    rng = np.random.default_rng(11)
    made = calibrated(randomised(cluster="creator"), table(rng, by="row", shared=1.0), 36)
    effect = made.content["effects"][0]
    found = []
    for _ in range(1500):
        drawn = table(rng, by="row", shared=1.0, effect=effect["smallest_told"])
        estimate, error, df = brute(drawn, clustered=True)
        found.append(estimate > student.ppf(0.975, df) * error)
    # The table's noise is known to 1 / sqrt(2 x 149) of itself; at 80% power a hundredth of the
    # size is worth 0.0078 of power.
    doubt = np.sqrt((0.78 / np.sqrt(2 * (CREATORS - 1))) ** 2 + 0.16 / 1500 + 0.16 / 36)
    assert abs(np.mean(found) - 0.8) <= 3 * doubt
    assert effect["smallest_low"] <= effect["smallest"] <= effect["smallest_high"]
    direct = {power["multiple"]: power["found"]["value"] for power in effect["powers"]}
    assert direct[0.5] < direct[1.5]


@pytest.mark.parametrize("declared", [False, True])
def test_intervals_that_forget_the_creator_are_reported_as_failing(declared: bool):
    """Undeclared clusters fail, at the coverage brute force finds; declared ones pass."""
    rng = np.random.default_rng(5)
    changes: dict[str, Any] = (
        {"cluster": "creator"} if declared else {"parties": {"creator": "creator"}}
    )
    made = calibrated(randomised(**changes), table(rng, by="creator", shared=1.0), 36)
    covered = made.content["effects"][0]["coverage"]
    held = []
    for _ in range(800):
        estimate, error, df = brute(table(rng, by="creator", shared=1.0), clustered=declared)
        held.append(abs(estimate) <= student.ppf(0.975, df) * error)
    truth = float(np.mean(held))
    # What creators share is read off 150 of them: the design effect is known to a tenth.
    width = 0.1 * abs(0.95 - truth)
    doubt = np.sqrt(truth * (1 - truth) / 36 + truth * (1 - truth) / 800 + width**2)
    assert abs(covered["value"] - truth) <= 3 * doubt
    assert (status(made, "coverage of planted effects") == "FAIL") is not declared
    assert (status(made, "false alarms") == "PASS") is declared
    assert made.title.startswith("Do not trust") is not declared


def test_the_naive_bias_is_that_of_the_world_and_the_design_removes_it():
    rng = np.random.default_rng(2)
    n = 1000
    x = rng.normal(size=n)
    a = (rng.random(n) < 1 / (1 + np.exp(-0.8 * x))).astype(int)
    frame = pd.DataFrame({"x1": x, "x2": rng.normal(size=n), "a": a, "y": x + rng.normal(size=n)})
    made = calibrated(study_of(settings={"folds": 2}), frame, 12)
    effect = made.content["effects"][0]
    naive = frame.y[frame.a == 1].mean() - frame.y[frame.a == 0].mean()  # the effect is nil
    error = frame.y.std() * np.sqrt(4 / n)
    assert abs(effect["naive_bias"] - naive) <= 3 * error + 2 * effect["naive_bias_error"]
    # Twelve errors of a t with 11 degrees of freedom, and what a quarter of an error may be off.
    assert abs(effect["bias"]) <= 4 * effect["bias_error"] + 0.25 * effect["std_error"]
    assert abs(effect["bias"]) < 0.2 * abs(effect["naive_bias"])


def test_within_blocks_the_block_is_what_the_design_removes():
    rng = np.random.default_rng(4)
    block = np.repeat(np.arange(120), 5)
    quality = rng.normal(size=120)[block]
    a = (rng.random(block.size) < 1 / (1 + np.exp(-quality))).astype(int)
    frame = pd.DataFrame({"k": block, "a": a, "y": quality + 0.5 * rng.normal(size=block.size)})
    made = calibrated(randomised(block="k", cluster="k"), frame, 60)
    effect = made.content["effects"][0]
    assert effect["naive_bias"] > 5 * effect["std_error"]
    assert abs(effect["bias"]) <= 4 * effect["bias_error"]
    assert [str(each.status) for each in made.findings].count("FAIL") == 0
    assert 0.8 <= effect["noise"] <= 1.25


def test_the_same_numbers_for_any_number_of_workers():
    frame = table(np.random.default_rng(1), by="row", shared=0.5)
    study = randomised(cluster="creator")
    pages = [
        workflow.calibrate(study, table=frame, runs=6, workers=workers).html() for workers in (1, 3)
    ]
    assert pages[0] == pages[1]


def test_more_runs_leave_the_first_ones_as_they_were():
    frame = table(np.random.default_rng(1), by="row", shared=0.5)
    study = randomised(cluster="creator")
    few, more = calibrated(study, frame, 3), calibrated(study, frame, 5)
    assert more.rows[:3] == few.rows


def test_an_attribute_without_an_arm_stops_in_words():
    frame = table(np.random.default_rng(1), by="row", shared=0.0).assign(a=0)
    with pytest.raises(DesignError, match="nothing to calibrate"):
        calibrated(randomised(), frame, 2)


def test_an_attribute_too_rare_to_estimate_is_counted_as_not_estimable():
    frame = table(np.random.default_rng(1), by="row", shared=0.0)
    frame["rare"] = (np.arange(len(frame)) < 3).astype(int)
    made = calibrated(randomised(attributes=["a", "rare"]), frame, 3)
    rare = next(each for each in made.content["effects"] if each["attribute"] == "rare")
    assert rare["abstained"]["value"] > 0.5
    assert status(made, "abstention") == "WARN"
    assert "clusters" in rare["reasons"][0]["why"]


def test_a_contrast_that_the_data_choose_stays_that_of_the_table():
    rng = np.random.default_rng(3)
    frame = table(rng, by="row", shared=0.0)
    frame["words"] = rng.normal(size=len(frame)) + 10
    made = calibrated(randomised(attributes=["words"]), frame, 3)
    assert len(made.content["effects"]) == 1
    assert made.content["effects"][0]["runs"] == 3


def test_several_kinds_of_attributes_and_outcomes_at_once():
    rng = np.random.default_rng(3)
    frame = table(rng, by="row", shared=0.5)
    frame["tone"] = rng.choice(["sad", "happy", "neutral"], size=len(frame))
    frame["words"] = rng.normal(size=len(frame)) + frame.a
    frame["shown"] = rng.integers(1, 30, size=len(frame))
    frame["clicks"] = rng.binomial(frame.shown, 0.1)
    frame["hit"] = rng.integers(2, size=len(frame))
    frame.loc[::7, "y"] = np.nan
    outcomes = [
        {"name": "y", "column": "y"},
        {"name": "hit", "column": "hit"},
        {"name": "ctr", "numerator": "clicks", "denominator": "shown"},
    ]
    study = study_of(
        attributes=["a", "tone", "words"],
        outcomes=outcomes,
        confounders=[],
        cluster="creator",
        settings={"folds": 2},
    )
    made = calibrated(study, frame, 2)
    assert len(made.content["effects"]) == 3 * (1 + 2 + 1)
    assert all(each["bias"] is not None for each in made.content["effects"])
