"""The ranking of individual effects: reference values, sign, size and power."""

from __future__ import annotations

import numpy as np
import pytest

from causal.evaluation._heterogeneity import held
from causal.evaluation.ranking import ranking

RUNS = 400


def brute(psi, effects, kind):
    """AUTOC or Qini as grf defines them: one term a row, scores of ties replaced by their mean."""
    score = psi.copy()
    for value in np.unique(effects):
        score[effects == value] = psi[effects == value].mean()
    order = np.argsort(-effects, kind="stable")
    n = psi.size
    total = 0.0
    for j in range(1, n + 1):
        toc = score[order[:j]].mean() - score.mean()
        total += toc * (1.0 if kind == "autoc" else j / n) / n
    return total


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("kind", ["autoc", "qini"])
def test_areas_are_those_of_the_written_definition(kind, ties):
    rng = np.random.default_rng(1)
    effects = rng.integers(4, size=60).astype(float) if ties else rng.normal(size=60)
    psi = effects + rng.normal(size=60)
    found = getattr(ranking(held(psi, effects), seed=1), kind)
    assert found.estimate == pytest.approx(brute(psi, effects, kind), rel=1e-12)


def test_weights_count_as_repeated_rows():
    rng = np.random.default_rng(2)
    effects, times = rng.integers(6, size=40).astype(float), rng.integers(1, 4, size=40)
    psi = effects + rng.normal(size=40)
    once = ranking(held(psi, effects, weight=times.astype(float)), seed=1)
    repeated = ranking(held(np.repeat(psi, times), np.repeat(effects, times)), seed=1)
    assert np.allclose(once.curve, repeated.curve)
    curve = ranking(held(psi, effects, weight=times.astype(float)), shares=(0.999999,), seed=1)
    assert abs(curve.curve[0]) < 1e-4


def test_one_effect_for_all_has_no_ranking():
    found = ranking(held(np.random.default_rng(3).normal(size=50), np.full(50, 0.7)), seed=1)
    assert found.autoc.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.autoc.p_value == found.qini.p_value == 1.0
    assert np.allclose(found.curve, 0.0)


def test_a_backwards_ranking_is_significantly_negative():
    rng = np.random.default_rng(4)
    effects = rng.normal(size=2_000)
    psi = effects + rng.normal(size=2_000)
    right, wrong = (ranking(held(psi, sign * effects), seed=1) for sign in (1, -1))
    for found in (right.autoc, right.qini):
        assert found.estimate > 0
        assert found.ci_low > 0
    for found in (wrong.autoc, wrong.qini):
        assert found.estimate < 0
        assert found.ci_high < 0
        assert found.p_value < 1e-6
    assert np.all(wrong.high < 0.1)


def clustered_null(seed, *, clusters, size, folds):
    """Scores with a cluster effect; effects predicted per cluster, unrelated to them."""
    rng = np.random.default_rng([5, seed])
    g = np.repeat(np.arange(clusters), size)
    psi = rng.normal(size=clusters)[g] + rng.normal(size=g.size)
    fold = rng.integers(folds, size=clusters)[g]
    mean = np.array([psi[fold != k].mean() for k in range(folds)])[fold]
    return held(psi, mean + 0.3 * rng.normal(size=clusters)[g], folds=fold, clusters=(g,))


@pytest.mark.parametrize(("clusters", "size"), [(400, 1), (60, 10)])
def test_a_random_ranking_is_rejected_at_most_one_time_in_twenty(clusters, size):
    found = [
        ranking(clustered_null(seed, clusters=clusters, size=size, folds=5), shares=(0.2, 0.5),
                seed=1)
        for seed in range(RUNS)
    ]  # fmt: skip
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)
    for kind in ("autoc", "qini"):
        assert np.mean([getattr(each, kind).p_value < 0.05 for each in found]) <= most
    outside = [np.any((each.low > 0) | (each.high < 0)) for each in found]
    assert np.mean(outside) <= most
    mean = np.mean([each.autoc.estimate for each in found])
    error = np.std([each.autoc.estimate for each in found]) / np.sqrt(RUNS)
    assert abs(mean) <= 4 * error


def test_heterogeneity_that_is_there_is_found():
    rng = np.random.default_rng(6)
    hits = []
    for _ in range(60):
        g = np.repeat(np.arange(200), 5)
        tau = rng.normal(size=200)[g]
        psi = tau + rng.normal(size=g.size) * 2
        found = ranking(held(psi, 0.5 * tau, folds=g % 5, clusters=(g,)), shares=(0.5,), seed=1)
        hits.append(found.autoc.p_value < 0.05 and found.autoc.estimate > 0)
    assert np.mean(hits) > 0.95
