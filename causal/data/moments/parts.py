"""Cutting a large table into parts that are read on their own; the rows alone decide how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from causal.data.moments.request import ROWS, ExperimentRequest
from causal.data.sources._connection import identifier, literal
from causal.data.sources._files import PARQUET, ending, found_files
from causal.data.sql import woven

if TYPE_CHECKING:
    from causal.data.moments.types import Tables

PART = 8_000_000
RANGE = 4_000_000
HELD = 4_000_000
SLICES = 256
_PLACE = "file_row_number"


def heads(
    tables: Tables, asked: ExperimentRequest, rows: int, *, files: bool
) -> tuple[tuple[str, ...], bool]:
    """The WITH clauses of the parts, and whether parts may be read at the same time.

    Units that have one row each are cut by ranges of rows of parquet files, each read once. Where
    a unit has several rows, or clusters are added up, parts are taken by a hash of their key.

    Parameters
    ----------
    rows
        How many rows there are.
    files
        Whether the source is files, not a frame in memory.
    """
    whole = (tables.head(asked),)
    if tables.connection.engine != "duckdb":
        return whole, False
    if asked.rows == "unit" and asked.cluster is None and not asked.tables:
        return (_ranges(tables, asked) or whole if files and rows > RANGE else whole), files
    if rows <= PART:
        return whole, False
    key = identifier(asked.cluster or asked.unit)
    count = _count(tables, asked, key)
    return tuple(tables.head(asked, f"hash({key}) % {count} = {i}") for i in range(count)), files


def _count(tables: Tables, asked: ExperimentRequest, key: str) -> int:
    """As few parts as hold their units in memory, since each part scans every row; at least two.

    Units are counted in one slice of them, which is a quarter of the time of a sketch of all.
    """
    sql = f"SELECT count(DISTINCT {key}) AS n FROM {identifier(ROWS)} WHERE hash({key}) % {SLICES} = 0"
    found = tables.connection.fetch(tables.head(asked) + sql)
    return max(2, -(-SLICES * int(found.column(0)[0].as_py()) // HELD))


def _ranges(tables: Tables, asked: ExperimentRequest) -> tuple[str, ...]:
    """Nothing when rows cannot be cut: not parquet, or SQL that sees more than its own row."""
    request = asked.table
    if "://" in request.source or ending(request.source) not in PARQUET:
        return ()
    if request.query is not None or not _by_row(tables) or _PLACE in tables.plan.names:
        return ()
    plan = tables.plan
    found = []
    for file in found_files(request, request.source, "data.source"):
        for start, stop in _of_file(file):
            data = (
                f"(SELECT * EXCLUDE ({_PLACE}) FROM read_parquet([{literal(str(file))}], "
                f"{_PLACE} = true) WHERE {_PLACE} >= {start} AND {_PLACE} < {stop})"
            )
            head = woven({**plan.tables, "data": data}, None, plan.derive)
            found.append(tables.head(asked, before=head))
    return tuple(found)


def _of_file(file: Path) -> list[tuple[int, int]]:
    """Ranges of whole row groups, of about as many rows each."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(file) as parquet:
        groups = [parquet.metadata.row_group(i).num_rows for i in range(parquet.num_row_groups)]
    found, start, stop = [], 0, 0
    for rows in groups:
        stop += rows
        if stop - start >= RANGE:
            found.append((start, stop))
            start = stop
    return [*found, (start, stop)] if stop > start else found


def _by_row(tables: Tables) -> bool:
    """Whether derived columns and the filter look at nothing but their own row."""
    import sqlglot
    from sqlglot import expressions as kinds

    where = [tables.plan.where] if tables.plan.where is not None else []
    for step in (*tables.plan.derive, *where):
        inner = sqlglot.parse_one(f"SELECT (\n{step.text}\n)", read="duckdb").expressions[0]
        if inner.find(kinds.Window, kinds.AggFunc, kinds.Select, kinds.SetOperation):
            return False
    return True
