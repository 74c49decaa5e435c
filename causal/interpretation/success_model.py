"""Success models: what predicts an outcome, and which columns the prediction uses.

Association only. A success model answers "what do successful items look like"; whether a change of
an attribute would move the outcome is a question for the effects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causal.base.boundary import boundary
from causal.base.streams import integer_seed, stream
from causal.base.workers import each
from causal.data.panel import BoolArray, FloatArray, IntArray, Measured, Panel
from causal.design.study import Study
from causal.interpretation import accuracy, pictures
from causal.interpretation.boosting import (
    Problem,
    SuccessModel,
    contributions,
    objective_of,
    predict,
    train,
)
from causal.interpretation.explanation import Explanation
from causal.interpretation.features import Features, features_of
from causal.interpretation.importance import (
    FEWEST_CLUSTERS,
    Refit,
    grouped,
    importance_of,
    mean_absolute,
    refit,
    stratified,
)
from causal.interpretation.interactions import interactions

__all__ = ["Explanation", "SuccessModel", "explain"]

DEFAULT = SuccessModel()
_SWARMS = 12
_DEPENDENCES = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _OutOfFold:
    """Predictions for every row and SHAP values for the explained ones, by unseen models."""

    predicted: FloatArray
    explained: IntArray
    shap: FloatArray


def explain(
    study: Study, panel: Panel, *, workers: int = 1, model: SuccessModel = DEFAULT
) -> tuple[Explanation, ...]:
    """Fit, test and explain one success model for each outcome.

    LightGBM on attributes, confounders and modifiers, predicted and explained out of fold by
    cluster (``panel.folds``): no row is explained by a model that saw it, or its cluster.

    Parameters
    ----------
    study, panel
        The study and its data.
    workers
        Threads; the answer is the same bits for any number.
    model
        Options of the models and of their explanation.

    Returns
    -------
    tuple of Explanation
        In the order of the study's outcomes.

    Raises
    ------
    DataError
        When a feature was not read.
    EngineError
        When LightGBM fails.
    """
    features = features_of(study, panel)
    return tuple(
        _explain_one(
            _problem(study, panel.outcomes[outcome.name], panel, features, model),
            features,
            study=study,
            workers=workers,
            usable=int(_usable(panel.outcomes[outcome.name]).sum()),
        )
        for outcome in study.outcomes
    )


def _explain_one(
    problem: Problem, features: Features, *, study: Study, workers: int, usable: int
) -> Explanation:
    start = Explanation(
        outcome=problem.name,
        objective=problem.objective,
        rows=problem.rows,
        clusters=_count(problem),
        features=len(features.columns),
        units_of_shap="log-odds" if problem.log_odds else "units of the outcome",
        reason=_no_model(problem, features),
    )
    if start.reason is not None:
        return start
    with boundary("LightGBM", f"fitting the success model of '{problem.name}'"):
        out = _out_of_fold(problem, workers)
        refits = _refits(problem, features, workers)
    return replace(
        start,
        **_accuracy(problem, out, level=study.settings.level),
        **_uses(problem, out, refits, features, study=study),
        interactions=interactions(problem, features.groups),
        explained_rows=int(out.explained.size),
        refits=len(refits),
        notes=_notes(problem, refits, study=study, usable=usable),
    )


def _usable(measured: Measured) -> BoolArray:
    finite = np.isfinite(measured.value) & np.isfinite(measured.weight)
    return np.asarray(finite & (measured.weight > 0))


def _problem(
    study: Study, measured: Measured, panel: Panel, features: Features, model: SuccessModel
) -> Problem:
    seed = integer_seed(study.settings.seed, "success model", measured.name)
    rng = stream(seed, "success model", measured.name, "rows")
    rows = np.flatnonzero(_usable(measured))
    rows = stratified(panel.clusters[0], rows, model.most_rows, rng)
    weight = measured.weight[rows]
    return Problem(
        name=measured.name,
        objective=objective_of(measured),
        x=features.matrix[rows],
        y=measured.value[rows],
        weight=weight / weight.mean() if weight.size else weight,
        folds=panel.folds[rows],
        clusters=tuple(codes[rows] for codes in panel.clusters),
        categorical=features.categorical,
        seed=seed,
        model=model,
    )


def _no_model(problem: Problem, features: Features) -> str | None:
    if not features.columns:
        return "There is no attribute, confounder or modifier to predict from."
    if problem.rows == 0:
        return "No row has both a value and a positive weight."
    if float(np.ptp(problem.y)) == 0.0:
        return "The outcome is the same in every row."
    if np.unique(problem.folds).size < 2:
        return "All rows are in one fold, so nothing can be predicted out of fold."
    return None


def _out_of_fold(problem: Problem, workers: int) -> _OutOfFold:
    rng = stream(problem.seed, "success model", problem.name, "explained")
    everything = np.arange(problem.rows)
    explained = stratified(problem.clusters[0], everything, problem.model.explained, rng)

    def one(fold: int) -> tuple[IntArray, FloatArray, IntArray, FloatArray]:
        inside = np.flatnonzero(problem.folds != fold)
        outside = np.flatnonzero(problem.folds == fold)
        booster = train(problem, problem.x[inside], inside, categorical=problem.categorical)
        at = np.flatnonzero(problem.folds[explained] == fold)
        shap = contributions(booster, problem.x[explained[at]]) if at.size else _nothing(problem)
        return outside, predict(booster, problem.x[outside]), at, shap

    predicted = np.empty(problem.rows)
    shap = np.empty((explained.size, problem.x.shape[1] + 1))
    for outside, prediction, at, values in each(one, np.unique(problem.folds).tolist(), workers):
        predicted[outside], shap[at] = prediction, values
    return _OutOfFold(predicted=predicted, explained=explained, shap=shap)


def _nothing(problem: Problem) -> FloatArray:
    return np.empty((0, problem.x.shape[1] + 1))


def _refits(problem: Problem, features: Features, workers: int) -> list[Refit]:
    if _count(problem) < FEWEST_CLUSTERS:
        return []
    return each(
        lambda number: refit(problem, features.groups, number), range(problem.model.refits), workers
    )


def _accuracy(problem: Problem, out: _OutOfFold, *, level: float) -> dict[str, Any]:
    from scipy.stats import t

    y, weight, clusters = problem.y, problem.weight, problem.clusters
    r2 = accuracy.explained_variance(y, out.predicted, weight, clusters)
    main = r2
    if problem.log_odds:
        main = accuracy.area_under_curve(y, out.predicted, weight, clusters)
    constant = np.full(y.size, float(weight @ y / weight.sum()))
    reach = float(t.ppf(0.5 + level / 2, max(accuracy.degrees_of_freedom(clusters), 1)))
    loss = [accuracy.log_loss(y, p, weight) for p in (out.predicted, constant) if problem.log_odds]
    return {
        "metric": "AUC" if problem.log_odds else "R2",
        "value": main.value,
        "value_low": main.value - reach * main.std_error,
        "value_high": min(1.0, main.value + reach * main.std_error),
        "log_loss": loss[0] if loss else None,
        "log_loss_constant": loss[1] if loss else None,
        "r2": r2.value,
        "calibration": accuracy.calibration(y, out.predicted, weight),
    }


def _uses(
    problem: Problem,
    out: _OutOfFold,
    refits: list[Refit],
    features: Features,
    *,
    study: Study,
) -> dict[str, Any]:
    groups = features.groups
    x, weight = problem.x[out.explained], problem.weight[out.explained]
    sums = grouped(out.shap, groups)
    table = importance_of(
        mean_absolute(sums, weight), refits, groups, features.names, level=study.settings.level
    )
    place = {group.name: at for at, group in enumerate(groups)}
    shown = [place[row.group] for row in table if row.value > 0]
    swarms = [
        pictures.swarm(sums[:, at], groups[at], features, x, weight) for at in shown[:_SWARMS]
    ]
    curves = []
    for at in shown[:_DEPENDENCES]:
        lead = pictures.most_used(out.shap, groups[at].members, weight)
        curve = pictures.dependence(
            sums[:, at],
            features.columns[lead],
            x[:, lead],
            weight,
            smallest=study.settings.minimum_cell,
        )
        curves.append({"group": groups[at].name, **curve})
    several = [row.members for row in table if len(row.members) > 1]
    return {
        "importance": table,
        "swarm": tuple(swarms),
        "dependence": tuple(curves),
        "correlated": tuple(several),
    }


def _notes(problem: Problem, refits: list[Refit], *, study: Study, usable: int) -> tuple[str, ...]:
    notes = []
    if usable > problem.rows:
        notes.append(
            f"The model reads {problem.rows:,} of {usable:,} rows, drawn in proportion to clusters."
        )
    if len(study.cluster) > 1:
        notes.append(
            f"Out of fold by the first cluster key, {study.cluster[0]}; rows that share "
            f"{study.cluster[1]} can be on both sides."
        )
    if not refits:
        notes.append(
            f"Fewer than {FEWEST_CLUSTERS} clusters: no refit intervals and no noise floor."
        )
    if problem.objective == "regression" and _heavy(problem.y, problem.weight):
        notes.append(
            "The largest hundredth of the rows holds more than half of the outcome's variance, so "
            "R2 and SHAP values say most about those rows. A derived 0/1 outcome is steadier."
        )
    return tuple(notes)


def _heavy(y: FloatArray, weight: FloatArray) -> bool:
    mean = float(weight @ y / weight.sum())
    spread = np.sort(weight * (y - mean) ** 2)[::-1]
    top = max(1, spread.size // 100)
    return spread.size >= 100 and float(spread[:top].sum()) > 0.5 * float(spread.sum())


def _count(problem: Problem) -> int:
    return int(np.unique(problem.clusters[0]).size)
