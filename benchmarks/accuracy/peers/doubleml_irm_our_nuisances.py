"""DoubleML ``DoubleMLIRM`` on this package's out-of-fold predictions."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "DoubleML IRM, our nuisances"
PACKAGES = ("doubleml",)
RUNS = 50
OURS = True


def answer(drawn: Drawn) -> Answers:
    """The predictions enter as ``external_predictions``."""
    return each(drawn, _interval)


def _interval(one: Asked) -> Interval:
    from doubleml import DoubleMLData, DoubleMLIRM
    from doubleml.utils import DMLDummyClassifier, DMLDummyRegressor

    from benchmarks.accuracy.peers._fitted import known

    data = DoubleMLData(
        one.table,
        y_col="y",
        d_cols="a",
        x_cols=one.names,
        cluster_cols=None if one.cluster is None else "cluster",
    )
    own = known(one.drawn, one.attribute)
    np.random.seed(1)  # noqa: NPY002 - DoubleML draws its folds from the global generator
    model = DoubleMLIRM(data, DMLDummyRegressor(), DMLDummyClassifier())
    given = {"ml_g0": own.low, "ml_g1": own.high, "ml_m": own.propensity}
    model.fit(external_predictions={"a": {name: v[:, None] for name, v in given.items()}})
    low, high = model.confint(level=LEVEL).to_numpy()[0]
    return scalar(model.coef), scalar(low), scalar(high)
