"""What is in a table, column by column: the ground for drafting a study."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from causal.data.extract import opened
from causal.data.request import Request
from causal.data.sources._connection import Connection, identifier
from causal.data.sql import translated
from causal.data.values import encode, type_of, values

Shown = Literal["integer", "float", "boolean", "text", "time", "other"]
_TOP = 5
_SAMPLE = 1_000
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    """One column: counts without the missing ones, and the most frequent values as text.

    ``minimum``, ``maximum`` and ``mean`` are for numbers. Text that holds dates in ISO form is of
    type ``time``. A column of type ``other`` (nested,
    binary) is not looked into.
    """

    name: str
    type: Shown
    distinct: int
    missing: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    top: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """A table: how many rows, and its columns in their order."""

    rows: int
    columns: tuple[ColumnSummary, ...]


def describe(source: str, table: str | None = None) -> TableSummary:
    """Summarise a table; the counting is done by its engine.

    Raises
    ------
    DataError
        When the source cannot be read.
    """
    with opened(Request(source=source, table=table)) as connection:
        place = connection.tables["data"]
        schema = connection.fetch(f"SELECT * FROM {place} LIMIT {_SAMPLE}").schema
        rows = int(connection.fetch(f"SELECT count(*) AS n FROM {place}").column(0)[0].as_py())
        columns = tuple(_summary(connection, place, each, rows) for each in schema)
    return TableSummary(rows=rows, columns=columns)


def _summary(connection: Connection, place: str, field: Any, rows: int) -> ColumnSummary:
    kind: Shown = type_of(field.type) or "other"
    name = identifier(field.name)
    parts = [f"count({name}) AS present"]
    cell = name
    if kind == "float" and connection.engine != "sqlite":
        cell = f"NULLIF(CAST({name} AS DOUBLE), CAST('NaN' AS DOUBLE))"
        parts = [f"count({cell}) AS present"]
    if kind != "other":
        parts.append(f"count(DISTINCT {cell}) AS distinct_values")
    if kind in ("integer", "float"):
        number = f"CAST({cell} AS DOUBLE)"
        parts += [f"min({number}) AS low", f"max({number}) AS high", f"avg({number}) AS middle"]
    sql = translated(f"SELECT {', '.join(parts)} FROM source_table", connection.engine)
    found = connection.fetch(sql.replace("source_table", place)).to_pylist()[0]
    top = _most_frequent(connection, place, field.name) if kind != "other" else ()
    dated = kind == "text" and top and all(_ISO.fullmatch(each) for each in top)
    return ColumnSummary(
        name=field.name,
        type="time" if dated else kind,
        distinct=int(found.get("distinct_values", 0)),
        missing=rows - int(found["present"]),
        minimum=found.get("low"),
        maximum=found.get("high"),
        mean=found.get("middle"),
        top=top,
    )


def _most_frequent(connection: Connection, place: str, name: str) -> tuple[str, ...]:
    cell = identifier(name)
    found = connection.fetch(
        f"SELECT {cell} AS cell FROM {place} WHERE {cell} IS NOT NULL "
        f"GROUP BY {cell} ORDER BY count(*) DESC, {cell} LIMIT {_TOP}"
    )
    coded = encode(values(name, "data.source", found.column(0)))
    return tuple(coded.labels[code] for code in coded.codes.tolist() if code >= 0)
