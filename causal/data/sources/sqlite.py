"""A SQLite database file, given as ``shop.sqlite`` or ``sqlite:///shop.db``, opened read-only.

LIKE minds upper and lower case, as it does in every other engine. SQLite has no type for true and
false (they are 1 and 0) nor for times (they are text in ISO form).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from causal.base.errors import DataError
from causal.data.sources._cells import runner
from causal.data.sources._connection import Connection, first_line
from causal.data.sources._databases import (
    database_file,
    kept_if_opened,
    no_files,
    table_names,
    wanted,
)

if TYPE_CHECKING:
    from causal.data.request import Request

_TABLES = "SELECT 'main', name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"


def open_source(request: Request) -> Connection | None:
    """Open a SQLite file; None when the source is of another kind."""
    path = database_file(request, "sqlite", (".sqlite", ".sqlite3"))
    if path is None:
        return None
    no_files(request)
    import sqlite3

    import ibis

    raw = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    with kept_if_opened(raw):
        tables = wanted(request, _present(raw, request.source))
        backend = ibis.sqlite.from_connection(raw)
    return Connection(backend=backend, engine="sqlite", tables=tables, run=runner(backend))


def _present(raw: Any, source: str) -> dict[str, str]:
    import sqlite3

    try:
        raw.execute("PRAGMA case_sensitive_like = ON")
        return table_names(raw.execute(_TABLES).fetchall(), "main")
    except sqlite3.Error as error:
        raise DataError(
            f"data.source: '{source}' cannot be opened as a SQLite database: "
            f"{first_line(error)}. Check that the file is one, and complete."
        ) from error
