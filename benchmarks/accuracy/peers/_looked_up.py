"""Our out-of-fold predictions as models that other packages can call.

Row numbers travel as a last column of the features; a model *fits* by noting which rows it was
given and *predicts* by looking its rows up. Every prediction was made without its row's fold.
"""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from benchmarks.accuracy.peers._asked import Asked
from benchmarks.accuracy.peers._fitted import known
from causal.data.panel import FloatArray


def numbered(one: Asked) -> FloatArray:
    """The row numbers, shape (rows, 1)."""
    return np.arange(one.y.size, dtype=float)[:, None]


class Outcome(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts the outcome; given rows of one arm only, as if all were in that arm.

    ``place`` is the column of the row numbers, counted from the end; with ``arm_last`` the last
    column says the arm to predict for.
    """

    def __init__(self, table: FloatArray, place: int = -1, arm_last: bool = False) -> None:  # noqa: FBT001, FBT002
        self.table = table
        self.place = place
        self.arm_last = arm_last

    def fit(self, features: FloatArray, target: FloatArray) -> Outcome:  # noqa: ARG002
        """Note the arm of the rows."""
        arms = np.unique(self.table[self._rows(features), 3])
        self.arm_ = float(arms[0]) if arms.size == 1 else None
        return self

    def predict(self, features: FloatArray) -> FloatArray:
        """Look the rows up."""
        low, high, e, _ = self.table[self._rows(features)].T
        share = np.asarray(features)[:, -1] if self.arm_last else self._share(e)
        return np.asarray(share * high + (1 - share) * low)

    def _share(self, e: FloatArray) -> FloatArray:
        return e if self.arm_ is None else np.full_like(e, self.arm_)

    def _rows(self, features: FloatArray) -> np.ndarray:
        return np.asarray(features)[:, self.place].astype(int)


class Attribute(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts the probability of the attribute; the row numbers are the last column."""

    def __init__(self, table: FloatArray) -> None:
        self.table = table

    def fit(self, features: FloatArray, target: FloatArray) -> Attribute:  # noqa: ARG002
        """Note that there are two classes."""
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, features: FloatArray) -> FloatArray:
        """Look the rows up, shape (rows, 2)."""
        e = self.table[np.asarray(features)[:, -1].astype(int), 2]
        return np.column_stack([1 - e, e])

    def predict(self, features: FloatArray) -> FloatArray:
        """The likelier class."""
        return (self.predict_proba(features)[:, 1] > 0.5).astype(int)


def table(one: Asked) -> FloatArray:
    """Predictions at both levels, the propensity and the arm, shape (rows, 4)."""
    own = known(one.drawn, one.attribute)
    return np.column_stack([own.low, own.high, own.propensity, one.a])
