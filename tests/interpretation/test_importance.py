"""Draws by cluster, and the table of importance."""

from __future__ import annotations

import numpy as np
import pytest

from causal.interpretation.features import Group
from causal.interpretation.importance import (
    Refit,
    exchanged,
    grouped,
    importance_of,
    mean_absolute,
    stratified,
)

CLUSTERS = np.repeat(np.arange(60), np.tile([1, 2, 9], 20))


def test_exchanged_clusters_keep_what_is_constant_within_them():
    source = exchanged(CLUSTERS, np.random.default_rng(1))
    taken = CLUSTERS[source]
    assert all(np.unique(taken[each == CLUSTERS]).size == 1 for each in range(60))
    assert np.mean(taken == CLUSTERS) < 0.1


def test_one_row_a_cluster_gives_a_permutation():
    source = exchanged(np.arange(50), np.random.default_rng(1))
    assert sorted(source.tolist()) == list(range(50))
    assert source.tolist() != list(range(50))


def test_drawn_rows_are_in_proportion_to_clusters():
    clusters = np.repeat(np.arange(5), [10, 20, 30, 40, 100])
    drawn = stratified(clusters, np.arange(200), 20, np.random.default_rng(2))
    assert np.unique(drawn).size == 20
    counts = np.bincount(clusters[drawn], minlength=5)
    assert np.all(np.abs(counts - np.array([1, 2, 3, 4, 10])) <= 1)
    assert stratified(clusters, np.array([7, 3]), 20, np.random.default_rng(2)).tolist() == [3, 7]


def test_members_are_summed_before_the_absolute_value():
    shap = np.array([[1.0, -1.0, 0.5, 9.0], [2.0, 1.0, 0.5, 9.0]])
    groups = [
        Group(name="pair", members=(0, 1), kind="several"),
        Group(name="one", members=(2,), kind="continuous"),
    ]
    sums = grouped(shap, groups)
    assert sums.tolist() == [[0.0, 0.5], [3.0, 0.5]]
    assert mean_absolute(sums, np.array([1.0, 3.0])).tolist() == [2.25, 0.5]


def test_the_table_orders_ranks_and_compares_with_the_floor_of_its_kind():
    groups = [
        Group(name="flag", members=(0,), kind="binary"),
        Group(name="size", members=(1,), kind="continuous"),
        Group(name="age", members=(2,), kind="continuous"),
    ]
    refits = [
        Refit(importance=np.array([0.2, 0.3, 0.9]), probes=(("binary", 0.1), ("continuous", 0.4))),
        Refit(importance=np.array([0.2, 0.1, 1.1]), probes=(("binary", 0.1), ("continuous", 0.4))),
    ]
    table = importance_of(
        np.array([0.2, 0.3, 1.0]), refits, groups, ["flag", "size", "age"], level=0.9
    )
    assert [row.group for row in table] == ["age", "size", "flag"]
    assert [row.above_floor for row in table] == [True, False, True]
    assert [(row.rank_low, row.rank_high) for row in table] == [(1, 1), (2, 3), (2, 3)]
    half = 6.313751515 * np.sqrt(0.02)  # t of one degree of freedom; sd of .9 and 1.1
    assert table[0].high == pytest.approx(1.0 + half)
    assert table[0].low == pytest.approx(1.0 - half)
    assert table[1].low == 0.0


def test_the_delete_half_spread_is_the_standard_error_of_a_mean():
    rng = np.random.default_rng(3)
    values = rng.normal(size=400)
    halves = [values[rng.permutation(400)[:200]].mean() for _ in range(2_000)]
    assert np.std(halves) == pytest.approx(values.std(ddof=1) / 20, rel=3 / np.sqrt(2 * 2_000))
