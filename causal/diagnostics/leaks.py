"""Columns that know too much: an outcome or an attribute in disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, IntArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, named, quoted

LEAK = 0.98
FEWEST = 20
_AFTER = frozenset({
    "click", "clicked", "clicks", "conversion", "conversions", "converted", "ctr", "impressions",
    "outcome", "purchase", "purchased", "result", "results", "revenue",
    "significance", "significant", "watched", "winner", "won",
})  # fmt: skip
_BEFORE = frozenset({
    "ago", "baseline", "before", "historical", "history", "lag", "lagged", "past", "pre",
    "previous", "prior",
})  # fmt: skip


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Rank rows by each column alone and see whether that sorts an outcome or an attribute.

    The AUC of one column for "the outcome is above its median" (or 1, if it is 0/1), and of each
    confounder and modifier for each attribute. Above .98 it is a leak, or an overlap failure. A
    categorical column ranks by the mean of its level in the other folds, so that many rare levels
    do not look like knowledge.
    """
    if not panel.rows:
        return ()
    found = (
        *_of_outcomes(study, panel),
        *_of_attributes(study, panel),
        *_names(study, panel),
    )
    declared = _declared(study)
    if any(each.status is not Status.PASS for each in found):
        return (*found, *declared)
    said = f"No column alone sorts an outcome or an attribute (AUC above {LEAK})."
    return (Finding(name="leaks", status=Status.PASS, meaning=said, threshold=LEAK), *declared)


def _of_outcomes(study: Study, panel: Panel) -> Iterator[Finding]:
    asked = tuple(each.name for each in study.attributes)
    columns = _scores(named(panel, (*asked, *study.confounders, *study.modifiers)))
    for name, outcome in sorted(panel.outcomes.items()):
        high = _high(outcome.value)
        for score in columns:
            auc = sorts(score, high, np.isfinite(outcome.value), panel.folds)
            if auc > LEAK:
                yield _outcome_leak(study, score.column.name, name, auc)


def _outcome_leak(study: Study, column: str, outcome: str, auc: float) -> Finding:
    attribute = any(each.name == column for each in study.attributes)
    confounder = column in study.confounders
    return Finding(
        name="leaks",
        status=Status.FAIL,
        meaning=(
            f"'{column}' alone sorts the outcome '{outcome}' almost perfectly (AUC {auc:.3f}). It "
            "is most likely made from the outcome, or comes after it."
        ),
        remedy=(
            f"Move '{column}' to post_outcome. Keep it only when it is certain to be fixed before "
            "the outcome."
        ),
        statistic=auc,
        threshold=LEAK,
        blocks="design" if attribute or confounder else "none",
        designs=("adjusted",) if confounder and not attribute else (),
        attributes=(column,) if attribute else (),
        columns=(column, outcome),
    )


def _of_attributes(study: Study, panel: Panel) -> Iterator[Finding]:
    columns = _scores(named(panel, (*study.confounders, *study.modifiers)))
    for attribute in attributes(study, panel):
        targets = _targets(attribute)
        for score in columns:
            name = score.column.name
            auc = max(sorts(score, high, ~attribute.missing, panel.folds) for high in targets)
            if auc > LEAK and name != attribute.name:
                yield _attribute_leak(study, name, attribute.name, auc)


def _targets(attribute: Column) -> tuple[BoolArray, ...]:
    if attribute.kind is Kind.CATEGORICAL:
        return tuple(attribute.values == code for code in range(len(attribute.levels)))
    return (_high(attribute.values),)


def _attribute_leak(study: Study, column: str, attribute: str, auc: float) -> Finding:
    confounder = column in study.confounders
    return Finding(
        name="leaks",
        status=Status.FAIL if confounder else Status.WARN,
        meaning=(
            f"'{column}' alone sorts the attribute '{attribute}' almost perfectly (AUC {auc:.3f}): "
            "it is a leak of the attribute, or rows with and without it do not overlap."
        ),
        remedy=(
            f"If '{column}' is a consequence or another name of '{attribute}', do not adjust for "
            "it. If it is a cause, the data cannot answer this question."
        ),
        statistic=auc,
        threshold=LEAK,
        blocks="design" if confounder else "none",
        designs=("adjusted",) if confounder else (),
        attributes=(attribute,),
        columns=(column, attribute),
    )


def _names(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Warn of confounders and modifiers that are named like something later."""
    allowed = {study.weight, study.time, *study.unit, *study.block, *study.cluster}
    columns = named(panel, (*study.confounders, *study.modifiers))
    late = tuple(
        column.name for column in columns if column.name not in allowed and _late(column.name)
    )
    if not late:
        return ()
    return (
        Finding(
            name="leaks",
            status=Status.WARN,
            meaning=f"{quoted(late)} is named like something that comes after the outcome.",
            remedy="If it does, move it to post_outcome; if it was measured before, keep it.",
            columns=late,
        ),
    )


def _late(name: str) -> bool:
    """Whether a column's name speaks of what comes after.

    >>> _late("clicksTotal"), _late("clicks_previous"), _late("post_type")
    (True, False, False)
    """
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())
    later = [word for word in words if word in _AFTER]
    return bool(later) and not _BEFORE.intersection(words)


def _declared(study: Study) -> tuple[Finding, ...]:
    if not study.post_outcome:
        return ()
    one = len(study.post_outcome) == 1
    verb, refused = ("comes", "is refused") if one else ("come", "are refused")
    return (
        Finding(
            name="post-outcome columns",
            status=Status.PASS,
            meaning=(
                f"{quoted(study.post_outcome)} {verb} after the outcome and {refused}: "
                "nothing is adjusted for, grouped by or learned from there."
            ),
            columns=study.post_outcome,
        ),
    )


def _high(values: FloatArray) -> BoolArray:
    known = values[np.isfinite(values)]
    if not known.size:
        return np.zeros(values.size, dtype=bool)
    middle = float(np.median(known))
    top = float(known.max())
    return np.asarray(values > middle) if middle < top else np.asarray(values >= top)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Score:
    """A column that ranks rows: ``place`` numbers its distinct values in order, shape (rows,)."""

    column: Column
    place: IntArray


def _scores(columns: tuple[Column, ...]) -> tuple[_Score, ...]:
    return tuple(
        _Score(
            column=column,
            place=np.unique(column.values, return_inverse=True)[1].astype(np.int64),
        )
        for column in columns
    )


def sorts(score: _Score, high: BoolArray, known: BoolArray, folds: IntArray) -> float:
    """AUC of the column alone for ``high``, in either direction; .5 when there is too little.

    Missing values of the column are left out. At least 20 rows must be high and 20 not.
    """
    column = score.column
    if column.kind is Kind.CATEGORICAL:
        means = _levels(column, high, known, folds)
        place, used = np.unique(means, return_inverse=True)[1].astype(np.int64), known
    else:
        place, used = score.place, known & ~column.missing
    up, down = high & used, ~high & used
    if min(up.sum(), down.sum()) < FEWEST:
        return 0.5
    auc = area(place, up, down)
    return max(auc, 1 - auc)


def _levels(column: Column, high: BoolArray, known: BoolArray, folds: IntArray) -> FloatArray:
    """Mean of ``high`` at the row's level in the other folds, shrunk to the whole mean."""
    level = np.where(column.missing, len(column.levels), column.values).astype(np.int64)
    size, many = len(column.levels) + 1, int(folds.max()) + 1
    cell = level * many + folds
    rows = np.bincount(cell[known], minlength=size * many).reshape(size, many)
    hits = np.bincount(cell[known & high], minlength=size * many).reshape(size, many)
    other_rows = rows.sum(axis=1, keepdims=True) - rows
    other_hits = hits.sum(axis=1, keepdims=True) - hits
    mean = (other_hits + hits.sum() / max(1, rows.sum())) / (other_rows + 1)
    return np.asarray(mean[level, folds], dtype=float)


def area(place: IntArray, up: BoolArray, down: BoolArray) -> float:
    """Area under the ROC curve of ``place`` for rows ``up`` against ``down``; ties count half.

    >>> place = np.array([0, 1, 1, 2])
    >>> area(place, np.array([False, False, True, True]), np.array([True, True, False, False]))
    0.875
    """
    size = int(place.max()) + 1
    ups = np.bincount(place[up], minlength=size)
    downs = np.bincount(place[down], minlength=size)
    below = np.cumsum(downs) - downs
    return float((ups * (below + downs / 2)).sum() / (ups.sum() * downs.sum()))
