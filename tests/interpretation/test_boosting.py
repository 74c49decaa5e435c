"""The boundary around LightGBM."""

from __future__ import annotations

import numpy as np
import pytest

from causal.interpretation.boosting import Problem, SuccessModel, contributions, train


def _problem(objective):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 4))
    x[:, 3] = rng.integers(6, size=400)
    x[rng.random((400, 4)) < 0.1] = np.nan
    y = (np.nan_to_num(x[:, 0]) + (x[:, 3] == 2) + rng.normal(size=400) > 0).astype(float)
    return Problem(
        name="y",
        objective=objective,
        x=x,
        y=y,
        weight=np.full(400, 1.0),
        folds=np.arange(400) % 4,
        clusters=(np.arange(400),),
        categorical=(3,),
        seed=1,
        model=SuccessModel(rounds=40, leaves=7, min_leaf=5),
    )


@pytest.mark.parametrize("objective", ["binary", "cross_entropy", "regression"])
def test_shap_and_base_add_up_to_the_raw_prediction(objective):
    problem = _problem(objective)
    booster = train(problem, problem.x, np.arange(400), categorical=(3,))
    raw = booster.predict(problem.x, raw_score=True, num_threads=1)
    np.testing.assert_allclose(contributions(booster, problem.x).sum(axis=1), raw, atol=1e-6)


def test_shap_equals_the_tree_explainer():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shap = pytest.importorskip("shap")
        problem = _problem("binary")
        booster = train(problem, problem.x, np.arange(400), categorical=(3,))
        reference = shap.TreeExplainer(booster).shap_values(problem.x)
    np.testing.assert_allclose(contributions(booster, problem.x)[:, :-1], reference, atol=1e-8)
