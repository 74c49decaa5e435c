"""Slates: propensities are exact, and the frequencies are theirs."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from causal.data.platform import UNIT, Do, Policy, Ranker, Settings, simulate, tables
from causal.data.platform.randomness import Stream, gumbel
from causal.data.platform.ranking import rank

WORTH = np.array([0.4, -1.0, 1.3, 0.0])


def plackett_luce(worth: np.ndarray, order: tuple[int, ...]) -> float:
    """Probability of an ordering, from the definition."""
    left, total = list(range(worth.size)), 1.0
    for each in order:
        total *= np.exp(worth[each]) / np.exp(worth[left]).sum()
        left.remove(each)
    return float(total)


def test_propensities_multiply_to_the_probability_of_the_slate_and_sum_to_one():
    total = 0.0
    for order in permutations(range(4), 3):
        noise = np.full((1, 4), -50.0)
        noise[0, list(order)] = [50.0, 25.0, 0.0]
        made = rank(WORTH[None], noise, 3)
        assert tuple(made.place[0]) == order
        probability = float(made.propensity.prod())
        assert np.isclose(probability, plackett_luce(WORTH, order), rtol=1e-13)
        total += probability
    assert np.isclose(total, 1.0, rtol=1e-13)


def test_slates_come_as_often_as_their_propensity_says():
    runs = 60_000
    noise = gumbel(5, Stream.RANK, np.arange(runs)[:, None], np.arange(4)[None])
    made = rank(np.tile(WORTH, (runs, 1)), noise, 2)
    for order in permutations(range(4), 2):
        expected = plackett_luce(WORTH, order)
        came = (made.place == order).all(axis=1).mean()
        error = np.sqrt(expected * (1 - expected) / runs)
        assert abs(came - expected) < 4 * error


def test_places_without_a_candidate_stay_empty():
    worth = np.array([[0.0, -np.inf, 1.0], [-np.inf, -np.inf, -np.inf]])
    made = rank(worth, np.zeros((2, 3)), 3)
    assert made.shown.tolist() == [[True, True, False], [False, False, False]]
    assert np.isclose(made.propensity[0, 0], np.e / (1 + np.e))
    assert (made.propensity[0, 1:] == 1).all()


def test_exploration_is_uniform_over_the_candidates():
    world = simulate(Settings(seed=5, size=UNIT))
    seen = world.impressions
    rows = world.requests.explored[seen.request]
    left = world.requests.candidates[seen.request[rows]] - seen.position[rows]
    assert np.allclose(seen.propensity[rows], 1 / left, rtol=1e-12)
    share, requests = world.requests.explored.mean(), world.requests.explored.size
    assert abs(share - 0.05) < 4 * np.sqrt(0.05 * 0.95 / requests)


def test_logged_propensities_weigh_the_log_back_to_uniform():
    """By 1/propensity the first slot of production looks as if drawn uniformly.

    Each request's candidates are drawn before it is ranked, so the weighted mean of any trait of
    the item in the first slot has the sum over its candidates as expectation; for the trait 1 that
    is the number of candidates.
    """
    from dataclasses import replace

    soft = Settings(seed=6, size=UNIT)
    calm = replace(soft.distribution.ranker, temperature=1.5)
    world = simulate(replace(soft, distribution=replace(soft.distribution, ranker=calm)))
    first = world.impressions.position == 0
    gap = 1 / world.impressions.propensity[first] - world.requests.candidates
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(gap.size)


def test_a_shadow_of_the_usual_ranker_has_its_propensities():
    settings = Settings(seed=6, size=UNIT)
    other = Ranker(popularity=0.0, temperature=1.0)
    world = simulate(settings, shadows=(Ranker(), other))
    seen = world.impressions
    assert np.allclose(seen.shadow[:, 0], seen.propensity, rtol=1e-9)
    assert not np.allclose(seen.shadow[:, 1], seen.propensity, rtol=0.1)
    assert {"propensity_1", "propensity_2"} <= set(tables(world)["impressions"].columns)
    assert np.array_equal(simulate(settings).impressions.click, seen.click)


def test_the_log_reweighted_by_shadow_propensities_gives_the_value_of_the_other_ranker():
    """Clicks in the first slot on a day, against running the other ranker on that day alone."""
    settings = Settings(seed=6, size=UNIT)
    other = Ranker(popularity=0.0, temperature=0.6)
    usual = simulate(settings, shadows=(other,))
    seen, gaps, variances = usual.impressions, [], []
    for day in (8, 14, 20, 26):
        run = simulate(settings, Do(policies=(Policy(ranker=other, from_day=day),)), until=day + 1)
        rows = (usual.day() == day) & (seen.position == 0)
        value = (seen.shadow[rows, 0] / seen.propensity[rows]) * seen.click[rows]
        truth = run.impressions.click[(run.day() == day) & (run.impressions.position == 0)]
        gaps.append(value.mean() - truth.mean())
        variances.append(value.var() / value.size + truth.var() / truth.size)
    assert abs(np.sum(gaps)) < 4 * np.sqrt(np.sum(variances))
