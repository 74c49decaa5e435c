"""Out of the engine: the columns a design needs, after the study's SQL, and nothing else."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.base.catalog import members
from causal.base.errors import CausalError, DataError, listing, nearest
from causal.data.sources._connection import (
    Connection,
    distinct_names,
    first_line,
    identifier,
    without_password,
)
from causal.data.sources._files import found_files
from causal.data.sources._frame import open_frame
from causal.data.sql import Step, expression, select, woven

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from causal.data.request import Request


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extract:
    """The columns as a pyarrow.Table, and how many rows there were before ``where``."""

    table: Any
    rows_read: int
    engine: str


@contextmanager
def opened(request: Request, frame: pd.DataFrame | None = None) -> Iterator[Connection]:
    """Open the source of a request, or a frame in its place; close it afterwards.

    Raises
    ------
    DataError
        When no member knows the source, or it cannot be opened.
    """
    connection = _open(request) if frame is None else open_frame(frame, request)
    try:
        yield connection
    finally:
        connection.close()


def _open(request: Request) -> Connection:
    for member in members("causal.data.sources").values():
        connection: Connection | None = member.open_source(request)
        if connection is not None:
            return connection
    shown = without_password(request.source)
    if "://" not in request.source:
        found_files(request, request.source, "data.source")
    kinds = "parquet, csv, duckdb and sqlite files, sqlite:///, duckdb:/// and postgresql:// URLs"
    raise DataError(f"data.source: '{shown}' is of no kind that can be read. Known: {kinds}.")


def extract(connection: Connection, request: Request) -> Extract:
    """Run the study's SQL and bring out the columns of the request.

    Raises
    ------
    DataError
        When a column is missing, SQL fails, or no row is left.
    """
    plan = prepared(connection, request)
    for column in request.columns:
        present(column, request, plan.names)
    chosen = ", ".join(identifier(name) for name in request.columns)
    rows = ran(connection, plan, "SELECT count(*) AS n FROM last_step").column(0)[0].as_py()
    if rows == 0:
        raise DataError(f"data.source: {shown(request)} has no rows, so there is nothing to read.")
    table = ran(connection, plan, f"SELECT {chosen} FROM last_step{plan.condition}")
    if table.num_rows == 0:
        raise DataError(
            f"data.where: `{request.where}` leaves none of the {rows:,} rows of {shown(request)}. "
            "Loosen it, or look at the values it compares with."
        )
    return Extract(table=table, rows_read=int(rows), engine=connection.engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The study's SQL, checked and translated; ``head`` ends with the table ``last_step``."""

    tables: Mapping[str, str]
    query: Step | None
    derive: tuple[Step, ...]
    where: Step | None
    names: tuple[str, ...]
    engine: str = ""

    @property
    def head(self) -> str:
        """The WITH clause."""
        return woven(self.tables, self.query, self.derive, self.engine)

    @property
    def condition(self) -> str:
        """What ``where`` adds after FROM, or nothing."""
        return "" if self.where is None else f" WHERE (\n{self.where.sql}\n)"


def prepared(connection: Connection, request: Request) -> Prepared:
    """Check the study's SQL and name the columns it gives.

    Raises
    ------
    DataError
        When a step is no SQL that may run, or gives no columns.
    """
    allowed = tuple(connection.tables)
    engine = connection.engine
    query = where = None
    if request.query is not None:
        query = select(request.query, "data.query", engine, allowed)
    names = _names(connection, query, request)
    derive = []
    for name, text in request.derive.items():
        _new(name, names)
        names = (*names, name)
        step = expression(text, f"data.derive.{name}", engine, allowed)
        derive.append(Step(key=step.key, text=step.text, sql=step.sql, name=name))
    for key, text in request.flags.items():
        names = (*names, f"in {key}")
        step = expression(text, key, engine, allowed)
        derive.append(Step(key=key, text=step.text, sql=step.sql, name=names[-1]))
    if request.where is not None:
        where = expression(request.where, "data.where", engine, allowed)
    return Prepared(
        tables=connection.tables,
        query=query,
        derive=tuple(derive),
        where=where,
        names=names,
        engine=engine,
    )


def _names(connection: Connection, query: Step | None, request: Request) -> tuple[str, ...]:
    try:
        head = woven(connection.tables, query, (), connection.engine)
        names = connection.columns(f"{head}SELECT * FROM last_step")
    except Exception as error:
        if query is None:
            raise DataError(
                f"data.source: {shown(request)} cannot be read: {first_line(error)}. "
                "Check that it is complete."
            ) from error
        raise _failed(query, error) from error
    distinct_names(names, "data.query" if query else "data.source")
    return names


def _new(name: str, names: tuple[str, ...]) -> None:
    for other in names:
        if other.casefold() == name.casefold():
            raise DataError(
                f"data.derive.{name}: the table already has a column '{other}'. "
                "Give the derived column a new name."
            )


def present(column: str, request: Request, names: tuple[str, ...]) -> None:
    """Refuse a column that is not there, with the nearest that is."""
    if column not in names:
        raise DataError(
            f"{request.key_of(column)}: there is no column '{column}' in {shown(request)}."
            f"{nearest(column, names)} It has {listing(names)}."
        )


def shown(request: Request) -> str:
    """Name the source for a message."""
    source = f"'{without_password(request.source)}'"
    return f"{source} (table '{request.table}')" if request.table else source


def ran(connection: Connection, plan: Prepared, sql: str) -> Any:
    """Run a SELECT after the study's SQL; an error names the step that fails."""
    try:
        return connection.fetch(plan.head + sql)
    except CausalError:
        raise
    except Exception as error:
        raise blamed(connection, plan, error) from error


def blamed(connection: Connection, plan: Prepared, error: Exception) -> DataError:
    """Find the step that fails by running them one after another."""
    for count, step in enumerate(plan.derive, start=1):
        head = woven(plan.tables, plan.query, plan.derive[:count], plan.engine)
        try:
            connection.fetch(f"{head}SELECT count({identifier(step.name)}) AS n FROM last_step")
        except Exception as first:  # noqa: BLE001
            return _failed(step, first)
    if plan.where is not None:
        try:
            connection.fetch(f"{plan.head}SELECT count(*) AS n FROM last_step{plan.condition}")
        except Exception as first:  # noqa: BLE001
            return _failed(plan.where, first)
    if plan.query is not None:
        return _failed(plan.query, error)
    return DataError(
        f"data.source: the table cannot be read: {first_line(error)}. "
        "Check that the file or the database is complete."
    )


def _failed(step: Step, error: Exception) -> DataError:
    return DataError(
        f"{step.key}: `{step.text}` does not run: {first_line(error).rstrip('!.')}.{_meant(error)} "
        "Names of columns may need \"double quotes\"; text goes in 'single quotes'."
    )


def _meant(error: Exception) -> str:
    """Name the column that comes nearest to one that the engine did not find."""
    missing = re.search(r'column "([^"]+)"', str(error))
    bindings = str(error).partition("Candidate bindings:")[2]
    return nearest(missing[1], re.findall(r'"([^"]+)"', bindings)) if missing else ""
