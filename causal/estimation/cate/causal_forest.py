"""The causal forest: honest trees on residuals, each on a bounded sample of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.boundary import boundary
from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._problem import Predict, Problem

CHUNK = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalForest:
    """Generalised random forest of the residuals (Athey, Tibshirani, Wager 2019), by econml.

    The residuals are ours, so nothing is fitted twice. A tree sees at most ``most_rows`` rows,
    which bounds time and memory whatever the table's length; effects of every row are predicted
    in chunks. Not part of a run: ask for it in Python.
    """

    trees: int = 200
    most_rows: int = 8_000
    min_leaf: int = 30
    depth: int = 10

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return ("causal_forest",)

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Grow the forest on the rows."""
        from econml.grf import CausalForest as Forest

        used = train[problem.r_precision[train] > 0]
        weight = problem.r_precision[used]
        lean = np.sqrt(weight)
        terms = problem.features.terms
        seed = int(stream(problem.seed, "causal_forest").integers(2**31))
        share = min(0.45, self.most_rows / max(used.size, 1))
        with boundary("econml", "growing a causal forest"):
            forest = Forest(
                n_estimators=4 * max(1, self.trees // 4),
                max_samples=share,
                min_samples_leaf=self.min_leaf,
                max_depth=self.depth,
                fit_intercept=False,
                inference=False,
                n_jobs=1,
                random_state=seed,
            )
            forest.fit(terms[used], lean[:, None], problem.r_psi[used] * lean)

        def predict(rows: IntArray) -> FloatArray:
            parts = [
                np.asarray(forest.predict(terms[rows[start : start + CHUNK]])).reshape(-1, 1)
                for start in range(0, rows.size, CHUNK)
            ]
            return np.vstack(parts) if parts else np.zeros((0, 1))

        return predict
