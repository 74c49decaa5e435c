"""Cells of entities and periods, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from causal.base.errors import DataError, listing
from causal.data.panel import BoolArray, Dropped, FloatArray, IntArray, Provenance

if TYPE_CHECKING:
    import pandas as pd

Array = TypeVar("Array", FloatArray, IntArray)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Entities sorted by name, periods by time; missing cells are NaN.

    Attributes
    ----------
    entities
        Names, (I,).
    periods
        Names, (T,); event time counts their places.
    times
        Their values, (T,): numbers, or seconds since 1970.
    adopted
        Place of the period of adoption, (I,); inf: not within the table.
    y
        By outcome the mean or ratio of each cell, (I, T).
    size
        By outcome what stands behind it: the denominator, or the rows, (I, T).
    rows
        Rows of each cell, (I, T).
    users, largest
        Of those that adopt with an entity, in each period: how many users there are, and the share
        of rows of the largest creator; (I, T), NaN where they never adopt. None: not declared.
    covariates
        Values before any adoption, (I, number of covariates).
    weight
        Size of each entity, (I,).
    cluster
        Code of what is independent, (I,).
    block
        Code of what is compared apart, (I,).
    pool
        Code of the entities that share a pool, (I,).
    spillover
        Share of treated neighbours, (I, T).
    on
        1 where a cell is switched on, (I, T).
    further
        Further columns by name, (I, T).
    always
        Entities left out: treated from the first period on.
    late
        Entities that adopt after the last period; they serve as controls.
    between
        Entities whose adoption lies between two periods, and is counted from the next.
    gaps
        Places in time without any row.
    empty
        By outcome, cells with rows but no denominator or value.
    notes
        Sentences on what was done to columns of an entity.
    sql
        What was run: a name and the query.
    left_out
        Rows left out, and why.
    """

    entities: tuple[str, ...]
    periods: tuple[str, ...]
    times: FloatArray
    adopted: FloatArray
    y: Mapping[str, FloatArray]
    size: Mapping[str, FloatArray]
    rows: IntArray
    weight: FloatArray
    cluster: IntArray
    covariates: FloatArray
    covariate_names: tuple[str, ...] = ()
    block: IntArray | None = None
    pool: IntArray | None = None
    spillover: FloatArray | None = None
    on: FloatArray | None = None
    further: Mapping[str, FloatArray] = field(default_factory=dict)
    users: FloatArray | None = None
    largest: FloatArray | None = None
    always: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    empty: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sql: tuple[tuple[str, str], ...] = ()
    provenance: Provenance | None = None
    left_out: tuple[Dropped, ...] = ()

    @property
    def treated(self) -> BoolArray:
        """Whether a cell is at or after adoption, (I, T)."""
        return np.asarray(np.arange(len(self.periods)) >= self.adopted[:, None])

    @property
    def cohorts(self) -> IntArray:
        """Places of the periods in which anyone adopts, in order."""
        return np.unique(self.adopted[np.isfinite(self.adopted)]).astype(np.int64)

    @property
    def missing(self) -> int:
        """Cells without any row."""
        return int((self.rows == 0).sum())

    def select(self, index: IntArray) -> Cells:
        """Some of the entities, in the order of ``index``; periods stay."""
        return replace(
            self,
            entities=tuple(self.entities[i] for i in index),
            adopted=self.adopted[index],
            y={name: values[index] for name, values in self.y.items()},
            size={name: values[index] for name, values in self.size.items()},
            rows=self.rows[index],
            weight=self.weight[index],
            cluster=self.cluster[index],
            covariates=self.covariates[index],
            block=_at(self.block, index),
            pool=_at(self.pool, index),
            spillover=_at(self.spillover, index),
            on=_at(self.on, index),
            further={name: values[index] for name, values in self.further.items()},
            users=_at(self.users, index),
            largest=_at(self.largest, index),
        )


def _at(array: Array | None, index: IntArray) -> Array | None:
    return None if array is None else array[index]


def treated_neighbours(treated: BoolArray, pool: IntArray) -> FloatArray:
    """Share of the others of an entity's pool that are treated, (I, T); 0 where there is no other.

    Parameters
    ----------
    treated
        Shape (I, T).
    pool
        Code of each entity's pool, (I,).

    Examples
    --------
    >>> treated_neighbours(np.array([[0, 1], [0, 0], [0, 1]], bool), np.array([0, 0, 1]))
    array([[0., 0.],
           [0., 1.],
           [0., 0.]])
    """
    groups = int(pool.max()) + 1
    inside = np.zeros((groups, treated.shape[1]))
    np.add.at(inside, pool, treated.astype(float))
    others = np.bincount(pool, minlength=groups)[pool] - 1
    return np.asarray((inside[pool] - treated) / np.maximum(others, 1)[:, None])


def cells_of(frame: pd.DataFrame, *, outcome: str = "y") -> Cells:
    """Cells of a small table that is in memory: ``entity``, ``period``, ``adopted`` and a value.

    Columns ``size``, ``weight``, ``cluster``, ``block``, ``pool``, ``spillover`` and ``on`` are
    used where they are there, and every column starting with ``x`` as a covariate. Adoption is
    inf or missing where there is none.

    Raises
    ------
    DataError
        When a cell is there twice, or adoption differs within an entity.

    Examples
    --------
    >>> import pandas as pd
    >>> cells_of(pd.DataFrame({"entity": ["a", "a"], "period": [1, 2], "adopted": 2, "y": 1})).adopted
    array([1.])
    """
    entities, i = np.unique(frame["entity"].astype(str).to_numpy(dtype=str), return_inverse=True)
    times, t = np.unique(frame["period"].to_numpy(), return_inverse=True)
    shape = (entities.size, times.size)
    rows = np.zeros(shape, dtype=np.int64)
    np.add.at(rows, (i, t), 1)
    if (rows > 1).any():
        names = entities[(rows > 1).any(axis=1)]
        raise DataError(f"period: {listing(names, 3)} have a cell twice. Keep one row of each.")

    def dense(name: str) -> FloatArray | None:
        if name not in frame:
            return None
        made = np.full(shape, np.nan)
        made[i, t] = frame[name].to_numpy(dtype=float)
        return made

    def one(values: FloatArray) -> FloatArray:
        low, high = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
        if (low != high).any():
            raise DataError(f"adopted: {listing(entities[low != high], 3)} have several values.")
        return low

    def whole(name: str) -> IntArray | None:
        found = dense(name)
        return None if found is None else np.unique(one(found), return_inverse=True)[1]

    start = np.full(shape, np.nan)
    start[i, t] = frame["adopted"].astype(float).fillna(np.inf).to_numpy()
    first = one(start)
    place = np.where(np.isfinite(first), np.searchsorted(times, first), np.inf)
    size, weight, cluster = dense("size"), dense("weight"), whole("cluster")
    pool, spillover = whole("pool"), dense("spillover")
    adopted = np.where(place < times.size, place, np.inf)
    named = tuple(sorted(str(name) for name in frame.columns if str(name).startswith("x")))
    if spillover is None and pool is not None:
        spillover = treated_neighbours(np.arange(times.size) >= adopted[:, None], pool)
    return Cells(
        entities=tuple(str(each) for each in entities),
        periods=tuple(str(each) for each in times),
        times=times.astype(float),
        adopted=adopted,
        y={outcome: _filled(dense(outcome), shape)},
        size={outcome: np.where(rows > 0, 1.0, np.nan) if size is None else size},
        rows=rows,
        weight=np.ones(shape[0]) if weight is None else one(weight),
        cluster=np.arange(shape[0]) if cluster is None else cluster,
        covariates=np.column_stack([_filled(dense(name), shape)[:, 0] for name in named])
        if named
        else np.zeros((shape[0], 0)),
        covariate_names=named,
        block=whole("block"),
        pool=pool,
        spillover=spillover,
        on=dense("on"),
    )


def _filled(values: FloatArray | None, shape: tuple[int, int]) -> FloatArray:
    return np.full(shape, np.nan) if values is None else values
