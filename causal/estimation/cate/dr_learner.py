"""The DR-learner: boosted trees on doubly robust scores."""

from __future__ import annotations

from dataclasses import dataclass

from causal.data.panel import IntArray
from causal.estimation.cate._problem import Predict, Problem
from causal.estimation.cate._trees import boost


@dataclass(frozen=True, slots=True, kw_only=True)
class DRLearner:
    """Regression of doubly robust scores on the columns (Kennedy 2023).

    Predicted after each of ``stages`` rounds of small trees; the comparison on rows left out
    decides how many rounds are kept.
    """

    stages: tuple[int, ...] = (20, 60, 180)
    leaves: int = 8
    rate: float = 0.05

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        return tuple(f"dr_learner, {stage} rounds" for stage in self.stages)

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Boost the scores of the rows."""
        return boost(
            problem,
            train,
            problem.psi,
            problem.precision,
            stages=self.stages,
            leaves=self.leaves,
            rate=self.rate,
        )
