"""Columns as codes and indicators, and the roles they play in a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, IntArray, Panel
from causal.design.study import Study

LEVELS = 50


def attributes(study: Study, panel: Panel) -> tuple[Column, ...]:
    """The study's attributes that take at least two values, in study order.

    Constant ones are the subject of one check; the others need not repeat it.
    """
    asked = named(panel, (each.name for each in study.attributes))
    return tuple(column for column in asked if not constant(column.values))


def constant(values: FloatArray) -> bool:
    """Whether there is at most one known value."""
    known = values[~np.isnan(values)]
    return known.size == 0 or bool(np.all(known == known[0]))


def named(panel: Panel, names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these names that are in the panel, each once."""
    return tuple(panel.columns[name] for name in dict.fromkeys(names) if name in panel.columns)


def codes(values: FloatArray) -> IntArray:
    """Number the distinct values 0, 1, ...; a missing value is one of them. Shape as given."""
    return np.unique(values, return_inverse=True, equal_nan=True)[1].astype(np.int64)


def together(parts: Sequence[IntArray]) -> IntArray:
    """Number the distinct rows of several arrays of codes, shape (rows,)."""
    joined = parts[0]
    for part in parts[1:]:
        joined = joined * (int(part.max(initial=0)) + 1) + part
        joined = np.unique(joined, return_inverse=True)[1].astype(np.int64)
    return joined


def arms(column: Column) -> tuple[tuple[str, BoolArray], ...]:
    """The levels of a binary or categorical column that occur, and the rows that have each."""
    if column.kind is Kind.CONTINUOUS:
        return ()
    each = ((label, column.values == code) for code, label in enumerate(column.levels))
    return tuple((label, rows) for label, rows in each if rows.any())


def indicators(column: Column) -> FloatArray:
    """The column as numbers, shape (rows, 1 or levels - 1), NaN where missing.

    A categorical column gives one indicator for each level but its commonest, at most 50.
    """
    if column.kind is not Kind.CATEGORICAL:
        return column.values[:, None]
    known = column.values[~column.missing].astype(np.int64)
    often = np.argsort(-np.bincount(known, minlength=len(column.levels)), kind="stable")
    chosen = often[1 : LEVELS + 1]
    made: FloatArray = (column.values[:, None] == chosen[None, :]).astype(np.float64)
    made[column.missing] = np.nan
    return made


def demeaned(values: FloatArray, block: IntArray) -> FloatArray:
    """Values minus the mean of their block, shape (rows, columns)."""
    rows = np.maximum(np.bincount(block), 1)
    sums = [np.bincount(block, weights=values[:, at]) for at in range(values.shape[1])]
    means: FloatArray = np.column_stack(sums) / rows[:, None]
    return values - means[block]


def quoted(names: Iterable[str]) -> str:
    """Write names for a sentence.

    >>> quoted(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    given = [f"'{each}'" for each in names]
    return " and ".join(filter(None, (", ".join(given[:-1]), *given[-1:])))
