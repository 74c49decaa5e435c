"""Asking the source of a two-sided experiment: its columns, and queries after the study's SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causal.base.boundary import boundary
from causal.base.errors import CausalError, DataError
from causal.data.extract import Prepared, blamed, prepared, present, ran
from causal.data.moments.query import NO_NAN
from causal.data.moments.request import ROWS
from causal.data.moments.types import step, typed
from causal.data.pairs.query import rows_of
from causal.data.pairs.request import PairRequest
from causal.data.sources._connection import Connection

if TYPE_CHECKING:
    pass

_NUMBERS = ("boolean", "integer", "float")
_TIMES = ("time", "zoned time", "text")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairReader:
    """Asks an open source; ``log`` keeps every query with what it was for."""

    connection: Connection
    plan: Prepared
    asked: PairRequest
    kinds: Mapping[str, str]
    schema: Mapping[str, str]
    log: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rows(self) -> Any:
        """Rows of the study's table under names of our own."""
        import ibis

        source = ibis.table(dict(self.schema), name=ROWS)
        numbers = {name: _number(self, source, name) for name in self.asked.numbers}
        when = None if self.asked.time is None else _seconds(self, source[self.asked.time])
        return rows_of(source, self.asked, numbers, when)

    def run(self, name: str, expression: Any) -> list[dict[str, Any]]:
        """Run an expression after the study's SQL."""
        import ibis

        with boundary("Ibis", f"compiling the query of {name}"):
            sql = str(ibis.to_sql(expression, dialect=self.connection.engine))
        zoned = tuple(column for column, kind in self.kinds.items() if kind == "zoned time")
        where = self.plan.condition.removeprefix(" WHERE ")
        own = step(ROWS, "last_step", self.asked.columns, zoned, where)
        text = f"{self.plan.head.rstrip()},\n{own}\nSELECT * FROM (\n{sql}\n) AS asked"
        self.log.append((name, text))
        try:
            made: list[dict[str, Any]] = self.connection.fetch(text).to_pylist()
        except CausalError:
            raise
        except Exception as error:
            raise blamed(self.connection, self.plan, error) from error
        return made

    def count(self, condition: str) -> int:
        """How many rows of the study's table meet a condition."""
        sql = f"SELECT count(*) AS n FROM last_step{condition}"
        return int(ran(self.connection, self.plan, sql).column(0)[0].as_py())


def pair_reader(connection: Connection, asked: PairRequest) -> PairReader:
    """Find the columns of a request, and their types.

    Raises
    ------
    DataError
        When a column is missing, or holds what cannot be summed.
    """
    plan = prepared(connection, asked.table)
    for column in asked.columns:
        present(column, asked.table, plan.names)
    kinds, schema = typed(connection, plan, asked.table, "", asked.columns)
    _refuse_kinds(asked, asked.numbers, kinds, _NUMBERS, "numbers are needed. Make a number of it")
    times = (asked.time,) if asked.time is not None else ()
    _refuse_kinds(asked, times, kinds, _TIMES, "a date or time is needed. Make one")
    return PairReader(connection=connection, plan=plan, asked=asked, kinds=kinds, schema=schema)


def _refuse_kinds(
    asked: PairRequest,
    columns: tuple[str, ...],
    kinds: Mapping[str, str],
    allowed: tuple[str, ...],
    words: str,
) -> None:
    for name in columns:
        if kinds[name] not in allowed:
            raise DataError(
                f"{asked.table.key_of(name)}: column '{name}' holds {kinds[name]}, and {words} "
                "with data.derive."
            )


def _number(reader: PairReader, source: Any, name: str) -> Any:
    import ibis

    column = source[name]
    if column.type().is_boolean():
        column = column.cast("int32")
    if reader.connection.engine == "sqlite":
        plain = column.typeof().isin(["integer", "real"])
        return ibis.ifelse(plain, column.cast("float64"), ibis.null("float64"))
    double = column.cast("float64")
    if reader.kinds[name] != "float" or reader.connection.engine in NO_NAN:
        return double
    return ibis.ifelse(double.isnan(), ibis.null("float64"), double)


def _seconds(reader: PairReader, column: Any) -> Any:
    zoned = reader.connection.engine == "postgres" and column.type().is_string()
    when = column.cast("timestamp('UTC')" if zoned else "timestamp")
    return when.epoch_seconds().cast("float64")
