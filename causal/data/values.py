"""Columns of the engine as arrays: numbers, times, and keys with their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from causal.base.errors import DataError

if TYPE_CHECKING:
    from causal.data.panel import BoolArray, FloatArray, IntArray, TimeArray

Type = Literal["boolean", "integer", "float", "text", "time"]
EXACT = 2**53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """One column as it left the engine; ``cells`` is a pyarrow.Array without NaN.

    ``key`` is the study key that names the column, for messages.
    """

    name: str
    key: str
    type: Type
    cells: Any

    @property
    def missing(self) -> BoolArray:
        """Which rows have no value, shape (rows,)."""
        return np.asarray(self.cells.is_null().to_numpy(zero_copy_only=False), dtype=bool)

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers or true and false."""
        return self.type in ("boolean", "integer", "float")

    def take(self, rows: IntArray) -> Values:
        """Take the same column at these rows, in this order."""
        return Values(name=self.name, key=self.key, type=self.type, cells=self.cells.take(rows))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """One column as codes: ``codes`` has shape (rows,), -1 where missing.

    ``labels[code]`` is the portable text of a value: whole numbers without a point, true and false
    as 1 and 0, times in ISO form, text as it is. Numbers and times are in their own order, text
    in the order of its code points, on every engine.
    """

    codes: IntArray
    labels: tuple[str, ...]


def values(name: str, key: str, column: Any) -> Values:
    """Take over one column of a pyarrow.Table; NaN becomes missing.

    Raises
    ------
    DataError
        When the cells are nested, binary or of another type that is no value.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = type_of(cells.type)
    if kind is None:
        raise DataError(
            f"{key}: column '{name}' holds {cells.type}, which is no single value. "
            "Make plain columns of it with data.derive, for instance its length or one field."
        )
    if pa.types.is_null(cells.type):
        cells = cells.cast(pa.float64())
    elif pa.types.is_decimal(cells.type):
        cells = _undecimal(cells)
    elif pa.types.is_floating(cells.type):
        cells = cells.cast(pa.float64())
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, pa.float64()), cells)
    elif kind == "text":
        cells = cells.cast(pa.large_string())
    elif kind == "time":
        cells = _microseconds(cells, name, key)
    return Values(name=name, key=key, type=kind, cells=cells)


def type_of(arrow: Any) -> Type | None:
    """Find the type of a pyarrow.DataType; None when its values are no single ones."""
    from pyarrow import types

    if types.is_boolean(arrow):
        return "boolean"
    if types.is_integer(arrow) or (types.is_decimal(arrow) and arrow.scale == 0):
        return "integer"
    if types.is_floating(arrow) or types.is_decimal(arrow) or types.is_null(arrow):
        return "float"
    if types.is_string(arrow) or types.is_large_string(arrow) or types.is_string_view(arrow):
        return "text"
    return "time" if types.is_date(arrow) or types.is_timestamp(arrow) else None


def _undecimal(cells: Any) -> Any:
    """Whole decimals as int64 when they fit, others by way of their text, which rounds once."""
    import pyarrow as pa

    if cells.type.scale == 0:
        try:
            return cells.cast(pa.int64())
        except pa.ArrowInvalid:
            return cells
    return cells.cast(pa.string()).cast(pa.float64())


def _microseconds(cells: Any, name: str, key: str) -> Any:
    import pyarrow as pa

    try:
        return cells.cast(
            pa.timestamp("us", tz=cells.type.tz if _zoned(cells.type) else None), safe=False
        ).cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise DataError(f"{key}: column '{name}' holds times out of range: {error}.") from error


def _zoned(arrow: Any) -> bool:
    return getattr(arrow, "tz", None) is not None


def numbers(column: Values) -> FloatArray:
    """Read a column as numbers, shape (rows,), NaN where missing; true is 1, a time is in days."""
    import pyarrow as pa

    cells = column.cells.cast(pa.float64(), safe=False)
    found = np.array(cells.to_numpy(zero_copy_only=False), dtype=np.float64)
    return found / 86_400e6 if column.type == "time" else found


def moments(column: Values) -> TimeArray:
    """Read a column as times to the second, shape (rows,), NaT where missing.

    Raises
    ------
    DataError
        When it holds neither dates, times, nor text in ISO form.
    """
    import pandas as pd

    if column.type == "time":
        filled = np.asarray(column.cells.fill_null(0).to_numpy(zero_copy_only=False))
        found = filled.astype("datetime64[us]").astype("datetime64[s]")
        found[column.missing] = np.datetime64("NaT")
        return np.asarray(found)
    if column.type == "text":
        try:
            text = pd.Series(column.cells.to_pylist(), dtype=object)
            parsed = pd.to_datetime(text, format="ISO8601", utc=True).dt.tz_localize(None)
        except (ValueError, TypeError) as error:
            raise DataError(
                f"{column.key}: column '{column.name}' holds text that is no ISO date or time: "
                f"{str(error).splitlines()[0]}. Use for instance 2024-05-31 or "
                "2024-05-31T12:00:00, or make it so with data.derive."
            ) from error
        return np.asarray(parsed.to_numpy(), dtype="datetime64[s]")
    raise DataError(
        f"{column.key}: column '{column.name}' holds {column.type} values, no dates or times. "
        "Make a time of it with data.derive, for instance to_timestamp(seconds)."
    )


def encode(column: Values) -> Encoded:
    """Code a column by its distinct values, in their order."""
    import pyarrow as pa

    missing = column.missing
    codes = np.full(missing.size, -1, dtype=np.int64)
    if column.type == "text" or pa.types.is_decimal(column.cells.type):
        distinct, found = _distinct_objects(column)
        codes[:] = found
        return Encoded(codes=codes, labels=distinct)
    present = np.asarray(column.cells.drop_null().to_numpy(zero_copy_only=False))
    unique, inverse = np.unique(present, return_inverse=True)
    codes[~missing] = inverse
    return Encoded(codes=codes, labels=tuple(_label(each, column.type) for each in unique.tolist()))


def _distinct_objects(column: Values) -> tuple[tuple[str, ...], IntArray]:
    """Distinct texts (or whole numbers beyond 64 bits) in order, and the code of each row."""
    coded = column.cells.dictionary_encode()
    distinct = coded.dictionary.to_pylist()
    order = sorted(range(len(distinct)), key=distinct.__getitem__)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1
    found = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False))
    return tuple(str(distinct[place]) for place in order), rank[found]


def _label(value: object, kind: Type) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if kind == "time":
        return iso(int(value))  # type: ignore[call-overload]
    return str(value)


def iso(microseconds: int) -> str:
    """Write a time: a day at midnight as a date, else to the second or the microsecond.

    >>> iso(86_400_000_000), iso(1_500_000)
    ('1970-01-02', '1970-01-01T00:00:01.500000')
    """
    day, rest = divmod(microseconds, 86_400_000_000)
    date = str(np.datetime64(day, "D"))
    if rest == 0:
        return date
    clock = str(np.datetime64(rest, "us")).partition("T")[2]
    return f"{date}T{clock.removesuffix('.000000')}"


def finite(found: FloatArray, column: Values) -> FloatArray:
    """Refuse infinite numbers, which a missing value or a division by zero left behind.

    Raises
    ------
    DataError
        Naming the column and how many there are.
    """
    infinite = int(np.isinf(found).sum())
    if infinite:
        raise DataError(
            f"{column.key}: column '{column.name}' holds {infinite:,} infinite values. "
            "Leave those rows out with data.where, or repair the column with data.derive."
        )
    return found
