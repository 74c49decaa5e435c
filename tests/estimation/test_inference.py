"""Intervals and tests against tables, closed forms and hand computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage.panels import column, known, panel, setting, study
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation._inference import (
    DRAWS,
    adjust,
    all_equal,
    differences_from_average,
    infer,
    inside_margin,
    wald_df,
)
from causal.estimation._scores import Segments, effective_clusters
from causal.estimation.aipw import AIPW

CELLS = 400
LABEL = Label(
    attribute="a", contrast="1 - 0", outcome="y", estimand="ATE", design="d", estimator="e",
    population="p", identification="randomized",
)  # fmt: skip


def estimates_of(values: np.ndarray, covariance: np.ndarray, df: float) -> Estimates:
    """Estimates with exactly this covariance."""
    p = values.size
    raw = np.random.default_rng(0).normal(size=(CELLS, p))
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw)).T
    root = np.linalg.cholesky(covariance)
    return Estimates(
        labels=(LABEL,) * p,
        sizes=(Size(units=1, clusters=1, treated=None, effective_units=1.0),) * p,
        values=values,
        influence=white @ root.T * np.sqrt((CELLS - 1) / CELLS),
        ways=(np.arange(CELLS),),
        df=np.full(p, df),
        baseline=np.full(p, np.nan),
        baseline_variance=np.full((p, 2), np.nan),
        refusal=("",) * p,
    )


def critical(covariance: np.ndarray, df: float) -> float:
    estimates = estimates_of(np.zeros(covariance.shape[0]), covariance, df)
    found = infer(estimates, level=0.95, multiplicity="simultaneous", seed=1, family="t")
    return float(found.critical[0])


def tail_error(level: float, value: float, step: float = 0.02) -> float:
    """Three Monte Carlo errors of a quantile, from the slope of the normal tail of the maximum."""
    from scipy.stats import norm

    density = (norm.cdf(value + step) ** 3 - norm.cdf(value - step) ** 3) / (2 * step) * 2
    return 3 * float(np.sqrt(level * (1 - level) / DRAWS) / density)


def equicorrelated(p: int, rho: float) -> np.ndarray:
    return np.full((p, p), rho) + (1 - rho) * np.eye(p)


def test_the_simultaneous_critical_value_is_dunnetts() -> None:
    """Dunnett (1964), table II: three comparisons with a control, two-sided 5%, infinite df."""
    assert critical(equicorrelated(3, 0.5), 1e6) == pytest.approx(2.35, abs=tail_error(0.05, 2.35))


def test_independent_estimates_have_sidaks_critical_value_for_any_df() -> None:
    from scipy.stats import t

    for df in (5.0, 20.0, 1e6):
        sidak = t.isf((1 - 0.95 ** (1 / 3)) / 2, df)
        steeper = (t.isf(0.0083, df) - t.isf(0.0087, df)) / 0.0004
        error = 3 * np.sqrt(0.05 * 0.95 / DRAWS) / 3 / 2 * steeper
        assert critical(np.eye(3), df) == pytest.approx(sidak, abs=1.5 * error)


def test_with_few_df_it_lies_between_dunnetts_and_sidaks() -> None:
    """Dunnett's table has one variance for all: 3 comparisons, 10 df, 2.76."""
    from scipy.stats import t

    assert 2.70 < critical(equicorrelated(3, 0.5), 10.0) < t.isf((1 - 0.95 ** (1 / 3)) / 2, 10)


def test_estimates_that_are_one_have_the_pointwise_value() -> None:
    from scipy.stats import norm

    assert critical(equicorrelated(4, 1 - 1e-9), 1e6) == pytest.approx(norm.isf(0.025), abs=0.05)


def test_holm_and_benjamini_hochberg_by_hand() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03])
    np.testing.assert_allclose(adjust(p, np.zeros(0), "holm"), [0.03, np.nan, 0.06, 0.06])
    np.testing.assert_allclose(adjust(p, np.zeros(0), "bh"), [0.03, np.nan, 0.04, 0.04])
    np.testing.assert_allclose(adjust(p, np.zeros(0), "none"), p)


def with_baseline(theta: float, se: float, mu: float, cov: float, var: float) -> Estimates:
    made = estimates_of(np.array([theta]), np.array([[se**2]]), 1e9)
    return replace(made, baseline=np.array([mu]), baseline_variance=np.array([[cov, var]]))


def test_fiellers_interval_solves_its_equation() -> None:
    """The bounds are where theta - r mu is just on the edge of its own interval."""
    theta, se, mu, cov, var = 2.0, 0.5, 5.0, -0.1, 0.3
    z = 1.959963985
    found = infer(
        with_baseline(theta, se, mu, cov, var), level=0.95, multiplicity="none", seed=0, family="r"
    )
    roots = np.roots([mu**2 - z**2 * var, -2 * (theta * mu - z**2 * cov), theta**2 - z**2 * se**2])
    assert [found.relative_low[0], found.relative_high[0]] == pytest.approx(sorted(roots), rel=1e-6)
    for r in roots:
        assert abs(theta - r * mu) == pytest.approx(z * np.sqrt(se**2 - 2 * r * cov + r**2 * var))


def test_a_baseline_that_may_be_zero_gives_no_relative_interval() -> None:
    found = infer(
        with_baseline(2.0, 0.5, 1.0, 0.0, 0.3), level=0.95, multiplicity="none", seed=0, family="r"
    )
    assert np.isnan(found.relative_low[0])
    assert np.isnan(found.relative_high[0])
    assert found.relative[0] == 2.0


def test_a_margin_is_ruled_out_with_the_baselines_own_error() -> None:
    small = with_baseline(0.0, 0.1, 5.0, 0.0, 0.0)
    one = np.ones(1)
    assert inside_margin(small, 0.1 * one, 2.0 * one, 0.05 * one)[0]
    assert not inside_margin(small, 0.1 * one, 2.0 * one, 0.03 * one)[0]
    vague = with_baseline(0.0, 0.1, 5.0, 0.0, 9.0)
    assert not inside_margin(vague, 0.1 * one, 2.0 * one, 0.05 * one)[0]


def test_equality_of_segments_by_hand() -> None:
    from scipy.stats import chi2

    v = np.diag([1.0, 4.0, 9.0])
    values = np.array([1.0, 2.0, 6.0])
    w = 1 / np.diag(v)
    by_hand = float(np.sum(w * (values - w @ values / w.sum()) ** 2))
    found = all_equal(estimates_of(values, v, 1e9))
    assert found.statistic == pytest.approx(by_hand * 1.0, rel=1e-9)
    assert found.df == 2
    # All cells lie in every segment here, so that their number is what bounds the df.
    assert found.p_value == pytest.approx(chi2.sf(by_hand, 2), rel=0.02)


def test_equality_of_two_segments_with_own_clusters_has_welchs_df() -> None:
    own = np.repeat(np.eye(2, dtype=bool), [6, 11], axis=0)
    variances, df = np.array([2.0, 3.0]), np.array([5.0, 10.0])
    welch = variances.sum() ** 2 / np.sum(variances**2 / (df + 1))
    assert wald_df(variances, df, own) == pytest.approx(welch)


def test_the_difference_from_average_by_hand() -> None:
    """A segment of share p against all: (1 - p) times its difference from the rest."""
    rng = np.random.default_rng(1)
    n = 2_000
    s = (rng.random(n) < 0.3).astype(np.int64)
    a = rng.integers(2, size=n).astype(float)
    y = a * (1 + s) + rng.normal(size=n)
    made = panel([column("a", a, 2), column("x", s)], y)
    at = setting(study(), made, "adjusted", known(n, np.zeros((n, 2)), np.full((n, 2), 0.5)))
    both = AIPW().fit(at, (Segments(name="s", codes=s, levels=("no", "yes")),))
    parts, whole = both.select(np.array([1, 2])), both.select(np.array([0]))
    difference, error, p, _ = differences_from_average(parts, whole)
    psi = 2 * y * (2 * a - 1)
    share = s.mean()
    gap = psi[s == 1].mean() - psi[s == 0].mean()
    assert difference[1] == pytest.approx((1 - share) * gap)
    assert difference[0] == pytest.approx(-share * gap)
    within = np.where(s == 1, (psi - psi[s == 1].mean()) / share, 0) - (psi - psi.mean())
    assert error[1] == pytest.approx(np.sqrt(np.sum(within**2) / n / (n - 1)), rel=1e-9)
    assert p[1] < 1e-6


def test_effective_clusters_count_what_really_varies() -> None:
    assert effective_clusters(np.ones(20), np.ones(20)) == pytest.approx(20)
    assert effective_clusters(np.ones(20), np.zeros(20)) == pytest.approx(20)
    one_large = np.r_[100.0, np.ones(19)]
    assert effective_clusters(one_large, np.sqrt(one_large)) < 2


def test_a_root_of_the_covariance_stands_in_for_clusters() -> None:
    v = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 3.0]])
    cells = replace(
        estimates_of(np.array([1.0, -2.0, 4.0]), v, 39.0),
        baseline=np.array([9.0, 0.1, 8.0]),
        baseline_variance=np.tile([-0.3, 1.0], (3, 1)),
    )
    sums_only = replace(cells, influence=np.linalg.cholesky(v).T, ways=())
    assert sums_only.covariance() == pytest.approx(v)
    assert sums_only.std_errors == pytest.approx(cells.std_errors)
    assert all_equal(sums_only).statistic == pytest.approx(all_equal(cells).statistic)
    one, other = (
        infer(e, level=0.95, multiplicity="simultaneous", seed=1, family="f")
        for e in (cells, sums_only)
    )
    assert other.simultaneous_low == pytest.approx(one.simultaneous_low)
    assert other.relative_high == pytest.approx(one.relative_high, nan_ok=True)
