"""What the database sources share: a URL or a file, and tables by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from causal.base.errors import DataError
from causal.data.request import Request
from causal.data.sources._connection import chosen_table, distinct_names, without_password
from causal.data.sources._files import CSV, PARQUET, ending, found_files

_SQLITE = b"SQLite format 3\x00"
_DUCKDB = b"DUCK"


def database_file(request: Request, scheme: str, endings: tuple[str, ...]) -> Path | None:
    """Find a database file given as a URL or a path; None when the source is of another kind.

    As everywhere, ``sqlite:///shop.db`` is relative and ``sqlite:////srv/shop.db`` absolute. A
    file that ends in ``.db`` is known by its first bytes.
    """
    source = request.source
    if source.startswith(f"{scheme}:///"):
        return found_files(request, source.removeprefix(f"{scheme}:///"), "data.source")[0]
    if "://" in source or ending(source) not in (*endings, ".db"):
        return None
    if ending(source) == ".db":
        path = request.path(source)
        if path.is_file() and _scheme_of(path) != scheme:
            return None
    return found_files(request, source, "data.source")[0]


def _scheme_of(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(16)
    if head == _SQLITE:
        return "sqlite"
    return "duckdb" if head[8:12] == _DUCKDB else None


def wanted_tables(request: Request, present: Iterable[str]) -> dict[str, str]:
    """Find, for each name the study may use, the table of the database that it stands for."""
    names = tuple(present)
    shown = without_password(request.source)
    tables = {"data": chosen_table(request.table, names, "data.table", shown)}
    for name, table in request.tables.items():
        tables[name] = chosen_table(table, names, f"data.tables.{name}", shown)
    return tables


def no_files(request: Request) -> None:
    """Refuse files as further tables of a database that cannot read them."""
    for name, table in request.tables.items():
        if ending(table) in PARQUET + CSV:
            raise DataError(
                f"data.tables.{name}: '{table}' is a file, and data.source is a database that "
                "cannot read files. Load the file into the database, or export its tables to "
                "parquet."
            )


def check_names(columns: Iterable[str], name: str, table: str) -> None:
    """Refuse a table whose column names differ by case only."""
    distinct_names(columns, f"The table '{table}' (as '{name}')")
