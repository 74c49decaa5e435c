"""Bounds and power before adoption: as published, and covering at the edge of what they allow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, f, multivariate_normal, norm

from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment.effects import root
from causal.estimation.rollout.honest import (
    _larger_of_two,
    breakdown,
    fixed_length,
    relative_magnitudes,
    smoothness,
)
from causal.estimation.rollout.pretrends import (
    no_trend,
    power,
    power_of_largest,
    power_of_test,
)

# Event study of Benzarti and Carloni (2019), as the R package HonestDiD ships it.
BETA = np.array(
    [
        0.006696352, 0.029345034, -0.006472972, 0.073014989,
        0.195961118, 0.312063903, 0.239541546, 0.126042500,
    ]
)  # fmt: skip
V = np.array(
    [
        [8.428358e-04, 4.768687e-04, 2.618051e-04, 0.0002354220, 0.0001676371, 0.0001128708, 1.992816e-05, -1.368265e-04],
        [4.768687e-04, 6.425420e-04, 3.987425e-04, 0.0002435515, 0.0002201960, 0.0001804591, 3.843765e-05, -2.960422e-05],
        [2.618051e-04, 3.987425e-04, 5.229950e-04, 0.0002117686, 0.0001840722, 0.0001458528, 7.005197e-05, 5.952995e-05],
        [2.354220e-04, 2.435515e-04, 2.117686e-04, 0.0003089595, 0.0001197866, 0.0001334081, 1.016335e-04, 1.079052e-04],
        [1.676371e-04, 2.201960e-04, 1.840722e-04, 0.0001197866, 0.0003599704, 0.0002478819, 1.749579e-04, 1.654257e-04],
        [1.128708e-04, 1.804591e-04, 1.458528e-04, 0.0001334081, 0.0002478819, 0.0004263950, 2.171438e-04, 2.892748e-04],
        [1.992816e-05, 3.843765e-05, 7.005197e-05, 0.0001016335, 0.0001749579, 0.0002171438, 4.886698e-04, 3.805322e-04],
        [-1.368265e-04, -2.960422e-05, 5.952995e-05, 0.0001079052, 0.0001654257, 0.0002892748, 3.805322e-04, 7.617394e-04],
    ]
)  # fmt: skip
FIRST = np.array([1.0, 0, 0, 0])


def test_smoothness_bounds_are_those_of_other_software() -> None:
    published = {
        0.0: (0.13152, 0.21618),
        0.1: (0.11940, 0.41855),
        0.2: (0.01940, 0.51855),
        0.3: (-0.08060, 0.61855),
    }
    for bound, ends in published.items():
        found = smoothness(BETA, V, 4, FIRST, bound, level=0.95)
        np.testing.assert_allclose(found, ends, atol=8e-5)


SHORT = np.array([1, 0, 1, 1.2])
LONG = np.array([1, 0, 1, 1.2, 1.36666666666667, 1.53333333333333, 1.7])
LAGGED = np.array([[0.01 * 0.5 ** abs(i - j) for j in range(4)] for i in range(4)])
GOLDEN = [
    (SHORT, np.eye(4) * 0.01, [1], 0.0, 1.485755, 0.202876),
    (SHORT, np.eye(4) * 0.01, [1], 0.05, 1.526349, 0.250459),
    (SHORT, np.eye(4) * 0.01, [1], 0.1, 1.674526, 0.313459),
    (SHORT, np.eye(4) * 0.01, [1], 0.2, 2.034782, 0.431217),
    (SHORT, np.eye(4) * 0.01, [1], 0.5, 2.2, 0.732617),
    (SHORT, LAGGED, [1], 0.0, 1.128535, 0.195119),
    (SHORT, LAGGED, [1], 0.05, 1.068735, 0.271014),
    (SHORT, LAGGED, [1], 0.1, 1.194127, 0.351476),
    (SHORT, LAGGED, [1], 0.2, 2.001436, 0.484212),
    (LONG, np.eye(7) * 0.01, [0.25] * 4, 0.0, 2.164286, 0.163563),
    (LONG, np.eye(7) * 0.01, [0.25] * 4, 0.05, 2.203037, 0.476586),
    (LONG, np.eye(7) * 0.01, [0.25] * 4, 0.1, 2.266945, 0.793334),
    (LONG, np.eye(7) * 0.01, [0.25] * 4, 0.5, 3.95, 2.919357),
]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{len(case[0])}-{case[3]}")
def test_fixed_length_intervals_are_those_of_honestdid(case) -> None:
    beta, v, weights, bound, centre, half = case
    found = fixed_length(beta, v, 3, np.array(weights, dtype=float), bound, level=0.95)
    assert found[0] == pytest.approx(centre, abs=2e-4)
    assert found[1] == pytest.approx(half, abs=2e-6)


def test_relative_magnitudes_hold_what_the_conditional_test_holds_and_little_more() -> None:
    """The sharper set of Rambachan and Roth (hybrid, least favourable) lies within ours."""
    conditional = {
        0.5: (0.1228, 0.2682),
        1.0: (0.0677, 0.3183),
        1.5: (0.0175, 0.3684),
        2.0: (-0.0376, 0.4236),
    }
    ours = {
        0.5: (0.1113, 0.2787),
        1.0: (0.0580, 0.3280),
        1.5: (0.0029, 0.3786),
        2.0: (-0.0527, 0.4337),
    }
    for bound, (low, high) in conditional.items():
        found = relative_magnitudes(BETA, V, 4, FIRST, bound, level=0.95)
        np.testing.assert_allclose(found, ours[bound], atol=6e-5)
        assert found[0] <= low < high <= found[1]
        assert found[1] - found[0] < 1.2 * (high - low)
    assert breakdown(BETA, V, 4, FIRST, level=0.95) == pytest.approx(1.526, abs=6e-4)
    assert breakdown(-BETA, V, 4, FIRST, level=0.95) == pytest.approx(1.526, abs=6e-4)


def test_the_larger_of_two_is_that_of_scipy() -> None:
    for rho in (-1.0, -0.999, -0.5, 0.0, 0.7, 0.99):
        critical = _larger_of_two(rho, 0.05, np.inf)
        law = multivariate_normal(cov=[[1, rho], [rho, 1]], allow_singular=True)
        assert law.cdf([critical] * 2) == pytest.approx(0.95, abs=1e-7)


def test_without_any_drift_the_bound_is_the_interval() -> None:
    plain = BETA[4] + np.array([-1, 1]) * norm.isf(0.025) * np.sqrt(V[4, 4])
    found = relative_magnitudes(BETA, V, 4, FIRST, 0.0, level=0.95)
    np.testing.assert_allclose(found, plain, atol=1e-9)
    none = relative_magnitudes(0 * BETA, V, 4, FIRST, 0.0, level=0.95)
    assert breakdown(0 * BETA, V, 4, FIRST, level=0.95) == 0
    assert none[0] < 0 < none[1]
    assert breakdown(100 * np.r_[0 * BETA[:4], BETA[4:]], V, 4, FIRST, level=0.95) == np.inf


def test_few_degrees_of_freedom_widen_the_bounds() -> None:
    wide = relative_magnitudes(BETA, V, 4, FIRST, 1.0, level=0.95, df=6.0)
    slim = relative_magnitudes(BETA, V, 4, FIRST, 1.0, level=0.95)
    assert wide[0] < slim[0] < slim[1] < wide[1]
    wide = smoothness(BETA, V, 4, FIRST, 0.1, level=0.95, df=6.0)
    slim = smoothness(BETA, V, 4, FIRST, 0.1, level=0.95)
    assert wide[1] - wide[0] > slim[1] - slim[0]


@pytest.mark.parametrize("step", [0.0, 0.02, 0.1])
def test_the_bound_covers_where_it_allows_just_as_much(step) -> None:
    """The largest step is before adoption, and every later one as large: nothing is to spare."""
    runs = 200
    drift = np.concatenate([[-step, 0, 0, 0], step * np.arange(1, 5)])
    rng = np.random.default_rng(1)
    factor = np.linalg.cholesky(V)
    hits = 0
    for _ in range(runs):
        drawn = drift + factor @ rng.normal(size=8)
        low, high = relative_magnitudes(drawn, V, 4, FIRST, 1.0, level=0.95)
        hits += low <= 0 <= high
    assert hits >= binom.ppf(0.001, runs, 0.95)


def test_power_is_that_of_pretrends() -> None:
    v = np.full((3, 3), 0.012) + np.eye(3) * 0.028
    times = np.array([-3.0, -2, -1])
    critical = float(norm.isf(0.025))
    for slope, expected in ((0.0, 0.136261), (0.2, 0.905587), (0.5, 1.0)):
        assert power(slope, v, times, critical=critical) == pytest.approx(expected, abs=2e-4)
    found = power_of_largest(v, times, critical=critical)
    assert found.slope_50 == pytest.approx(0.110855, abs=1e-4)
    assert found.slope_80 == pytest.approx(0.168539, abs=1e-4)
    four = np.full((4, 4), 0.012) + np.eye(4) * 0.028
    found = power_of_largest(four, np.array([-5.0, -4, -3, -2]), critical=critical)
    assert found.slope_50 == pytest.approx(0.058028, abs=1e-4)
    assert found.slope_80 == pytest.approx(0.091798, abs=1e-4)
    one = power_of_largest(np.array([[0.25]]), np.array([-1.0]), critical=critical)
    assert one.slope_50 == pytest.approx(0.979923, abs=1e-4)
    assert one.slope_80 == pytest.approx(1.400811, abs=1e-4)


def before(values: np.ndarray, v: np.ndarray, df: float) -> Estimates:
    label = Label(
        attribute="r", contrast="c", outcome="y", estimand="ATT", design="d", estimator="e",
        population="p", identification="i",
    )  # fmt: skip
    k = values.size
    return Estimates(
        labels=(label,) * k,
        sizes=(Size(units=1, clusters=1, treated=1.0, effective_units=1.0),) * k,
        values=values,
        influence=root(v),
        ways=(),
        df=np.full(k, df),
        baseline=np.full(k, np.nan),
        baseline_variance=np.full((k, 2), np.nan),
        refusal=("",) * k,
    )


def test_the_joint_test_is_wald_and_finds_a_drift_but_no_noise() -> None:
    v = V[:4, :4]
    found = no_trend(before(BETA[:4], v, 1e9))
    wald = BETA[:4] @ np.linalg.inv(v) @ BETA[:4]
    assert found.p_value == pytest.approx(f.sf(wald / 4, 4, 1e9), rel=1e-4)
    few = no_trend(before(BETA[:4], v, 3.0))
    assert few.form == "largest"
    assert few.p_value > found.p_value
    drift = no_trend(before(np.arange(-4.0, 0) * 0.1, v, 30.0))
    assert drift.p_value < 0.001
    assert np.isnan(no_trend(before(np.array([np.nan]), np.eye(1), 5.0)).p_value)
    rng = np.random.default_rng(1)
    draws = [
        no_trend(before(rng.multivariate_normal(np.zeros(4), v), v, 1e6)).p_value < 0.05
        for _ in range(300)
    ]
    assert sum(draws) <= binom.ppf(0.999, 300, 0.05)


@pytest.mark.parametrize(("degrees", "form"), [(20, "joint"), (2.5, "largest")])
def test_power_is_that_of_the_test_which_decides(degrees: float, form: str) -> None:
    """Errors are estimated, as the test takes them to be."""
    runs, alpha = 1_500, 0.05
    v = np.full((3, 3), 0.012) + np.eye(3) * 0.028
    times = np.array([-3.0, -2, -1])
    wanted = power_of_test(before(np.zeros(3), v, degrees), times, alpha=alpha)
    rng = np.random.default_rng(4)
    factor = np.linalg.cholesky(v)
    for slope, share in ((wanted.slope_50, 0.5), (wanted.slope_80, 0.8)):
        found = 0
        for _ in range(runs):
            values = slope * times + factor @ rng.normal(size=3)
            if form == "joint":
                draws = rng.normal(size=(int(degrees), 3)) @ factor.T
                made = before(values, draws.T @ draws / degrees, degrees)
            else:
                made = before(values, v, degrees)
            test = no_trend(made)
            assert test.form == form
            found += test.p_value < alpha
        assert abs(found / runs - share) < 3 * (share * (1 - share) / runs) ** 0.5
