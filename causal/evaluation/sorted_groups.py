"""Sorted groups: the effect in fifths of the predicted effect, and who is in the outer two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, Panel
from causal.estimation._inference import infer
from causal.estimation.cate._problems import Cate
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._heterogeneity import (
    GROUPS,
    Held,
    Tested,
    contrast,
    estimates_of,
    held_of,
    measured,
    places,
    within,
)

LEVEL = 0.05
MOST_LEVELS = 8
POWERED = 0.8416  # a normal deviate: found in four of five repetitions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Effects of groups, smallest predicted effect first, (groups,), and top less bottom."""

    predicted: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    simultaneous_low: FloatArray
    simultaneous_high: FloatArray
    difference: Tested
    detectable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A column, or a level of one, in the top and in the bottom group."""

    column: str
    level: str | None
    top: float
    bottom: float
    difference: Tested
    p_adjusted: float


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when the top fifth gains clearly less than the bottom fifth."""
    return tuple(
        _finding(cate.label.attribute, cate.label.outcome, groups(given, seed=0))
        for cate in evaluated.cates
        for given in (held_of(cate, evaluated.panel),)
        if given is not None
    )


def _finding(attribute: str, outcome: str, found: Groups) -> Finding:
    apart = found.difference
    backwards = apart.estimate < 0 and apart.p_value < LEVEL
    return Finding(
        name="sorted groups",
        status=Status.WARN if backwards else Status.PASS,
        statistic=apart.p_value,
        threshold=LEVEL,
        attributes=(attribute,),
        meaning=f"Effect of {attribute} on {outcome}: the fifth predicted to gain most differs "
        f"from the fifth predicted to gain least by {apart.estimate:.3g} "
        f"(p = {apart.p_value:.2g}).",
        remedy="The order is wrong on rows left out: do not target by it." if backwards else "",
    )


def groups(given: Held, *, count: int = GROUPS, level: float = 0.95, seed: int) -> Groups:
    """Mean score in groups of equal weight, sorted by predicted effect within folds.

    Sorted group average treatment effects (Chernozhukov et al. 2025). Rows with one predicted
    effect are shared out over the groups their stretch covers. ``detectable`` is the difference of
    top and bottom that would be found in four of five repetitions if the order were right.
    """
    from scipy.stats import t as student

    above, below = places(given)
    edges = np.linspace(1.0, 0.0, count + 1)
    share = np.column_stack([within(above, below, edges[g + 1], edges[g]) for g in range(count)])
    weight = given.weight[:, None] * share
    total = np.maximum(weight.sum(axis=0), 1e-300)
    values = weight.T @ given.psi / total
    influence = weight * (given.psi[:, None] - values) / total
    family = estimates_of(values, influence, given, "groups")
    said = infer(family, level=level, multiplicity="simultaneous", seed=seed, family="groups")
    apart, own = contrast(given, count * (share[:, -1:] - share[:, :1]))
    difference = measured(float(apart[0]), own[:, 0], given, level)
    error = difference.std_error or _random_error(given, count)
    reach = float(student.isf((1 - level) / 2, given.df)) + POWERED
    return Groups(
        predicted=weight.T @ given.effects / total,
        estimate=values,
        std_error=said.std_error,
        ci_low=said.ci_low,
        ci_high=said.ci_high,
        simultaneous_low=said.simultaneous_low,
        simultaneous_high=said.simultaneous_high,
        difference=difference,
        detectable=reach * error,
    )


def _random_error(given: Held, count: int) -> float:
    """Error of top less bottom when the scores have no order: two groups, clusters kept whole."""
    total = float(given.weight.sum())
    psi = given.psi - np.average(given.psi, weights=given.weight)
    influence = given.weight * psi / total
    whole = measured(0.0, influence, given).std_error
    return float(np.sqrt(2.0 * count)) * whole


def characteristics(
    cate: Cate, given: Held, panel: Panel, *, count: int = GROUPS, level: float = 0.95
) -> tuple[Characteristic, ...]:
    """Compare the columns of the top and the bottom group, with Holm's correction (CLAN)."""
    from statsmodels.stats.multitest import multipletests

    above, below = places(given)
    top = within(above, below, 0.0, 1 / count)
    bottom = within(above, below, 1 - 1 / count, 1.0)
    found = [
        (name, shown, *_apart(given, values, known, top, bottom, level))
        for name in cate.columns
        for shown, values, known in written(panel.columns[name], cate.rows)
    ]
    if not found:
        return ()
    adjusted = multipletests([each[-1].p_value for each in found], method="holm")[1]
    return tuple(
        Characteristic(
            column=name, level=shown, top=high, bottom=low, difference=apart, p_adjusted=float(p)
        )
        for (name, shown, high, low, apart), p in zip(found, adjusted, strict=True)
    )


def written(column: Column, rows: np.ndarray) -> list[tuple[str | None, FloatArray, BoolArray]]:
    """A column as numbers: itself, or the share of each of its most frequent levels.

    Each with a mask of the rows where it is known.
    """
    values = column.values[rows]
    known = ~np.isnan(values)
    if column.kind is Kind.CONTINUOUS:
        return [(None, values, known)]
    counts = np.bincount(values[known].astype(int), minlength=len(column.levels))
    if len(column.levels) == 2 and column.kind is Kind.BINARY:
        return [(column.levels[1], (values == 1).astype(float), known)]
    first = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
    return [
        (column.levels[code], (values == code).astype(float), known)
        for code in sorted(int(c) for c in first)
        if counts[code]
    ]


def _apart(
    given: Held,
    values: FloatArray,
    known: BoolArray,
    top: FloatArray,
    bottom: FloatArray,
    level: float,
) -> tuple[float, float, Tested]:
    filled = np.where(known, values, 0.0)
    means, parts = [], []
    for share in (top, bottom):
        weight = given.weight * share * known
        total = max(float(weight.sum()), 1e-300)
        mean = float(weight @ filled) / total
        means.append(mean)
        parts.append(weight * (filled - mean) / total)
    apart = measured(means[0] - means[1], parts[0] - parts[1], given, level)
    return means[0], means[1], apart
