"""The tables of a request as Ibis sees them: rows kept, columns with their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causal.base.errors import DataError, listing, nearest
from causal.data.extract import Prepared, present, ran
from causal.data.moments.request import ROWS, ExperimentRequest, place_of
from causal.data.request import Request
from causal.data.sources._connection import Connection, identifier
from causal.data.values import type_of

_NUMBERS = ("boolean", "integer", "float")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """The assignment table and further ones.

    ``kinds`` and ``schemas`` give, by table ('' is the assignment table) and column, what the
    values are and their type in Ibis.
    """

    connection: Connection
    plan: Prepared
    kinds: dict[str, dict[str, str]]
    schemas: dict[str, dict[str, str]]

    def named(self, table: str) -> Any:
        """A table as an Ibis expression of its columns."""
        import ibis

        return ibis.table(self.schemas[table], name=place_of(table))

    def head(
        self, asked: ExperimentRequest, condition: str = "", *, before: str | None = None
    ) -> str:
        """The WITH clause; rows of the assignment table that also meet a condition.

        ``before`` is the study's own WITH clause, where it is to read another table.
        """
        kept = [self.plan.condition.removeprefix(" WHERE ")] if self.plan.where else []
        where = " AND ".join([*kept, *([condition] if condition else [])])
        engine = self.connection.engine
        steps = [step(ROWS, "last_step", asked.columns, self.zoned(""), where, engine)]
        steps += [
            step(
                place_of(name),
                identifier(name, engine),
                asked.columns_of(name),
                self.zoned(name),
                "",
                engine,
            )
            for name in asked.tables
        ]
        return (before or self.plan.head).rstrip() + ",\n" + ",\n".join(steps) + "\n"

    def zoned(self, table: str) -> tuple[str, ...]:
        """Columns with times that know their zone; they are read in UTC."""
        kinds = self.kinds[table].items()
        return tuple(name for name, kind in kinds if kind == "zoned time")


def step(
    name: str,
    source: str,
    columns: tuple[str, ...],
    zoned: tuple[str, ...],
    where: str,
    engine: str = "",
) -> str:
    """One step of a WITH clause: some columns of a table, times that know their zone in UTC."""
    named = {each: identifier(each, engine) for each in columns}
    chosen = ", ".join(
        f"{quoted} AT TIME ZONE 'UTC' AS {quoted}" if each in zoned else quoted
        for each, quoted in named.items()
    )
    condition = f" WHERE {where}" if where else ""
    return f"{identifier(name, engine)} AS (SELECT {chosen} FROM {source}{condition})"


def tables_of(connection: Connection, plan: Prepared, asked: ExperimentRequest) -> Tables:
    """Find the columns a request names, and their types.

    Raises
    ------
    DataError
        When a column is missing, or its values are no single ones.
    """
    for column in asked.columns:
        present(column, asked.table, plan.names)
    kinds, schemas = {}, {}
    for table in ("", *asked.tables):
        columns = asked.columns_of(table) if table else asked.columns
        if table:
            _present_in(connection, plan, asked, table)
        kinds[table], schemas[table] = typed(connection, plan, asked.table, table, columns)
    for table in asked.tables:
        one, other = kinds[""][asked.unit], kinds[table][asked.unit]
        if one != other:
            raise DataError(
                f"data.tables.{table}: the unit '{asked.unit}' holds {other} there and {one} in "
                "the assignment table, so they cannot be joined. Give both one type."
            )
    return Tables(connection=connection, plan=plan, kinds=kinds, schemas=schemas)


def _present_in(
    connection: Connection, plan: Prepared, asked: ExperimentRequest, table: str
) -> None:
    names = connection.columns(f"{plan.head}SELECT * FROM {identifier(table)}")
    for column in asked.columns_of(table):
        if column not in names:
            raise DataError(
                f"data.tables.{table}: there is no column '{column}' in it."
                f"{nearest(column, names)} It has {listing(names)}."
            )


def typed(
    connection: Connection,
    plan: Prepared,
    request: Request,
    table: str,
    columns: tuple[str, ...],
) -> tuple[dict[str, str], dict[str, str]]:
    """What the values of columns are, and their types in Ibis.

    Raises
    ------
    DataError
        When values are no single ones.
    """
    source = identifier(table) if table else "last_step"
    chosen = ", ".join(identifier(name) for name in columns)
    sql = f"SELECT {chosen} FROM {source} LIMIT 0"
    if connection.engine != "duckdb":
        cells = (
            f"(SELECT {name} FROM {source} WHERE {name} IS NOT NULL LIMIT 1) AS {name}"
            for name in map(identifier, columns)
        )
        sql = f"SELECT {', '.join(cells)}"
    schema = ran(connection, plan, sql).schema
    kinds, types = {}, {}
    for name in columns:
        kinds[name], types[name] = _type(schema.field(name).type, connection.engine)
        if not kinds[name]:
            raise DataError(
                f"{request.key_of(name)}: column '{name}' holds {schema.field(name).type}, "
                "which is no single value. Make plain columns of it with data.derive."
            )
    return kinds, types


def _type(arrow: Any, engine: str) -> tuple[str, str]:
    """What values are, and a type for Ibis under which a cast is never left out."""
    import pyarrow as pa

    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    kind = type_of(arrow)
    if kind is None:
        return "", ""
    if kind == "time":
        if pa.types.is_date(arrow):
            return "time", "date"
        zoned = arrow.tz is not None and engine == "duckdb"
        return ("zoned time" if zoned else "time"), "timestamp"
    ibis_types = {"boolean": "boolean", "integer": "int64", "text": "string", "float": "float32"}
    return kind, ibis_types[kind]


def number(tables: Tables, asked: ExperimentRequest, table: str | None, column: str) -> bool:
    """Whether a column that must hold numbers holds whole ones.

    Raises
    ------
    DataError
        When it holds text or times.
    """
    kind = tables.kinds[table or ""][column]
    if kind not in _NUMBERS:
        raise DataError(
            f"{asked.table.key_of(column)}: column '{column}' holds {kind}, and numbers are "
            "needed. Make a number of it with data.derive, for instance CAST(... AS DOUBLE)."
        )
    return kind != "float" and tables.connection.engine != "sqlite"
