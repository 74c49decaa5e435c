"""What the database sources share: a URL or a file, and tables by name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError, listing, nearest
from causal.data.sources._connection import identifier, without_password
from causal.data.sources._files import CSV, PARQUET, ending, found_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from causal.data.request import Request

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
    path = found_files(request, source, "data.source")[0]
    return path if ending(source) != ".db" or _scheme_of(path) == scheme else None


def _scheme_of(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(16)
    if head == _SQLITE:
        return "sqlite"
    return "duckdb" if head[8:12] == _DUCKDB else None


@contextmanager
def kept_if_opened(connection: Any) -> Iterator[None]:
    """Close a connection when what follows fails."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def table_names(rows: Iterable[tuple[str, str]], home: str) -> dict[str, str]:
    """For each table of a database its quoted place: those of the home schema by name alone."""
    places: dict[str, str] = {}
    for schema, name in rows:
        place = f"{identifier(schema)}.{identifier(name)}"
        places[f"{schema}.{name}"] = place
        if schema == home:
            del places[f"{schema}.{name}"]
            places[name] = place
    return places


def wanted(
    request: Request, present: Mapping[str, str], without: Collection[str] = ()
) -> dict[str, str]:
    """Find, for each name the study may use, the quoted table that it stands for."""
    shown = without_password(request.source)
    tables = {"data": _chosen(request.table, present, "data.table", shown)}
    for name, table in request.tables.items():
        if name not in without:
            tables[name] = _chosen(table, present, f"data.tables.{name}", shown)
    return tables


def _chosen(name: str | None, present: Mapping[str, str], key: str, source: str) -> str:
    """Find a table by name; a database of one table needs no name."""
    if name is None and len(present) == 1:
        return next(iter(present.values()))
    holds = f"It holds {listing(present) or 'no table'}."
    if name is None:
        raise DataError(f"{key}: say which table of '{source}' to read. {holds}")
    if name not in present:
        raise DataError(
            f"{key}: '{source}' holds no table '{name}'.{nearest(name, present)} {holds}"
        )
    return present[name]


def no_files(request: Request) -> None:
    """Refuse files as further tables of a database that cannot read them."""
    for name, table in request.tables.items():
        if ending(table) in PARQUET + CSV:
            raise DataError(
                f"data.tables.{name}: '{table}' is a file, and data.source is a database that "
                "cannot read files. Load the file into the database, or export its tables to "
                "parquet."
            )
