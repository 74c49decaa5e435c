"""A DuckDB database file, given as ``store.duckdb`` or ``duckdb:///store.duckdb``.

It is attached read-only to an empty database in memory, so that ``data.tables`` may also name
parquet and CSV files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError
from causal.data.sources._connection import Connection, first_line, identifier, literal
from causal.data.sources._databases import database_file, table_names, wanted
from causal.data.sources._files import (
    CSV,
    PARQUET,
    connected,
    embedded,
    ending,
    further_tables,
    register_files,
    seal,
)

if TYPE_CHECKING:
    from pathlib import Path

    from causal.data.request import Request


def open_source(request: Request) -> Connection | None:
    """Open a DuckDB file; None when the source is of another kind."""
    path = database_file(request, "duckdb", (".duckdb", ".ddb"))
    if path is None:
        return None
    backend = embedded()
    _attach(backend, path, request.source)
    files = {
        name: place
        for name, place in further_tables(request).items()
        if ending(place[1]) in PARQUET + CSV
    }
    present = table_names(backend.con.execute(_TABLES).fetchall(), "main")
    chosen = wanted(request, present, without=files)
    tables = {name: f"stored.{place}" for name, place in chosen.items()}
    registered, found = register_files(backend, request, files)
    seal(backend, [path, *found])
    return connected(backend, tables | registered)


_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_catalog = 'stored' ORDER BY 1, 2
"""


def _attach(backend: Any, path: Path, source: str) -> None:
    try:
        backend.con.execute(
            f"ATTACH {literal(str(path))} AS {identifier('stored')} (READ_ONLY, TYPE duckdb)"
        )
    except Exception as error:
        raise DataError(
            f"data.source: '{source}' cannot be opened as a DuckDB database: {first_line(error)}. "
            "Check that the file is complete, and that no other program holds it open for writing."
        ) from error
