"""The fingerprint: blind to the order of rows and columns, not to any change of content."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from causal.data.fingerprint import fingerprint
from causal.data.values import values


def of(frame):
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    return fingerprint(values(name, name, table.column(name)) for name in frame.columns)


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "n": [1, 2, 3, 3],
            "x": [0.1, np.nan, -0.0, 5.0],
            "t": ["a", "", None, "é"],
            "at": pd.to_datetime(
                ["2024-05-31", None, "2024-06-01T01:02:03.5", "2024-05-31"], format="ISO8601"
            ),
            "b": [True, False, True, True],
        }
    )


def test_it_is_known(table):
    assert of(table) == "7599df8a8a29f54d4cbfce995276b881"


def test_the_order_of_rows_and_columns_does_not_matter(table):
    assert of(table.iloc[::-1][["b", "t", "at", "n", "x"]]) == of(table)


def test_equal_numbers_of_other_types_are_the_same(table):
    same = table.assign(n=table["n"].astype(float), x=[0.1, None, 0.0, 5], b=[1, 0, 1, 1])
    assert of(same) == of(table)


@pytest.mark.parametrize(
    "change",
    [
        {"n": [1, 2, 3, 4]},
        {"n": [2, 1, 3, 3]},
        {"x": [0.1, 0.0, -0.0, 5.0]},
        {"x": [0.1, np.nan, -0.0, 5.000000000000001]},
        {"t": ["a", None, None, "é"]},
        {"t": ["a", "", None, "e"]},
        {"b": ["1", "0", "1", "1"]},
        {"new": [1, 1, 1, 1]},
    ],
)
def test_every_change_of_content_shows(table, change):
    assert of(table.assign(**change)) != of(table)


def test_names_and_repeated_rows_count(table):
    assert of(table.rename(columns={"n": "m"})) != of(table)
    assert of(pd.concat([table, table.iloc[[0]]])) != of(table)
    assert of(pd.concat([table, table])) != of(table)


def test_whole_numbers_beyond_a_double_are_told_apart():
    first = pd.DataFrame({"n": [2**53 + 1, 1]})
    assert of(first) != of(pd.DataFrame({"n": [2**53 + 2, 1]}))
    assert of(first) != of(pd.DataFrame({"n": [2**53 + 3, 1]}))


def test_a_hundred_thousand_rows_take_about_a_second():
    draw = np.random.default_rng(1)
    large = {f"x{each}": draw.normal(size=100_000) for each in range(18)}
    large |= {"id": [f"row {each}" for each in range(100_000)], "n": np.arange(100_000)}
    import pyarrow as pa

    columns = [values(name, name, pa.array(cells)) for name, cells in large.items()]
    start = time.process_time()
    fingerprint(columns)
    assert time.process_time() - start < 3
