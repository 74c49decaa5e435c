"""Past experiments are read whole, whatever the order of rows, and what cannot be used is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.past import Past, read_past
from causal.data.request import Request

METRICS = ("clicks", "late")


def rows() -> pd.DataFrame:
    return pd.DataFrame({
        "experiment": [1, 1, 2, 2, 2, 2, 3],
        "arm": ["B", "B", "B", "B", "C", "C", "B"],
        "metric": ["clicks", "late", "clicks", "late", "clicks", "late", "clicks"],
        "effect": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "std_error": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07],
    })  # fmt: skip


def read(folder: Path, table: pd.DataFrame, pairs: pd.DataFrame | None = None) -> Past:
    table.to_csv(folder / "past.csv", index=False)
    if pairs is not None:
        pairs.to_csv(folder / "pairs.csv", index=False)
    named = {} if pairs is None else {"covariances": "pairs.csv"}
    return read_past(Request(folder=folder), "past.csv", METRICS, **named)


def test_arms_with_every_metric_are_kept_and_arms_of_one_experiment_belong_together(
    tmp_path: Path,
) -> None:
    past = read(tmp_path, rows())
    assert list(zip(past.experiments, past.arms, strict=True)) == [
        ("1", "B"),
        ("2", "B"),
        ("2", "C"),
    ]
    assert past.group.tolist() == [0, 1, 1]
    assert past.left_out == 1
    assert past.effects.tolist() == [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    assert past.covariance[2] == pytest.approx(np.diag([0.05**2, 0.06**2]))
    assert not past.joint


def test_parquet_and_another_order_of_rows_read_the_same(tmp_path: Path) -> None:
    one = read(tmp_path, rows())
    other = read(tmp_path, rows().iloc[::-1])
    rows().to_parquet(tmp_path / "past.parquet")
    third = read_past(Request(folder=tmp_path), "past.parquet", METRICS)
    for each in (other, third):
        assert each.fingerprint == one.fingerprint
        assert np.array_equal(each.effects, one.effects)
    changed = read(tmp_path, rows().assign(effect=lambda t: t["effect"] + 1e-9))
    assert changed.fingerprint != one.fingerprint


def test_a_programme_holds_several_experiments_together(tmp_path: Path) -> None:
    past = read(tmp_path, rows().assign(programme="one"))
    assert past.group.tolist() == [0, 0, 0]


def test_covariances_of_one_arm_and_correlations_of_all_are_read(tmp_path: Path) -> None:
    pair = {"metric_a": "late", "metric_b": "clicks"}
    everywhere = read(tmp_path, rows(), pd.DataFrame([{**pair, "correlation": 0.5}]))
    assert everywhere.joint
    assert everywhere.covariance[0, 0, 1] == pytest.approx(0.5 * 0.01 * 0.02)
    own = pd.DataFrame([{**pair, "experiment": 2, "arm": "C", "covariance": 0.001}])
    past = read(tmp_path, rows(), own)
    assert past.covariance[2, 1, 0] == pytest.approx(0.001)
    assert past.covariance[0, 0, 1] == 0


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (rows().rename(columns={"effect": "effects"}), "no column 'effect'. Did you mean"),
        (rows().assign(metric="click"), "no effects on 'clicks'. Did you mean 'click'"),
        (pd.concat([rows(), rows().head(1)]), "has 'clicks' twice"),
        (rows().assign(std_error=0.0), "std_error 0 on 'clicks'"),
        (rows().assign(effect="much"), "hold 'much', which is no number"),
        (rows().assign(programme=list("abcdefg")), "is in the programmes"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, table: pd.DataFrame, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(tmp_path, table)


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ({"correlation": 1.5}, "correlation of 1.5"),
        ({"covariance": 0.1}, "neither a correlation nor a covariance"),
        ({"covariance": 0.1, "experiment": 1, "arm": "B"}, "same scale as std_error"),
    ],
)
def test_covariances_that_cannot_be_are_refused(
    tmp_path: Path, pair: dict[str, Any], words: str
) -> None:
    told = pd.DataFrame([{"metric_a": "clicks", "metric_b": "late", **pair}])
    with pytest.raises(DataError, match=words):
        read(tmp_path, rows(), told)


def test_a_file_that_is_not_there_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"projection\.past: there is no file 'none\.csv'"):
        read_past(Request(folder=tmp_path), "none.csv", METRICS)
