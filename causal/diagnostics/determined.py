"""Attributes that the confounders determine together: no row is left to compare with."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, Panel
from causal.design.study import Study
from causal.diagnostics._columns import attributes, constant, indicators, named, quoted
from causal.diagnostics._linear import EXACT, scaled, share

ROWS_FOR_A_COLUMN = 5


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Name attributes that are a linear combination of the confounders (R^2 = 1).

    A dummy trap: weekend = saturday + sunday. No single confounder gives the attribute away, all
    together do, and the adjusted design has nothing to compare.
    """
    asked = attributes(study, panel)
    others = [each for each in named(panel, study.confounders) if not constant(each.values)]
    if not asked or not others or not panel.rows:
        return ()
    known = np.column_stack([_filled(column) for column in others])
    if panel.rows < ROWS_FOR_A_COLUMN * known.shape[1]:
        return ()
    explained = {column.name: _explained(column, known) for column in asked}
    exact = tuple(name for name, value in explained.items() if value > EXACT)
    most = max(explained.values())
    if not exact:
        said = f"The confounders together explain at most {most:.0%} of an attribute (linearly)."
        return (Finding(name="determined", status=Status.PASS, meaning=said, statistic=most),)
    return (
        Finding(
            name="determined",
            status=Status.FAIL,
            meaning=(
                f"{quoted(exact)} can be computed from the confounders, so among rows that are "
                "alike in these nothing is left to compare."
            ),
            remedy="Leave out the confounders that it is made of, for instance one flag of a set.",
            statistic=most,
            threshold=EXACT,
            blocks="design",
            designs=("adjusted",),
            attributes=exact,
            columns=exact,
        ),
    )


def _explained(column: Column, known: FloatArray) -> float:
    rows = ~column.missing
    own = scaled(_centred(indicators(column)[rows]))
    other = scaled(_centred(known[rows]))
    joined = np.column_stack([own, other])
    at = np.arange(joined.shape[1])
    return share(joined.T @ joined, at[: own.shape[1]], at[own.shape[1] :])


def _centred(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean(axis=0), dtype=np.float64)


def _filled(column: Column) -> FloatArray:
    """The confounder as numbers; a missing value is a level of its own."""
    made = np.nan_to_num(indicators(column), nan=0.0)
    if column.kind is Kind.CONTINUOUS:
        made = (made - made.mean()) / (made.std() or 1.0)
    return np.column_stack([made, column.missing]) if column.missing.any() else made
