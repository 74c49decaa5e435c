"""A ratio as one number a unit: its mean and error are those of the ratio."""

from __future__ import annotations

import numpy as np
import pytest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.linearised import linearised


def test_means_and_errors_are_those_of_the_ratio() -> None:
    rng = np.random.default_rng(1)
    arm = np.arange(2_000) % 2
    below = rng.poisson(5, arm.size) * (1.0 + 0.2 * arm)
    value = rng.poisson(0.3 * below * (1 + 0.1 * arm)).astype(float)
    found = linearised(value, below, arm)
    moments = moments_of(arm, np.column_stack([value, below]), arms=("A", "B"), columns=("y", "d"))
    reading = Reading(metric="r", level=Part(numerator="y", denominator="d"))
    ratio = effects(moments, [reading], Asked(arm_column="arm", adjustment=Adjustment.NONE))
    means = [found[arm == at].mean() for at in (0, 1)]
    spread = sum(found[arm == at].var(ddof=1) / (arm == at).sum() for at in (0, 1))
    assert means[1] - means[0] == pytest.approx(ratio.values[0], rel=1e-9)
    assert spread**0.5 == pytest.approx(ratio.std_errors[0], rel=1e-9)


def test_an_arm_without_denominators_has_no_ratio() -> None:
    found = linearised(np.ones(4), np.array([0.0, 0.0, 1.0, 1.0]), np.array([0, 0, 1, 1]))
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == [1.0, 1.0]
