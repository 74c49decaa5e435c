"""One effect for all: the baseline that every other learner has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.estimation.cate._problem import Predict, Problem, average


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The average effect, whatever the row."""

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return ("constant",)

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Average the scores of the rows."""
        mean = average(problem, train)

        def predict(rows: IntArray) -> FloatArray:
            return np.full((rows.size, 1), mean)

        return predict
