"""SQLite through its own engine gives the panel that DuckDB gives."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.data.read import read


def test_the_panel_is_that_of_the_file(ask, parquet, sqlite, study, same):
    whole = read(ask(parquet, **study))
    for source in (str(sqlite), f"sqlite:///{sqlite}"):
        data = {**study["data"], "table": "packages"}
        panel = read(ask(source, **{**study, "data": data}))
        same(whole, panel)
        assert panel.provenance.engine == "sqlite"


def test_a_query_joins_tables_of_the_database(ask, sqlite):
    data = {
        "table": "packages",
        "tables": {"s": "stories"},
        "query": "SELECT d.* FROM data d JOIN s ON s.story = d.story",
    }
    assert read(ask(sqlite, data=data)).rows == 120


def test_what_the_engine_cannot_do_is_said_with_the_key(ask, sqlite):
    data = {"table": "packages", "derive": {"n": "array_length(string_split(headline, ' '))"}}
    with pytest.raises(DataError, match=r"data.derive.n: `array_length.*does not run"):
        read(ask(sqlite, data=data, confounders=["n"]))


def test_files_cannot_be_tables_of_a_database(ask, sqlite, parquet):
    with pytest.raises(DataError, match=r"data.tables.x: .* is a file, and data.source"):
        read(ask(sqlite, data={"table": "packages", "tables": {"x": str(parquet)}}))


def test_the_file_is_left_as_it_was(ask, sqlite):
    before = sqlite.read_bytes()
    read(ask(sqlite, data={"table": "packages"}))
    assert sqlite.read_bytes() == before


def test_cells_are_typed_one_by_one(ask, tmp_path):
    path = tmp_path / "loose.sqlite"
    rows = [(1, "a", None, "2024-05-31 10:00:00", 1), (2, "b", 1, None, "x"),
            (3, "a", 2.5, "2024-06-01 10:00:00", 3)]  # fmt: skip
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE loose (id INTEGER, tone TEXT, y, at DATETIME, mixed)")
        database.executemany("INSERT INTO loose VALUES (?, ?, ?, ?, ?)", rows)
        database.commit()
    y = [{"name": "y", "column": "y"}]
    panel = read(ask(path, outcomes=y, time="at"))
    np.testing.assert_array_equal(panel.outcomes["y"].value, [np.nan, 1, 2.5])
    assert panel.time[2] == np.datetime64("2024-06-01T10:00:00")
    with pytest.raises(DataError, match="'mixed' mixes cells of the types 'int', 'str'"):
        read(ask(path, outcomes=y, confounders=["mixed"]))
    with pytest.raises(DataError, match="leaves none of the 3 rows"):
        read(ask(path, outcomes=y, data={"where": "y > 100"}))
