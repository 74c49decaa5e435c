"""What belongs to an entity, read off its cells: adoption, cluster, size, covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.base.errors import DataError, listing
from causal.data.cells.request import CellsRequest
from causal.data.panel import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Cells as the engine gave them, in the order of entities and periods.

    Attributes
    ----------
    found
        A pyarrow.Table with a row for each cell.
    entities, times
        Names (I,) and values (T,).
    entity, period
        Places of each row.
    """

    found: Any
    entities: tuple[str, ...]
    times: FloatArray
    entity: IntArray
    period: IntArray

    def dense(self, name: str, *, empty: float = np.nan) -> FloatArray:
        """A column as (I, T)."""
        made = np.full((len(self.entities), self.times.size), empty)
        values = self.found.column(name).to_numpy(zero_copy_only=False).astype(float)
        made[self.entity, self.period] = values
        return made

    def missing_of(self, name: str) -> int:
        """Rows in which a column is missing."""
        counts = self.dense("rows", empty=0.0) - self.dense(f"{name}_n", empty=0.0)
        return int(counts.sum())

    def range_of(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Least and largest number within each entity, (I,); NaN where there is none."""
        low, high = self.dense(f"{name}_low"), self.dense(f"{name}_high")
        nothing = ~np.isfinite(low).any(axis=1)
        least = np.where(np.isnan(low), np.inf, low).min(axis=1)
        most = np.where(np.isnan(high), -np.inf, high).max(axis=1)
        return np.where(nothing, np.nan, least), np.where(nothing, np.nan, most)


def place_of_adoption(table: Table, asked: CellsRequest) -> tuple[FloatArray, BoolArray]:
    """Place of the period of adoption, (I,), T where it is after all, and who adopts between two.

    Raises
    ------
    DataError
        When adoption is not one period of an entity.
    """
    entities = len(table.entities)
    if asked.adopted is None:
        return np.full(entities, np.inf), np.zeros(entities, dtype=bool)
    low, high = table.range_of("adopted")
    known = table.dense("adopted_n", empty=0.0).sum(axis=1)
    partly = (known > 0) & (known < table.dense("rows", empty=0.0).sum(axis=1))
    changing = np.flatnonzero((np.isfinite(low) & (low != high)) | partly)
    if changing.size:
        raise DataError(
            f"{asked.table.key_of(asked.adopted)}: column '{asked.adopted}' has more than one value "
            f"within {changing.size:,} entities: {_some(table, changing)}. Adoption must be one "
            "period of an entity, on each of its rows; what is switched on and off is 'schedule: "
            "switchback'."
        )
    there = np.isfinite(low)
    place = np.searchsorted(table.times, np.where(there, low, 0.0)).astype(float)
    inside = there & (place > 0) & (place < table.times.size)
    exact = np.isin(low, table.times)
    return np.where(there, place, np.inf), np.asarray(inside & ~exact)


def level(table: Table, name: str, asked: CellsRequest, *, default: bool = False) -> IntArray:
    """Code of a text that belongs to the entity, (I,); by default each entity is its own.

    Raises
    ------
    DataError
        When it is missing, or differs within an entity.
    """
    if name not in asked.levels:
        if default:
            return np.arange(len(table.entities))
        raise KeyError(name)
    column = asked.levels[name]
    key = f"{asked.table.key_of(column)}: column '{column}'"
    if table.missing_of(name):
        raise DataError(
            f"{key} is missing in {table.missing_of(name):,} rows. Leave them out with data.where, "
            "or fill them with data.derive."
        )
    values: list[set[str]] = [set() for _ in table.entities]
    for side in ("low", "high"):
        for place, value in zip(
            table.entity, table.found.column(f"{name}_{side}").to_pylist(), strict=True
        ):
            values[place].add(str(value))
    several = np.flatnonzero([len(found) > 1 for found in values])
    if several.size:
        raise DataError(
            f"{key} has several values within {several.size:,} entities: {_some(table, several)}. "
            "It must be one of an entity."
        )
    flat = np.array([next(iter(found)) for found in values])
    return np.unique(flat, return_inverse=True)[1]


def size_of(table: Table, asked: CellsRequest, first: int, notes: list[str]) -> FloatArray:
    """Size of each entity, (I,): its mean before the first adoption where it varies.

    Raises
    ------
    DataError
        When it is missing, zero or negative.
    """
    if asked.weight is None:
        return np.ones(len(table.entities))
    key = f"{asked.table.key_of(asked.weight)}: column '{asked.weight}'"
    low, high = table.range_of("weight")
    if table.missing_of("weight") or not (low > 0).all():
        raise DataError(
            f"{key} is the size of an entity, and is missing, zero or negative in some rows. Leave "
            "them out with data.where."
        )
    if (low == high).all():
        return low
    notes.append(
        f"'{asked.weight}' varies within entities; its mean before the first adoption is their size."
    )
    values = table.dense("weight")
    before = _mean(values[:, : max(first, 1)])
    return np.where(np.isfinite(before), before, _mean(values))


def covariates_of(table: Table, asked: CellsRequest, first: int, notes: list[str]) -> FloatArray:
    """Value of each covariate, (I, number): the last before any adoption where it varies."""
    made = []
    for i, name in enumerate(asked.covariates):
        low, high = table.range_of(f"x{i}")
        if (low[np.isfinite(low)] == high[np.isfinite(low)]).all():
            made.append(low)
            continue
        notes.append(
            f"'{name}' varies within entities; its last value before the first adoption is used."
        )
        made.append(_last(table.dense(f"x{i}")[:, : max(first, 1)]))
    return np.column_stack(made) if made else np.zeros((len(table.entities), 0))


def _last(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    place = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known.any(axis=1), values[np.arange(values.shape[0]), place], np.nan)


def _mean(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def _some(table: Table, places: Sequence[int] | IntArray) -> str:
    return listing([table.entities[i] for i in places], 3)
