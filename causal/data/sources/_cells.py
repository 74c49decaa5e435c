"""Rows of a database cursor as a pyarrow.Table, typed by the cells that occur.

Ibis would take the type of SQLite's first row for all rows, and does not take over PostgreSQL's
UUIDs; so its connection is asked for rows, and types are found here.
"""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from causal.base.errors import DataError, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LONGEST = 2**63


def runner(backend: Any) -> Callable[[str], Any]:
    """How to run a SELECT on an Ibis backend that speaks through cursors."""

    def run(sql: str) -> Any:
        with closing(backend.raw_sql(sql)) as cursor:
            names = [str(each[0]) for each in cursor.description]
            return table_of(names, cursor.fetchall())

    return run


def table_of(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Any:
    """Make a pyarrow.Table of rows.

    Raises
    ------
    DataError
        When one column mixes types, such as text and numbers.
    """
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [_array(name, cells) for name, cells in zip(names, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=list(names))


def _array(name: str, cells: tuple[Any, ...]) -> Any:
    import pyarrow as pa

    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds == {int, float}:
        return pa.array(cells, type=pa.float64())
    if len(kinds) > 1:
        words = listing(sorted(kind.__name__ for kind in kinds))
        raise DataError(
            f"data.source: column '{name}' mixes cells of the types {words}. "
            "Give it one type with data.derive, for instance CAST(... AS DOUBLE)."
        )
    if kinds == {Decimal}:
        return _decimals(cells)
    if kinds == {UUID}:
        return pa.array([None if cell is None else str(cell) for cell in cells])
    return pa.array(cells)


def _decimals(cells: tuple[Decimal | None, ...]) -> Any:
    """Whole decimals as whole numbers, others as doubles; a decimal NaN is missing."""
    import pyarrow as pa

    known = [None if cell is None or cell.is_nan() else cell for cell in cells]
    present = [cell for cell in known if cell is not None]
    if present and all(cell.is_finite() and cell == int(cell) for cell in present):
        whole = [None if cell is None else int(cell) for cell in known]
        large = any(abs(cell) >= _LONGEST for cell in whole if cell is not None)
        return pa.array(whole, type=pa.decimal128(38, 0) if large else pa.int64())
    return pa.array([None if cell is None else float(cell) for cell in known], type=pa.float64())
