"""Moments are those of numpy, and merge to what the whole gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.data.moments.moments import Moments, marginal, merged, strata
from causal.data.moments.rows import SIZE, moments_of

ARMS, COLUMNS = ("A", "B"), ("y", "x")
STRATA = (("de", "old"), ("de", "new"), ("fr", "old"))


def drawn(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rng.integers(0, 2, n), rng.integers(0, 3, n), 1e6 + rng.normal(size=(n, 2))


def read(arm: np.ndarray, stratum: np.ndarray, x: np.ndarray) -> Moments:
    return moments_of(arm, x, arms=ARMS, columns=COLUMNS, stratum=stratum, strata=STRATA)


def same(one: Moments, other: Moments) -> None:
    assert one.strata == other.strata
    assert np.array_equal(one.n, other.n)
    assert np.array_equal(one.units, other.units)
    assert one.mean == pytest.approx(other.mean, rel=1e-13)
    size = max(float(np.abs(other.scatter).max()), 1.0)
    assert one.scatter == pytest.approx(other.scatter, abs=1e-8 * size)


def test_they_are_those_of_numpy() -> None:
    arm, stratum, x = drawn(np.random.default_rng(1), 400)
    found = read(arm, stratum, x)
    own = x[(arm == 1) & (stratum == 2)]
    assert found.mean[1, 2] == pytest.approx(own.mean(axis=0))
    assert found.covariance()[1, 2] == pytest.approx(np.cov(own.T))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(0, 60), parts=st.integers(1, 7), seed=st.integers(0, 2**16))
def test_any_parts_in_any_order_merge_to_the_whole(n: int, parts: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    arm, stratum, x = drawn(rng, n)
    where = rng.integers(0, parts, n)
    pieces = [read(arm[where == p], stratum[where == p], x[where == p]) for p in range(parts)]
    whole = read(arm, stratum, x)
    same(merged(pieces), whole)
    same(merged(pieces[::-1]), whole)


def test_summing_strata_out_is_reading_without_them() -> None:
    arm, stratum, x = drawn(np.random.default_rng(2), 300)
    found = marginal(read(arm, stratum, x), [0])
    assert found.strata == (("de",), ("fr",))
    country = (stratum == 2).astype(int)
    same(
        found,
        moments_of(arm, x, arms=ARMS, columns=COLUMNS, stratum=country, strata=(("de",), ("fr",))),
    )
    same(marginal(read(arm, stratum, x), []), moments_of(arm, x, arms=ARMS, columns=COLUMNS))


def test_a_pair_nobody_asked_for_stays_unknown() -> None:
    found = read(*drawn(np.random.default_rng(3), 50))
    blank = found.scatter.copy()
    blank[..., 0, 1] = blank[..., 1, 0] = np.nan
    part = Moments(
        arms=found.arms, strata=found.strata, columns=found.columns, units=found.units,
        n=found.n, mean=found.mean, scatter=blank,
    )  # fmt: skip
    both = merged([part, part])
    assert np.isnan(both.scatter[..., 0, 1]).all()
    assert np.isfinite(both.scatter[..., 0, 0]).all()


def test_clusters_are_totals_with_their_size() -> None:
    cluster = np.array([7, 7, 3, 3, 3, 9])
    arm = np.array([0, 0, 0, 0, 0, 1])
    y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    found = moments_of(arm, y, arms=ARMS, columns=("y",), cluster=cluster)
    assert found.columns == ("y", SIZE)
    assert found.n.ravel().tolist() == [2, 1]
    assert found.units.ravel().tolist() == [5, 1]
    assert found.mean[0, 0].tolist() == [7.5, 2.5]
    assert found.position(SIZE) == 1


def test_one_stratum_can_be_taken_out() -> None:
    found = read(*drawn(np.random.default_rng(4), 90))
    assert strata(found, [2]).strata == (("fr", "old"),)
    assert np.array_equal(strata(found, [2]).mean[:, 0], found.mean[:, 2])
