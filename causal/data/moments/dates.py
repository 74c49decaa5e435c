"""Times that are written as text: those an engine cannot read, or not as every other one, by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError
from causal.data.moments.request import ExperimentRequest, place_of
from causal.data.sources._connection import identifier

if TYPE_CHECKING:
    from causal.data.moments.types import Tables

_STRANGE = {
    "duckdb": "try_cast({0} AS TIMESTAMP) IS NULL",
    "postgres": "{0} !~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'",
    "sqlite": "trim({0}) <> '' AND ({0} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' "
    "OR strftime('%s', {0}) IS NULL)",
}


def strange_time(tables: Tables, asked: ExperimentRequest) -> DataError | None:
    """The error of text that is no ISO date or time where one is needed; None where all of it is.

    DuckDB says itself when it cannot read one, so it is asked only then. SQLite makes nothing of such
    text and PostgreSQL may take a day for a month, so these are asked before.
    """
    for table, column in _named(asked):
        if tables.kinds[table][column] == "text":
            found = _first(tables, asked, table, column)
            if found is not None:
                return DataError(_words(tables, asked, table, column, str(found)))
    return None


def _named(asked: ExperimentRequest) -> Iterator[tuple[str, str]]:
    named = [("", asked.exposed_at), ("", asked.time)]
    named += [(metric.table or "", metric.at) for metric in asked.metrics if metric.table]
    for table, column in dict.fromkeys(named):
        if column is not None:
            yield table, column


def _first(tables: Tables, asked: ExperimentRequest, table: str, column: str) -> Any:
    """The least value that is no ISO text; None where every value is."""
    name = identifier(column)
    strange = _STRANGE[tables.connection.engine].format(name)
    sql = (
        f"{tables.head(asked)}SELECT min({name}) AS found FROM {identifier(place_of(table))} "
        f"WHERE {name} IS NOT NULL AND ({strange})"
    )
    try:
        return tables.connection.fetch(sql).column(0)[0].as_py()
    except Exception:  # noqa: BLE001
        return None


def _words(tables: Tables, asked: ExperimentRequest, table: str, column: str, found: str) -> str:
    where = f" of data.tables.{table}" if table else ""
    made = {
        "duckdb": f"strptime({column}, '%d.%m.%Y')",
        "postgres": f"to_timestamp({column}, 'DD.MM.YYYY')",
        "sqlite": f"substr({column}, 7) || '-' || substr({column}, 4, 2) || '-' || "
        f"substr({column}, 1, 2)",
    }[tables.connection.engine]
    remedy = f", or make a time of it with data.derive, for instance (of 31.01.2026) {made}"
    return (
        f"{asked.table.key_of(column)}: column '{column}'{where} holds '{found[:40]}', which is no "
        "date or time in ISO form. Write year, month and day, as 2026-01-31 or "
        f"2026-01-31T12:00:00{'' if table else remedy}."
    )
