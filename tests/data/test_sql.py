"""SQL of the study: one expression or one SELECT, nothing that reaches out or changes."""

from __future__ import annotations

import pytest

from causal.base.errors import DataError
from causal.data.sql import expression, select

TABLES = ("data", "items")


@pytest.mark.parametrize(
    "text",
    [
        "impressions > 0",
        "impressions > 0;",
        "headline LIKE '%?%' -- a question",
        "array_length(string_split(headline, ' '))",
        '"select" + 1',
        "(SELECT max(price) FROM items)",
        "len(list_filter(string_split(headline, ' '), x -> length(x) > 3))",
        "row_number() OVER (PARTITION BY story ORDER BY id)",
        "headline ~ '[0-9]' AND day >= DATE '2024-05-01'",
        "CASE WHEN a THEN 'copy' ELSE 'attach' END",
    ],
)
def test_an_expression_is_kept_as_it_is_for_duckdb(text):
    assert expression(text, "data.where", "duckdb", TABLES).sql == text.rstrip(";")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a >", "is not one SQL expression"),
        ("a > 0; DROP TABLE data", "is not one SQL expression"),
        ("SELECT 1", "is not one SQL expression"),
        ("a, b", "is not one SQL expression"),
        ("1) AS x, (2", "is not one SQL expression"),
        ("1) FROM items --", "is not one SQL expression"),
        ("COPY data TO 'x'", "is not one SQL expression"),
        ("(SELECT count(*) FROM read_csv('x.csv'))", r"outside the named tables with read_csv\(\)"),
        ("(SELECT count(*) FROM read_text('x'))", "outside the named tables"),
        ("(SELECT count(*) FROM 'x.parquet')", "no table of the study"),
        ("(SELECT count(*) FROM item)", "Did you mean 'items'"),
        ("(SELECT count(*) FROM other.items)", "no table of the study"),
        ("getenv('HOME') = 'x'", "outside the named tables with getenv"),
        ("random() < 0.5", r"which gives another answer on each run"),
        ("day < current_date", "current_date.*another answer"),
        ("at < now()", "another answer on each run"),
    ],
)
def test_what_is_no_plain_expression_is_refused_with_its_key(text, words):
    with pytest.raises(DataError, match=f"(?s)data.derive.x.*{words}"):
        expression(text, "data.derive.x", "duckdb", TABLES)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM data",
        "WITH x AS (SELECT * FROM data) SELECT * FROM x UNION ALL SELECT * FROM x",
        "FROM data SELECT id",
        "SELECT d.*, i.price FROM data d LEFT JOIN items i USING (id)",
        "SELECT * FROM Data, range(3)",
    ],
)
def test_a_select_over_the_named_tables_is_taken(text):
    assert select(text, "data.query", "duckdb", TABLES).sql == text


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO data VALUES (1)",
        "DELETE FROM data",
        "COPY data TO 'x.csv'",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SET threads = 4",
        "PRAGMA version",
        "SELECT * FROM data; SELECT 1",
        "SELECT * FROM data USING SAMPLE 10",
        "SELECT * FROM data TABLESAMPLE 10%",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('*')",
        "SELECT * FROM information_schema.tables",
        "id > 3",
    ],
)
def test_statements_samples_and_other_tables_are_refused(text):
    with pytest.raises(DataError, match=r"data\.query"):
        select(text, "data.query", "duckdb", TABLES)


def test_sql_is_translated_for_other_engines():
    """Ibis, which every connection loads, gives sqlglot's dialects rules of its own."""
    import ibis.backends.sql.compilers  # noqa: F401

    step = expression("array_length(string_split(a, ' '))", "k", "postgres", TABLES)
    assert step.sql == "CARDINALITY(STRING_TO_ARRAY(a, ' '))"
    assert "LOWER" in expression("a ILIKE '%x%'", "k", "sqlite", TABLES).sql
