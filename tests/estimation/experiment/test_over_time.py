"""A fading effect is found, a lasting one is not called so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.over_time import trend

DAYS = 10
NAMES = tuple(f"day {day}" for day in range(DAYS))


def cohort(seed: int, fades: float, n: int = 400) -> Estimates:
    """Units differ from one another more than their days do."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    effect = 1.0 - fades * np.log1p(np.arange(DAYS))
    y = 2 * rng.normal(size=(n, 1)) + rng.normal(size=(n, DAYS)) + arm[:, None] * effect
    readings = [Reading(metric=name, level=Part(numerator=name)) for name in NAMES]
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE)
    return effects(moments_of(arm, y, arms=("A", "B"), columns=NAMES), readings, asked)


def test_a_lasting_effect_gives_uniform_p_values() -> None:
    p = [trend(cohort(seed, 0.0)).p_value for seed in range(200)]
    assert kstest(p, "uniform").pvalue > 1e-3


def test_the_slope_of_a_fading_effect_is_found_within_its_error() -> None:
    found = [trend(cohort(seed, 0.3)) for seed in range(40)]
    slopes = np.array([own.slope for own in found])
    assert slopes.mean() == pytest.approx(-0.3, abs=3 * slopes.std() / np.sqrt(40))
    assert slopes.std() == pytest.approx(np.mean([own.std_error for own in found]), rel=0.4)
    assert np.mean([own.p_value < 0.05 for own in found]) > 0.9


def test_two_days_make_no_trend() -> None:
    assert np.isnan(trend(cohort(1, 0.0).select(np.array([0, 1]))).p_value)


def test_days_that_say_the_same_are_no_obstacle() -> None:
    own = cohort(2, 0.0)
    twice = replace(own.select(np.array([0, 0, 1, 2])))
    assert np.isfinite(trend(twice).slope)
