"""Metrics against their references."""

from __future__ import annotations

import numpy as np
import pytest

from causal.interpretation.accuracy import (
    area_under_curve,
    calibration,
    explained_variance,
    log_loss,
)


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(2)
    score = rng.integers(1, 12, size=500) / 12  # ties
    y = (rng.random(500) < score).astype(float)
    return y, score, rng.integers(1, 5, size=500).astype(float)


def test_weighted_metrics_equal_those_of_scikit_learn(scored):
    metrics = pytest.importorskip("sklearn.metrics")
    y, score, weight = scored
    rows = (np.arange(500),)
    auc = metrics.roc_auc_score(y, score, sample_weight=weight)
    assert area_under_curve(y, score, weight, rows).value == pytest.approx(auc, rel=1e-12)
    loss = metrics.log_loss(y, score, sample_weight=weight)
    assert log_loss(y, score, weight) == pytest.approx(loss, rel=1e-12)
    r2 = metrics.r2_score(y, score, sample_weight=weight)
    assert explained_variance(y, score, weight, rows).value == pytest.approx(r2, rel=1e-12)


def test_auc_of_a_ratio_is_that_of_its_clicks_and_non_clicks(scored):
    metrics = pytest.importorskip("sklearn.metrics")
    _, score, shown = scored
    clicks = np.floor(shown * score)
    long_y = np.concatenate([np.ones(500), np.zeros(500)])
    long_score = np.concatenate([score, score])
    auc = metrics.roc_auc_score(
        long_y, long_score, sample_weight=np.concatenate([clicks, shown - clicks])
    )
    ours = area_under_curve(clicks / shown, score, shown, (np.arange(500),))
    assert ours.value == pytest.approx(auc, rel=1e-12)


def test_the_auc_interval_covers_as_often_as_it_says():
    from math import erf

    hits, runs = 0, 400
    rng = np.random.default_rng(4)
    truth = 0.5 * (1 + erf(0.7071067811865476 / 2**0.5))  # P(N(1,1) > N(0,1)) = Phi(1/sqrt 2)
    for _ in range(runs):
        y = np.repeat([0.0, 1.0], 100)
        found = area_under_curve(y, rng.normal(size=200) + y, np.ones(200), (np.arange(200),))
        hits += abs(found.value - truth) <= 1.972 * found.std_error
    assert abs(hits / runs - 0.95) <= 3 * (0.95 * 0.05 / runs) ** 0.5


def test_repeating_every_row_in_its_cluster_changes_nothing(scored):
    y, score, weight = scored
    once = area_under_curve(y, score, weight, (np.arange(500),))
    twice = area_under_curve(
        np.repeat(y, 2), np.repeat(score, 2), np.repeat(weight, 2), (np.repeat(np.arange(500), 2),)
    )
    assert twice.std_error == pytest.approx(once.std_error, rel=1e-10)


def test_two_equal_ways_of_clustering_are_one(scored):
    y, score, weight = scored
    codes = np.arange(500) // 5
    one = area_under_curve(y, score, weight, (codes,))
    assert area_under_curve(y, score, weight, (codes, codes)).std_error == pytest.approx(
        one.std_error, rel=1e-10
    )


def test_calibration_bins_hold_equal_weight_in_order():
    rng = np.random.default_rng(7)
    predicted = rng.random(2_000)
    table = calibration(predicted, predicted, np.ones(2_000))
    assert [each["share"] for each in table] == pytest.approx([0.1] * 10)
    assert all(each["observed"] == pytest.approx(each["predicted"]) for each in table)
    assert np.all(np.diff([each["predicted"] for each in table]) > 0)
