import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.stats import t as student

from causal.base.errors import DataError, DesignError
from causal.estimation.rollout._ar1 import gls_ar1
from causal.estimation.rollout._named import Named
from causal.estimation.rollout.series import series

NAMED = Named(rollout="launch", outcome="clicks")


def errors(rng, periods, rho):
    shocks = rng.normal(size=periods)
    out = np.empty(periods)
    out[0] = shocks[0] / np.sqrt(1 - rho**2)
    for t in range(1, periods):
        out[t] = rho * out[t - 1] + shocks[t]
    return out


def design(periods):
    t = np.arange(periods)
    return np.column_stack([np.ones(periods), t, t >= periods // 2])


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.9])
def test_with_rho_known_it_is_the_generalised_least_squares_of_statsmodels(rho):
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    x, y = design(40), errors(rng, 40, 0.5)
    theirs = sm.GLS(y, x, sigma=toeplitz(rho ** np.arange(40.0))).fit()
    ours = gls_ar1(y, x, grid=np.array([rho]))
    assert ours.beta == pytest.approx(theirs.params, rel=1e-9)
    assert ours.v == pytest.approx(theirs.cov_params(), rel=1e-9)
    assert ours.df == theirs.df_resid


def test_averages_over_rho_by_the_restricted_likelihood_of_whole_matrices():
    rng = np.random.default_rng(2)
    x, y, grid = design(30), errors(rng, 30, 0.6), np.linspace(0, 0.9, 10)
    weight, beta, v = [], [], []
    for rho in grid:
        omega = toeplitz(rho ** np.arange(30.0)) / (1 - rho**2)
        inverse = np.linalg.inv(omega)
        a = x.T @ inverse @ x
        b = np.linalg.solve(a, x.T @ inverse @ y)
        rest = (y - x @ b) @ inverse @ (y - x @ b)
        weight.append((np.linalg.det(omega) * np.linalg.det(a)) ** -0.5 * rest ** (-27 / 2))
        beta.append(b)
        v.append(np.linalg.inv(a) * rest / 27)
    weight, beta = np.array(weight) / np.sum(weight), np.array(beta)
    mean = weight @ beta
    spread = sum(w * (e + np.outer(b - mean, b - mean)) for w, b, e in zip(weight, beta, v))  # noqa: B905
    ours = gls_ar1(y, x, grid=grid)
    assert ours.beta == pytest.approx(mean, rel=1e-8)
    assert ours.v == pytest.approx(spread, rel=1e-8)
    assert ours.rho == pytest.approx(weight @ grid, rel=1e-8)


def test_a_series_without_noise_gives_back_step_slope_and_season():
    t = np.arange(70)
    season = np.array([0, 1, 3, 2, 5, 4, 0])[t % 7]
    y = 2 + 0.1 * t + season + (t >= 42) * (1.5 + 0.05 * (t - 42)) + 1e-6 * np.sin(t**2)
    found = series(y, 42, NAMED, season=7)
    assert found.estimates.values == pytest.approx([1.5 + 0.05 * 13.5, 1.5, 0.05], abs=1e-4)
    assert found.expected[42:] == pytest.approx((2 + 0.1 * t + season)[42:], abs=1e-4)
    assert found.estimates.refusal == ("",) * 3
    assert {each.identification for each in found.estimates.labels} == {"descriptive"}


def test_the_effect_is_what_was_seen_beyond_the_expected_course():
    y = errors(np.random.default_rng(3), 80, 0.3)
    found = series(y, 50, NAMED)
    after = np.arange(30)
    fitted = found.expected[50:] + found.estimates.values[1] + found.estimates.values[2] * after
    assert found.estimates.values[0] == pytest.approx((fitted - found.expected[50:]).mean())
    assert found.estimates.baseline[0] == pytest.approx(found.expected[50:].mean())


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_the_interval_covers_as_often_as_it_says(rho):
    runs = 200
    hits = 0
    for seed in range(runs):
        rng = np.random.default_rng([seed, 7])
        y = errors(rng, 84, rho) + np.sin(2 * np.pi * np.arange(84) / 7)
        found = series(y, 56, NAMED, season=7).estimates
        hits += abs(found.values[0]) <= student.ppf(0.975, found.df[0]) * found.std_errors[0]
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_neighbours_that_are_too_alike_are_refused_and_independent_ones_are_not():
    walk = np.cumsum(np.random.default_rng(3).normal(size=112))
    assert "too few periods for how alike" in series(walk, 74, NAMED).estimates.refusal[0]
    white = np.random.default_rng(4).normal(size=112)
    assert series(white, 74, NAMED).estimates.refusal[0] == ""


def test_too_few_periods_for_the_season_are_refused():
    y = np.random.default_rng(5).normal(size=40)
    found = series(y, 20, NAMED, season=7)
    assert found.estimates.refusal[0] == "too few periods: 40 for 10 coefficients, 60 are needed"


def test_an_outcome_that_never_changes_is_refused():
    assert series(np.full(60, 3.0), 30, NAMED).estimates.refusal[0] == "the outcome does not vary"


@pytest.mark.parametrize("launch", [0, 1, 59, 60])
def test_a_launch_at_an_end_of_the_series_is_an_error(launch):
    with pytest.raises(DesignError, match="two periods before it and two from it on"):
        series(np.random.default_rng(6).normal(size=60), launch, NAMED)


def test_fewer_than_two_seasons_before_the_launch_are_an_error():
    with pytest.raises(DesignError, match="fewer than two seasons of 7"):
        series(np.random.default_rng(6).normal(size=60), 13, NAMED, season=7)


def test_a_gap_in_the_series_is_an_error():
    y = np.random.default_rng(6).normal(size=60)
    y[5] = np.nan
    with pytest.raises(DataError, match="1 of 60 periods have no value"):
        series(y, 30, NAMED)


def test_columns_that_add_up_are_an_error():
    with pytest.raises(DataError, match="add up to one another"):
        gls_ar1(np.arange(10.0), np.ones((10, 2)))
