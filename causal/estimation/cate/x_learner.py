"""The X-learner, and the T-learner it starts from: sparse straight lines for each level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._lasso import lasso
from causal.estimation.cate._problem import Predict, Problem, Surfaces


@dataclass(frozen=True, slots=True, kw_only=True)
class XLearner:
    """Effects from outcome models of each level (Kuenzel, Sekhon, Bickel, Yu 2019), by lasso.

    The first candidate (T) is the difference of the two outcome models. The second (X) learns from
    each row's outcome less what the other level's model expects, and weighs the two answers by the
    probability of the attribute. For tables with few rows, where a line on few columns is often
    the most that can be learned.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return ("t_learner", "x_learner")

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Fit both levels on the rows."""
        if problem.outcome is None or problem.lean is None:
            raise ValueError("an x-learner needs outcome and attribute")
        terms, y, lean = problem.features.terms, problem.outcome, problem.lean
        used = train[(lean[train] != 0) & np.isfinite(y[train])]
        arms = used[lean[used] > 0], used[lean[used] < 0]
        if min(arm.size for arm in arms) < 2 * terms.shape[1] ** 0.5 + 10:
            return lambda rows: np.zeros((rows.size, 2))
        weight = np.zeros(problem.rows)
        weight[used] = problem.r_precision[used] / lean[used] ** 2
        high, low = (lasso(terms[r], y[r], weight[r], problem.folds[r]) for r in arms)
        gained = y[arms[0]] - low(terms[arms[0]]), high(terms[arms[1]]) - y[arms[1]]
        on, off = (
            lasso(terms[r], own, weight[r], problem.folds[r])
            for r, own in zip(arms, gained, strict=True)
        )
        share = float(arms[0].size / used.size)

        def effects(rows: IntArray) -> FloatArray:
            x = terms[rows]
            return np.column_stack([high(x) - low(x), share * off(x) + (1 - share) * on(x)])

        def outcomes(rows: IntArray) -> FloatArray:
            own = np.where(lean[rows] > 0, high(terms[rows]), low(terms[rows]))
            return np.column_stack([own, np.full(rows.size, np.nan)])

        return Surfaces(effects=effects, outcomes=outcomes)
