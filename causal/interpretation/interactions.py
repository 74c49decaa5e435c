"""Which pairs of groups a success model uses together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from causal.base.boundary import boundary
from causal.base.errors import EngineError
from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.interpretation.boosting import Problem, contributions, train
from causal.interpretation.features import Group
from causal.interpretation.importance import stratified

MOST_PAIRS = 10
_TOLERANCE = 1e-6


def interactions(problem: Problem, groups: Sequence[Group]) -> tuple[dict[str, Any], ...]:
    """Weighted mean |SHAP interaction| of the leading pairs, the largest first.

    SHAP interaction values (Lundberg et al. 2020) of rows of one fold, by a model of the other
    folds. The engine that computes them misreads native categorical splits of LightGBM, so this one
    model takes each category as the rank of its level by mean outcome in the training part. That
    the values add up to the model's SHAP values is checked.

    Parameters
    ----------
    problem
        The outcome; ``problem.model.interactions`` rows are explained, none when it is 0.
    groups
        Both halves of the values of all members are summed per row before taking absolute values.

    Returns
    -------
    tuple of dict
        At most 10 of ``first``, ``second`` (group names, in the order of ``groups``), ``value``.

    Raises
    ------
    EngineError
        When the engine fails, or its values do not add up.
    """
    if problem.model.interactions <= 0 or len(groups) < 2:
        return ()
    rng = stream(problem.seed, "success model", problem.name, "interactions")
    held = int(np.unique(problem.folds)[0])
    inside, outside = np.flatnonzero(problem.folds != held), np.flatnonzero(problem.folds == held)
    rows = stratified(problem.clusters[0], outside, problem.model.interactions, rng)
    with boundary("shap", f"computing interactions of the success model of '{problem.name}'"):
        values = _values(problem, inside, rows)
    return _leading(values, problem.weight[rows], groups)


def ordered(problem: Problem, training: IntArray) -> FloatArray:
    """Features with each category replaced by the rank of its level's mean outcome in training.

    A level that the training rows lack is missing, as it is for the model. Shape as ``problem.x``.
    """
    x = problem.x.copy()
    for at in problem.categorical:
        codes = problem.x[training, at]
        seen = ~np.isnan(codes)
        levels, code = np.unique(codes[seen], return_inverse=True)
        weight = problem.weight[training][seen]
        total = np.bincount(code, weights=weight * problem.y[training][seen])
        order = np.argsort(total / np.bincount(code, weights=weight), kind="stable")
        rank = np.full(int(np.nanmax(problem.x[:, at], initial=0)) + 1, np.nan)
        rank[levels[order].astype(np.int64)] = np.arange(levels.size)
        known = ~np.isnan(problem.x[:, at])
        x[known, at] = rank[problem.x[known, at].astype(np.int64)]
    return x


def _values(problem: Problem, training: IntArray, rows: IntArray) -> FloatArray:
    """Interaction values, shape (rows, columns, columns), symmetric."""
    import shap

    x = ordered(problem, training)
    booster = train(problem, x[training], training, categorical=())
    values = np.asarray(shap.TreeExplainer(booster).shap_interaction_values(x[rows]))
    gap = float(np.abs(values.sum(axis=2) - contributions(booster, x[rows])[:, :-1]).max())
    if not gap <= _TOLERANCE * max(1.0, float(np.abs(values).max())):
        raise EngineError(
            f"The interaction values of '{problem.name}' miss the SHAP values by {gap:.2g}. "
            "Set the number of rows for interactions to 0 and report this with the study file."
        )
    return values


def _leading(
    values: FloatArray, weight: FloatArray, groups: Sequence[Group]
) -> tuple[dict[str, Any], ...]:
    found: list[tuple[float, str, str]] = []
    for at, first in enumerate(groups):
        by_column = values[:, list(first.members), :].sum(axis=1)
        for second in groups[at + 1 :]:
            both = 2 * by_column[:, list(second.members)].sum(axis=1)
            size = float(weight @ np.abs(both) / weight.sum())
            if size > 0:
                found.append((size, first.name, second.name))
    found.sort(key=lambda pair: -pair[0])
    return tuple({"first": a, "second": b, "value": size} for size, a, b in found[:MOST_PAIRS])
