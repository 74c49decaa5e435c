"""The jump at a threshold; most of it needs the extra ``threshold``."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.estimation.exposure import threshold

NEEDED = "the extra threshold is not installed"


def drawn(seed: int, *, n: int = 1_200, jump: float = 0.5):
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, n)
    y = 1 + score + 0.5 * score**2 + jump * (score >= 0) + 0.3 * rng.normal(size=n)
    return y, score


def test_without_the_packages_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rdrobust", None)
    monkeypatch.setitem(sys.modules, "rddensity", None)
    y, score = drawn(1)
    with pytest.raises(DesignError, match=r"pip install 'causal-content\[threshold\]'"):
        threshold.jump("clicks", y, score, 0.0, level=0.95)
    with pytest.raises(DesignError, match="'rddensity', which is not installed"):
        threshold.density(score, 0.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y, s: (y[s < 0.02], s[s < 0.02]), "rows below the cutoff and"),
        (lambda y, s: (y, s + 3), "there are 0 rows below the cutoff and 1200 above; 50 on each"),
        (lambda y, s: (y, np.where(s > 0.2, 0.3, s)), "have one and the same score"),
        (lambda y, s: (0 * y, s), "does not vary on either side"),
    ],
)
def test_what_cannot_be_told_is_refused_in_words(change, words) -> None:
    found = threshold.jump("clicks", *change(*drawn(2)), 0.0, level=0.95)
    assert words in found.refusal
    assert found.estimate is None
    assert threshold.otherwise(found, *drawn(2), 0.0, level=0.95) == {}


def test_a_bandwidth_with_few_rows_is_refused() -> None:
    found = threshold.jump("clicks", *drawn(3), 0.0, level=0.95, bandwidth=0.01)
    assert "50 on each side are needed" in found.refusal


@pytest.mark.parametrize("groups", [1, 8])
def test_few_clusters_are_refused(groups) -> None:
    y, score = drawn(8)
    found = threshold.jump("clicks", y, score, 0.0, level=0.95, cluster=np.arange(y.size) % groups)
    assert f"there are {groups} clusters below the cutoff and {groups} above" in found.refusal
    assert "10 on each side are needed" in found.refusal


@pytest.mark.parametrize("steps", [5, 8])
def test_a_score_of_few_values_is_refused_and_nothing_is_printed(steps, capsys) -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    y, score = drawn(9)
    found = threshold.jump("clicks", y, np.floor(score * steps) / steps, 0.0, level=0.95)
    assert "different scores below the cutoff and" in found.refusal
    assert "too few to draw a line through" in found.refusal
    assert capsys.readouterr().out == ""


def test_rows_exactly_at_the_cutoff_are_above_it() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    y, score = drawn(12)
    floored = np.floor(score * 50) / 50
    found = threshold.jump("y", y, floored, 0.0, level=0.95)
    assert found.low < 0.5 < found.high
    near = np.abs(floored) <= found.bandwidth
    assert found.rows == ((near & (floored < 0)).sum(), (near & (floored >= 0)).sum())


def test_a_heap_at_the_cutoff_is_found_that_a_density_looks_past() -> None:
    rng = np.random.default_rng(11)
    score = rng.uniform(-1, 1, 2_000)
    assert threshold.heap(score, 0.0).p == 1.0
    moved = np.where((score < 0) & (score > -0.04), 0.0, score)
    found = threshold.heap(moved, 0.0)
    assert found.rows > 20 > found.most
    assert found.p < 1e-9
    whole = np.floor(score * 20)
    assert threshold.heap(whole, 0.0).p > 0.001


def test_a_density_of_few_scores_is_not_known() -> None:
    pytest.importorskip("rddensity", reason=NEEDED)
    assert np.isnan(threshold.density(np.repeat([-1.0, 1.0], 200), 0.0))


def test_numbers_are_those_of_the_package() -> None:
    package = pytest.importorskip("rdrobust", reason=NEEDED)
    y, score = drawn(4)
    cluster = np.arange(y.size) // 3
    ours = threshold.jump("y", y, score, 0.0, level=0.9, cluster=cluster, bandwidth=0.4)
    theirs = package.rdrobust(y, score, c=0.0, level=90, cluster=cluster, h=0.4)
    assert ours.estimate == theirs.coef.iloc[0, 0]
    assert (ours.low, ours.high) == tuple(theirs.ci.iloc[2])
    assert ours.rows == tuple(theirs.N_h)


def test_elections_to_the_senate_give_the_published_jump() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    from importlib.resources import files

    import pandas as pd

    file = files("rdrobust") / "data" / "rdrobust_RDsenate.csv"
    if not file.is_file():
        pytest.skip("this version of rdrobust comes without the data")
    data = pd.read_csv(str(file))
    found = threshold.jump(
        "vote", data["vote"].to_numpy(), data["margin"].to_numpy(), 0.0, level=0.95
    )
    assert found.estimate == pytest.approx(7.4141, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((4.0937, 10.9193), abs=1e-3)
    assert (found.bandwidth, found.bias_bandwidth) == pytest.approx((17.754, 28.028), abs=1e-3)
    pytest.importorskip("rddensity", reason=NEEDED)
    assert threshold.density(data["margin"].to_numpy(), 0.0) == pytest.approx(0.39, abs=0.01)


def test_the_interval_covers_a_known_jump_as_often_as_it_says() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    runs, hits = 60, 0
    for seed in range(runs):
        found = threshold.jump("y", *drawn(100 + seed, n=1_500), 0.0, level=0.95)
        hits += found.low <= 0.5 <= found.high
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_other_ways_show_no_jump_where_nothing_is_given() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    y, score = drawn(5)
    found = threshold.jump("y", y, score, 0.0, level=0.95)
    ways = threshold.otherwise(found, y, score, 0.0, level=0.95)
    assert list(ways) == [
        "half the bandwidth",
        "twice the bandwidth",
        "without the nearest 1%",
        "placebo cutoff below",
        "placebo cutoff above",
    ]
    assert ways["half the bandwidth"].low > 0
    half = ways["half the bandwidth"]
    assert half.bias_bandwidth / half.bandwidth == pytest.approx(
        found.bias_bandwidth / found.bandwidth
    )
    missing = np.where(np.arange(y.size) % 9 == 0, np.nan, y)
    again = threshold.otherwise(found, missing, score, 0.0, level=0.95)
    assert again["placebo cutoff above"].rows != ways["placebo cutoff above"].rows


def test_scores_that_pile_up_on_one_side_are_found() -> None:
    pytest.importorskip("rddensity", reason=NEEDED)
    rng = np.random.default_rng(6)
    fair = rng.normal(size=3_000)
    assert threshold.density(fair, 0.0) > 0.05
    moved = fair[(fair >= 0) | (rng.random(fair.size) < 0.5)]
    assert threshold.density(moved, 0.0) < 0.01
