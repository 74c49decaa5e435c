"""Models that generate: what attributes and outcomes are expected to be, for planting in a table.

They are not the models that are being judged. A linear start carries the smooth dependence on the
columns; what it leaves is fitted by a forest of independent deep trees (Breiman 2001), where the
package boosts shallow ones. Noise is read off predictions of clusters the model has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.boundary import boundary
from causal.data.panel import FloatArray, IntArray
from causal.estimation._features import Features
from causal.estimation._start import Start, linear_start, logistic_start

if TYPE_CHECKING:
    import lightgbm

TREES = 60
MOST_START_ROWS = 20_000
_STEEPEST = 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Generated:
    """Predictions of one column; shapes (n,), or (n, levels) for a column with levels.

    ``everywhere`` is one function of the columns for all rows, from which a world is made;
    ``unseen`` predicts each row from other folds, to read the noise off.
    """

    everywhere: FloatArray
    unseen: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How trees are grown: ``groups`` independent groups of rows, of which a leaf has the root.

    A leaf of few groups would take their common noise for a function of the columns.
    """

    seed: int
    groups: int


def level_shares(
    features: Features, codes: FloatArray, levels: int, folds: IntArray, growth: Growth
) -> Generated:
    """Probabilities of each level of a column, (n, levels), summing to one.

    Parameters
    ----------
    features
        What the column depends on.
    codes
        Level of each row, (n,), NaN where missing.
    levels, folds
        How many levels; fold of each row, (n,).
    growth
        How trees are grown.
    """
    if levels == 2:
        on = _both(features, codes, None, folds, growth, share=True, at=None)
        return Generated(
            everywhere=np.column_stack([1 - on.everywhere, on.everywhere]),
            unseen=np.column_stack([1 - on.unseen, on.unseen]),
        )
    found = [
        _both(
            features,
            np.where(np.isnan(codes), np.nan, codes == level),
            None,
            folds,
            growth,
            share=True,
            at=None,
        )
        for level in range(levels)
    ]
    return Generated(
        everywhere=_normal(np.column_stack([each.everywhere for each in found])),
        unseen=_normal(np.column_stack([each.unseen for each in found])),
    )


def expected_value(
    features: Features,
    target: FloatArray,
    weight: FloatArray | None,
    folds: IntArray,
    growth: Growth,
    at: Mapping[str, float] | None = None,
) -> Generated:
    """Expected value of a column, (n,): ``everywhere`` with the columns in ``at`` set as given.

    ``unseen`` is at the values as they are.
    """
    return _both(features, target, weight, folds, growth, share=False, at=at)


def bounded(shares: FloatArray, least: FloatArray) -> FloatArray:
    """Keep every share above a level's least one and let rows sum to one; (n, levels)."""
    return _normal(np.maximum(shares, least[None, :]))


def _normal(shares: FloatArray) -> FloatArray:
    positive = np.maximum(shares, 1e-9)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))


def _both(
    features: Features,
    target: FloatArray,
    weight: FloatArray | None,
    folds: IntArray,
    growth: Growth,
    *,
    share: bool,
    at: Mapping[str, float] | None,
) -> Generated:
    known = np.flatnonzero(~np.isnan(target))
    whole = _Model.fit(features, target, weight, known, growth, share=share)
    unseen = np.empty(target.size)
    for fold in np.unique(folds):
        out = folds == fold
        model = _Model.fit(features, target, weight, known[~out[known]], growth, share=share)
        unseen[out] = model.predict(_some(features, out))
    there = features if at is None else _moved(features, at)
    return Generated(everywhere=whole.predict(there), unseen=unseen)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Model:
    """A start and a forest of what it leaves; without columns the mean."""

    mean: float
    start: Start | None
    forest: lightgbm.Booster | None
    share: bool

    @staticmethod
    def fit(
        features: Features,
        target: FloatArray,
        weight: FloatArray | None,
        rows: IntArray,
        growth: Growth,
        *,
        share: bool,
    ) -> _Model:
        y = target[rows].astype(float)
        w = None if weight is None else weight[rows]
        if w is not None and not w.sum() > 0:
            w = None
        mean = float(np.average(y, weights=w)) if y.size else 0.0
        if y.size < 10 or not features.names or np.ptp(y) == 0:
            return _Model(mean=mean, start=None, forest=None, share=share)
        every = rows[:: max(1, -(-rows.size // MOST_START_ROWS))]
        start = None
        if features.terms.shape[1]:
            begin = logistic_start if share else linear_start
            start = begin(
                features.terms[every], target[every].astype(float),
                None if weight is None or w is None else weight[every],
            )  # fmt: skip
        left = y - _started(start, features.terms[rows], mean, share=share)
        return _Model(
            mean=mean,
            start=start,
            forest=_grow(features, rows, left, w, growth),
            share=share,
        )

    def predict(self, features: Features) -> FloatArray:
        if self.forest is None:
            return np.full(features.matrix.shape[0], self.mean)
        base = _started(self.start, features.terms, self.mean, share=self.share)
        with boundary("LightGBM", "predicting with a generating model"):
            grown = self.forest.predict(features.matrix, num_threads=1)
        return np.asarray(base + grown, dtype=float)


def _started(start: Start | None, terms: FloatArray, mean: float, *, share: bool) -> FloatArray:
    if start is None:
        return np.full(terms.shape[0], mean)
    raw = start.predict(terms)
    return 1.0 / (1.0 + np.exp(-np.clip(raw, -_STEEPEST, _STEEPEST))) if share else raw


def _grow(
    features: Features, rows: IntArray, left: FloatArray, weight: FloatArray | None, growth: Growth
) -> lightgbm.Booster:
    import lightgbm

    settings: dict[str, Any] = {
        "boosting": "rf",
        "objective": "regression",
        "num_leaves": 255,
        "min_data_in_leaf": max(5, min(round(rows.size / growth.groups**0.5), rows.size // 5)),
        "bagging_freq": 1,
        "bagging_fraction": 0.63,
        "feature_fraction": 0.7,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        "seed": growth.seed,
    }
    with boundary("LightGBM", "growing a generating forest"):
        part = lightgbm.Dataset(
            features.matrix[rows],
            label=left,
            weight=weight,
            categorical_feature=list(features.categorical),
        )
        return lightgbm.train(settings, part, num_boost_round=TREES)


def _some(features: Features, rows: FloatArray) -> Features:
    return replace(features, matrix=features.matrix[rows], terms=features.terms[rows])


def _moved(features: Features, at: Mapping[str, float]) -> Features:
    """The same rows with some columns set to one value."""
    matrix, terms = features.matrix.copy(), features.terms.copy()
    for name, value in at.items():
        position = features.position(name)
        matrix[:, position] = value
        terms[:, features.block(name)] = features.bases[position].terms(np.array([value]))
    return replace(features, matrix=matrix, terms=terms)
