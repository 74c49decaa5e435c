"""Files and frames on the embedded engine: finding them, scanning them, shutting the door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError, listing, nearest
from causal.data.sources._connection import (
    Connection,
    distinct_names,
    first_line,
    identifier,
    literal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causal.data.request import Request

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


def embedded() -> Any:
    """Open an empty DuckDB in memory, as an Ibis backend.

    One thread, so that sums of doubles do not depend on the machine; no extension is ever
    installed or loaded.
    """
    import ibis

    return ibis.duckdb.connect(
        ":memory:",
        threads=1,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )


def seal(backend: Any, files: Iterable[Path] = ()) -> None:
    """Shut DuckDB off from every file but these, for good."""
    allowed = ", ".join(literal(str(path)) for path in files)
    backend.con.execute(f"SET allowed_paths = [{allowed}]")
    backend.con.execute("SET enable_external_access = false")
    backend.con.execute("SET lock_configuration = true")


def ending(source: str) -> str:
    """Find the ending that tells what a file is, in lower case.

    >>> ending("a/b.CSV.gz"), ending("part-*.parquet")
    ('.csv.gz', '.parquet')
    """
    parts = [each.lower() for each in Path(source).suffixes]
    return "".join(parts[-2:] if parts[-1:] == [".gz"] else parts[-1:])


def open_files(request: Request) -> Connection:
    """Open a file or glob, and every further table the study names, with the embedded engine."""
    if request.table is not None:
        raise DataError(
            f"data.table: '{request.source}' is a file and holds one table. Remove data.table."
        )
    backend = embedded()
    named = {"data": ("data.source", request.source), **further_tables(request)}
    tables, files = register_files(backend, request, named)
    seal(backend, files)
    return connected(backend, tables)


def connected(backend: Any, tables: dict[str, str]) -> Connection:
    """Make a connection of the embedded engine.

    It gets the text of the study as it is: Ibis would pass it through sqlglot once more, which
    may change its meaning.
    """

    def run(sql: str) -> Any:
        return backend.con.execute(sql).to_arrow_table()

    return Connection(backend=backend, engine="duckdb", tables=tables, run=run)


def further_tables(request: Request) -> dict[str, tuple[str, str]]:
    """For each further table: its study key and where it is."""
    return {name: (f"data.tables.{name}", source) for name, source in request.tables.items()}


def register_files(
    backend: Any, request: Request, named: dict[str, tuple[str, str]]
) -> tuple[dict[str, str], list[Path]]:
    """Make a view of each named file or glob; gives the quoted names and the files."""
    tables: dict[str, str] = {}
    files: list[Path] = []
    for name, (key, source) in named.items():
        found = found_files(request, source, key)
        tables[name] = _view(backend, name, scan(source, found, key), f"{key}: '{source}'")
        distinct_names(_names_in(backend, source, found[0]), f"{key}: '{source}'")
        files += found
    return tables, files


def scan(source: str, files: tuple[Path, ...], key: str) -> str:
    """Write the SQL that scans files of one kind.

    Raises
    ------
    DataError
        When the ending names no kind of file that can be read.
    """
    listed = ", ".join(literal(str(path)) for path in files)
    if ending(source) in PARQUET:
        return f"read_parquet([{listed}])"
    if ending(source) in CSV:
        return f"read_csv([{listed}], header = true, skip = 0, sample_size = -1)"
    raise DataError(
        f"{key}: '{source}' is no kind of file that can be read. "
        f"Name one that ends in {listing(PARQUET + CSV)}."
    )


def found_files(request: Request, source: str, key: str) -> tuple[Path, ...]:
    """Find the files that a path or pattern stands for, sorted by name.

    Raises
    ------
    DataError
        When nothing is there, a folder is, or the study file itself is.
    """
    path = request.path(source)
    if path.is_dir():
        raise DataError(
            f"{key}: '{source}' is a folder. Name a file in it, or several by a pattern such as "
            f"'{source.rstrip('/')}/*.parquet'."
        )
    if path.is_file():
        if request.file is not None and path.resolve() == request.file.resolve():
            raise DataError(f"{key}: '{source}' is the study file itself. Name the table to read.")
        return (path.resolve(),)
    if any(sign in source for sign in "*?["):
        return _matching(path, source, key)
    near = nearest(path.name, _names_beside(path))
    raise DataError(
        f"{key}: there is no file '{source}'.{near} A relative path starts at the study file."
    )


def _matching(path: Path, source: str, key: str) -> tuple[Path, ...]:
    from glob import glob

    found = sorted(glob(str(path), recursive=True))  # noqa: PTH207
    files = tuple(Path(each).resolve() for each in found if Path(each).is_file())
    if not files:
        raise DataError(
            f"{key}: no file matches '{source}'. A relative pattern starts at the study file."
        )
    return files


def _names_beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir()) if path.parent.is_dir() else []


def _view(backend: Any, name: str, relation: str, where: str) -> str:
    """Make a view; the engine's complaint becomes a message about the file."""
    view = identifier(f"source of {name}")
    try:
        backend.con.execute(f"CREATE VIEW {view} AS SELECT * FROM {relation}")
    except Exception as error:
        raise DataError(
            f"{where} cannot be read: {first_line(error)}. "
            "Check that the file is complete and is of the kind that its name says."
        ) from error
    return view


def _names_in(backend: Any, source: str, file: Path) -> list[str]:
    """Column names as the file has them: DuckDB renames those that differ by case only."""
    if ending(source) in PARQUET:
        from pyarrow.parquet import read_schema

        return list(read_schema(file).names)
    header = f"read_csv({literal(str(file))}, header = false, all_varchar = true)"
    row = backend.con.execute(f"SELECT * FROM {header} LIMIT 1").fetchone()
    return [str(cell) for cell in row or () if cell is not None]
