"""Who gains: everything about individual effects as plain content, and whether it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from causal.content.attribute import Kind
from causal.content.outcome import Goal
from causal.data.panel import FloatArray, Panel
from causal.estimation.cate._problems import Cate
from causal.estimation.cate._stack import Learned
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._heterogeneity import GROUPS, Held, Tested, held_of
from causal.evaluation._privacy import hidden_cells
from causal.evaluation.calibration import gains, projection, slope, supported
from causal.evaluation.ranking import ranking
from causal.evaluation.sorted_groups import characteristics, groups, written
from causal.interpretation.heterogeneity import explain_effects
from causal.policy.tree import Rule, Split, policy_tree

Content = dict[str, Any]
MOST_TERMS = 40
STRICT = 5


def who_gains(evaluated: Evaluated) -> list[Content]:
    """One entry for each effect whose variation was looked at, as ``docs/result.md`` has it.

    Variation is *found* when predicted differences and the predicted order both hold on rows left
    out: slope and AUTOC positive, each at a fifth of 1 - level (1% by default) over the number of
    effects looked at. It is that strict because scores carry the error of the nuisance models,
    which may vary with the columns and which no test of the scores sees.
    """
    looked = max(sum(not each.refusal for each in evaluated.cates), 1)
    alpha = (1 - evaluated.study.settings.level) / (STRICT * looked)
    return [_entry(evaluated, cate, alpha) for cate in evaluated.cates]


def _entry(evaluated: Evaluated, cate: Cate, alpha: float) -> Content:
    label = cate.label
    made: Content = {
        "attribute": label.attribute,
        "contrast": label.contrast,
        "outcome": label.outcome,
        "design": label.design,
        "estimand": label.estimand,
        "identification": label.identification,
        "columns": list(cate.columns),
        "rows": int(cate.rows.size),
        "reason": cate.refusal or None,
        "found": False,
    }
    given = held_of(cate, evaluated.panel)
    if given is None or cate.learned is None:
        return made
    return made | _numbers(evaluated, cate, (given, cate.learned), alpha)


def _numbers(
    evaluated: Evaluated, cate: Cate, known: tuple[Held, Learned], alpha: float
) -> Content:
    given, learned = known
    settings = evaluated.study.settings
    level, seed = settings.level, settings.seed
    calibrated = slope(given, level)
    order = ranking(given, level=level, seed=seed)
    sorted_by = groups(given, level=level, seed=seed)
    found = believed(calibrated, order.autoc, alpha)
    varies = bool(np.any(given.effects != given.effects[0])) and calibrated.std_error > 0
    shown = varies and not _hidden(evaluated, cate)
    explained = explain_effects(cate) if found else None
    return {
        "found": found,
        "varies": varies,
        "alpha": alpha,
        "learners": [
            {"name": each.name, "weight": each.weight, **_short(each.gain)}
            for each in gains(given, learned, level)
        ],
        "linear": _linear(cate, given, level),
        "calibration": asdict(calibrated),
        "groups": _groups(sorted_by),
        "top_bottom": asdict(sorted_by.difference),
        "detectable": sorted_by.detectable,
        "ranking": {
            "autoc": asdict(order.autoc),
            "qini": asdict(order.qini),
            "curve": [
                {"share": float(q), "toc": float(v), "low": float(a), "high": float(b)}
                for q, v, a, b in zip(order.shares, order.curve, order.low, order.high, strict=True)
            ],
        },
        "characteristics": _characteristics(cate, given, evaluated.panel, level) if shown else [],
        "rule": _rule(evaluated, cate, given) if found else None,
        "explanation": None if explained is None else asdict(explained),
    }


def believed(calibrated: Tested, autoc: Tested, alpha: float) -> bool:
    """Whether variation is claimed: both numbers positive and beyond chance at ``alpha``."""
    return all(each.estimate > 0 and each.p_value < alpha for each in (calibrated, autoc))


def _short(given: Tested) -> Content:
    return {"gain": given.estimate, "gain_se": given.std_error, "p_value": given.p_value}


def _linear(cate: Cate, given: Held, level: float) -> Content | None:
    """The best linear projection, column by column where a column is one term."""
    if cate.problem is None or cate.problem.features.terms.shape[1] > MOST_TERMS:
        return None
    features = cate.problem.features
    terms = features.terms
    spread = terms.std(axis=0)
    usable = supported(terms)
    found = projection(given, terms[:, usable] / spread[usable], level)
    if found is None:
        return None
    names = [
        name
        for j, name in enumerate(features.names)
        for _ in range(features.edges[j + 1] - features.edges[j])
    ]
    return {
        "statistic": found.statistic,
        "terms": int(usable.size),
        "p_value": found.p_value,
        "slopes": [
            {"column": names[int(j)], "slope": t.estimate, "std_error": t.std_error, "p": t.p_value}
            for j, t in zip(usable, found.slopes, strict=True)
        ],
    }


def _groups(given: Any) -> list[Content]:
    return [
        {
            "group": g + 1,
            **{
                name: float(getattr(given, name)[g])
                for name in (
                    "predicted", "estimate", "std_error", "ci_low", "ci_high",
                    "simultaneous_low", "simultaneous_high",
                )
            },
        }
        for g in range(given.estimate.size)
    ]  # fmt: skip


def _hidden(evaluated: Evaluated, cate: Cate) -> bool:
    """Whether the outer fifths may not be described: too few users, or one creator in them."""
    if cate.learned is None:
        return True
    order = np.argsort(cate.learned.effects, kind="stable")
    size = cate.rows.size // GROUPS
    cells = [np.sort(cate.rows[order[:size]]), np.sort(cate.rows[order[-size:]])]
    return any(hidden_cells(evaluated.study, evaluated.panel, cells))


def _characteristics(cate: Cate, given: Held, panel: Panel, level: float) -> list[Content]:
    listed = [
        {
            "column": each.column,
            "level": each.level,
            "top": each.top,
            "bottom": each.bottom,
            "difference": each.difference.estimate,
            "std_error": each.difference.std_error,
            "p_value": each.difference.p_value,
            "p_adjusted": each.p_adjusted,
        }
        for each in characteristics(cate, given, panel, level=level)
    ]

    def apart(each: Content) -> float:
        return -abs(each["difference"]) / max(each["std_error"], 1e-300)

    return sorted(listed, key=apart)


def _rule(evaluated: Evaluated, cate: Cate, given: Held) -> Content | None:
    outcome = next(o for o in evaluated.study.outcomes if o.name == cate.label.outcome)
    x, names = _matrix(cate, evaluated.panel)
    if not names:
        return None
    direction = -1 if outcome.goal is Goal.DECREASE else 1
    rule = policy_tree(given, x, direction=direction, level=evaluated.study.settings.level)
    return {
        "treated": rule.treated,
        "over_none": asdict(rule.over_none),
        "over_all": asdict(rule.over_all),
        "ends": _ends(rule, names),
    }


def _matrix(cate: Cate, panel: Panel) -> tuple[FloatArray, list[tuple[str, str | None]]]:
    """Columns for the rule: numbers with missing ones at the median, levels as 0 and 1."""
    columns, names = [], []
    for name in cate.columns:
        column = panel.columns[name]
        for level, values, known in written(column, cate.rows):
            fill = float(np.median(values[known])) if known.any() else 0.0
            columns.append(np.where(known, values, fill))
            names.append((name, level if column.kind is not Kind.CONTINUOUS else None))
    return (np.column_stack(columns) if columns else np.zeros((cate.rows.size, 0))), names


def _ends(rule: Rule, names: Sequence[tuple[str, str | None]]) -> list[Content]:
    """Each end of the rule with the conditions that lead there; equal neighbours are one."""
    tree = rule.tree
    if tree.top is None:
        return [{"treat": tree.leaves[0], "conditions": []}]
    ends: list[Content] = []
    for side, split in ((0, tree.left), (1, tree.right)):
        first = _condition(tree.top, names, above=side == 1)
        pair = tree.leaves[2 * side : 2 * side + 2]
        if split is None or pair[0] == pair[1]:
            ends.append({"treat": bool(pair[0]), "conditions": [first]})
            continue
        for above, treat in enumerate(pair):
            last = _condition(split, names, above=above == 1)
            ends.append({"treat": bool(treat), "conditions": [first, last]})
    return ends


def _condition(split: Split, names: Sequence[tuple[str, str | None]], *, above: bool) -> Content:
    column, level = names[split.column]
    return {"column": column, "level": level, "cut": split.cut, "above": above}
