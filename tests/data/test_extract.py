"""Out of the engine: what fails is named by the study key it came from."""

from __future__ import annotations

import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.read import read, read_frame


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"derive": {"a": "wordz + 1"}}, r"data.derive.a: `wordz \+ 1` does not run.*wordz"),
        (
            {"derive": {"a": "words", "b": "CAST(tone AS INTEGER)"}},
            r"data.derive.b: .*does not run",
        ),
        ({"derive": {"b": "c + 1", "c": "1"}}, r"data.derive.b: .*does not run"),
        ({"derive": {"a": "sum(words)"}}, r"data.derive.a: .*does not run"),
        ({"where": "nothing > 1"}, r"data.where: `nothing > 1` does not run"),
        ({"where": "CAST(tone AS INTEGER) > 1"}, r"data.where: .*does not run"),
        ({"query": "SELECT nothing FROM data"}, r"data.query: .*does not run"),
        ({"query": "SELECT id FROM data"}, "there is no column 'tone'.*It has 'id'"),
        (
            {"query": "SELECT *, 1 / 0 FROM data", "derive": {"id": "1"}},
            "already has a column 'id'",
        ),
    ],
)
def test_sql_that_does_not_run_is_named_by_its_key(frame, ask, data, words):
    confounders = list(data.get("derive", {}))
    with pytest.raises(DataError, match=f"(?s){words}"):
        read_frame(frame, ask(data=data, confounders=confounders))


def test_names_of_tables_must_differ_and_data_is_taken(ask):
    for names in (["DATA"], ["items", "Items"]):
        with pytest.raises(DataError, match=f"data.tables.{names[-1]}: this name is taken"):
            ask(data={"tables": dict.fromkeys(names, "x.csv")})


def test_a_query_that_names_a_column_twice_keeps_the_first_under_that_name(frame, ask):
    joined = "SELECT d.*, e.* FROM data d JOIN data e USING (id)"
    assert read_frame(frame, ask(data={"query": joined})).rows == len(frame)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("pakages.parquet", "no file.*Did you mean 'packages.parquet'"),
        ("folder", "is a folder.*folder/\\*.parquet"),
        ("none-*.parquet", "no file matches"),
        ("table.xlsx", "no kind that can be read"),
        ("https://example.org/x.parquet", "no kind that can be read"),
        ("truncated.parquet", "cannot be read.*Check that the file is complete"),
        ("text.parquet", "cannot be read"),
        ("study.yaml", "is the study file itself"),
        ("no.sqlite", "no file 'no.sqlite'"),
        ("text.sqlite", "cannot be opened as a SQLite"),
        ("text.duckdb", "cannot be opened as a DuckDB"),
        ("text.db", "no kind that can be read"),
        ("empty.csv", "cannot be read|there is no column|has no rows"),
    ],
)
def test_a_source_that_cannot_be_read_says_what_to_do(ask, parquet, source, words):
    import dataclasses

    folder = parquet.parent
    (folder / "folder").mkdir()
    (folder / "table.xlsx").write_text("x")
    (folder / "study.yaml").write_text("study: x")
    (folder / "empty.csv").write_text("")
    (folder / "truncated.parquet").write_bytes(parquet.read_bytes()[:900])
    for name in ("text.parquet", "text.sqlite", "text.duckdb", "text.db"):
        (folder / name).write_text("This is no table, only a text. " * 20)
    asked = dataclasses.replace(ask(), source=source, folder=folder, file=folder / "study.yaml")
    with pytest.raises(DataError, match=f"(?s)data.source.*{words}"):
        read(asked)


def test_a_file_has_no_tables(ask, parquet):
    with pytest.raises(DataError, match=r"data.table: .* is a file and holds one table"):
        read(ask(parquet, data={"table": "packages"}))


def test_the_engine_cannot_reach_other_files(ask, parquet, tmp_path):
    from causal.data.extract import opened

    (tmp_path / "secret.csv").write_text("a\n1\n")
    with opened(ask(parquet)) as connection:
        assert connection.fetch(f"SELECT count(*) FROM {connection.tables['data']}").num_rows == 1
        for sql in (f"SELECT * FROM '{tmp_path}/secret.csv'", "INSTALL httpfs", "LOAD httpfs",
                    f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", "SET threads = 2"):  # fmt: skip
            with pytest.raises(Exception, match=r"(?i)disabled|permission|locked|access"):
                connection.fetch(sql)
    assert not (tmp_path / "out.csv").exists()


def test_relative_paths_start_at_the_study(ask, parquet, monkeypatch, tmp_path):
    import dataclasses

    monkeypatch.chdir("/")
    asked = dataclasses.replace(ask(), source="packages.parquet", folder=parquet.parent)
    assert read(asked).rows == 120
    assert read(asked).provenance.source == "packages.parquet"


def test_sums_of_doubles_do_not_depend_on_the_number_of_threads(ask, tmp_path):
    from causal.data.extract import opened

    pd.DataFrame({"x": [0.1] * 10}).to_parquet(tmp_path / "x.parquet")
    with opened(ask(tmp_path / "x.parquet")) as connection:
        found = connection.fetch("SELECT current_setting('threads') AS n")
    assert found.to_pylist() == [{"n": 1}]
