"""Summaries of tables: counts, ranges, frequent values."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.read import ColumnSummary, describe


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "n": [1, 2, 2, None],
            "x": [0.5, float("nan"), 1.5, 0.5],
            "it's": ["b", "a", None, "a"],
        }
    )


def test_columns_are_counted_without_the_missing_ones(table, tmp_path):
    path = tmp_path / "t.parquet"
    table.assign(at=pd.to_datetime(["2024-05-31"] * 4), ok=True, tags=[[1]] * 4).to_parquet(path)
    found = describe(str(path))
    assert found.rows == 4
    assert found.columns == (
        ColumnSummary(name="n", type="float", distinct=2, missing=1, minimum=1, maximum=2,
                      mean=5 / 3, top=("2", "1")),
        ColumnSummary(name="x", type="float", distinct=2, missing=1, minimum=0.5, maximum=1.5,
                      mean=2.5 / 3, top=("0.5", "1.5")),
        ColumnSummary(name="it's", type="text", distinct=2, missing=1, top=("a", "b")),
        ColumnSummary(name="at", type="time", distinct=1, missing=0, top=("2024-05-31",)),
        ColumnSummary(name="ok", type="boolean", distinct=1, missing=0, top=("1",)),
        ColumnSummary(name="tags", type="other", distinct=0, missing=0),
    )  # fmt: skip


def test_a_table_of_a_database_is_summarised_by_the_database(table, tmp_path):
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as database:
        table.to_sql("packages", database, index=False)
        table.to_sql("other", database, index=False)
    found = describe(str(path), "packages")
    assert [(each.name, each.distinct, each.missing) for each in found.columns] == [
        ("n", 2, 1), ("x", 2, 1), ("it's", 2, 1)
    ]  # fmt: skip
    with pytest.raises(DataError, match=r"say which table.*'other', 'packages'"):
        describe(str(path))
