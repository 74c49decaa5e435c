"""econml: a causal forest on the wide world, and its learners on IHDP."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.heterogeneity.kept import Content
from benchmarks.heterogeneity.ours import ROWS, rmse
from benchmarks.heterogeneity.peers._lightgbm import FEW_ROWS, SETTINGS
from benchmarks.heterogeneity.worlds import covariates, ihdp, wide

TREES = (100, 500)
Maker = Callable[[], Any]


def forest_on_wide(shape: str, trees: int) -> Content:
    """Error and time of econml's CausalForestDML on the wide world, LightGBM nuisances."""
    from econml.dml import CausalForestDML
    from lightgbm import LGBMClassifier, LGBMRegressor

    frame, tau = wide(ROWS, 1, shape=shape)
    x = frame[covariates(frame)].to_numpy()
    start = time.process_time()
    model = CausalForestDML(
        model_y=LGBMRegressor(**SETTINGS),
        model_t=LGBMClassifier(**SETTINGS),
        discrete_treatment=True,
        n_estimators=trees,
        cv=5,
        n_jobs=1,
        random_state=1,
    )
    model.fit(frame["y"].to_numpy(), frame["a"].to_numpy(), X=x)
    parts = [model.effect(x[k : k + 10_000]).ravel() for k in range(0, ROWS, 10_000)]
    return {
        "cpu_seconds": round(time.process_time() - start, 1),
        "root_pehe": rmse(np.concatenate(parts), tau),
        "trees": trees,
    }


def on_ihdp(number: int) -> Content:
    """Error of each of econml's learners on one replication of IHDP."""
    return {"econml": errors(*ihdp(number))}


def errors(frame: pd.DataFrame, tau: np.ndarray) -> dict[str, float]:
    """Root-PEHE of econml's learners in sample, with LightGBM and with smooth linear models."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.linear_model import LassoCV, LogisticRegression

    made = learners(
        "LightGBM", lambda: LGBMRegressor(**FEW_ROWS), lambda: LGBMClassifier(**FEW_ROWS)
    ) | learners(
        "Lasso", lambda: LassoCV(random_state=1), lambda: LogisticRegression(max_iter=2_000)
    )
    x = frame[covariates(frame)].to_numpy(float)
    a, y = frame["a"].to_numpy(), frame["y"].to_numpy()
    return {name: rmse(_effect(model, y, a, x), tau) for name, model in made.items()}


def learners(kind: str, outcome: Maker, treatment: Maker) -> dict[str, Any]:
    """The learners of econml with models of this kind inside."""
    from econml.dml import CausalForestDML, LinearDML
    from econml.dr import DRLearner, LinearDRLearner
    from econml.metalearners import SLearner, TLearner, XLearner

    return {
        f"SLearner, {kind}": SLearner(overall_model=outcome()),
        f"TLearner, {kind}": TLearner(models=outcome()),
        f"XLearner, {kind}": XLearner(models=outcome(), propensity_model=treatment()),
        f"DRLearner, {kind}": DRLearner(
            model_propensity=treatment(), model_regression=outcome(), model_final=outcome(),
            random_state=1, cv=5,
        ),
        f"LinearDRLearner, {kind}": LinearDRLearner(
            model_propensity=treatment(), model_regression=outcome(), random_state=1, cv=5
        ),
        f"LinearDML, {kind}": LinearDML(
            model_y=outcome(), model_t=treatment(), discrete_treatment=True, random_state=1,
            cv=5,
        ),
        f"CausalForestDML, {kind}": CausalForestDML(
            model_y=outcome(), model_t=treatment(), discrete_treatment=True, random_state=1,
            cv=5, n_jobs=1,
        ),
    }  # fmt: skip


def _effect(model: Any, y: np.ndarray, a: np.ndarray, x: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(model.fit(y, a, X=x).effect(x)).ravel()
