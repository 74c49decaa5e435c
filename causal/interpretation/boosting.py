"""LightGBM behind the success models: deterministic, one thread a fit, threads over fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from causal.data.panel import FloatArray, IntArray, Measured

if TYPE_CHECKING:
    from lightgbm import Booster

Objective = Literal["binary", "cross_entropy", "regression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessModel:
    """How a success model is fitted and explained; the defaults serve.

    ``explained`` rows carry the SHAP values of the page; ``refits`` models on half the clusters,
    each explained on ``refit_rows`` rows it did not see, give intervals, rank ranges and the noise
    floor, in which ``probes`` groups of each kind have a permuted copy. ``interactions`` rows give
    interaction values (0: none; they need the import of shap, 2 to 9 s). At most ``most_rows`` rows
    are read, drawn in proportion to clusters.
    """

    rounds: int = 150
    leaves: int = 15
    learning_rate: float = 0.05
    min_leaf: int = 30
    feature_share: float = 0.7
    explained: int = 4_000
    refits: int = 10
    refit_rows: int = 1_000
    probes: int = 3
    interactions: int = 200
    most_rows: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """One outcome to predict; every array has the modelled rows first.

    ``x`` (rows, columns) NaN where missing; ``y``, ``weight`` (mean 1) and ``folds`` (rows,);
    ``clusters`` one array of codes for each way of clustering.
    """

    name: str
    objective: Objective
    x: FloatArray
    y: FloatArray
    weight: FloatArray
    folds: IntArray
    clusters: tuple[IntArray, ...]
    categorical: tuple[int, ...]
    seed: int
    model: SuccessModel = field(default_factory=SuccessModel)

    @property
    def rows(self) -> int:
        """How many rows are modelled."""
        return int(self.y.size)

    @property
    def log_odds(self) -> bool:
        """Whether the model adds up on the scale of log-odds."""
        return self.objective != "regression"


def objective_of(measured: Measured) -> Objective:
    """Choose the loss: binary, cross-entropy for ratios within 0 and 1, else squared error.

    Squared error predicts the mean. For heavy-tailed counts a few rows then decide the fit and
    R2; a derived 0/1 outcome (``shares >= 1400``) or a logarithm is easier to learn.
    """
    if measured.binary:
        return "binary"
    seen = measured.value[np.isfinite(measured.value)]
    inside = seen.size > 0 and float(seen.min()) >= 0.0 and float(seen.max()) <= 1.0
    return "cross_entropy" if measured.numerator is not None and inside else "regression"


def train(
    problem: Problem, x: FloatArray, rows: IntArray, *, categorical: tuple[int, ...]
) -> Booster:
    """Fit on some rows of a problem.

    Parameters
    ----------
    problem
        Outcome, weights and options.
    x
        Features of exactly those rows, shape (len(rows), any columns).
    rows
        Which rows of the problem.
    categorical
        Positions of categorical columns in ``x``.
    """
    import lightgbm

    data = lightgbm.Dataset(
        x,
        label=problem.y[rows],
        weight=problem.weight[rows],
        categorical_feature=list(categorical),
        free_raw_data=True,
        params={"num_threads": 1, "verbosity": -1},
    )
    return lightgbm.train(_parameters(problem), data, num_boost_round=problem.model.rounds)


def predict(booster: Booster, x: FloatArray) -> FloatArray:
    """Predict the outcome (a probability or rate on log-odds models), shape (rows,)."""
    return np.asarray(booster.predict(x, num_threads=1), dtype=np.float64)


def contributions(booster: Booster, x: FloatArray) -> FloatArray:
    """SHAP values, shape (rows, columns + 1); the last column is the base value.

    Path-dependent tree SHAP (Lundberg et al. 2020); each row adds up to the raw prediction.
    """
    return np.asarray(booster.predict(x, pred_contrib=True, num_threads=1), dtype=np.float64)


def _parameters(problem: Problem) -> dict[str, object]:
    model = problem.model
    return {
        "objective": problem.objective,
        "learning_rate": model.learning_rate,
        "num_leaves": model.leaves,
        "min_data_in_leaf": model.min_leaf,
        "feature_fraction": model.feature_share,
        "seed": problem.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
