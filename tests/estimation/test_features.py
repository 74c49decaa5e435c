"""Columns as linear terms: held flat where few rows are, and only where a tail is long."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage.panels import column
from causal.estimation._features import TRIM, Basis

N = 20_000


def bounds(values: np.ndarray) -> tuple[float, float]:
    basis = Basis.of(column("x", values), values, TRIM)
    return basis.low, basis.high


def test_a_normal_column_is_a_line_nearly_everywhere() -> None:
    values = np.random.default_rng(1).normal(loc=5.0, scale=2.0, size=N)
    low, high = bounds(values)
    np.testing.assert_allclose([low, high], [5 - 7, 5 + 7], atol=0.2)
    assert ((values < low) | (values > high)).mean() < 0.002


def test_a_long_tail_is_held_flat_beyond_its_last_hundredth() -> None:
    values = np.random.default_rng(2).lognormal(sigma=1.0, size=N)
    assert bounds(values)[1] == pytest.approx(np.quantile(values, 0.99))
    assert Basis.of(column("x", values), values, TRIM).terms(values).max() == bounds(values)[1]


def test_a_column_that_is_nearly_always_the_same_keeps_its_hundredths() -> None:
    values = np.zeros(N)
    values[:100] = 1e6
    low, high = bounds(values)
    assert (low, high) == (0.0, 0.0)


def test_bounds_move_with_the_unit_of_a_column() -> None:
    values = np.random.default_rng(3).normal(size=N)
    np.testing.assert_allclose(bounds(1000 * values + 7), 1000 * np.array(bounds(values)) + 7)
