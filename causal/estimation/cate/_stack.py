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
from causal.estimation._stacking import stack
from causal.estimation.cate._problem import Learner, Problem, Surfaces

LEAST_FOLDS = 3
LEAST_WEIGHT = 0.01
PRIOR_ERROR = 0.1


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
    by, seen = (
        {
            without: np.hstack(
                [f[part] for f in fits[at * len(learners) : (at + 1) * len(learners)]]
            )
            for at, without in enumerate(left_out)
        }
        for part in (0, 1)
    )
    names = tuple(name for learner in learners for name in learner.names)
    single, expected = np.empty((2, problem.rows, len(names)))
    effects, levels = np.empty(problem.rows), np.empty(problem.rows)
    for k in folds:
        inside, outside = problem.folds == k, np.flatnonzero(problem.folds != k)
        single[inside], expected[inside] = by[(k,)][inside], seen[(k,)][inside]
        inner, outcomes = np.empty((2, problem.rows, len(names)))
        for j in folds:
            if j != k:
                rows, pair = problem.folds == j, (min(j, k), max(j, k))
                inner[rows], outcomes[rows] = by[pair][rows], seen[pair][rows]
        prior = prior_of(problem, outcomes, outside)
        weights = stacked(problem, inner, outside, clusters, prior)
        levels[inside] = _level(problem, np.zeros(problem.rows), outside)
        shape = by[(k,)] @ weights
        effects[inside] = shape[inside] + _level(problem, shape, outside)
    everyone = np.arange(problem.rows)
    prior = prior_of(problem, expected, everyone)
    final = stacked(problem, single, everyone, clusters, prior)
    shape = by[()] @ final
    return Learned(
        effects=effects,
        everywhere=shape + _level(problem, shape, everyone),
        candidates=single,
        names=names,
        levels=levels,
        weights=final,
    )


def _predicted(
    problem: Problem, learner: Learner, without: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    """Effects and outcomes of every row by a model that did not see some folds, (n, candidates)."""
    train = np.flatnonzero(~np.isin(problem.folds, without))
    made = learner.fit(problem, train)
    everyone = np.arange(problem.rows)
    effects = made(everyone)
    if isinstance(made, Surfaces):
        return effects, made.outcomes(everyone)
    return effects, np.full(effects.shape, np.nan)


def _level(problem: Problem, shape: FloatArray, rows: IntArray) -> float:
    weight = problem.precision[rows]
    return float(weight @ (problem.psi[rows] - shape[rows]) / weight.sum())


def stacked(
    problem: Problem,
    candidates: FloatArray,
    rows: IntArray,
    clusters: IntArray,
    prior: FloatArray | None = None,
) -> FloatArray:
    """Weights of the candidates, from 0 to 1, shrunk to the constant; (candidates,).

    Least squares of the scores on the candidates, both less their mean in each fold, so that a
    fold's own level says nothing. ``prior`` are weights to be near, known to a tenth: with few rows
    scores alone are too noisy to choose well. What is
    kept is multiplied by 1 - k / t^2, as far as that is positive, where t is the clustered t of the
    combined slope and k the weights fitted (James, Stein 1961): variation that could be noise is
    not shown as variation.
    """
    from scipy.optimize import lsq_linear

    weight = problem.precision[rows]
    folds = problem.folds[rows]
    root = np.sqrt(weight)[:, None]
    z = centred(candidates[rows], weight, folds) * root
    y = centred(problem.psi[rows, None], weight, folds)[:, 0] * root[:, 0]
    usable = np.sqrt(np.sum(z**2, axis=0)) > 1e-9 * float(np.sqrt(y @ y))
    out = np.zeros(candidates.shape[1])
    if not usable.any():
        return out
    z = z[:, usable]
    pull = 0.0 if prior is None else float(np.sqrt(np.mean(y**2))) / PRIOR_ERROR
    near = np.zeros(z.shape[1]) if prior is None else prior[usable]
    solved = lsq_linear(
        np.vstack([z, pull * np.eye(z.shape[1])]), np.append(y, pull * near), bounds=(0.0, 1.0)
    ).x
    solved = np.where(solved > LEAST_WEIGHT, solved, 0.0)
    shape = z @ solved
    size = float(shape @ shape)
    if size <= 0:
        return out
    slope = float(shape @ y) / size
    codes = clusters[rows]
    noise = sums(shape * (y - slope * shape), codes, int(codes.max()) + 1)
    t2 = (slope * size) ** 2 / max(float(noise @ noise), 1e-300)
    kept = max(0.0, 1.0 - _fitted(z, solved, pull) / t2) * min(max(slope, 0.0), 1.0)
    out[usable] = kept * solved
    return out


def _fitted(z: FloatArray, solved: FloatArray, pull: float) -> float:
    """How many weights were fitted: those above zero, less what the prior holds, at least one."""
    own = z[:, solved > 0]
    values = np.maximum(np.linalg.eigvalsh(own.T @ own), 1e-12)
    return max(1.0, float(np.sum(values / (values + pull**2))))


def prior_of(problem: Problem, outcomes: FloatArray, rows: IntArray) -> FloatArray | None:
    """Weights of the learners that model the outcome, by how well they predict it; or None.

    An outcome is measured with far less noise than its score, so in few rows the errors of outcome
    models out of fold tell more of which surface is right (Schuler, Baiocchi, Tibshirani, Shah
    2018). Both levels count the same.
    """
    usable = np.flatnonzero(np.isfinite(outcomes[rows]).all(axis=0))
    if not usable.size or problem.outcome is None or problem.lean is None:
        return None
    known = rows[np.isfinite(problem.outcome[rows]) & (problem.lean[rows] != 0)]
    high = problem.lean[known] > 0
    share = float(np.average(high, weights=problem.weight[known]))
    if not 0 < share < 1:
        return None
    weight = problem.weight[known] / np.where(high, share, 1 - share)
    prior = np.zeros(outcomes.shape[1])
    prior[usable] = stack([outcomes[known, j] for j in usable], problem.outcome[known], weight)
    return prior


def centred(values: FloatArray, weight: FloatArray, folds: IntArray) -> FloatArray:
    """Values less their weighted mean in each fold; (n, p) to (n, p)."""
    groups = int(folds.max()) + 1 if folds.size else 0
    total = np.bincount(folds, weights=weight, minlength=groups)
    means = sums(values * weight[:, None], folds, groups)
    return values - (means / np.where(total > 0, total, 1.0)[:, None])[folds]
