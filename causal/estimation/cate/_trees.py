"""Boosted trees that learn an effect from scores: small, slow, and predicted at several stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.boundary import boundary
from causal.data.panel import FloatArray, IntArray
from causal.estimation._features import Features
from causal.estimation.cate._problem import Predict, Problem

if TYPE_CHECKING:
    import lightgbm

LEAST_LEAF = 25
LEAF_SHARE = 0.01


def boost(
    problem: Problem,
    train: IntArray,
    target: FloatArray,
    weight: FloatArray,
    *,
    stages: tuple[int, ...],
    leaves: int,
    rate: float,
) -> Predict:
    """Boost squared error and predict after each of ``stages`` rounds, (m, stages).

    ``target`` and ``weight`` are over all rows of the problem; rows without weight are not
    learned from.
    """
    import lightgbm

    used = train[weight[train] > 0]
    mean = float(weight[used] @ target[used] / weight[used].sum()) if used.size else 0.0
    if used.size < 4 * LEAST_LEAF or not problem.features.names:
        return lambda rows: np.full((rows.size, len(stages)), mean)
    features = problem.features
    with boundary("LightGBM", "learning individual effects"):
        data = lightgbm.Dataset(
            features.matrix[used],
            label=target[used] - mean,
            weight=weight[used] / weight[used].mean(),
            categorical_feature=list(features.categorical),
            free_raw_data=True,
            params={"num_threads": 1, "verbosity": -1, "feature_pre_filter": False},
        )
        model = lightgbm.train(
            _parameters(used.size, leaves, rate), data, num_boost_round=max(stages)
        )
    return _staged(model, features, mean, stages)


def _staged(
    model: lightgbm.Booster, features: Features, mean: float, stages: tuple[int, ...]
) -> Callable[[IntArray], FloatArray]:
    def predict(rows: IntArray) -> FloatArray:
        x = features.matrix[rows]
        out = np.full((rows.size, len(stages)), mean)
        done, raw = 0, np.zeros(rows.size)
        for column in np.argsort(stages, kind="stable"):
            stage = stages[int(column)]
            if stage > done:
                raw = raw + model.predict(
                    x,
                    raw_score=True,
                    num_threads=1,
                    start_iteration=done,
                    num_iteration=stage - done,
                )
                done = stage
            out[:, column] += raw
        return out

    return predict


def _parameters(rows: int, leaves: int, rate: float) -> dict[str, Any]:
    return {
        "objective": "regression",
        "boost_from_average": False,
        "num_leaves": leaves,
        "learning_rate": rate,
        "min_data_in_leaf": max(LEAST_LEAF, round(LEAF_SHARE * rows)),
        "min_sum_hessian_in_leaf": LEAST_LEAF / 2,
        "max_bin": 63,
        "min_data_per_group": LEAST_LEAF,
        "cat_smooth": LEAST_LEAF,
        "feature_pre_filter": False,
        "seed": 1,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
