"""Sorted groups: their means, their difference, and who is in them."""

from __future__ import annotations

import numpy as np
import pytest

from causal.evaluation._heterogeneity import held
from causal.evaluation.sorted_groups import groups
from tests.evaluation.test_ranking import RUNS, clustered_null


def test_groups_are_means_of_fifths():
    rng = np.random.default_rng(1)
    effects = rng.permutation(100).astype(float)
    psi = rng.normal(size=100)
    found = groups(held(psi, effects), seed=1)
    fifths = [psi[(effects >= 20 * k) & (effects < 20 * k + 20)].mean() for k in range(5)]
    assert np.allclose(found.estimate, fifths)
    assert found.difference.estimate == pytest.approx(fifths[-1] - fifths[0])


def test_tied_rows_are_shared_out():
    psi = np.arange(10.0)
    found = groups(held(psi, np.ones(10)), seed=1)
    assert np.allclose(found.estimate, psi.mean())
    assert found.difference.p_value == 1.0
    assert found.detectable > 0


def test_a_fold_that_is_high_in_all_does_not_order_the_groups():
    """Effects out of fold are low where the fold is high: without folds that looks backwards."""
    rng = np.random.default_rng(2)
    fold = np.repeat(np.arange(5), 200)
    level = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    psi = level[fold] + rng.normal(size=1_000)
    effects = -level[fold] + 0.01 * rng.normal(size=1_000)
    apart = groups(held(psi, effects, folds=fold), seed=1).difference
    assert abs(apart.estimate) < 4 * apart.std_error
    assert groups(held(psi, effects), seed=1).difference.estimate < -3


def test_the_difference_is_rejected_at_most_one_time_in_twenty_without_heterogeneity():
    p = [
        groups(clustered_null(seed, clusters=60, size=10, folds=5), seed=1).difference.p_value
        for seed in range(RUNS)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_what_could_be_seen_is_about_what_is_found_in_four_of_five():
    rng = np.random.default_rng(3)
    n, runs = 500, 300
    reach = groups(held(rng.normal(size=n), rng.normal(size=n)), seed=1).detectable
    hits = 0
    for _ in range(runs):
        order = rng.permutation(n) / n
        psi = rng.normal(size=n) + reach * ((order >= 0.8) * 0.5 - (order < 0.2) * 0.5)
        hits += groups(held(psi, order), seed=1).difference.p_value < 0.05
    assert abs(hits / runs - 0.8) < 0.1
