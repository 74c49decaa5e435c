"""PostgreSQL, on a real server: the panel and its sums are those of DuckDB."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from causal.base.errors import DataError
from causal.data.read import describe, read


@pytest.fixture(scope="module")
def url(postgres, frame):
    import psycopg

    types = {"O": "text", "i": "bigint", "f": "double precision"}
    columns = ", ".join(
        f'"{name}" {types.get(frame[name].dtype.kind, "text")}' for name in frame.columns
    )
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE TABLE packages ({columns})")
        marks = ", ".join(["%s"] * frame.shape[1])
        with server.cursor() as cursor:
            cursor.executemany(f"INSERT INTO packages VALUES ({marks})", frame.values.tolist())
        server.execute("CREATE TABLE stories AS SELECT DISTINCT story FROM packages")
        server.execute(
            "CREATE TABLE typed AS SELECT id, tone, clicks, impressions, length::numeric(10, 2) AS length,"
            " day::timestamptz AS day, tone = 'sad' AS sad, ARRAY[1, 2] AS list,"
            " gen_random_uuid() AS key, avg(words) OVER () AS mean_words, 'NaN'::numeric AS nothing"
            " FROM packages"
        )
    return postgres


def test_the_panel_is_that_of_the_file(ask, parquet, url, study, same):
    stored = {**study, "data": {**study["data"], "table": "packages"}}
    panel = read(ask(url, **stored))
    same(read(ask(parquet, **study)), panel)
    assert panel.provenance.engine == "postgres"


def test_sums_by_attribute_are_those_of_duckdb(ask, parquet, url):
    panel = read(ask(url, data={"table": "packages"}))
    tone, ctr = panel.columns["tone"], panel.outcomes["ctr"]
    found = [
        (level, ctr.numerator[tone.values == code].sum(), ctr.weight[tone.values == code].sum())
        for code, level in enumerate(tone.levels)
    ]
    sql = f"SELECT tone, sum(clicks), sum(impressions) FROM '{parquet}' GROUP BY 1 ORDER BY 1"
    assert found == duckdb.sql(sql).fetchall()


def test_its_types_are_understood(ask, url):
    asked = ask(
        url, data={"table": "typed"}, attributes=["sad"], time="day", confounders=["length"]
    )
    panel = read(asked)
    assert panel.columns["sad"].levels == ("0", "1")
    assert panel.columns["length"].kind == "continuous"
    assert panel.time.max() == np.datetime64("2024-06-01T10:00:00")
    odd = read(ask(url, data={"table": "typed"}, unit="key", confounders=["mean_words", "nothing"]))
    assert odd.rows == 120
    assert np.isfinite(odd.columns["mean_words"].values).all()
    assert odd.columns["nothing"].missing.all()
    with pytest.raises(DataError, match="'list' holds list"):
        read(ask(url, data={"table": "typed"}, confounders=["list"]))


def test_errors_name_the_key_and_never_the_password(ask, url):
    wrong = {"table": "packages", "derive": {"n": "wordz + 1"}}
    with pytest.raises(DataError, match=r"data.derive.n: `wordz \+ 1` does not run"):
        read(ask(url, data=wrong, confounders=["n"]))
    with pytest.raises(DataError, match="say which table"):
        read(ask(url))
    with pytest.raises(DataError, match="cannot be reached") as caught:
        read(ask("postgresql://me:secret@127.0.0.1:1/shop"))
    assert "secret" not in str(caught.value)


def test_it_is_only_read(url, ask):
    from causal.data.extract import opened

    asked = ask(url, data={"table": "packages"})
    refused = pytest.raises(Exception, match="read-only transaction")
    with opened(asked) as connection, refused:
        connection.fetch("DELETE FROM packages RETURNING id")


def test_its_tables_can_be_described(url):
    columns = {each.name: each for each in describe(url, "typed").columns}
    assert columns["impressions"].type == "integer"
    assert columns["length"].type == "float"
    assert columns["day"].type == "time"
    assert columns["list"].type == "other"
    assert columns["tone"].distinct == 3
