"""The start of the nuisance models: linear, logistic, and the products that residuals follow."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage.panels import column, panel, study
from causal.design.design import Design
from causal.estimation._boosting import Boosting, Task, cross_fit
from causal.estimation._features import features
from causal.estimation._fit import fit_design
from causal.estimation._joint import Joint, Looked, Sides, followed, none
from causal.estimation._stacking import stack, stack_chances
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


def test_the_logistic_start_finds_the_least_loss_where_few_rows_have_the_attribute() -> None:
    """Plain Newton steps overshoot here, to predictions worse than the mean."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(5)
    x = np.exp(1.2 * rng.normal(size=(8_000, 30)))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    a = (rng.random(len(x)) < 1 / (1 + np.exp(6 + 3 * x[:, 0] - 2 * x[:, 1]))).astype(float)
    assert 40 < a.sum() < 400
    start = logistic_start(x, a, None)
    theirs = LogisticRegression(C=1.0, max_iter=5_000, tol=1e-8).fit(x, a)
    line = np.clip(theirs.decision_function(x), *start.bounds)
    np.testing.assert_allclose(start.predict(x), line, atol=0.05)


def test_a_start_predicts_within_what_was_observed() -> None:
    rng = np.random.default_rng(6)
    x = np.exp(rng.normal(size=(N, 3)))
    y = x[:, 0] * x[:, 1] + rng.normal(size=N)
    start = joint_start(linear_start, x, y, None, logistic=False)
    far = start.predict(100 * x)
    assert y.min() <= far.min()
    assert far.max() <= y.max()


def found(x: np.ndarray, target: np.ndarray) -> Joint:
    sides = Sides.of(x, x.mean(axis=0), x.std(axis=0))
    return followed(Looked.at(sides, x), target - target.mean(), none(sides), triples=True)


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


def test_an_effect_is_not_found_where_only_confounding_is() -> None:
    """Nearly all rows of a corner have the attribute; what the corner does is not its effect."""
    rng = np.random.default_rng(4)
    n = 4_000
    x = rng.normal(size=(n, 20))
    corner = (x[:, 1] > 0.5) & (x[:, 2] > 0.5)
    a = (rng.random(n) < np.where(corner, 0.9, 0.45)).astype(float)
    y = a + x[:, 0] + 3 * corner + rng.normal(size=n)
    names = tuple(f"x{j}" for j in range(20))
    columns = [column("a", a, 2), *(column(name, x[:, j]) for j, name in enumerate(names))]
    design = Design(
        name="adjusted", identification="adjusted", population="all rows", assumptions=(),
        adjustment={"a": names}, claims=True,
    )  # fmt: skip
    asked = study().model_copy(update={"confounders": names})
    fit = fit_design(asked, panel(columns, y), design, second_opinions=False)
    assert fit.nuisances is not None
    predicted = fit.nuisances.outcome[("a", "y")].value
    assert abs(np.mean((predicted[:, 1] - predicted[:, 0])[corner]) - 1) < 0.4


def test_the_mean_is_taken_where_no_model_predicts_rows_left_out_better() -> None:
    """Ten columns that nearly name forty clusters, and an attribute drawn by cluster."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(40), 20)
    x = (rng.random((40, 10)) < 0.5).astype(float)[cluster]
    noise, followed_too = (rng.random(40) < 0.5)[cluster].astype(float), x[:, 3]
    columns = [column("a", noise, 2), *(column(f"x{j}", x[:, j], 2) for j in range(10))]
    made = panel(columns, noise)
    shared = features(made, tuple(made.columns), np.ones(800, dtype=bool))
    tasks = [
        Task(features=shared, target=target, weight=None, objective="binary", hidden="a")
        for target in (noise, followed_too)
    ]
    by_noise, by_column = cross_fit(tasks, cluster % 5, Boosting(), 1)
    assert all(np.ptp(by_noise.observed[cluster % 5 == fold]) == 0 for fold in range(5))
    assert np.corrcoef(by_column.observed, followed_too)[0, 1] > 0.9


def test_chances_are_stacked_by_what_was_observed() -> None:
    """A model that is sure and wrong in one row of a thousand loses what squared error gives it."""
    rng = np.random.default_rng(7)
    share = rng.random(4_000)
    target = (rng.random(4_000) < share).astype(float)
    sharp = np.where(np.arange(4_000) % 1_000 == 0, np.where(target > 0, 1e-9, 1 - 1e-9), share)
    dull = 0.25 + 0.5 * share
    chances = [np.where(target > 0, p, 1 - p) for p in (sharp, dull)]
    weights = np.ones(4_000)
    by_square, by_chance = stack([sharp, dull], target, weights), stack_chances(chances, weights)
    assert by_square[0] > 0.9
    assert by_chance[1] > 0
    averaged = by_chance @ np.stack([sharp, dull])
    assert averaged[target > 0].min() > 1e-3
    assert by_chance.sum() == pytest.approx(1)
