"""Estimates and errors equal those of econml, DoubleML and statsmodels, given the same models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.coverage.panels import column, known, panel, setting, study
from causal.estimation._estimates import Estimates
from causal.estimation._nuisances import Nuisances
from causal.estimation.aipw import AIPW
from causal.estimation.difference_in_means import DifferenceInMeans
from causal.estimation.partially_linear import PartiallyLinear

TIGHT = 1e-8
ROWS = 600


def plain(estimates: Estimates, groups: int) -> np.ndarray:
    """Standard errors without the factor G / (G - 1)."""
    return estimates.std_errors * np.sqrt((groups - 1) / groups)


class Outcome:
    """Outcome models for econml that look predictions up: the row is the first feature."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"table": self.table}

    def fit(self, x: np.ndarray, y: np.ndarray, **_: Any) -> Outcome:
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        levels = self.table.shape[1]
        level = (x[:, -(levels - 1) :] @ np.arange(1, levels)).astype(int)
        return self.table[x[:, 0].astype(int), level]


class Propensity:
    """Propensity models for econml that look probabilities up."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"table": self.table}

    def fit(self, x: np.ndarray, y: np.ndarray, **_: Any) -> Propensity:
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        return self.table[x[:, 0].astype(int)]


@pytest.mark.parametrize("levels", [2, 3])
def test_aipw_equals_econml_given_the_same_predictions(levels: int) -> None:
    from econml.dr import LinearDRLearner

    rng = np.random.default_rng(levels)
    e = rng.dirichlet(np.full(levels, 5.0), ROWS)
    e = np.clip(e, 0.05, None) / np.clip(e, 0.05, None).sum(axis=1, keepdims=True)
    f = rng.normal(size=(ROWS, levels))
    a = (rng.random(ROWS)[:, None] > np.cumsum(e, axis=1)).sum(axis=1)
    y = rng.normal(size=ROWS) + a
    x = rng.normal(size=ROWS)
    learner = LinearDRLearner(
        model_propensity=Propensity(e),
        model_regression=Outcome(f),
        categories=list(range(levels)),
        cv=[(np.arange(300), np.arange(300, 600)), (np.arange(300, 600), np.arange(300))],
        random_state=0,
    )
    learner.fit(y, a, W=np.arange(ROWS, dtype=float)[:, None])
    asked = study().model_copy(
        update={"attributes": (study().attributes[0].model_copy(update={"reference": "0"}),)}
    )
    made = panel([column("a", a, levels), column("x", x)], y)
    ours = AIPW().fit(setting(asked, made, "adjusted", known(ROWS, f, e)))
    for j in range(levels - 1):
        inference = learner.intercept__inference(T=j + 1)
        assert ours.values[j] == pytest.approx(float(inference.point_estimate), abs=TIGHT)
        assert ours.std_errors[j] == pytest.approx(float(inference.stderr), rel=1e-6)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_partially_linear_slope_equals_doubleml_given_the_same_predictions() -> None:
    import doubleml
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(1)
    x = rng.normal(size=ROWS)
    dose = x + rng.normal(size=ROWS)
    y = dose + x**2 + rng.normal(size=ROWS)
    m, ell = 0.9 * x, x + 0.8 * x**2
    data = doubleml.DoubleMLData.from_arrays(x[:, None], y, dose)
    model = doubleml.DoubleMLPLR(data, LinearRegression(), LinearRegression(), n_folds=2)
    model.fit(external_predictions={"d": {"ml_l": ell[:, None], "ml_m": m[:, None]}})
    pair = ("dose", "y")
    given = Nuisances(
        rows=np.ones(ROWS, dtype=bool),
        outcome={},
        propensity={},
        expected={pair: m},
        without={pair: ell},
        fits=0,
    )
    made = panel([column("dose", dose), column("x", x)], y)
    ours = PartiallyLinear().fit(setting(study(("dose",)), made, "adjusted", given))
    assert ours.values[0] == pytest.approx(float(model.coef[0]), abs=TIGHT)
    assert plain(ours, ROWS)[0] == pytest.approx(float(model.se[0]), abs=TIGHT)


@pytest.mark.parametrize("ratio", [False, True])
def test_the_gap_equals_weighted_least_squares_with_clustered_errors(ratio: bool) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    g = rng.integers(60, size=ROWS)
    g[:60] = np.arange(60)
    a = rng.integers(2, size=ROWS).astype(float)
    y = a + rng.normal(size=60)[g] + rng.normal(size=ROWS)
    w = rng.integers(1, 20, size=ROWS).astype(float)
    given = {"denominator": w} if ratio else {"weight": w}
    made = panel([column("a", a, 2)], y * w if ratio else y, (g,), **given)
    ours = DifferenceInMeans().fit(setting(study(ratio=ratio), made, "naive"))
    theirs = sm.WLS(y, sm.add_constant(a), weights=w).fit(
        cov_type="cluster", cov_kwds={"groups": g, "use_correction": False}
    )
    assert ours.values[0] == pytest.approx(theirs.params[1], abs=TIGHT)
    assert plain(ours, 60)[0] == pytest.approx(theirs.bse[1], abs=TIGHT)
    assert ours.baseline[0] == pytest.approx(theirs.params[0], abs=TIGHT)
    assert ours.baseline_variance[0] * 59 / 60 == pytest.approx(
        [theirs.cov_params()[0, 1], theirs.cov_params()[0, 0]], abs=TIGHT
    )


def test_levels_equal_a_regression_on_their_dummies() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    g = np.arange(ROWS) % 80
    a = rng.integers(3, size=ROWS)
    y = a**2 + rng.normal(size=80)[g] + rng.normal(size=ROWS)
    asked = study().model_copy(
        update={"attributes": (study().attributes[0].model_copy(update={"reference": "0"}),)}
    )
    made = panel([column("a", a, 3)], y, (g,))
    ours = DifferenceInMeans().fit(setting(asked, made, "naive"))
    dummies = np.column_stack([np.ones(ROWS), a == 1, a == 2]).astype(float)
    theirs = sm.OLS(y, dummies).fit(
        cov_type="cluster", cov_kwds={"groups": g, "use_correction": False}
    )
    np.testing.assert_allclose(ours.values, theirs.params[1:], atol=TIGHT)
    np.testing.assert_allclose(ours.covariance() * 79 / 80, theirs.cov_params()[1:, 1:], atol=TIGHT)


def test_two_way_errors_equal_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    g, h = np.arange(ROWS) % 50, rng.integers(40, size=ROWS)
    a = rng.integers(2, size=ROWS).astype(float)
    y = a + rng.normal(size=50)[g] + rng.normal(size=40)[h] + rng.normal(size=ROWS)
    made = panel([column("a", a, 2)], y, (g, h))
    ours = DifferenceInMeans().fit(setting(study(), made, "naive"))
    theirs = sm.OLS(y, sm.add_constant(a)).fit(
        cov_type="cluster", cov_kwds={"groups": np.column_stack([g, h]), "use_correction": True}
    )
    factor = np.sqrt((ROWS - 1) / (ROWS - 2))  # The (N - 1) / (N - k) of regression packages.
    assert ours.std_errors[0] * factor == pytest.approx(theirs.bse[1], abs=TIGHT)
    assert ours.df[0] == 39


def test_few_clusters_have_the_errors_of_bell_and_mccaffrey() -> None:
    """CR2 of a difference of means of whole clusters of one size is Welch's error."""
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(5)
    g = np.repeat(np.arange(12), 10)
    a = (g < 5).astype(float)
    y = rng.normal(size=12)[g] + rng.normal(size=120)
    means = y.reshape(12, 10).mean(axis=1)
    ours = DifferenceInMeans().fit(setting(study(), panel([column("a", a, 2)], y, (g,)), "naive"))
    welch = ttest_ind(means[:5], means[5:], equal_var=False)
    assert ours.std_errors[0] == pytest.approx(abs(ours.values[0] / welch.statistic), abs=TIGHT)
