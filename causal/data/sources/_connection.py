"""What every source gives: a connection, the tables behind their names, and how to ask."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Connection:
    """An open source.

    ``tables`` gives, for each name the study may use (``data`` first), the SQL of the table behind
    it, quoted for the engine. ``engine`` is also the name of its dialect for sqlglot. ``run`` takes
    a SELECT written for the engine and gives a pyarrow.Table.
    """

    backend: Any
    engine: str
    tables: Mapping[str, str]
    run: Callable[[str], Any]

    def fetch(self, sql: str) -> Any:
        """Run a SELECT written for this engine; gives a pyarrow.Table."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.run(sql)

    def columns(self, sql: str) -> tuple[str, ...]:
        """Name the columns of a SELECT written for this engine."""
        return tuple(self.fetch(f"SELECT * FROM (\n{sql}\n) AS asked LIMIT 0").column_names)

    def close(self) -> None:
        """Let the engine go."""
        self.backend.disconnect()


_BACKTICKS = ("bigquery", "databricks", "impala", "mysql", "pyspark", "spark")


def identifier(name: str, engine: str = "") -> str:
    """Quote a name for SQL, as an engine wants it; by default as the standard does.

    >>> identifier("first name"), identifier("first name", "mysql"), identifier("a]b", "mssql")
    ('"first name"', '`first name`', '[a]]b]')
    """
    if engine == "mssql":
        return f"[{name.replace(']', ']]')}]"
    if engine in _BACKTICKS:
        slashed = name.replace("\\", "\\\\").replace("`", "\\`")
        return f"`{slashed if engine == 'bigquery' else name.replace('`', '``')}`"
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(text: str) -> str:
    """Quote a text for SQL.

    >>> literal("it's")
    "'it''s'"
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def first_line(error: BaseException) -> str:
    """Take the first line of an engine's complaint, without a full stop.

    DuckDB gives the line of a CSV file first and what is wrong with it below.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    told = [line for line in lines[1:2] + lines[2:3] if not line.startswith("Original Line")]
    shown = ": ".join(lines[:1] + told[:1]) if "CSV Error" in lines[0] else lines[0]
    return shown.rstrip(".")


def distinct_names(names: Iterable[str], where: str) -> None:
    """Refuse columns whose names differ by case only, or not at all: SQL cannot tell them apart.

    Raises
    ------
    DataError
        Naming the first such pair.
    """
    seen: dict[str, str] = {}
    for name in names:
        folded = name.casefold()
        if folded in seen:
            raise DataError(
                f"{where} has the names '{seen[folded]}' and '{name}', which SQL cannot tell "
                "apart: it does not see upper and lower case in names. Rename one of them."
            )
        seen[folded] = name


def without_password(source: str) -> str:
    """Write a source as it may be shown: a URL without its user, password and options.

    >>> without_password("postgresql://me:secret@db.example:5432/shop?sslmode=require")
    'postgresql://db.example:5432/shop'
    >>> without_password("packages.parquet")
    'packages.parquet'
    """
    if "://" not in source:
        return source
    scheme, _, rest = source.partition("://")
    place = rest.partition("?")[0]
    return f"{scheme}://{place.rpartition('@')[2]}"
