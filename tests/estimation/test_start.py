"""The start of the nuisance models: linear, logistic, and the products that residuals follow."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage import column, panel, study
from causal.design.design import Design
from causal.estimation._fit import fit_design
from causal.estimation._start import (
    WithProducts,
    followed,
    linear_start,
    logistic_start,
    with_products,
)

N = 3_000


def test_the_logistic_start_is_the_logistic_regression_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 2))
    a = (rng.random(N) < 1 / (1 + np.exp(-x @ [1.0, -0.5]))).astype(float)
    start = logistic_start(x, a, None)
    theirs = sm.Logit(a, sm.add_constant(x)).fit(disp=0)
    np.testing.assert_allclose(start.predict(x), sm.add_constant(x) @ theirs.params, atol=0.02)


def test_a_product_that_drives_the_target_is_found_and_others_are_not() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(N, 12))
    assert followed(z, rng.normal(size=N)).size == 0
    found = followed(z, 0.3 * z[:, 4] * z[:, 9] + rng.normal(size=N))
    np.testing.assert_array_equal(found, [[4, 9]])
    found = followed(z, 0.3 * (z[:, 2] ** 2 - 1) + rng.normal(size=N))
    np.testing.assert_array_equal(found, [[2, 2]])


@pytest.mark.parametrize("logistic", [False, True])
def test_a_start_with_products_predicts_them(logistic: bool) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(loc=3.0, scale=2.0, size=(N, 4))
    z = (x - 3) / 2
    truth = z[:, 0] + z[:, 1] * z[:, 2]
    if logistic:
        target = (rng.random(N) < 1 / (1 + np.exp(-truth))).astype(float)
        start = with_products(logistic_start, x, target, None, logistic=True)
    else:
        target = truth + rng.normal(size=N)
        start = with_products(linear_start, x, target, None, logistic=False)
    assert isinstance(start, WithProducts)
    assert np.corrcoef(start.predict(x), truth)[0, 1] > 0.98


def test_product_confounding_among_many_columns_is_removed() -> None:
    """The world where boosting alone is off by many standard errors (6 to 12 here)."""
    rng = np.random.default_rng(3)
    n = 10_000
    x = rng.normal(size=(n, 20))
    product = x[:, 1] * x[:, 2]
    a = (rng.random(n) < 1 / (1 + np.exp(-(0.5 * x[:, 0] + 0.7 * product)))).astype(float)
    y = a + x[:, 0] + product + rng.normal(size=n)
    names = tuple(f"x{j}" for j in range(20))
    columns = [column("a", a, 2), *(column(name, x[:, j]) for j, name in enumerate(names))]
    asked = study().model_copy(update={"confounders": names})
    design = Design(
        name="adjusted", identification="adjusted", population="all rows", assumptions=(),
        adjustment={"a": names}, claims=True,
    )  # fmt: skip
    fit = fit_design(asked, panel(columns, y), design, second_opinions=False)
    assert abs(fit.whole.values[0] - 1) < 3 * fit.whole.std_errors[0]
