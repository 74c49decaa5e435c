"""Missing values: how many, and whether an outcome is missing more often with an attribute."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causal.base.finding import Cell, Finding, Status
from causal.data.panel import BoolArray, Column, FloatArray, Measured, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, indicators, quoted
from causal.diagnostics._tail import GATE, holm

MANY = 0.05
FEWEST = 10


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Report the share missing of each column, and outcomes missing unevenly over attributes.

    The slope of "the outcome is missing" on each attribute (each level of a categorical one) is
    tested with errors clustered by the first cluster, and Holm over all of them at .001. An uneven
    outcome is a FAIL when the shares differ by 5 percentage points, otherwise a WARN.
    """
    if not panel.rows:
        return ()
    return (_shares(panel), *_uneven(study, panel))


def _shares(panel: Panel) -> Finding:
    share = {name: _share(panel, each.missing) for name, each in sorted(panel.columns.items())}
    for name, outcome in sorted(panel.outcomes.items()):
        share[name] = float(_missing(outcome).mean())
    many = tuple(name for name, each in share.items() if each > MANY)
    most = max(share.values(), default=0.0)
    detail: tuple[dict[str, Cell], ...] = tuple(
        {"column": name, "missing": each} for name, each in share.items() if each > 0
    )
    said = (
        f"More than {MANY:.0%} of the values of {quoted(many)} are missing."
        if many
        else f"No column misses more than {MANY:.0%} of its values (the most is {most:.1%})."
    )
    return Finding(
        name="missing values",
        status=Status.WARN if many else Status.PASS,
        meaning=said,
        remedy=(
            "Find out why. A row without its outcome or an attribute is left out of that estimate; "
            "a missing confounder or modifier counts as a level of its own."
            if many
            else ""
        ),
        statistic=most,
        threshold=MANY,
        columns=many,
        detail=detail,
    )


def _share(panel: Panel, missing: BoolArray) -> float:
    """Share missing; an item that the ranker alone takes to have the attribute is on no side."""
    cells = panel.paths
    if cells is not None and cells.ranked is not None and cells.shown is not None:
        both = cells.ranked == cells.shown
        missing = missing[both] if both.any() else missing
    return float(missing.mean())


def _missing(outcome: Measured) -> BoolArray:
    return np.isnan(outcome.value)


def _uneven(study: Study, panel: Panel) -> Iterator[Finding]:
    tests = [
        (outcome.name, column, *_slope(panel, _missing(outcome), column))
        for __, outcome in sorted(panel.outcomes.items())
        if 0 < _missing(outcome).sum() < panel.rows
        for column in attributes(study, panel)
    ]
    adjusted = holm(np.array([each[3] for each in tests]))
    for (outcome, column, gap, __), p in zip(tests, adjusted, strict=True):
        if p < GATE:
            yield _finding(outcome, column, gap, float(p))


def _finding(outcome: str, column: Column, gap: float, p: float) -> Finding:
    return Finding(
        name="missing outcome",
        status=Status.FAIL if abs(gap) >= MANY else Status.WARN,
        meaning=(
            f"'{outcome}' is missing more often for some values of '{column.name}' than for others "
            f"(by {abs(gap) * 100:.1f} percentage points, p = {p:.2g}). Rows that are left out are "
            "then not alike, and the effect of this attribute is bent."
        ),
        remedy="Find out why it goes missing; compare only where it is always measured.",
        statistic=gap,
        threshold=MANY,
        attributes=(column.name,),
        columns=(outcome, column.name),
    )


def _slope(panel: Panel, missing: BoolArray, column: Column) -> tuple[float, float]:
    """Largest gap in the share missing, and its p-value over the column's indicators.

    For a continuous column the gap is over two standard deviations. Student's t on clusters - 1
    degrees of freedom; under 10 clusters nothing is said.
    """
    from scipy.special import stdtr

    clusters = int(np.unique(panel.clusters[0]).size)
    best = (0.0, 1.0)
    made = indicators(column)
    for at in range(made.shape[1]):
        gap, error = _clustered(made[:, at], missing.astype(float), panel)
        enough = error > 0 and clusters >= FEWEST
        p = float(2 * stdtr(clusters - 1, -abs(gap) / error)) * made.shape[1] if enough else 1.0
        scale = 2 * float(np.nanstd(made[:, at])) if not column.levels else 1.0
        if p < best[1]:
            best = gap * scale, p
    return best


def _clustered(score: FloatArray, missing: FloatArray, panel: Panel) -> tuple[float, float]:
    """Slope of a line and its standard error, clustered by the first cluster."""
    known = ~np.isnan(score)
    x = np.where(known, score - score[known].mean() if known.any() else 0.0, 0.0)
    spread = float((x**2).sum())
    if spread <= 0:
        return 0.0, 0.0
    y = np.where(known, missing - missing[known].mean(), 0.0)
    slope = float((x * y).sum()) / spread
    summed = np.bincount(panel.clusters[0], weights=x * (y - slope * x))
    groups = np.unique(panel.clusters[0]).size
    factor = groups / max(1, groups - 1)
    return slope, float(np.sqrt(factor * (summed**2).sum())) / spread
