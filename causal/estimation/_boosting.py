"""Nuisance models: LightGBM from a linear start, out of fold, every fit shared as far as it goes.

One outcome model f(a_1..a_K, x) serves every attribute: its predictions with one attribute set to
each of its levels come from the same fit. Columns are binned once for all fits on them; a column a
model must not see has its split gain multiplied by zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from causal.base.boundary import boundary
from causal.base.workers import each
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._features import Features
from causal.estimation._stacking import stack
from causal.estimation._start import (
    ClassStart,
    JointStart,
    Start,
    joint_start,
    linear_start,
    logistic_start,
)

if TYPE_CHECKING:
    import lightgbm

MOST_START_ROWS = 20_000
FEWEST_LEAVES = 8
ATTRIBUTE_GAIN = 0.1
AnyStart = Start | JointStart | ClassStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """Settings of the nuisance models.

    ``leaves`` None is a quarter of the root of the rows, between 8 and 31: noise that a larger tree
    fits costs more than shapes that the start has not found already.
    """

    rounds: int = 50
    leaves: int | None = None
    rate: float = 0.1
    min_leaf: int = 20
    linear_start: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One model to fit in every fold.

    ``target`` (n,) holds the outcome, the attribute's code or its value; rows with NaN are
    predicted but not learned from. ``hidden`` is the column the model must not see; ``flips`` maps
    attributes to how many levels they have, to be predicted with each level set.
    """

    features: Features
    target: FloatArray
    weight: FloatArray | None
    objective: Literal["regression", "binary", "multiclass"] = "regression"
    classes: int = 1
    hidden: str | None = None
    flips: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """Out-of-fold predictions: ``observed`` (n,) or (n, classes); ``flipped[a]`` (n, levels)."""

    observed: FloatArray
    flipped: dict[str, FloatArray] = field(default_factory=dict)


def cross_fit(
    tasks: Sequence[Task], folds: IntArray, boosting: Boosting, workers: int
) -> list[Predicted]:
    """Fit every task in every fold and predict the rows left out.

    Parameters
    ----------
    tasks
        The models.
    folds
        Fold number of each row, shape (n,).
    boosting
        Settings shared by all fits.
    workers
        Threads over fits; the answer does not depend on it.

    Returns
    -------
    list of Predicted
        One for each task; ``len(tasks) * folds`` models were fitted.
    """
    numbers = np.unique(folds)
    binned = _bin(tasks, boosting, rows=folds.size)
    jobs = [(task, int(fold)) for task in tasks for fold in numbers]
    parts = each(
        lambda job: _fit_fold(job[0], folds == job[1], binned[id(job[0].features)], boosting),
        jobs,
        workers,
    )
    answers = []
    for number, task in enumerate(tasks):
        own = parts[number * numbers.size : (number + 1) * numbers.size]
        models = [_assemble(task, model, folds, numbers) for model in zip(*own, strict=True)]
        answers.append(_average(task, models))
    return answers


def _average(task: Task, models: Sequence[Predicted]) -> Predicted:
    """Average the models of a task by how well they predict rows left out.

    The first is the mean. Where none predicts better, what they found is noise and the mean is
    taken; elsewhere it has no share, since that would draw propensities in and hide rows that one
    level hardly reaches.
    """
    if len(models) == 1:
        return models[0]
    mean, *models = models
    known = ~np.isnan(task.target)
    target = task.target[known]
    if task.objective == "multiclass":
        target = (target[:, None] == np.arange(task.classes)).astype(float)
    weight = np.ones(known.sum()) if task.weight is None else task.weight[known]
    shares = stack([model.observed[known] for model in models], target, weight)
    errors = [_error(model, known, target, weight) for model in (mean, *models)]
    if min(errors[1:]) >= errors[0]:
        return mean
    return Predicted(
        observed=sum(w * model.observed for w, model in zip(shares, models, strict=True)),
        flipped={
            name: sum(w * model.flipped[name] for w, model in zip(shares, models, strict=True))
            for name, _ in task.flips
        },
    )


def _error(model: Predicted, known: BoolArray, target: FloatArray, weight: FloatArray) -> float:
    squared = (model.observed[known] - target) ** 2
    return float(weight @ (squared.sum(axis=1) if squared.ndim == 2 else squared))


def _assemble(
    task: Task, parts: Sequence[Predicted], folds: IntArray, numbers: IntArray
) -> Predicted:
    shape = (folds.size,) if task.objective != "multiclass" else (folds.size, task.classes)
    observed = np.empty(shape)
    flipped = {name: np.empty((folds.size, levels)) for name, levels in task.flips}
    for fold, part in zip(numbers, parts, strict=True):
        out = folds == fold
        observed[out] = part.observed
        for name, _ in task.flips:
            flipped[name][out] = part.flipped[name]
    return Predicted(observed=observed, flipped=flipped)


def _parameters(boosting: Boosting, rows: int) -> dict[str, Any]:
    leaves = boosting.leaves or min(31, max(FEWEST_LEAVES, round(rows**0.5 / 4)))
    return {
        "verbose": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "num_leaves": leaves,
        "learning_rate": boosting.rate,
        "min_data_in_leaf": min(boosting.min_leaf, max(1, rows // 10)),
        "feature_pre_filter": False,
        "seed": 1,
    }


def _bin(tasks: Sequence[Task], boosting: Boosting, rows: int) -> dict[int, lightgbm.Dataset]:
    import lightgbm

    binned = {}
    with boundary("LightGBM", "binning the columns"):
        for task in tasks:
            if id(task.features) not in binned:
                binned[id(task.features)] = lightgbm.Dataset(
                    task.features.matrix,
                    categorical_feature=list(task.features.categorical),
                    params=_parameters(boosting, rows),
                    free_raw_data=False,
                ).construct()
    return binned


def _fit_fold(
    task: Task, out: BoolArray, binned: lightgbm.Dataset, boosting: Boosting
) -> tuple[Predicted, ...]:
    """Trees alone, and with a start also the start and trees that go on from it."""
    train = np.flatnonzero(~out & ~np.isnan(task.target))
    count = 4 if boosting.linear_start else 1
    mean = _constant(task, out, train)
    if train.size < 2 or not task.features.names:
        return (mean,) * count
    start = _start(task, train) if boosting.linear_start else None
    with boundary("LightGBM", "fitting a nuisance model"):
        if start is None:
            alone = _predict(task, out, None, _train(task, train, None, binned, boosting))
            return (alone,) if count == 1 else (mean, alone, alone, alone)
        own = replace(boosting, rounds=2 * boosting.rounds, leaves=boosting.leaves or FEWEST_LEAVES)
        alone = _predict(task, out, None, _train(task, train, None, binned, own))
        model = _train(task, train, start, binned, boosting)
        return mean, alone, _predict(task, out, start, None), _predict(task, out, start, model)


def _constant(task: Task, out: BoolArray, train: IntArray) -> Predicted:
    """Without features a model is the mean."""
    target = task.target[train]
    weight = None if task.weight is None else task.weight[train]
    rows = int(out.sum())
    if task.objective == "multiclass":
        shares = [np.average(target == c, weights=weight) for c in range(task.classes)]
        return Predicted(observed=np.tile(np.array(shares), (rows, 1)))
    mean = float(np.average(target, weights=weight)) if target.size else 0.0
    return Predicted(
        observed=np.full(rows, mean),
        flipped={name: np.full((rows, levels), mean) for name, levels in task.flips},
    )


def _visible(task: Task) -> FloatArray:
    terms = task.features.terms
    if task.hidden is None:
        return terms
    hidden = task.features.block(task.hidden)
    return np.delete(terms, np.r_[hidden], axis=1)


def _start(task: Task, train: IntArray) -> AnyStart | None:
    if task.features.terms.shape[1] == 0:
        return None
    rows = train[:: max(1, -(-train.size // MOST_START_ROWS))]
    weight = None if task.weight is None else task.weight[rows]
    if task.objective == "multiclass":
        starts = tuple(
            joint_start(
                logistic_start,
                _visible(task)[rows],
                (task.target[rows] == c).astype(float),
                weight,
                logistic=True,
            )
            for c in range(task.classes)
        )
        return ClassStart(starts=starts)
    logistic = task.objective == "binary"
    fit = logistic_start if logistic else linear_start
    return joint_start(
        fit,
        _visible(task)[rows],
        task.target[rows],
        weight,
        logistic=logistic,
        attributes=[j for name, _ in task.flips for j in _places(task.features.block(name))],
    )


def _places(block: slice) -> range:
    return range(block.start, block.stop)


def _train(
    task: Task,
    train: IntArray,
    start: AnyStart | None,
    binned: lightgbm.Dataset,
    boosting: Boosting,
) -> lightgbm.Booster:
    import lightgbm

    extra = _joint_features(start, task, train)
    parameters = _parameters(boosting, train.size) | {"objective": task.objective}
    if task.objective == "multiclass":
        parameters["num_class"] = task.classes
    less = dict.fromkeys([name for name, _ in task.flips], ATTRIBUTE_GAIN)
    if task.hidden is not None:
        less[task.hidden] = 0.0
    if less:
        gains = [less.get(name, 1.0) for name in task.features.names]
        parameters["feature_contri"] = gains + [1.0] * extra.shape[1]
    # The labels of a subset are lost when they are set before it is constructed.
    if extra.shape[1]:
        wide = np.hstack([task.features.matrix[train], extra])
        categorical = list(task.features.categorical)
        part = lightgbm.Dataset(wide, categorical_feature=categorical, params=parameters)
    else:
        part = binned.subset(train)
    part = part.construct()
    part.set_label(task.target[train])
    if task.weight is not None:
        part.set_weight(task.weight[train])
    if start is not None:
        part.set_init_score(start.predict(_visible(task)[train]))
    return lightgbm.train(parameters, part, num_boost_round=boosting.rounds)


def _joint_features(start: AnyStart | None, task: Task, rows: IntArray | BoolArray) -> FloatArray:
    terms = _visible(task)[rows]
    return start.features(terms) if isinstance(start, JointStart) else np.zeros((len(terms), 0))


def _predict(
    task: Task, out: BoolArray, start: AnyStart | None, model: lightgbm.Booster | None
) -> Predicted:
    """Predict rows left out by a start, by trees, or by trees that go on from a start."""
    matrix = task.features.matrix[out]
    raw: FloatArray | None = None
    if model is not None:
        raw = _raw(model, np.hstack([matrix, _joint_features(start, task, out)]))
    base = None if start is None else start.predict(_visible(task)[out])
    observed = _inverse(task, _sum(raw, base))
    flipped = {}
    for name, levels in task.flips:
        columns = [
            _flip(task, out, matrix, model, start, raw, (name, level)) for level in range(levels)
        ]
        flipped[name] = np.column_stack(columns)
    return Predicted(observed=observed, flipped=flipped)


def _sum(*parts: FloatArray | None) -> FloatArray:
    """What trees and start, of which one may be missing, add up to."""
    return np.asarray(sum(part for part in parts if part is not None), dtype=float)


def _flip(
    task: Task,
    out: BoolArray,
    matrix: FloatArray,
    model: lightgbm.Booster | None,
    start: AnyStart | None,
    raw: FloatArray | None,
    change: tuple[str, int],
) -> FloatArray:
    """Predict with one attribute set to a level; rows that are there already need no trees."""
    name, level = change
    position = task.features.position(name)
    moved = matrix[:, position] != level
    there = task.features.terms[out]
    there[:, task.features.block(name)] = task.features.bases[position].terms(
        np.array([float(level)])
    )
    answer = None
    if model is not None and raw is not None:
        answer = raw.copy()
        if moved.any():
            changed = matrix[moved]
            changed[:, position] = level
            if isinstance(start, JointStart):
                changed = np.hstack([changed, start.features(there[moved])])
            answer[moved] = _raw(model, changed)
    return _inverse(task, _sum(answer, None if start is None else start.predict(there)))


def _raw(model: lightgbm.Booster, matrix: FloatArray) -> FloatArray:
    return np.asarray(model.predict(matrix, raw_score=True, num_threads=1))


def _inverse(task: Task, raw: FloatArray) -> FloatArray:
    if task.objective == "regression":
        return raw
    if task.objective == "binary":
        return 1.0 / (1.0 + np.exp(-np.clip(raw, -30.0, 30.0)))
    shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
