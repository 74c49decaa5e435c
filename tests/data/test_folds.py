"""Folds: the documented recipe, on every engine, for any order of rows."""

from __future__ import annotations

import datetime as dt
import hashlib

import duckdb
import numpy as np
import pandas as pd
import pytest

from causal.data.folds import fold_of, joint
from causal.data.read import read, read_frame
from causal.data.values import encode, values

MOMENTS = [dt.datetime(2024, 5, 31), dt.datetime(2024, 5, 31, 1, 2, 3)]


def test_the_recipe_can_be_followed_by_hand():
    digest = hashlib.md5(b"7:story-1").hexdigest()
    assert fold_of("story-1", 5, 7) == int(digest[:15], 16) % 5


def test_the_recipe_can_be_followed_in_sql(frame, ask, parquet):
    panel = read(ask(parquet, cluster="story", settings={"seed": 7, "folds": 4}))
    sql = f"""
    SELECT ('0x' || md5('7:' || story)[1:15])::BIGINT % 4 FROM '{parquet}' ORDER BY id
    """
    np.testing.assert_array_equal(panel.folds, np.ravel(duckdb.sql(sql).fetchall()))


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([3, 1], ["3", "1"]),
        ([3.0, 1.5], ["3", "1.5"]),
        ([True, False], ["1", "0"]),
        (["é", ""], ["é", ""]),
        (MOMENTS, ["2024-05-31", "2024-05-31T01:02:03"]),
    ],
)
def test_keys_have_a_portable_text(cells, texts):
    import pyarrow as pa

    coded = encode(values("k", "cluster", pa.array(cells)))
    assert [coded.labels[code] for code in coded.codes] == texts


def test_folds_follow_the_first_cluster_else_the_block_else_the_unit_else_the_row(frame, ask):
    def folds(**given):
        return read_frame(frame, ask(**given)).folds

    ordered = frame.sort_values("id")

    def expected(keys):
        return [fold_of(key, 5, 20261122) for key in keys]

    both = ordered["story"] + "\x1f" + ordered["tone"]
    assert folds(cluster=["story", "tone"], block="tone").tolist() == expected(ordered["story"])
    assert folds(block=["story", "tone"]).tolist() == expected(both)
    assert folds().tolist() == expected(ordered["id"].astype(str))
    assert folds(unit=None).tolist() == expected(str(row) for row in range(len(frame)))


def test_a_cluster_is_in_one_fold_and_folds_are_about_equal(ask):
    story = np.arange(20_000) // 2
    table = pd.DataFrame({"id": np.arange(20_000), "story": story, "tone": story % 3, "y": 1.5})
    asked = ask(cluster="story", outcomes=[{"name": "y", "column": "y"}])
    panel = read_frame(table, asked)
    pairs = {(int(c), int(f)) for c, f in zip(panel.clusters[0], panel.folds, strict=True)}
    assert len(pairs) == 10_000
    share = np.bincount(panel.folds) / 20_000
    tolerance = 4 * np.sqrt(0.2 * 0.8 / 10_000)
    assert np.all(np.abs(share - 0.2) < tolerance)


def test_the_parts_of_a_block_are_told_apart_and_missing_is_a_level():
    import pyarrow as pa

    first = encode(values("a", "block", pa.array(["x", None, "x", None])))
    second = encode(values("b", "block", pa.array([1, 1, None, None])))
    codes, texts = joint([first, second])
    np.testing.assert_array_equal(codes, [3, 1, 2, 0])
    assert texts == ["\\N\x1f\\N", "\\N\x1f1", "x\x1f\\N", "x\x1f1"]


def test_one_fold_is_that_of_every_row(frame, ask):
    from dataclasses import replace

    assert set(read_frame(frame, replace(ask(), folds=1)).folds.tolist()) == {0}
