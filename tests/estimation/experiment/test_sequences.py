"""Confidence sequences hold at every look, and their p-values agree with their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from causal.estimation.experiment.sequences import multiplier, p_value, tuning


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.05 / 3, 0.001])
def test_the_tuning_is_narrowest_where_the_plan_ends(alpha: float) -> None:
    best = minimize_scalar(
        lambda k: float(multiplier(np.ones(1), alpha, k)[0]), bounds=(1, 60), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    assert tuning(alpha) == pytest.approx(best.x, rel=1e-5)


def test_a_p_value_falls_below_alpha_exactly_where_the_interval_leaves_zero_out() -> None:
    t = np.array([0.05, 0.3, 1.0, 2.5])
    for alpha in (0.05, 0.01):
        edge = multiplier(t, alpha, tuning(0.05))
        assert p_value(edge, t, tuning(0.05)) == pytest.approx(np.full(4, alpha))
    assert p_value(np.array([0.0]), np.ones(1), tuning(0.05))[0] == 1.0


def test_nothing_is_known_before_the_first_unit() -> None:
    assert multiplier(np.zeros(1), 0.05, tuning(0.05))[0] == np.inf
    assert p_value(np.array([9.0]), np.zeros(1), tuning(0.05))[0] == 1.0


def test_daily_peeking_misses_no_more_often_than_it_may() -> None:
    """A miss on any of 28 days counts; skewed outcomes, unequal days."""
    rng = np.random.default_rng(2)
    runs, days = 400, rng.integers(100, 400, 28)
    planned, missed = int(days.sum()), np.zeros(runs, bool)
    draws = rng.exponential(size=(runs, planned)) - 1
    total, square = np.cumsum(draws, axis=1), np.cumsum(draws**2, axis=1)
    for n in np.cumsum(days):
        mean = total[:, n - 1] / n
        error = np.sqrt((square[:, n - 1] / n - mean**2) / n)
        reach = multiplier(np.array([n / planned]), 0.05, tuning(0.05))[0]
        missed |= np.abs(mean) > reach * error
    assert missed.mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)
