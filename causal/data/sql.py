"""SQL of the study: one expression or one SELECT, checked and woven into one query.

SQL is written for DuckDB. For another engine it is translated by sqlglot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError, listing, nearest
from causal.data.sources._connection import first_line, identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

_OUTSIDE = re.compile(
    r"^(read_|parquet_|sqlite_|postgres_|mysql_|iceberg_|delta_|arrow_scan|pandas_scan|st_read"
    r"|glob$|sniff_csv|query$|query_table|duckdb_|pragma_|which_secret|getenv|current_setting"
    r"|set_config|pg_|lo_|dblink|load_extension|readfile|writefile|nextval|setval|currval)"
)
_CHANGING = re.compile(
    r"^(random|rand$|randn$|setseed|uuid|gen_random_uuid|generate_uuid|now$|today$|current_date"
    r"|current_time|current_timestamp|current_datetime|localtime|get_current_time"
    r"|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday|txid_current|randomblob)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One piece of the study's SQL, in the form of the engine, and the key it came from."""

    key: str
    text: str
    sql: str
    name: str = ""


def expression(text: str, key: str, engine: str, tables: Iterable[str]) -> Step:
    """Check one expression and translate it.

    Raises
    ------
    DataError
        When it is no single expression, reaches outside the tables, or cannot be translated.
    """
    bare = _bare(text, key)
    tree = _parsed(f"SELECT (\n{bare}\n)", bare, key, "one SQL expression")
    inner = tree.expressions[0] if len(tree.expressions) == 1 else None
    kinds = _kinds()
    nested = isinstance(inner, kinds.Paren) or (
        isinstance(inner, kinds.Subquery) and isinstance(inner.this, kinds.Subquery)
    )
    lonely = {name for name, value in tree.args.items() if value} <= {"expressions"}
    if inner is None or not lonely or not nested:
        raise DataError(f"{key}: `{bare}` is not one SQL expression. Give a single expression.")
    _check(tree, bare, key, tables)
    return Step(key=key, text=bare, sql=_written(inner.this, bare, key, engine))


def select(text: str, key: str, engine: str, tables: Iterable[str]) -> Step:
    """Check one SELECT and translate it; errors as for :func:`expression`."""
    bare = _bare(text, key)
    tree = _parsed(bare, bare, key, "one SELECT")
    if not isinstance(tree, _kinds().Query):
        raise DataError(f"{key}: `{bare}` is not a SELECT. Give one SELECT over the named tables.")
    _check(tree, bare, key, tables)
    return Step(key=key, text=bare, sql=_written(tree, bare, key, engine))


def woven(
    tables: Mapping[str, str], query: Step | None, derive: Iterable[Step], engine: str = ""
) -> str:
    """Write the WITH clause of a study; its last table is ``last_step``.

    Each derived column has a step of its own, so that later ones see earlier ones. Names are quoted
    for the engine.
    """

    def quoted(name: str) -> str:
        return identifier(name, engine)

    steps = [f"{quoted(name)} AS (SELECT * FROM {table})" for name, table in tables.items()]
    last = quoted("data")
    if query is not None:
        last = quoted("step 0")
        steps.append(f"{last} AS (\n{query.sql}\n)")
    for number, step in enumerate(derive, start=1):
        made = f"SELECT *, (\n{step.sql}\n) AS {quoted(step.name)} FROM {last}"
        last = quoted(f"step {number}")
        steps.append(f"{last} AS ({made})")
    steps.append(f"last_step AS (SELECT * FROM {last})")
    return "WITH " + ",\n".join(steps) + "\n"


def _kinds() -> ModuleType:
    import sqlglot.expressions

    kinds: ModuleType = sqlglot.expressions
    return kinds


def _bare(text: str, key: str) -> str:
    bare = text.strip().rstrip(";").strip()
    if not bare:
        raise DataError(f"{key} is empty. Write SQL there, or remove the key.")
    return bare


def _parsed(sql: str, text: str, key: str, wanted: str) -> Any:
    import logging

    from sqlglot import parse
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        trees = [tree for tree in parse(sql, read="duckdb") if tree is not None]
    except SqlglotError as error:
        raise DataError(
            f"{key}: `{text}` is not {wanted}: {_complaint(error)}. "
            'Write it as DuckDB would take it, with names that are SQL words in "double quotes".'
        ) from error
    if len(trees) != 1:
        raise DataError(f"{key}: `{text}` is more than {wanted}. Give {wanted}, no statements.")
    return trees[0]


def _complaint(error: Exception) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", first_line(error))


def _check(tree: Any, text: str, key: str, tables: Iterable[str]) -> None:
    kinds = _kinds()
    known = {name.casefold() for name in tables}
    known |= {each.alias_or_name.casefold() for each in tree.find_all(kinds.CTE)}
    banned = (kinds.DDL, kinds.DML, kinds.Command, kinds.Copy, kinds.Into, kinds.TableSample)
    for node in tree.walk():
        if isinstance(node, banned):
            raise DataError(
                f"{key}: `{text}` does more than read ({node.key.upper()}). "
                "Only expressions and SELECT are allowed, and no sampling."
            )
        if isinstance(node, kinds.Func):
            _check_function(node, text, key)
        if isinstance(node, kinds.Table):
            _check_table(node, text, key, known, tables)


def _check_function(node: Any, text: str, key: str) -> None:
    named = isinstance(node, _kinds().Anonymous)
    name = (node.name if named else node.sql_name()).lower()
    if _OUTSIDE.match(name):
        raise DataError(
            f"{key}: `{text}` reaches outside the named tables with {name}(). "
            "Register files under data.tables instead."
        )
    if _CHANGING.match(name):
        raise DataError(
            f"{key}: `{text}` uses {name}(), which gives another answer on each run, so a report "
            "could not be made again. Write the date or the value itself."
        )


def _check_table(node: Any, text: str, key: str, known: set[str], tables: Iterable[str]) -> None:
    if not isinstance(node.this, _kinds().Identifier):
        return
    if node.db or node.catalog or node.name.casefold() not in known:
        raise DataError(
            f"{key}: `{text}` reads '{node.sql()}', which is no table of the study."
            f"{nearest(node.name, tables)} It may read {listing(tables)}; more go under "
            "data.tables."
        )


def _written(tree: Any, text: str, key: str, engine: str) -> str:
    """Keep the text itself for DuckDB (a round trip could change it), else translate."""
    from sqlglot import ErrorLevel
    from sqlglot.errors import SqlglotError

    if engine == "duckdb":
        return text
    try:
        return str(tree.sql(dialect=engine, unsupported_level=ErrorLevel.RAISE))
    except SqlglotError as error:
        raise DataError(
            f"{key}: `{text}` cannot be translated for {engine}: {_complaint(error)}. "
            "Use plainer SQL, or make the column in the database."
        ) from error


def translated(sql: str, engine: str) -> str:
    """Translate SQL of our own, written for DuckDB, for an engine."""
    from sqlglot import transpile

    return sql if engine == "duckdb" else transpile(sql, read="duckdb", write=engine)[0]
