"""Studies of exposure that hold the slate, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pytest

import causal
from tests.test_exposure import STUDY, WORTH, drawn

ADJUST = STUDY | {"analysis": {"exclusion": "adjust"}, "covariates": []}


def moved(seed: int, *, arms: int = 3, pull: float = 6.0) -> object:
    """The slate moves with the arm, and clicks with the slate."""
    frame = drawn(seed, arms=arms, pull=pull)
    shift = np.array([0.0, 0.2, 1.5])[frame.cell] if arms == 3 else 1.0 * frame.cell
    frame["share_video_above"] += shift
    frame["clicks"] += 2 * frame.share_video_above
    return frame


def test_with_the_slate_held_the_worth_is_that_of_exposure() -> None:
    found = causal.run(ADJUST, table=moved(1), workers=1)
    (held,) = found.content["held"]
    assert held["low"] < WORTH < held["high"]
    whole = found.content["sets"][-1]
    assert whole["kind"] == "empty" or not whole["low"] < WORTH < whole["high"]
    assert found.title == "One more impression raises clicks, with share video above held"
    rows = found.effects[found.effects.estimator == "Anderson-Rubin set by projection"]
    assert rows.estimate.isna().all()
    assert rows.identification.tolist() == ["natural experiment"]
    assert "with share video above held" in found.html()
    json.dumps(found.content, allow_nan=False)


def test_arms_that_are_weak_leave_no_bound_with_the_slate_held() -> None:
    found = causal.run(ADJUST, table=moved(5, pull=0.1), workers=1)
    assert found.content["held"][0]["verdict"] == "not estimable"
    assert found.title.endswith("has no bound in these data")


def test_one_arm_is_refused_with_the_reason() -> None:
    with pytest.raises(causal.DesignError, match="one arm moved exposure and the slate by one"):
        causal.run(ADJUST, table=moved(3, arms=2), workers=1)


@pytest.mark.parametrize("slate", [[], ["share_video_above", "creator"]])
def test_holding_takes_one_column(slate) -> None:
    with pytest.raises(causal.StudyError, match="One column can be held"):
        causal.run(ADJUST | {"slate": slate}, table=drawn(4, arms=3), workers=1)
