"""A DuckDB database: by path or URL, with tables beside it, never written to."""

from __future__ import annotations

import duckdb
import pytest

from causal.base.errors import DataError
from causal.data.read import read


@pytest.fixture
def store(frame, parquet, tmp_path):
    path = tmp_path / "store.duckdb"
    with duckdb.connect(path) as database:
        database.execute(f"CREATE TABLE packages AS SELECT * FROM '{parquet}'")
        database.execute("CREATE TABLE stories AS SELECT DISTINCT story FROM packages")
        database.execute("CREATE SCHEMA other; CREATE TABLE other.packages AS SELECT 1 AS one")
    return path


def test_a_table_of_a_database_gives_the_panel_of_the_file(ask, store, parquet, same):
    roles = {"cluster": "story", "confounders": ["words", "length"], "time": "day"}
    whole = read(ask(parquet, **roles))
    for source in (str(store), f"duckdb:///{store}"):
        same(whole, read(ask(source, data={"table": "packages"}, **roles)))


def test_tables_beside_it_may_be_in_the_database_or_in_files(ask, store, parquet):
    data = {
        "table": "packages",
        "tables": {"stories": "stories", "again": str(parquet)},
        "query": "SELECT d.* FROM data d JOIN stories USING (story) JOIN again USING (id)",
    }
    assert read(ask(store, data=data)).rows == 120


def test_a_missing_table_is_named_with_what_there_is(ask, store):
    with pytest.raises(
        DataError, match=r"say which table.*'packages', 'stories', 'other.packages'"
    ):
        read(ask(store))
    with pytest.raises(DataError, match=r"no table 'package'. Did you mean 'packages'"):
        read(ask(store, data={"table": "package"}))


def test_it_is_known_by_its_first_bytes_and_left_as_it_was(ask, store):
    plain = store.rename(store.with_suffix(".db"))
    before = plain.read_bytes()
    assert read(ask(plain, data={"table": "packages"})).rows == 120
    assert plain.read_bytes() == before
    assert [each.name for each in plain.parent.glob("store*")] == ["store.db"]
