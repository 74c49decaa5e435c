"""Everything asked of an engine compiles for engines that are not run here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from causal.data.extract import opened, prepared
from causal.data.moments.by_day import Periods, by_day, units_by_day
from causal.data.moments.caps import caps_of
from causal.data.moments.collected import Split
from causal.data.moments.columns import wanted
from causal.data.moments.glance import glance
from causal.data.moments.query import NO_NAN, Sums, summed, times, units
from causal.data.moments.reader import Reader, checked_rows, stored
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.samples import samples
from causal.data.moments.types import Tables, tables_of
from causal.data.sources._connection import identifier

EVERYWHERE = {"abs", "avg", "cast", "coalesce", "count", "distinct", "floor", "max", "min", "sum"}
"""Functions of every dialect, in lower case."""

OWN = {
    "bigquery": {"if", "ieee_divide", "is_nan", "unix_seconds"},
    "clickhouse": {"isnan", "isnotnull", "isnull", "nullable", "torelativesecondnum", "uniq"},
    "databricks": {"if", "isnan", "try_divide", "unix_timestamp"},
    "exasol": {"posix_time"},
    "impala": {"if", "is_nan", "unix_timestamp"},
    "mssql": {"count_big", "datediff", "iif"},
    "mysql": {"unix_timestamp"},
    "postgres": {"extract"},
    "pyspark": {"if", "isnan", "unix_timestamp"},
    "redshift": {"extract"},
    "snowflake": {"date_part", "iff"},
    "trino": {"filter", "if", "is_nan", "to_unixtime"},
}
"""Functions that a dialect's own manual lists, as far as they are used."""

READ_AS = {"mssql": "tsql", "impala": "hive", "pyspark": "spark"}
OUTCOMES = [
    {"name": "revenue", "column": "revenue", "cap": {"column": "before", "quantile": 0.9}},
    {"name": "visits", "column": "visits"},
    {"name": "orders", "table": "orders", "column": "amount", "at": "day", "days": 7},
    {"name": "ordered", "table": "orders", "column": "amount", "aggregate": "count",
     "role": "secondary"},
    {"name": "ctr", "numerator": "clicks", "denominator": "impressions",
     "role": "guardrail", "margin": 0.05},
    {"name": "retained", "column": "active", "type": "retention", "days": 10, "role": "long-term"},
    {"name": "slow", "column": "revenue", "type": "quantile", "quantile": 0.9, "role": "secondary"},
]  # fmt: skip
UNITS = {
    "block": "market", "modifiers": ["power"], "exposed_at": "seen", "covariates": ["before"],
    "outcomes": OUTCOMES,
}  # fmt: skip
EXPOSURES = {
    "rows": "exposure", "cluster": "school", "exposed_at": "when", "time": "when", "block": "market",
    "modifiers": ["power"], "covariates": ["before"],
    "outcomes": [
        *OUTCOMES,
        {"name": "spent", "column": "revenue", "days": 5, "role": "secondary"},
        *({"name": each, "column": "revenue", "aggregate": each, "role": "secondary"}
          for each in ("max", "mean", "count")),
    ],
}  # fmt: skip


@dataclass(kw_only=True)
class Recorder:
    """Stands in for a reader: keeps what it is asked, and answers something."""

    tables: Tables
    asked: ExperimentRequest
    log: list[Any] = field(default_factory=list)

    def run(self, name: str, expression: Any, **_: Any) -> list[pa.Table]:
        self.log.append(expression)
        if name.startswith("values of"):
            return [pa.table({"arm": ["A"], "value": [1.0], "cluster": ["s1"]})]
        return [pa.table({name: [1.0] for name in expression.columns})]


@pytest.fixture(scope="module", params=[UNITS, EXPOSURES], ids=["units", "exposures of clusters"])
def found(request, people, asked, tmp_path_factory):
    """A request with everything in it, and its tables."""
    folder = tmp_path_factory.mktemp("compiled")
    rows = people.assign(when="2026-01-02 10:15:00", power=people["power"] == 1)
    rows["seen"] = pd.to_datetime(rows["seen"])
    rows.to_parquet(folder / "people.parquet")
    orders = pd.DataFrame({"user": [1], "amount": [2.0], "day": ["2026-01-09T10:00:00"]})
    orders.to_parquet(folder / "orders.parquet")
    tables = {"orders": str(folder / "orders.parquet")}
    made = asked(folder / "people.parquet", data={"tables": tables}, **request.param)
    with opened(made.table) as connection:
        return tables_of(connection, prepared(connection, made.table), made), made


def expressions(tables: Tables, request: ExperimentRequest, engine: str) -> list[Any]:
    """Every expression that a readout runs, as for this engine."""
    own = replace(tables, connection=SimpleNamespace(engine=engine))  # type: ignore[arg-type]
    reader: Any = Recorder(tables=own, asked=request)
    need = wanted(request, caps={"revenue": 3.0}, partial=("revenue",))
    sums = Sums(
        keys=request.keys, day=True, ranges=(0, 1), centres={need.columns[0].key: 1.5}
    )  # fmt: skip
    made = units(own, request, need.raws)
    listed = [summed(made, need, request, each, None) for each in (sums, Sums(keys=(), gaps=False))]
    listed += times(own, request).values()
    periods = Periods(periods=7, length=2, until=date(2026, 1, 14))
    dated = [each for each in request.metrics if each.at or (request.time and not each.table)]
    listed += [units_by_day(reader, each, periods, date(2026, 1, 28)) for each in dated]
    caps_of(reader)
    glance(reader, need.raws)
    arms = {"A": "A", "B": "B"}
    samples(reader, arms, None)
    come = Split(name="day", values=("2026-01-01",), counts=np.array([[900, 900]]))
    assert by_day(reader, arms, come, date(2026, 1, 20))
    return [*listed, *reader.log]


def compiled(expression: Any, engine: str) -> str:
    import ibis
    import sqlglot

    if engine == "redshift":
        plain = str(ibis.to_sql(expression, dialect="postgres"))
        return sqlglot.transpile(plain, read="postgres", write="redshift")[0]
    return str(ibis.to_sql(expression, dialect=engine))


@pytest.fixture
def _spark(monkeypatch):
    """An option that Ibis only knows once pyspark is installed."""
    import ibis
    from ibis.config import Config

    class Spark(Config):
        treat_nan_as_null: bool = False

    monkeypatch.setattr(ibis.options, "pyspark", Spark())


@pytest.mark.usefixtures("_spark")
@pytest.mark.parametrize("engine", sorted(OWN))
def test_every_query_compiles_with_functions_that_the_dialect_has(found, engine):
    import sqlglot

    listed = [compiled(each, engine) for each in expressions(*found, engine)]
    assert len(listed) >= 8
    for sql in listed:
        assert sqlglot.parse_one(sql, read=READ_AS.get(engine, engine)).find(sqlglot.exp.Select)
        used = {each.lower() for each in re.findall(r"\b([A-Za-z_]\w*)\(", sql)}
        assert used <= EVERYWHERE | OWN[engine], used - EVERYWHERE - OWN[engine]
        assert not re.search(r"COALESCE\([^()]* (=|<|>|>=|<=|<>) ", sql), "a condition as a value"
    told = "".join(listed)
    assert "NULLIF" not in told, "NaN does not equal itself everywhere"
    assert bool(re.search(r"is_?nan\(|= CAST\('NaN'", told, re.IGNORECASE)) == (
        engine not in NO_NAN
    )


QUOTED = {
    "mssql": "[]",
    **dict.fromkeys(("bigquery", "databricks", "impala", "mysql", "pyspark"), "``"),
}
SQL = {
    "query": "SELECT *, revenue - before AS gained FROM data",
    "derive": {"early user": "CASE WHEN visits > 2 THEN 1 ELSE 0 END"},
    "where": "visits >= 0",
}


def whole(tables: Tables, request: ExperimentRequest, engine: str) -> list[str]:
    """Every statement as it is sent, WITH clause and all, as for this engine."""
    from causal.data.sql import expression, select

    sent: list[str] = []

    def fetch(sql: str) -> pa.Table:
        sent.append(sql)
        return pa.table({"n": [600], "c0": [600], "c1": [600], "units": [600]})

    named = {name: identifier(f"shop {name}", engine) for name in ("data", "orders")}
    connection: Any = SimpleNamespace(engine=engine, fetch=fetch, tables=named)
    dialect = READ_AS.get(engine, engine)
    steps = [
        replace(expression(text, name, dialect, named), name=name)
        for name, text in SQL["derive"].items()
    ]
    plan = replace(
        tables.plan,
        tables=named,
        query=select(SQL["query"], "data.query", dialect, named),
        derive=tuple(steps),
        where=expression(SQL["where"], "data.where", dialect, named),
        engine=engine,
    )
    own = replace(tables, connection=connection, plan=plan)
    reader = Reader(tables=own, asked=request)
    checked_rows(own, request)
    if engine != "redshift":
        made = units(own, request, wanted(request, caps={}, partial=()).raws)
        reader.run("units", stored(made), made=made)
    return sent


@pytest.mark.usefixtures("_spark")
@pytest.mark.parametrize("engine", sorted({*OWN, "duckdb", "sqlite"}))
def test_names_of_the_with_clause_are_quoted_as_the_dialect_quotes(found, engine):
    import sqlglot
    from sqlglot import exp

    asked = [sql for sql in whole(*found, engine) if "causal rows" in sql]
    assert asked
    for sql in asked:
        tree = sqlglot.parse_one(sql, read=READ_AS.get(engine, engine))
        steps = {each.alias: each for each in tree.find(exp.With).expressions}
        assert {"data", "orders", "step 0", "step 1", "last_step", "causal rows"} <= {*steps}
        assert {"rows of orders"} <= {*steps}
        texts = {each.this for each in tree.find_all(exp.Literal) if each.is_string}
        assert not texts & {*steps, "early user", "school", "revenue"}
        read = {each.name for each in tree.find_all(exp.Table)}
        assert {"step 0", "step 1", "last_step"} <= read
        columns = {each.name for each in steps["causal rows"].find_all(exp.Column)}
        assert {"user", "arm", "revenue"} <= columns
        left, right = QUOTED.get(engine, '""')
        for name in ("step 0", "causal rows", "rows of orders"):
            assert f"{left}{name}{right} AS (" in sql
