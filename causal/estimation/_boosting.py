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
from causal.estimation._stacking import stack, stack_chances
from causal.estimation._start import (
    ClassStart,
    JointStart,
    joint_start,
    linear_start,
    logistic_start,
)
from causal.estimation._trees import AnyStart, Chain, Stage, joint_columns

if TYPE_CHECKING:
    import lightgbm

MOST_START_ROWS = 20_000
FEWEST_LEAVES = 8
MOST_BINS = 127
ATTRIBUTE_GAIN = 0.1


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
    guesses = [model.observed[known] for model in models]
    if task.objective == "regression":
        shares = stack(guesses, target, weight)
    else:
        shares = stack_chances([_chance(guess, target) for guess in guesses], weight)
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


def _chance(guess: FloatArray, target: FloatArray) -> FloatArray:
    """The probability given to the level each row has."""
    if guess.ndim == 2:
        return np.asarray((guess * target).sum(axis=1))
    return np.where(target > 0, guess, 1 - guess)


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
    return {
        "verbose": -1,
        "max_bin": MOST_BINS,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "num_leaves": boosting.leaves or min(31, max(FEWEST_LEAVES, round(rows**0.5 / 4))),
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
    count = 5 if boosting.linear_start else 1
    mean = _constant(task, out, train)
    if train.size < 2 or not task.features.names:
        return (mean,) * count
    start = _start(task, train) if boosting.linear_start else None
    small = replace(boosting, rounds=2 * boosting.rounds, leaves=boosting.leaves or FEWEST_LEAVES)
    own = small if boosting.linear_start else boosting
    with boundary("LightGBM", "fitting a nuisance model"):
        alone = Chain(stages=(_train(task, train, binned.subset(train), own),))
        (trees,) = _predict(task, out, alone)
        if not boosting.linear_start:
            return (trees,)
        if start is None:
            return mean, *(trees,) * 4
        return mean, trees, *_predict(task, out, _grow(task, train, start, binned, boosting))


def _grow(
    task: Task,
    train: IntArray,
    start: AnyStart,
    binned: lightgbm.Dataset,
    boosting: Boosting,
) -> Chain:
    """A start, trees on what acts jointly that go on from it, and trees on every column.

    Few columns hold little noise to learn, and half the rounds learn most of what is there.
    """
    import lightgbm

    matrix, terms = task.features.matrix[train], _visible(task)[train]
    score, every = start.predict(terms), binned.subset(train).construct()
    owner = [j for j, name in enumerate(task.features.names) for _ in _visible_terms(task, name)]
    own = joint_columns(start, owner)
    if not isinstance(start, JointStart) or not own.size:
        return Chain(start=start, stages=(None, _train(task, train, every, boosting, score)))
    made = start.features(terms)
    parameters = _parameters(boosting, train.size)
    binned_made = lightgbm.Dataset(made, params=parameters).construct()
    few = lightgbm.Dataset(
        matrix[:, own],
        categorical_feature=np.flatnonzero(np.isin(own, task.features.categorical)).tolist(),
        params=parameters,
    ).construct()
    half = replace(boosting, rounds=max(1, boosting.rounds // 2))
    columns = np.append(own, matrix.shape[1] + np.arange(made.shape[1]))
    few.add_features_from(binned_made)
    every.add_features_from(binned_made)
    joint = _train(task, train, few, half, score, columns)
    score = score + joint.raw(np.hstack([matrix, made]))
    return Chain(start=start, stages=(joint, _train(task, train, every, boosting, score)))


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


def _visible_terms(task: Task, name: str) -> range:
    return range(0) if name == task.hidden else _places(task.features.block(name))


def _train(
    task: Task,
    train: IntArray,
    binned: lightgbm.Dataset,
    boosting: Boosting,
    before: FloatArray | None = None,
    columns: IntArray | None = None,
) -> Stage:
    """Fit trees to what a model before them leaves, on all columns or on some."""
    import lightgbm

    parameters = _parameters(boosting, train.size) | {"objective": task.objective}
    if task.objective == "multiclass":
        parameters["num_class"] = task.classes
    # The labels of a subset are lost when they are set before it is constructed.
    binned = binned.construct()
    less = dict.fromkeys([name for name, _ in task.flips], ATTRIBUTE_GAIN)
    if task.hidden is not None:
        less[task.hidden] = 0.0
    if less:
        names = dict(enumerate(task.features.names))
        chosen = range(binned.num_feature()) if columns is None else columns
        parameters["feature_contri"] = [less.get(names.get(int(j), ""), 1.0) for j in chosen]
    binned.set_label(task.target[train])
    if task.weight is not None:
        binned.set_weight(task.weight[train])
    if before is not None:
        binned.set_init_score(before)
    booster = lightgbm.train(parameters, binned, num_boost_round=boosting.rounds)
    return Stage(booster=booster, columns=columns)


def _predict(task: Task, out: BoolArray, chain: Chain) -> list[Predicted]:
    """Predict rows left out with the start and with every stage."""
    scores = chain.scores(task.features.matrix[out], _visible(task)[out])
    flipped = {
        name: [_flip(task, out, chain, scores, name, level) for level in range(levels)]
        for name, levels in task.flips
    }
    return [
        Predicted(
            observed=_inverse(task, score),
            flipped={
                name: np.column_stack([_inverse(task, level[at]) for level in levels])
                for name, levels in flipped.items()
            },
        )
        for at, score in enumerate(scores)
    ]


def _flip(
    task: Task, out: BoolArray, chain: Chain, scores: list[FloatArray], name: str, level: int
) -> list[FloatArray]:
    """Scores with one attribute set to a level; rows that are there already keep theirs."""
    position = task.features.position(name)
    moved = task.features.matrix[out][:, position] != level
    if not moved.any():
        return scores
    matrix, terms = task.features.matrix[out][moved], task.features.terms[out][moved]
    matrix[:, position] = level
    terms[:, task.features.block(name)] = task.features.bases[position].terms(
        np.array([float(level)])
    )
    answer = [score.copy() for score in scores]
    for score, there in zip(answer, chain.scores(matrix, terms), strict=True):
        score[moved] = there
    return answer


def _inverse(task: Task, raw: FloatArray) -> FloatArray:
    if task.objective == "regression":
        return raw
    if task.objective == "binary":
        return 1.0 / (1.0 + np.exp(-np.clip(raw, -30.0, 30.0)))
    shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
