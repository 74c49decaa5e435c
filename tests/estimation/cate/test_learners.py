"""Every learner of individual effects keeps one contract, and the stack chooses among them."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.catalog import members
from causal.estimation.cate._problems import individual_effects, learners_for
from causal.estimation.cate._stack import prior_of, stacked
from causal.estimation.cate.causal_forest import CausalForest
from causal.estimation.cate.constant import Constant
from causal.estimation.cate.dr_learner import DRLearner
from causal.estimation.cate.gaussian_process import GaussianProcess
from causal.estimation.cate.linear import Linear
from causal.estimation.cate.r_learner import RLearner
from causal.estimation.cate.x_learner import XLearner
from tests.estimation.cate.worlds import NAMES, fitted, frame, learned

LEARNERS = [
    Constant(), Linear(), DRLearner(), RLearner(), GaussianProcess(), CausalForest(trees=40),
    XLearner(),
]  # fmt: skip
BY_NAME = {type(each).__name__: each for each in LEARNERS}


@pytest.fixture(scope="module")
def large():
    table = frame(1_600)
    return table, learned(table, learners=(Linear(), DRLearner(), RLearner()))[0]


def test_every_member_is_under_contract():
    made = {type(each).__module__.rpartition(".")[2] for each in LEARNERS}
    assert made == set(members("causal.estimation.cate"))


@pytest.mark.parametrize("name", BY_NAME)
def test_learners_predict_every_row_from_the_rows_they_were_given(large, name):
    _, cate = large
    problem, learner = cate.problem, BY_NAME[name]
    if name == "GaussianProcess":
        learner = learner.scaled(problem)
    train, rows = np.arange(0, 1_000), np.arange(900, 1_500)
    first = learner.fit(problem, train)(rows)
    assert first.shape == (rows.size, len(learner.names))
    assert np.isfinite(first).all()
    assert np.array_equal(first, learner.fit(problem, train)(rows))
    assert np.allclose(first[:50], learner.fit(problem, train)(rows[:50]))


@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "Constant"])
def test_learners_beat_the_constant_where_effects_vary(large, name):
    table, cate = large
    problem, learner = cate.problem, BY_NAME[name]
    if name == "GaussianProcess":
        learner = learner.scaled(problem)
    tau = table.tau.to_numpy()[cate.rows]
    train, rows = np.arange(900), np.arange(900, 1_600)
    found = learner.fit(problem, train)(rows)
    error = np.sqrt(np.mean((found - tau[rows, None]) ** 2, axis=0))
    assert error.min() < 0.8 * tau.std()


def test_the_scores_average_to_the_estimate():
    cate, fit = learned(frame(600), learners=(Linear(),))
    problem = cate.problem
    assert np.average(problem.psi, weights=problem.weight) == pytest.approx(fit.whole.values[0])


def test_the_residual_form_is_the_partially_linear_estimate():
    table = frame(600)
    cate, fit = learned(table, learners=(Linear(),))
    problem = cate.problem
    theirs = next(o for o in fit.others if o.labels[0].estimator == "partially_linear")
    ours = np.average(problem.r_psi, weights=problem.r_precision)
    assert ours == pytest.approx(theirs.values[0])


def test_within_blocks_the_scores_average_to_the_estimate():
    table = frame(800, clusters=80)
    cate, fit = learned(table, learners=(Linear(),), design="within", block="g")
    problem = cate.problem
    assert np.average(problem.psi, weights=problem.weight) == pytest.approx(fit.whole.values[0])


def test_ratios_average_to_the_estimate():
    table = frame(800)
    rng = np.random.default_rng(1)
    table["n"] = rng.integers(20, 60, size=800)
    table["k"] = rng.binomial(table.n, 0.2 + 0.1 * table.a)
    outcome = [{"name": "r", "numerator": "k", "denominator": "n"}]
    cate, fit = learned(table, learners=(Linear(),), outcomes=outcome)
    problem = cate.problem
    assert np.average(problem.psi, weights=problem.weight) == pytest.approx(fit.whole.values[0])


def test_effects_do_not_depend_on_the_workers(large):
    table, cate = large
    again = learned(table, learners=(Linear(), DRLearner(), RLearner()), workers=3)[0]
    assert np.array_equal(cate.learned.effects, again.learned.effects)
    assert np.array_equal(cate.learned.everywhere, again.learned.everywhere)


def test_the_choice_beats_the_constant_where_effects_vary(large):
    table, cate = large
    tau = table.tau.to_numpy()[cate.rows]
    error = np.sqrt(np.mean((cate.learned.effects - tau) ** 2))
    assert error < 0.4 * tau.std()


def test_effects_of_a_fold_do_not_see_its_scores():
    """Scores of one fold are spoilt: the effects predicted there stay as they are."""
    from dataclasses import replace

    from causal.estimation.cate._stack import learn_effects

    cate, fit = learned(frame(800), learners=(Linear(), RLearner(stages=(20,))))
    problem = cate.problem
    fold = problem.folds == problem.folds[0]
    spoilt = replace(
        problem,
        psi=np.where(fold, 100 * problem.psi[::-1], problem.psi),
        r_psi=np.where(fold, 100 * problem.r_psi[::-1], problem.r_psi),
    )
    codes = fit.setting.panel.clusters[0][cate.rows]
    learners = (Linear(), RLearner(stages=(20,)))
    before, after = (learn_effects(p, learners, codes) for p in (problem, spoilt))
    assert np.array_equal(before.effects[fold], after.effects[fold])
    assert not np.allclose(before.effects[~fold], after.effects[~fold])


def test_noise_is_shrunk_to_the_constant():
    sizes = []
    for seed in range(8):
        cate, _ = learned(
            frame(400, seed, varies=0.0), learners=(Linear(), DRLearner(stages=(20,)))
        )
        sizes.append(np.ptp(cate.learned.everywhere))
    assert np.median(sizes) < 0.25
    assert np.mean(np.array(sizes) == 0) >= 0.25


def test_the_stack_ignores_a_candidate_that_runs_backwards(large):
    _, cate = large
    problem = cate.problem
    good = cate.learned.candidates[:, :1]
    weights = stacked(problem, np.hstack([good, -good]), np.arange(problem.rows),
                      np.arange(problem.rows))  # fmt: skip
    assert weights[0] > 0.5
    assert weights[1] == 0


def test_the_lasso_is_that_of_scikit_learn():
    from sklearn.linear_model import Lasso

    from causal.estimation.cate._lasso import _path

    rng = np.random.default_rng(8)
    x = rng.normal(size=(200, 6))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = x[:, 0] - 0.5 * x[:, 1] + rng.normal(size=200)
    found, level, _ = _path(x, y, np.ones(200), np.array([0.3, 0.1]))
    for penalty, own in zip((0.3, 0.1), found, strict=True):
        theirs = Lasso(alpha=penalty, tol=1e-8).fit(x, y)
        assert np.allclose(own, theirs.coef_, atol=1e-3)
        assert level == pytest.approx(theirs.intercept_)


def test_few_rows_get_a_smooth_surface_and_many_do_not(large):
    small, _ = learned(frame(400), learners=(Linear(),))
    assert any(isinstance(each, GaussianProcess) for each in learners_for(small.problem))
    assert not any(isinstance(each, GaussianProcess) for each in learners_for(large[1].problem))


def test_too_few_clusters_or_rows_are_refused():
    few, _ = learned(frame(800, clusters=20))
    assert "20 clusters are too few" in few.refusal
    short, _ = learned(frame(200))
    assert "200 rows are too few" in short.refusal
    two, _ = learned(frame(400), settings={"folds": 2})
    assert "2 folds are too few" in two.refusal
    assert few.learned is short.learned is two.learned is None


def test_nothing_to_vary_with_gives_nothing():
    fit = fitted(frame(400), confounders=[], modifiers=[])
    assert individual_effects(fit) == ()


def test_missing_and_categorical_columns_are_allowed():
    table = frame(600)
    table.loc[::7, "x1"] = np.nan
    table["kind"] = np.array(["a", "b", "c"])[np.arange(600) % 3]
    learners = (Linear(), DRLearner(stages=(20,)), XLearner())
    cate, _ = learned(table, learners=learners, confounders=NAMES, modifiers=["kind"])
    assert cate.columns == (*NAMES, "kind")
    assert np.isfinite(cate.learned.effects).all()


def test_the_prior_of_few_rows_follows_who_predicts_the_outcome():
    cate, _ = learned(frame(400), learners=(Linear(),))
    problem, rows = cate.problem, np.arange(400)
    near, far = problem.outcome + 0.1, np.zeros(400)
    unknown = np.full(400, np.nan)
    prior = prior_of(problem, np.column_stack([far, unknown, near]), rows)
    assert prior == pytest.approx([0.0, 0.0, 1.0], abs=0.02)
    assert prior_of(problem, np.column_stack([unknown, unknown]), rows) is None


@pytest.mark.parametrize("learner", [XLearner(), GaussianProcess()])
def test_learners_that_model_the_outcome_predict_rows_left_out(learner):
    cate, _ = learned(frame(600), learners=(Linear(),))
    problem = cate.problem
    inside, out = np.arange(400), np.arange(400, 600)
    expected = learner.fit(problem, inside).outcomes(out)[:, 0]
    y = problem.outcome[out]
    assert np.mean((y - expected) ** 2) < 0.6 * np.var(y)
