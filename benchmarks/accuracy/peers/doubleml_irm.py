"""DoubleML ``DoubleMLIRM``; it has no default learners, so LightGBM with LightGBM's defaults."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "DoubleML IRM (LightGBM)"
PACKAGES = ("doubleml", "lightgbm")
RUNS = 50
OURS = False


def answer(drawn: Drawn) -> Answers:
    """One model for each attribute; the cluster is declared where there is one."""
    return each(drawn, _interval, most=2)


def _interval(one: Asked) -> Interval:
    from doubleml import DoubleMLData, DoubleMLIRM
    from lightgbm import LGBMClassifier, LGBMRegressor

    data = DoubleMLData(
        one.table,
        y_col="y",
        d_cols="a",
        x_cols=one.names,
        cluster_cols=None if one.cluster is None else "cluster",
    )
    quiet = {"n_jobs": 1, "verbose": -1, "random_state": 1}
    np.random.seed(1)  # noqa: NPY002 - DoubleML draws its folds from the global generator
    model = DoubleMLIRM(data, LGBMRegressor(**quiet), LGBMClassifier(**quiet))
    model.fit()
    low, high = model.confint(level=LEVEL).to_numpy()[0]
    return scalar(model.coef), scalar(low), scalar(high)
