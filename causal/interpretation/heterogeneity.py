"""What the model of individual effects uses: SHAP of trees that copy it, apart from all other SHAP.

It says how the *estimated effect* goes with the columns. It is no effect of the columns, and it is
never set beside the SHAP values of a success model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.boundary import boundary
from causal.base.streams import stream
from causal.data.panel import FloatArray
from causal.estimation.cate._problems import Cate

EXPLAINED = 1_000
LEARNED_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CateExplanation:
    """Mean |SHAP| of each column, largest first, in units of the effect.

    ``fidelity`` is the R2 of the trees as a copy of the learned effects, on rows they did not see.
    """

    columns: tuple[str, ...]
    values: tuple[float, ...]
    fidelity: float
    kind: str = "association"


def explain_effects(cate: Cate) -> CateExplanation | None:
    """Copy the learned effects by boosted trees and split the copy among the columns.

    None where the learned effects do not vary. The copy, not the model, is explained: a stack or
    a forest has no exact SHAP values of its own, trees do.
    """
    import lightgbm

    if cate.problem is None or cate.learned is None:
        return None
    effects = cate.learned.everywhere
    if not cate.learned.weights.any() or np.ptp(effects) <= 1e-12 * np.abs(effects).max():
        return None
    features = cate.problem.features
    order = stream(cate.problem.seed, "cate_shap").permutation(cate.problem.rows)
    shown, learned = order[:EXPLAINED], order[EXPLAINED : EXPLAINED + LEARNED_ROWS]
    if learned.size < EXPLAINED:
        learned = order
    with boundary("LightGBM", "copying individual effects"):
        data = lightgbm.Dataset(
            features.matrix[learned],
            label=effects[learned],
            categorical_feature=list(features.categorical),
            params={"num_threads": 1, "verbosity": -1},
        )
        copy = lightgbm.train(_PARAMETERS, data, num_boost_round=100)
        shares = np.asarray(copy.predict(features.matrix[shown], pred_contrib=True, num_threads=1))
    size = np.abs(shares[:, :-1]).mean(axis=0)
    first = np.argsort(-size, kind="stable")
    return CateExplanation(
        columns=tuple(features.names[j] for j in first),
        values=tuple(float(size[j]) for j in first),
        fidelity=_r2(effects[shown], shares.sum(axis=1)),
    )


def _r2(truth: FloatArray, guess: FloatArray) -> float:
    return float(1 - np.mean((truth - guess) ** 2) / max(float(np.var(truth)), 1e-300))


_PARAMETERS = {
    "objective": "regression",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
