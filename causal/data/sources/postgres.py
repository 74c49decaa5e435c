"""A PostgreSQL database, given as ``postgresql://user@host:5432/name``.

Passwords are better kept out of the study: PGPASSWORD, a password file or a service file are
used as by every PostgreSQL client. They are never shown in messages or reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError
from causal.data.sources._cells import runner
from causal.data.sources._connection import Connection, first_line, without_password
from causal.data.sources._databases import kept_if_opened, no_files, table_names, wanted

if TYPE_CHECKING:
    from causal.data.request import Request

_SCHEMES = ("postgres://", "postgresql://")
_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1, 2
"""


def open_source(request: Request) -> Connection | None:
    """Open a PostgreSQL database; None when the source is of another kind."""
    if not request.source.startswith(_SCHEMES):
        return None
    no_files(request)
    raw = _connected(request.source)
    import ibis

    with kept_if_opened(raw):
        raw.execute("SET TIME ZONE 'UTC'")
        raw.execute("SET default_transaction_read_only = on")
        present = table_names(raw.execute(_TABLES).fetchall(), "public")
        tables = wanted(request, present)
        backend = ibis.postgres.from_connection(raw)
    return Connection(backend=backend, engine="postgres", tables=tables, run=runner(backend))


def _connected(url: str) -> Any:
    import psycopg

    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise DataError(
            f"data.source: '{without_password(url)}' cannot be reached: {first_line(error)}. "
            "Check host, port, name and user, and that the server runs."
        ) from error
