"""SQLite through its own engine gives the panel that DuckDB gives."""

from __future__ import annotations

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
