"""From the fit of a design to the problems its individual effects pose."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import Label
from causal.estimation._estimator import Setting
from causal.estimation._features import features
from causal.estimation._fit import Fit
from causal.estimation._scores import Score, difference_of_ratios
from causal.estimation.aipw import AIPW
from causal.estimation.cate._problem import Learner, Problem
from causal.estimation.cate._stack import LEAST_FOLDS, Learned, learn_effects
from causal.estimation.cate.dr_learner import DRLearner
from causal.estimation.cate.gaussian_process import GaussianProcess
from causal.estimation.cate.linear import Linear
from causal.estimation.cate.r_learner import RLearner
from causal.estimation.cate.x_learner import XLearner

LEAST_CLUSTERS = 40
LEAST_GROUPS = 5
FEW_ROWS = 1_000
MOST_PAIRS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cate:
    """Individual effects of one attribute on one outcome, or why there are none.

    ``rows`` are indices into the panel, (n,); ``problem`` and ``learned`` are over those rows.
    """

    label: Label
    columns: tuple[str, ...]
    rows: IntArray
    problem: Problem | None = None
    learned: Learned | None = None
    refusal: str = ""


def individual_effects(
    fit: Fit,
    *,
    learners: tuple[Learner, ...] | None = None,
    pairs: tuple[tuple[str, str, str], ...] | None = None,
    workers: int = 1,
) -> tuple[Cate, ...]:
    """Learn who responds, for the pairs asked for.

    Parameters
    ----------
    fit
        The fit of a design that compares like with like; a naive one gives nothing.
    learners
        What to choose from; by default :func:`learners_for`.
    pairs
        (attribute, contrast, outcome); by default, for each success outcome, the one whose effect
        is clearest, at most two.
    workers
        Threads over fits; the answer does not depend on it.
    """
    columns = varying(fit)
    if fit.design.name == "naive" or not columns:
        return ()
    asked = pairs if pairs is not None else clearest(fit)
    return tuple(
        _one(score, fit, columns, learners, workers)
        for pair in asked
        for score in fit.scores
        if (score.label.attribute, score.label.contrast, score.label.outcome) == pair
    )


def varying(fit: Fit) -> tuple[str, ...]:
    """The columns an effect may vary with: modifiers and confounders, fixed before the attribute."""
    study = fit.setting.study
    known = {*study.modifiers, *study.confounders}
    return tuple(
        name
        for name, column in fit.setting.panel.columns.items()
        if name in known and np.unique(column.values[fit.setting.rows]).size > 1
    )


def clearest(fit: Fit) -> tuple[tuple[str, str, str], ...]:
    """For each success outcome the effect with the largest |t|; the first of equals."""
    wanted = [o.name for o in fit.setting.study.outcomes if o.role.value == "success"]
    whole = fit.whole
    with np.errstate(all="ignore"):
        t = np.nan_to_num(np.abs(whole.values / whole.std_errors), nan=-1.0, posinf=-1.0)
    found = []
    for name in wanted[:MOST_PAIRS]:
        places = [
            i
            for i, label in enumerate(whole.labels)
            if label.outcome == name and not whole.refusal[i]
        ]
        if places:
            label = whole.labels[max(places, key=lambda i: t[i])]
            found.append((label.attribute, label.contrast, label.outcome))
    return tuple(found)


def learners_for(problem: Problem) -> tuple[Learner, ...]:
    """What to choose from: lines and trees, and with few rows sparse lines and a smooth surface."""
    given: tuple[Learner, ...] = (Linear(), DRLearner(), RLearner())
    if problem.rows <= FEW_ROWS and problem.outcome is not None:
        given = (*given, XLearner(), GaussianProcess().scaled(problem))
    return given


def _one(
    score: Score,
    fit: Fit,
    columns: tuple[str, ...],
    learners: tuple[Learner, ...] | None,
    workers: int,
) -> Cate:
    made = Cate(label=score.label, columns=columns, rows=score.rows)
    problem, rows, label = problem_of(score, fit.setting, columns)
    made = replace(made, rows=rows, label=label)
    refusal = score.refusal or _refusal(problem, rows, fit.setting)
    if refusal:
        return replace(made, refusal=refusal)
    chosen = learners_for(problem) if learners is None else learners
    codes = fit.setting.panel.clusters[0][rows]
    learned = learn_effects(problem, chosen, codes, workers)
    return replace(made, problem=problem, learned=learned)


def _refusal(problem: Problem, rows: IntArray, setting: Setting) -> str:
    least = LEAST_GROUPS * setting.study.settings.minimum_cell
    if problem.rows < least:
        return f"{problem.rows} rows are too few: five groups need {least}"
    folds = np.unique(problem.folds).size
    if folds < LEAST_FOLDS:
        return f"{folds} folds are too few: the choice of a model needs {LEAST_FOLDS}"
    clusters = min(np.unique(way[rows]).size for way in setting.panel.clusters)
    if clusters < LEAST_CLUSTERS:
        return f"{clusters} clusters are too few to tell who responds: {LEAST_CLUSTERS} are needed"
    return ""


def problem_of(
    score: Score, setting: Setting, columns: tuple[str, ...]
) -> tuple[Problem, IntArray, Label]:
    """Write the sums of a score as one number for each row, with what it counts.

    theta + n x influence / weight has the effect as its weighted mean and, for AIPW and residual on
    residual, is the score of a row; for a ratio it is the linearised one. An ATT is about the
    average, not about who responds, so its rows come from the scores of the ATE.
    """
    score = _for_everyone(score, setting)
    slope = score.low is None
    size = score.high[:, 1] if slope else score.weight
    keep = np.flatnonzero(size > 0)
    rows, size = score.rows[keep], size[keep]
    high = score.high[keep]
    low = None if score.low is None else score.low[keep]
    theta, influence = difference_of_ratios(high, low, score.scale)
    psi = theta + influence * size.sum() / size
    precision, forms = size, None
    if not slope:
        precision, forms = _residual_form(score, setting, rows, size)
    mask = np.zeros(setting.panel.rows, dtype=bool)
    mask[rows] = True
    r_psi, r_precision, outcome, lean = forms or (psi, precision, None, None)
    problem = Problem(
        features=features(setting.panel, columns, mask),
        psi=psi,
        weight=size,
        precision=precision,
        r_psi=r_psi,
        r_precision=r_precision,
        outcome=outcome,
        lean=lean,
        folds=setting.panel.folds[rows],
        seed=setting.study.settings.seed,
    )
    return problem, rows, score.label


def _for_everyone(score: Score, setting: Setting) -> Score:
    label = score.label
    levels = setting.panel.columns[label.attribute].kind is not Kind.CONTINUOUS
    if setting.nuisances is None or not levels:
        return score
    if label.estimator == "aipw" and label.estimand in ("ATE", "ATO"):
        return score
    wanted = "ATO" if label.estimand == "ATO" else "ATE"
    made = AIPW(estimands={label.attribute: wanted}).scores(setting)
    key = (label.attribute, label.contrast, label.outcome)
    found = [s for s in made if (s.label.attribute, s.label.contrast, s.label.outcome) == key]
    return replace(found[0], refusal=score.refusal) if found else score


Forms = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _residual_form(
    score: Score, setting: Setting, rows: IntArray, size: FloatArray
) -> tuple[FloatArray, Forms | None]:
    """Precision of the scores of two levels, and residual over residual where there is one."""
    nuisances, label = setting.nuisances, score.label
    if nuisances is None:
        return size, None
    pair = (label.attribute, label.outcome)
    attribute = next(a for a in setting.study.attributes if a.name == label.attribute)
    contrast = next(c for c in setting.contrasts(attribute) if c.label == label.contrast)
    high, low = int(contrast.high), int(contrast.low)
    local = (np.cumsum(nuisances.rows) - 1)[rows]
    e_high, e_low = nuisances.propensity[pair][local][:, [high, low]].T
    even = e_high * e_low / (e_high + e_low)
    measured = setting.panel.outcomes[label.outcome]
    precision = size if label.estimand == "ATO" else size * even
    if measured.denominator is not None:
        return precision, None
    a = setting.panel.columns[label.attribute].values[rows]
    on, inside = a == high, (a == high) | (a == low)
    e = e_high / (e_high + e_low)
    f_high, f_low = nuisances.outcome[pair].value[local][:, [high, low]].T
    y = measured.value[rows]
    lean = np.where(inside, on - e, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r_psi = np.where(lean != 0, (y - e * f_high - (1 - e) * f_low) / lean, 0.0)
    return precision, (r_psi, measured.weight[rows] * lean**2, y, lean)
