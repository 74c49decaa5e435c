"""Slope, projection and gain of individual effects on held-out scores."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from causal.evaluation._heterogeneity import held
from causal.evaluation.calibration import projection, slope
from tests.evaluation.test_ranking import RUNS, clustered_null


def world(seed=1, clusters=50, size=8):
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(clusters), size)
    x = rng.normal(size=(g.size, 3))
    psi = 1 + x[:, 0] + rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    return g, x, psi, rng.uniform(0.5, 2, size=g.size)


def test_the_projection_is_clustered_least_squares():
    g, x, psi, w = world()
    ours = projection(held(psi, x[:, 0], weight=w, clusters=(g,)), x)
    theirs = sm.WLS(psi, sm.add_constant(x), weights=w).fit(
        cov_type="cluster", cov_kwds={"groups": g}
    )
    n, k = psi.size, 4
    factor = np.sqrt((n - 1) / (n - k))  # its correction counts the coefficients, ours clusters
    assert np.allclose([s.estimate for s in ours.slopes], theirs.params[1:])
    assert np.allclose([s.std_error * factor for s in ours.slopes], theirs.bse[1:])


def test_the_slope_is_that_of_least_squares_with_an_intercept_a_fold():
    g, x, psi, w = world()
    fold = g % 5
    ours = slope(held(psi, x[:, 0] + fold, weight=w, folds=fold, clusters=(g,)))
    design = np.column_stack([x[:, 0], *(fold == k for k in range(5))]).astype(float)
    theirs = sm.WLS(psi, design, weights=w).fit(cov_type="cluster", cov_kwds={"groups": g})
    groups, n = 50, psi.size
    factor = np.sqrt((groups - 1) / groups * (n - 6) / (n - 1) * groups / (groups - 5))
    assert ours.estimate == pytest.approx(theirs.params[0])
    assert ours.std_error == pytest.approx(theirs.bse[0] * factor)


def test_the_slope_is_one_for_right_effects_and_negative_for_backwards_ones():
    rng = np.random.default_rng(2)
    tau = rng.normal(size=3_000)
    psi = tau + rng.normal(size=3_000)
    right, wrong = slope(held(psi, tau)), slope(held(psi, -tau))
    assert abs(right.estimate - 1) < 4 * right.std_error
    assert wrong.estimate < 0
    assert wrong.p_value < 1e-6


@pytest.mark.parametrize(("clusters", "size"), [(400, 1), (60, 10)])
def test_no_relation_is_rejected_at_most_one_time_in_twenty(clusters, size):
    given = [clustered_null(seed, clusters=clusters, size=size, folds=5) for seed in range(RUNS)]
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)
    assert np.mean([slope(each).p_value < 0.05 for each in given]) <= most
    x = [np.random.default_rng(seed).normal(size=(clusters, 3)) for seed in range(RUNS)]
    joint = [
        projection(each, np.repeat(own, size, axis=0)).p_value
        for each, own in zip(given, x, strict=True)
    ]
    assert np.mean(np.array(joint) < 0.05) <= most


def test_too_many_terms_for_the_clusters_give_no_projection():
    g, x, psi, _ = world(clusters=12)
    assert projection(held(psi, x[:, 0], clusters=(g,)), x) is None


def test_one_effect_for_all_has_no_slope():
    found = slope(held(np.arange(20.0), np.ones(20)))
    assert (found.estimate, found.p_value) == (0.0, 1.0)
