"""What every learner of individual effects sees, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from causal.data.panel import FloatArray, IntArray
from causal.estimation._features import Features

Predict = Callable[[IntArray], FloatArray]
"""From row numbers (m,) to individual effects (m, candidates)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surfaces:
    """Effects with the outcomes they come from: from row numbers (m,) to (m, candidates) each.

    ``outcomes`` expects each row's outcome at the level it has; NaN for a candidate without one.
    """

    effects: Predict
    outcomes: Predict

    def __call__(self, rows: IntArray) -> FloatArray:
        """Individual effects."""
        return self.effects(rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Out-of-fold scores of one effect and the columns it may vary with; arrays over n rows.

    Attributes
    ----------
    features
        The columns, as trees take them and as linear terms.
    psi
        Score of each row, in units of the effect: its mean given the columns is the effect there.
    weight
        What a row counts in the population of the effect; the weighted mean of ``psi`` is the
        average effect.
    precision
        What a row counts when an effect is learned: ``weight`` over the variance of its score.
    r_psi, r_precision
        The same two from residuals: r_y / r_a, and the row's weight times r_a squared.
    outcome, lean
        Outcome, and attribute less its probability, for learners that model the outcome itself;
        None where there is no such form.
    folds
        Fold of each row; no model behind ``psi`` has seen the row's own.
    seed
        Seed of the study.
    """

    features: Features
    psi: FloatArray
    weight: FloatArray
    precision: FloatArray
    r_psi: FloatArray
    r_precision: FloatArray
    folds: IntArray
    seed: int
    outcome: FloatArray | None = None
    lean: FloatArray | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.psi.size)


class Learner(Protocol):
    """A frozen dataclass of options with one method; ``names`` has one name for each candidate."""

    @property
    def names(self) -> tuple[str, ...]:
        """What each column of the prediction is called."""
        ...

    def fit(self, problem: Problem, train: IntArray) -> Predict:
        """Learn from the rows ``train`` (m,); the answer predicts any rows of the problem."""
        ...


def average(problem: Problem, train: IntArray) -> float:
    """The precision-weighted mean effect of some rows."""
    weight = problem.precision[train]
    total = float(weight.sum())
    return float(weight @ problem.psi[train] / total) if total > 0 else 0.0
