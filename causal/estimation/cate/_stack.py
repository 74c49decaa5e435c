"""Effects out of fold, and which learners to believe, decided on rows they did not see.

Folds are left out one at a time and two at a time. The models without folds j and k predict j for
the choice made without k, and k for the choice made without j: for five folds, fifteen fits a
learner give out-of-fold effects whose stacking weights have not seen the row's fold either.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causal.base.workers import each
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import sums
from causal.estimation.cate._problem import Learner, Problem

LEAST_FOLDS = 3
LEAST_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """Individual effects of n rows.

    Attributes
    ----------
    effects
        Out of fold, (n,): no model, and no choice between models, has seen the row's fold.
    everywhere
        From models of all rows, (n,): the better guess for a row, no ground for a test.
    candidates
        Out-of-fold effects of every candidate, (n, candidates); ``names`` says which.
    levels
        The average effect of the other folds, (n,): the constant baseline.
    weights
        How much of each candidate's variation the final model keeps, (candidates,).
    """

    effects: FloatArray
    everywhere: FloatArray
    candidates: FloatArray
    names: tuple[str, ...]
    levels: FloatArray
    weights: FloatArray


def learn_effects(
    problem: Problem, learners: tuple[Learner, ...], clusters: IntArray, workers: int = 1
) -> Learned:
    """Fit every learner without one and two folds and stack them towards the constant.

    Parameters
    ----------
    problem
        Scores and columns.
    learners
        What to choose from; the constant is always there.
    clusters
        Cluster code of each row, (n,): gains are judged by cluster.
    workers
        Threads over fits; the answer does not depend on it.
    """
    folds = [int(fold) for fold in np.unique(problem.folds)]
    left_out: list[tuple[int, ...]] = [(), *((k,) for k in folds), *combinations(folds, 2)]
    jobs = [(without, learner) for without in left_out for learner in learners]
    fits = each(lambda job: _predicted(problem, job[1], job[0]), jobs, workers)
    by = {
        without: np.hstack(fits[number * len(learners) : (number + 1) * len(learners)])
        for number, without in enumerate(left_out)
    }
    names = tuple(name for learner in learners for name in learner.names)
    single = np.empty((problem.rows, len(names)))
    effects, levels = np.empty(problem.rows), np.empty(problem.rows)
    for k in folds:
        inside, outside = problem.folds == k, np.flatnonzero(problem.folds != k)
        single[inside] = by[(k,)][inside]
        inner = np.empty((problem.rows, len(names)))
        for j in folds:
            if j != k:
                rows = problem.folds == j
                inner[rows] = by[(min(j, k), max(j, k))][rows]
        weights = stacked(problem, inner, outside, clusters)
        levels[inside] = _level(problem, np.zeros(problem.rows), outside)
        shape = by[(k,)] @ weights
        effects[inside] = shape[inside] + _level(problem, shape, outside)
    final = stacked(problem, single, np.arange(problem.rows), clusters)
    shape = by[()] @ final
    return Learned(
        effects=effects,
        everywhere=shape + _level(problem, shape, np.arange(problem.rows)),
        candidates=single,
        names=names,
        levels=levels,
        weights=final,
    )


def _predicted(problem: Problem, learner: Learner, without: tuple[int, ...]) -> FloatArray:
    """Effects of every row by a model that did not see some folds, (n, candidates)."""
    train = np.flatnonzero(~np.isin(problem.folds, without))
    return learner.fit(problem, train)(np.arange(problem.rows))


def _level(problem: Problem, shape: FloatArray, rows: IntArray) -> float:
    weight = problem.precision[rows]
    return float(weight @ (problem.psi[rows] - shape[rows]) / weight.sum())


def stacked(
    problem: Problem, candidates: FloatArray, rows: IntArray, clusters: IntArray
) -> FloatArray:
    """Weights of the candidates, from 0 to 1, shrunk to the constant; (candidates,).

    Least squares of the scores on the candidates, both less their mean in each fold, so that a
    fold's own level says nothing. What is kept is multiplied by 1 - k / t^2, as far as that is
    positive, where t is the clustered t of the combined slope and k the candidates in it (James,
    Stein 1961): variation that could be noise is not shown as variation.
    """
    from scipy.optimize import lsq_linear

    weight = problem.precision[rows]
    folds = problem.folds[rows]
    z = centred(candidates[rows], weight, folds)
    y = centred(problem.psi[rows, None], weight, folds)[:, 0]
    scale = np.sqrt(weight @ z**2)
    level = float(np.sqrt(weight @ y**2))
    usable = scale > 1e-9 * level
    out = np.zeros(candidates.shape[1])
    if not usable.any() or level == 0:
        return out
    root = np.sqrt(weight)[:, None]
    unit = z[:, usable]
    solved = lsq_linear(unit * root, y * root[:, 0], bounds=(0.0, 1.0)).x
    solved = np.where(solved > LEAST_WEIGHT, solved, 0.0)
    shape = unit @ solved
    size = float(weight @ shape**2)
    if size <= 0:
        return out
    slope = float(weight @ (shape * y)) / size
    codes = clusters[rows]
    noise = sums(weight * shape * (y - slope * shape), codes, int(codes.max()) + 1)
    t2 = slope**2 * size**2 / max(float(noise @ noise), 1e-300)
    kept = max(0.0, 1.0 - np.count_nonzero(solved) / t2)
    out[usable] = kept * solved
    return out


def centred(values: FloatArray, weight: FloatArray, folds: IntArray) -> FloatArray:
    """Values less their weighted mean in each fold; (n, p) to (n, p)."""
    groups = int(folds.max()) + 1 if folds.size else 0
    total = np.bincount(folds, weights=weight, minlength=groups)
    means = sums(values * weight[:, None], folds, groups)
    return values - (means / np.where(total > 0, total, 1.0)[:, None])[folds]
