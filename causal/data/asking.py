"""Asking an open source: queries of our own after the study's SQL, on columns of known types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from causal.base.boundary import boundary
from causal.base.errors import CausalError, DataError
from causal.data.extract import Prepared, blamed, prepared, present, ran
from causal.data.moments.query import NO_NAN
from causal.data.moments.request import ROWS
from causal.data.moments.types import step, typed
from causal.data.request import Request
from causal.data.sources._connection import Connection

_NUMBERS = ("boolean", "integer", "float")
_TIMES = ("time", "zoned time", "text")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asking:
    """An open source and the columns that are asked for.

    Attributes
    ----------
    columns
        What leaves the study's SQL, each once.
    kinds, schema
        What the values of each column are, and their type in Ibis.
    log
        Every query that ran, with what it was for.
    """

    connection: Connection
    plan: Prepared
    request: Request
    columns: tuple[str, ...]
    kinds: Mapping[str, str]
    schema: Mapping[str, str]
    log: list[tuple[str, str]] = field(default_factory=list)

    @property
    def source(self) -> Any:
        """The rows that ``where`` leaves, as an Ibis table."""
        import ibis

        return ibis.table(dict(self.schema), name=ROWS)

    def number(self, source: Any, name: str) -> Any:
        """A column of the source as numbers; what is none is missing."""
        import ibis

        column = source[name]
        if column.type().is_boolean():
            column = column.cast("int32")
        if self.connection.engine == "sqlite":
            plain = column.typeof().isin(["integer", "real"])
            return ibis.ifelse(plain, column.cast("float64"), ibis.null("float64"))
        double = column.cast("float64")
        if self.kinds[name] != "float" or self.connection.engine in NO_NAN:
            return double
        return ibis.ifelse(double.isnan(), ibis.null("float64"), double)

    def seconds(self, source: Any, name: str) -> Any:
        """A column of the source as seconds since 1970."""
        column = source[name]
        zoned = self.connection.engine == "postgres" and column.type().is_string()
        when = column.cast("timestamp('UTC')" if zoned else "timestamp")
        return when.epoch_seconds().cast("float64")

    def run(self, name: str, expression: Any) -> list[dict[str, Any]]:
        """Run an expression after the study's SQL; gives its rows."""
        made: list[dict[str, Any]] = self.table(name, expression).to_pylist()
        return made

    def table(self, name: str, expression: Any) -> Any:
        """Run an expression after the study's SQL; gives a pyarrow.Table."""
        import ibis

        with boundary("Ibis", f"compiling the query of {name}"):
            sql = str(ibis.to_sql(expression, dialect=self.connection.engine))
        zoned = tuple(column for column, kind in self.kinds.items() if kind == "zoned time")
        where = self.plan.condition.removeprefix(" WHERE ")
        own = step(ROWS, "last_step", self.columns, zoned, where)
        text = f"{self.plan.head.rstrip()},\n{own}\nSELECT * FROM (\n{sql}\n) AS asked"
        self.log.append((name, text))
        try:
            return self.connection.fetch(text)
        except CausalError:
            raise
        except Exception as error:
            raise blamed(self.connection, self.plan, error) from error

    def count(self, condition: str = "") -> int:
        """How many rows of the study's table meet a condition."""
        sql = f"SELECT count(*) AS n FROM last_step{condition}"
        return int(ran(self.connection, self.plan, sql).column(0)[0].as_py())

    def rows(self) -> tuple[int, int]:
        """How many rows there are, and how many ``where`` leaves.

        Raises
        ------
        DataError
            When none is left.
        """
        read = self.count()
        kept = self.count(self.plan.condition) if self.plan.where else read
        if not kept:
            what = "data.where leaves none of its rows" if read else "the table has no rows"
            raise DataError(f"data.source: {what}, so there is nothing to read.")
        return read, kept


def asking(
    connection: Connection,
    request: Request,
    columns: tuple[str, ...],
    *,
    numbers: tuple[str, ...] = (),
    times: tuple[str, ...] = (),
) -> Asking:
    """Find columns and their types.

    Raises
    ------
    DataError
        When a column is missing, or holds no number or time where one is needed.
    """
    plan = prepared(connection, request)
    for column in columns:
        present(column, request, plan.names)
    kinds, schema = typed(connection, plan, request, "", columns)
    found = Asking(
        connection=connection,
        plan=plan,
        request=request,
        columns=columns,
        kinds=kinds,
        schema=schema,
    )
    _refuse_kinds(found, numbers, _NUMBERS, "numbers are needed. Make a number of it")
    _refuse_kinds(found, times, _TIMES, "a date or time is needed. Make one")
    return found


def _refuse_kinds(
    found: Asking, columns: tuple[str, ...], allowed: tuple[str, ...], words: str
) -> None:
    for name in columns:
        if found.kinds[name] not in allowed:
            raise DataError(
                f"{found.request.key_of(name)}: column '{name}' holds {found.kinds[name]}, and "
                f"{words} with data.derive."
            )
