"""Splits against their plan: exact, by chi-square and at every look."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import binom, binomtest, chi2, multinomial

from causal.base.streams import stream
from causal.diagnostics.experiment._looks import at_looks, concentration
from causal.diagnostics.experiment._multinomial import (
    anytime_p,
    exact_p,
    log_bayes_factor,
    pearson,
    peeled_p,
    split_p,
)

HALF = np.array([0.5, 0.5])


@pytest.mark.parametrize(
    ("observed", "shares"),
    [((3, 0, 1), (0.5, 0.25, 0.25)), ((5, 1, 0, 0), (0.4, 0.3, 0.2, 0.1)), ((9, 1), (0.5, 0.5))],
)
def test_the_exact_p_is_that_of_listing_every_division(observed, shares):
    n = sum(observed)
    chance = multinomial(n, shares)
    own = chance.pmf(observed)
    every = [each for each in product(range(n + 1), repeat=len(observed)) if sum(each) == n]
    wanted = sum(p for p in map(chance.pmf, every) if p <= own * (1 + 1e-9))
    assert exact_p(np.array(observed), np.array(shares)) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("k", "n", "share"), [(1, 12, 0.5), (9, 40, 0.1), (0, 9, 0.3)])
def test_with_two_arms_the_exact_test_is_the_binomial_one(k, n, share):
    observed, shares = np.array([k, n - k]), np.array([share, 1 - share])
    wanted = binomtest(k, n, share).pvalue
    assert exact_p(observed, shares) == pytest.approx(wanted, rel=1e-9)
    assert peeled_p(observed, shares) == pytest.approx(wanted, rel=1e-9)


def test_small_expected_counts_are_tested_exactly_and_large_ones_by_chi_square():
    small, large = np.array([1, 8]), np.array([1000, 1100])
    assert split_p(small, HALF) == exact_p(small, HALF)
    assert split_p(large, HALF) == pytest.approx(chi2.sf(pearson(large, HALF), 1), rel=1e-12)
    assert split_p(large, HALF) == pytest.approx(0.029096, abs=5e-7)


def test_far_tails_of_small_arms_are_not_exaggerated():
    n, shares = 285, np.array([0.05, 0.95])
    k = np.arange(n + 1)
    p = np.array([split_p(np.array([each, n - each]), shares) for each in k])
    chi = np.array([chi2.sf(pearson(np.array([each, n - each]), shares), 1) for each in k])
    chance = binom.pmf(k, n, 0.05)
    for alpha in (0.001, 1e-4, 1e-5):
        assert chance[p <= alpha].sum() <= alpha * (1 + 1e-9)
    assert chance[chi <= 1e-5].sum() > 4e-5


def test_peeled_arms_are_valid_where_divisions_are_too_many_to_list():
    shares = np.array([0.004, 0.396, 0.6])
    draws = stream(3, "peeled").multinomial(1_500, shares, size=400)
    p = np.array([split_p(each, shares) for each in draws])
    for alpha in (0.05, 0.2):
        allowed = alpha + 3 * math.sqrt(alpha * (1 - alpha) / 400)
        assert (p <= alpha).mean() <= allowed
    assert split_p(np.array([30, 594, 876]), shares) < 1e-6


def test_an_empty_split_says_nothing():
    assert split_p(np.array([0, 0]), HALF) == 1.0
    assert split_p(np.array([7]), np.array([1.0])) == 1.0


@pytest.mark.parametrize(
    ("observed", "prior", "log"),
    [
        ((1_000, 1_100), 10_000, 0.31795),
        ((10_000, 10_500), 10_000, 3.54109),
        ((50_500, 49_500), 10_000, 3.34659),
        ((1_000, 1_100), 100, 0.7266),
        ((10_000, 10_500), 100, 3.4024),
        ((50_500, 49_500), 100, 1.5383),
    ],
)
def test_known_bayes_factors(observed, prior, log):
    assert log_bayes_factor(np.array(observed), HALF, prior) == pytest.approx(log, abs=1e-4)
    a, b = observed
    beta = betaln(prior / 2 + a, prior / 2 + b) - betaln(prior / 2, prior / 2)
    assert log_bayes_factor(np.array(observed), HALF, prior) == pytest.approx(
        beta + (a + b) * math.log(2), abs=1e-6
    )


def test_the_bayes_factor_is_that_of_predicting_unit_after_unit():
    shares, prior = np.array([0.5, 0.3, 0.2]), 20.0
    seen, log = np.zeros(3), 0.0
    for arm in [0, 2, 2, 1, 0, 2, 2]:
        log += math.log((prior * shares[arm] + seen[arm]) / (prior + seen.sum()) / shares[arm])
        seen[arm] += 1
    assert log_bayes_factor(seen.astype(int), shares, prior) == pytest.approx(log, abs=1e-9)


def test_a_mixture_tuned_to_the_plan_needs_the_least_deviation_there():
    def needed(prior: float) -> float:
        apart = np.arange(0, 4_000, 2)
        p = np.array([anytime_p(np.array([30_000 + d, 30_000 - d]), HALF, prior) for d in apart])
        return float(apart[p < 0.001][0])

    tuned = concentration(60_000, 1)
    assert needed(tuned) <= min(needed(tuned / 3), needed(tuned * 3))


@pytest.mark.parametrize("looks", [20])
def test_looking_every_day_raises_no_more_alarms_than_it_says(looks):
    alpha, runs = 0.05, 800
    rng = stream(5, "looks")
    counts = rng.multinomial(500, HALF, size=(runs, looks)).cumsum(axis=1)
    prior = concentration(500 * looks, 1)
    alarms = once = normal = 0
    for each in counts:
        p = [split_p(now, HALF) for now in each]
        alarms += min(anytime_p(now, HALF, prior) for now in each) < alpha
        again = zip(p, each, strict=True)
        normal += min(at_looks(q, 1, int(now.sum()), 500 * looks) for q, now in again) < alpha
        once += min(p) < alpha
    error = math.sqrt(alpha * (1 - alpha) / runs)
    assert max(alarms, normal) / runs <= alpha + 2 * error
    assert once / runs > alpha + 5 * error
