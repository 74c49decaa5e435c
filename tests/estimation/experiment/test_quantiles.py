"""Quantiles cover their truth, of units and of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from causal.estimation.experiment.quantiles import quantile

RUNS = 300
BAR = 3 * np.sqrt(0.95 * 0.05 / RUNS)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_of_units_they_cover(at: float) -> None:
    truth, hits = np.exp(norm.ppf(at)), 0
    for seed in range(RUNS):
        found = quantile(np.random.default_rng(seed).lognormal(size=800), None, at=at)
        hits += abs(found.value - truth) <= 1.96 * found.std_error
    assert hits / RUNS >= 0.95 - BAR - 0.01


def test_of_clusters_they_cover_where_rows_alone_would_not() -> None:
    truth, hits, naive = 0.0, 0, 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(80), rng.integers(5, 25, 80))
        y = rng.normal(size=80)[cluster] + rng.normal(size=cluster.size)
        found, rows = quantile(y, cluster, at=0.5), quantile(y, None, at=0.5)
        hits += abs(found.value - truth) <= t.isf(0.025, found.n - 1) * found.std_error
        naive += abs(rows.value - truth) <= 1.96 * rows.std_error
    assert hits / RUNS >= 0.95 - BAR
    assert naive / RUNS < 0.8


def test_too_few_rows_for_a_tail_have_no_error() -> None:
    assert np.isnan(quantile(np.arange(20.0), None, at=0.99).std_error)
    assert np.isnan(quantile(np.zeros(0), None, at=0.5).value)
    assert np.isnan(quantile(np.arange(9.0), np.zeros(9, int), at=0.5).std_error)


def test_a_repeated_value_is_never_certain() -> None:
    found = quantile(np.repeat([1.0, 2.0, 3.0], 100), None, at=0.5)
    assert found.value == 2.0
    assert np.isnan(found.std_error)
