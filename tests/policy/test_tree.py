"""The short rule: exact search, and a value that is honest about it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from causal.evaluation._heterogeneity import held
from causal.policy.tree import policy_tree


def brute(gain, x, cuts, depth):
    """The largest sum over every rule of a depth, by trying them all."""

    def best(rows, depth):
        value = max(gain[rows].sum(), 0.0)
        if depth:
            for j, cut in itertools.product(range(x.shape[1]), cuts):
                left = x[:, j] <= cut
                if (rows & left).any() and (rows & ~left).any():
                    value = max(value, best(rows & left, depth - 1) + best(rows & ~left, depth - 1))
        return value

    return best(np.ones(gain.size, dtype=bool), depth)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_the_search_finds_the_best_rule_there_is(depth, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(4, size=(60, 3)).astype(float)
    psi = rng.normal(size=60)
    rule = policy_tree(held(psi, psi), x, depth=depth, least=0.0)
    worth = psi @ rule.tree.treats(x)
    assert worth == pytest.approx(brute(psi, x, [0.5, 1.5, 2.5], depth))


def test_a_rule_found_in_noise_is_worth_nothing():
    values, errors = [], []
    for seed in range(200):
        rng = np.random.default_rng([1, seed])
        psi, x = rng.normal(size=200), rng.normal(size=(200, 3))
        rule = policy_tree(held(psi, psi, folds=np.arange(200) % 5), x)
        values.append(rule.over_none.estimate)
        errors.append(rule.over_none.ci_low > 0)
    assert np.mean(values) <= 3 * np.std(values) / np.sqrt(200)
    assert np.mean(errors) <= 0.025 + 3 * np.sqrt(0.025 / 200)


def test_the_value_covers_the_truth_of_the_rules_it_measures():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng([2, seed])
        g = np.repeat(np.arange(60), 5)
        x = rng.normal(size=(300, 2))
        tau = np.where(x[:, 0] > 0, 1.0, -1.0)
        psi = tau + rng.normal(size=60)[g] + rng.normal(size=300)
        rule = policy_tree(held(psi, psi, folds=g % 5, clusters=(g,)), x, depth=1)
        truth = np.mean(np.maximum(tau, 0))
        hits += rule.over_none.ci_low <= truth <= rule.over_none.ci_high
    assert hits / 200 > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 200)


def test_a_rule_can_lower_an_outcome_and_count_a_cost():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(500, 1))
    psi = np.where(x[:, 0] > 0, -1.0, 1.0) + 0.1 * rng.normal(size=500)
    given = held(psi, psi, folds=np.arange(500) % 5)
    lower = policy_tree(given, x, depth=1, direction=-1)
    assert lower.tree.leaves == (False, False, True, True)
    assert lower.over_none.estimate == pytest.approx(0.5, abs=0.1)
    assert policy_tree(given, x, depth=1, cost=2.0).treated == 0.0


def test_weights_and_repeats_agree():
    rng = np.random.default_rng(4)
    x, psi, times = rng.normal(size=(80, 2)), rng.normal(size=80), rng.integers(1, 3, size=80)
    x = np.round(x)
    one = policy_tree(held(psi, psi, weight=times.astype(float)), x, least=0.0)
    two = policy_tree(held(np.repeat(psi, times), np.repeat(psi, times)), np.repeat(x, times, 0),
                      least=0.0)  # fmt: skip
    assert one.tree == two.tree
