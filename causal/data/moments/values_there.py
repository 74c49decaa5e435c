"""Which columns of an experiment are there, and how many values they hold: before it starts, few do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causal.base.errors import DataError
from causal.data.extract import Prepared, opened, prepared, ran
from causal.data.moments.request import ExperimentRequest
from causal.data.sources._connection import Connection, identifier
from causal.data.sources._files import ending, found_files

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """Values by table ('' is the assignment table) and column; and how many arms are named.

    A column that is not there is not in ``values``.
    """

    values: dict[str, dict[str, int]]
    arms: int

    def holds(self, columns: Iterable[str], table: str | None = None) -> bool:
        """Whether every one of these columns is there and has a value."""
        return all(self.values[table or ""].get(column, 0) > 0 for column in columns)


def tables_there(asked: ExperimentRequest) -> ExperimentRequest:
    """Leave out further tables whose files are not there: before an experiment there is no outcome."""
    kept = {name: place for name, place in asked.table.tables.items() if not _absent(asked, place)}
    return replace(asked, table=replace(asked.table, tables=kept))


def _absent(asked: ExperimentRequest, place: str) -> bool:
    if "://" in place or ending(place).removesuffix(".gz") not in (".parquet", ".csv"):
        return False
    try:
        found_files(asked.table, place, "data.tables")
    except DataError:
        return True
    return False


def values_there(asked: ExperimentRequest, *, frame: pd.DataFrame | None = None) -> There:
    """Count the values of every column that a request names.

    Raises
    ------
    DataError
        When the source or the study's SQL cannot be used.
    """
    with opened(asked.table, frame) as connection:
        plan = prepared(connection, asked.table)
        found = {"": _counted(connection, plan, "last_step", plan.condition, asked.columns)}
        for table in asked.tables:
            columns = asked.columns_of(table) if table in asked.table.tables else ()
            found[table] = _counted(connection, plan, identifier(table), "", columns)
        arms = 0
        if found[""].get(asked.arm):
            sql = f"SELECT count(DISTINCT {identifier(asked.arm)}) AS n FROM last_step"
            arms = int(ran(connection, plan, sql + plan.condition).column(0)[0].as_py())
    return There(values=found, arms=arms)


def _counted(
    connection: Connection, plan: Prepared, table: str, condition: str, columns: Iterable[str]
) -> dict[str, int]:
    listed = tuple(columns)
    names = connection.columns(f"{plan.head}SELECT * FROM {table}") if listed else ()
    known = [column for column in listed if column in names]
    if not known:
        return {}
    counts = ", ".join(f"count({identifier(name)}) AS c{i}" for i, name in enumerate(known))
    row = ran(connection, plan, f"SELECT {counts} FROM {table}{condition}").to_pylist()[0]
    return {name: int(row[f"c{i}"]) for i, name in enumerate(known)}
