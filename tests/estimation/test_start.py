"""The start of the nuisance models: linear, logistic, and the products that residuals follow."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage import column, panel, study
from causal.design.design import Design
from causal.estimation._boosting import Boosting, Task, cross_fit
from causal.estimation._features import features
from causal.estimation._fit import fit_design
from causal.estimation._joint import Joint, Looked, Sides, followed, none
from causal.estimation._start import JointStart, joint_start, linear_start, logistic_start

N = 3_000


def test_the_logistic_start_is_the_logistic_regression_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 2))
    a = (rng.random(N) < 1 / (1 + np.exp(-x @ [1.0, -0.5]))).astype(float)
    start = logistic_start(x, a, None)
    theirs = sm.Logit(a, sm.add_constant(x)).fit(disp=0)
    np.testing.assert_allclose(start.predict(x), sm.add_constant(x) @ theirs.params, atol=0.02)


def found(x: np.ndarray, target: np.ndarray) -> Joint:
    sides = Sides.of(x, x.mean(axis=0), x.std(axis=0))
    return followed(Looked.at(sides, x), target - target.mean(), none(sides))


def test_joint_columns_are_found_whatever_their_shape_and_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, 12))
    noise = rng.normal(size=N)
    assert found(x, noise).sets() == []
    shapes = {
        (4, 9): [x[:, 4] * x[:, 9], np.sign(x[:, 4] * x[:, 9]), np.sin(2 * (x[:, 4] + x[:, 9]))],
        (2, 5, 7): [x[:, 2] * x[:, 5] * x[:, 7], np.sign(x[:, 2] * x[:, 5] * x[:, 7])],
    }
    for columns, drivers in shapes.items():
        for driver in drivers:
            assert found(x, 0.6 * driver + noise).sets()[0] == columns


def test_noise_alone_brings_in_a_term_in_few_of_many_draws() -> None:
    rng = np.random.default_rng(8)
    draws = [found(rng.normal(size=(500, 6)), rng.normal(size=500)) for _ in range(60)]
    assert sum(len(joint.groups) > 0 for joint in draws) <= 6


def test_what_is_found_does_not_hang_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(N, 6))
    y = np.sign(x[:, 1] * x[:, 3]) + rng.normal(size=N)
    order = rng.permutation(N)
    np.testing.assert_array_equal(found(x, y).groups, found(x[order], y[order]).groups)


@pytest.mark.parametrize("logistic", [False, True])
def test_a_start_with_joint_terms_predicts_them(logistic: bool) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(loc=3.0, scale=2.0, size=(N, 4))
    z = (x - 3) / 2
    truth = z[:, 0] + z[:, 1] * z[:, 2]
    if logistic:
        target = (rng.random(N) < 1 / (1 + np.exp(-truth))).astype(float)
        start = joint_start(logistic_start, x, target, None, logistic=True)
    else:
        target = truth + rng.normal(size=N)
        start = joint_start(linear_start, x, target, None, logistic=False)
    assert isinstance(start, JointStart)
    assert np.corrcoef(start.predict(x), truth)[0, 1] > 0.98


@pytest.mark.parametrize("shape", ["product", "sign", "three", "gate"])
def test_joint_confounding_among_many_columns_is_removed(shape: str) -> None:
    """Worlds where boosting alone is off by 4 to 17 standard errors."""
    rng = np.random.default_rng(3)
    n = 10_000
    x = rng.normal(size=(n, 20))
    product = {
        "product": x[:, 1] * x[:, 2],
        "sign": np.sign(x[:, 1] * x[:, 2]),
        "three": x[:, 1] * x[:, 2] * x[:, 3],
        "gate": (x[:, 1] > 0) * x[:, 2] * x[:, 3],
    }[shape]
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


def test_levels_that_lean_on_a_product_are_predicted() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4_000, 8))
    lean = np.column_stack([np.zeros(4_000), x[:, 0], 0.8 * x[:, 1] * x[:, 2]])
    share = np.exp(lean) / np.exp(lean).sum(axis=1, keepdims=True)
    level = (rng.random(4_000)[:, None] > share.cumsum(axis=1)).sum(axis=1).astype(float)
    made = panel([column("a", level, 3), *(column(f"x{j}", x[:, j]) for j in range(8))], level)
    task = Task(
        features=features(made, tuple(made.columns), np.ones(4_000, dtype=bool)),
        target=level,
        weight=None,
        objective="multiclass",
        classes=3,
        hidden="a",
    )
    missed = {}
    for start in (True, False):
        boosting = Boosting(linear_start=start)
        (predicted,) = cross_fit([task], np.arange(4_000) % 3, boosting, 1)
        missed[start] = np.mean((share - predicted.observed)[:, 2] * x[:, 1] * x[:, 2])
    assert abs(missed[True]) < 0.25 * abs(missed[False])
