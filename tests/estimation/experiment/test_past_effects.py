"""What past experiments say of true effects, against least squares and against plain integration."""

from __future__ import annotations

import numpy as np
import pytest

from causal.estimation.experiment._predicted import (
    measured_effect,
    true_effect,
    unlikely,
    weights,
)
from causal.estimation.experiment.past_effects import Draws, inverted, learn

SEED = 3


def drawn(
    experiments: int, noise: float, seed: int = 1, metrics: int = 2
) -> tuple[np.ndarray, ...]:
    """Effects, covariances of their errors, and groups."""
    rng = np.random.default_rng(seed)
    root = np.tril(np.full((metrics, metrics), 0.6)) + 0.6 * np.eye(metrics)
    true = 0.3 + rng.standard_normal((experiments, metrics)) @ root.T
    sizes = noise * np.exp(0.4 * rng.standard_normal((experiments, metrics)))
    errors = np.einsum("ni,nj,ij->nij", sizes, sizes, 0.3 + 0.7 * np.eye(metrics))
    seen = true + np.einsum(
        "nij,nj->ni", np.linalg.cholesky(errors), rng.standard_normal((experiments, metrics))
    )
    return seen, errors, np.arange(experiments)


def test_without_error_it_is_least_squares_with_its_interval() -> None:
    import statsmodels.api as sm

    seen, errors, group = drawn(30, 1e-6, metrics=3)
    found = learn(seen, errors, group, seed=SEED, left_out=False).whole
    fit = sm.OLS(seen[:, -1], sm.add_constant(seen[:, :-1])).fit()
    at = np.array([1.2, -0.4])
    told = fit.get_prediction(np.array([[1.0, *at]])).summary_frame(alpha=0.05).iloc[0]
    made = true_effect(found, at, np.zeros((2, 2)))
    width = told["obs_ci_upper"] - told["obs_ci_lower"]
    low, high = made.interval(0.95)
    assert made.mean == pytest.approx(told["mean"], abs=0.03 * width)
    assert low == pytest.approx(told["obs_ci_lower"], abs=0.04 * width)
    assert high == pytest.approx(told["obs_ci_upper"], abs=0.04 * width)
    assert weights(found, np.zeros((2, 2))) == pytest.approx(fit.params[1:], abs=0.05)


def test_given_mean_and_covariance_it_is_the_normal_conditional() -> None:
    s = np.array([[2.0, 0.8], [0.8, 1.0]])
    one = Draws(
        covariance=s[:, :, None],
        mean=np.array([[0.5], [0.1]]),
        spread=np.zeros((2, 2, 1)),
        weight=np.ones(1),
    )
    error = np.array([[0.5]])
    made = true_effect(one, np.array([1.5]), error)
    assert made.mean == pytest.approx(0.1 + 0.8 / 2.5 * 1.0)
    assert made.sds[0] ** 2 == pytest.approx(1.0 - 0.8**2 / 2.5)
    joint = np.array([[0.5, 0.2], [0.2, 0.3]])
    seen = measured_effect(one, np.array([1.5]), joint)
    assert seen.mean == pytest.approx(0.1 + 1.0 / 2.5)
    assert seen.sds[0] ** 2 == pytest.approx(1.3 - 1.0 / 2.5)
    assert unlikely(one, np.array([0.5]), error) == pytest.approx(1.0)
    assert unlikely(one, np.array([0.5 + 1.96 * 2.5**0.5]), error) == pytest.approx(0.05, abs=1e-4)


def test_noise_of_the_new_experiment_pulls_it_to_the_average() -> None:
    seen, errors, group = drawn(40, 0.3)
    found = learn(seen, errors, group, seed=SEED, left_out=False).whole
    average = float(found.weight @ found.mean[-1])
    away = [
        abs(true_effect(found, np.array([2.0]), np.array([[noise]])).mean - average)
        for noise in (0.0, 0.5, 2.0, 100.0)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.05 * away[0]


@pytest.mark.parametrize("noise", [0.3, 1.5])
def test_it_is_what_integration_on_a_grid_gives(noise: float) -> None:
    """Over both spreads and the correlation, with formulae for two metrics written out."""
    seen, errors, group = drawn(12, noise)
    place = np.linspace(-3.5, 2.5, 61)
    one, other, rho = np.meshgrid(
        np.exp(place), np.exp(place), np.tanh(np.linspace(-3, 3, 61)), indexing="ij"
    )
    a, b, c = one**2, rho * one * other, other**2
    ta, tb, tc = (each[..., None] + errors[:, i, j]
                  for each, i, j in ((a, 0, 0), (b, 0, 1), (c, 1, 1)))  # fmt: skip
    size = ta * tc - tb**2
    pa, pb, pc = tc / size, -tb / size, ta / size
    x, y = seen.T
    aa, ab, ac = pa.sum(-1), pb.sum(-1), pc.sum(-1)
    u, v = (pa * x + pb * y).sum(-1), (pb * x + pc * y).sum(-1)
    whole = aa * ac - ab**2
    mx, my = (ac * u - ab * v) / whole, (aa * v - ab * u) / whole
    squares = (pa * x**2 + 2 * pb * x * y + pc * y**2).sum(-1) - u * mx - v * my
    logs = np.log(size).sum(-1)
    density = -(logs + np.log(whole) + squares) / 2 - logs / 12
    density += 3 * np.log(one * other) + np.log(1 - rho**2)
    weight = np.exp(density - density.max())
    weight /= weight.sum()
    at, error = 1.0, 0.2
    slope = b / (a + error)
    expected = float((weight * (my + slope * (at - mx))).sum())
    found = learn(seen, errors, group, seed=SEED, left_out=False).whole
    made = true_effect(found, np.array([at]), np.array([[error]]))
    spread = made.interval(0.95)[1] - made.interval(0.95)[0]
    assert made.mean == pytest.approx(expected, abs=0.03 * spread)
    assert float(found.weight @ found.covariance[1, 1] ** 0.5) == pytest.approx(
        float((weight * other).sum()), rel=0.08
    )


def test_leaving_out_by_weights_is_learning_without() -> None:
    seen, errors, group = drawn(15, 0.4)
    found = learn(seen, errors, group, seed=SEED, left_out=True)
    assert len(found.without) == 15
    for out in (0, 7):
        rest = group != out
        alone = learn(seen[rest], errors[rest], np.arange(14), seed=9, left_out=False).whole
        at, error = seen[out, :1], errors[out, :1, :1]
        one, other = (true_effect(each, at, error) for each in (found.without[out], alone))
        width = other.interval(0.95)[1] - other.interval(0.95)[0]
        assert one.mean == pytest.approx(other.mean, abs=0.05 * width)
        assert one.interval(0.95) == pytest.approx(other.interval(0.95), abs=0.07 * width)


def test_arms_of_one_experiment_count_as_one() -> None:
    seen, errors, group = drawn(14, 0.5)
    once = learn(seen, errors, group, seed=SEED, left_out=False).whole
    twice = learn(
        np.repeat(seen, 2, axis=0), np.repeat(errors, 2, axis=0), np.repeat(group, 2),
        seed=SEED, left_out=False,
    ).whole  # fmt: skip
    at, error = np.array([1.0]), np.array([[0.1]])
    one, two = (true_effect(each, at, error).interval(0.95) for each in (once, twice))
    assert two == pytest.approx(one, abs=0.1 * (one[1] - one[0]))


def test_units_of_metrics_change_nothing_but_units() -> None:
    seen, errors, group = drawn(20, 0.5)
    times = np.array([100.0, 1e-3])
    one = learn(seen, errors, group, seed=SEED, left_out=False).whole
    other = learn(
        seen * times, errors * np.outer(times, times), group, seed=SEED, left_out=False
    ).whole
    here = true_effect(one, np.array([1.0]), np.array([[0.2]]))
    there = true_effect(other, np.array([100.0]), np.array([[2_000.0]]))
    assert there.mean == pytest.approx(1e-3 * here.mean, rel=1e-6)
    assert there.interval(0.9) == pytest.approx(
        [1e-3 * end for end in here.interval(0.9)], rel=1e-5
    )


def test_small_matrices_are_inverted() -> None:
    rng = np.random.default_rng(2)
    half = rng.standard_normal((5, 4, 4))
    given = half @ np.swapaxes(half, 1, 2) + np.eye(4)
    inverse, size = inverted(np.moveaxis(given, 0, 2))
    assert np.moveaxis(inverse, 2, 0) == pytest.approx(np.linalg.inv(given))
    assert size == pytest.approx(np.linalg.slogdet(given)[1])
