"""Several outcomes of one study of exposure: sets that hold together, and what is read from them."""

from __future__ import annotations

import numpy as np
import pytest

import causal
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.exposure.late import late
from tests.test_exposure import STUDY, drawn

TWO = STUDY | {
    "outcomes": [{"name": "clicks", "column": "clicks"}, {"name": "shares", "column": "shares"}]
}


def with_shares(seed: int, *, worth: float = 0.0, **options: float) -> object:
    frame = drawn(seed, **options)
    rng = np.random.default_rng(seed)
    return frame.assign(shares=worth * frame.impressions + rng.normal(size=len(frame)))


@pytest.fixture(scope="module")
def two() -> causal.Result:
    return causal.run(TWO, table=with_shares(1), workers=1)


def test_sets_that_hold_together_are_those_at_half_the_error(two) -> None:
    narrower = causal.run(
        TWO | {"settings": {"level": 0.975}}, table=with_shares(1), workers=1
    ).content["sets"]
    for each, other in zip(two.content["sets"], narrower, strict=True):
        assert each["family"] == 2
        assert each["at_once"]["intervals"] == other["intervals"]
        assert each["at_once"]["intervals"][0][0] < each["low"]
    rows = two.effects[two.effects.estimator == "Anderson-Rubin set"]
    assert (rows.simultaneous_low < rows.ci_low).all()
    assert "All at once" in two.html()
    assert "all outcomes at once" in two.content["decision"]["subtitle"]


def test_alone_a_set_holds_with_itself() -> None:
    (found,) = causal.run(STUDY, table=drawn(1), workers=1).content["sets"]
    assert found["family"] == 1
    assert found["at_once"]["intervals"] == found["intervals"]


def test_a_verdict_needs_the_set_that_holds_together() -> None:
    table = with_shares(23, worth=0.009, rows=1_500)
    (_, shares) = causal.run(TWO, table=table, workers=1).content["sets"]
    low, high = shares["at_once"]["intervals"][0]
    assert low < 0 < shares["low"] < high
    assert shares["verdict"] == "no clear effect"


def test_single_arms_are_a_family_of_their_own() -> None:
    found = causal.run(TWO, table=with_shares(2, arms=3), workers=1).content["sets"]
    assert [each["family"] for each in found] == [4, 4, 2, 4, 4, 2]


@pytest.mark.parametrize("pull", [0.0, 0.3, 2.0])
def test_sets_of_all_outcomes_hold_together(pull) -> None:
    runs, hits, worths = 200, 0, (0.5, 0.0, -0.2)
    names = ("dose", "a", "b", "c")
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in names]
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE)
    for seed in range(runs):
        rng = np.random.default_rng([seed, 77])
        arm, hidden = rng.integers(0, 2, 400), rng.normal(size=400)
        dose = pull * arm + hidden + rng.normal(size=400)
        others = [each * dose + hidden + rng.normal(size=400) for each in worths]
        x = np.column_stack([dose, *others])
        found = effects(moments_of(arm, x, arms="AB", columns=names), readings, asked)
        hits += all(
            each.at_once is not None and truth in each.at_once
            for each, truth in zip(late(found, "dose", level=0.95), worths, strict=True)
        )
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_jumps_of_several_outcomes_hold_together() -> None:
    pytest.importorskip("rdrobust", reason="the extra threshold is not installed")
    pytest.importorskip("rddensity", reason="the extra threshold is not installed")
    from tests.test_exposure_by_threshold import STUDY as GATE
    from tests.test_exposure_by_threshold import drawn as gate

    study = GATE | {"covariates": []}
    study["outcomes"] = [*study["outcomes"], {"name": "follows", "column": "followers"}]
    found = causal.run(study, table=gate(1), workers=1)
    clicks, follows, dose = found.content["threshold"]
    for each in (clicks, follows):
        assert each["simultaneous_low"] < each["low"] < each["high"] < each["simultaneous_high"]
    assert dose["simultaneous_low"] == dose["low"]
    assert "all outcomes at once" in found.content["decision"]["subtitle"]
