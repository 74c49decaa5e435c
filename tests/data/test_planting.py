"""Noise like a table's own: what groups share is measured, drawn, and as large as it was."""

from __future__ import annotations

import numpy as np
import pytest

from causal.data.planting import (
    Components,
    Latent,
    constant_within,
    groupings,
    matched,
    multipliers,
    shared_part,
    shared_variance,
    shuffled,
)

GROUPS, SIZE = 400, 5
CODES = np.repeat(np.arange(GROUPS), SIZE)


def noise(seed: int, shared: float = 1.0) -> np.ndarray:
    """Rows with own noise of variance 1 and noise shared by their group."""
    rng = np.random.default_rng(seed)
    return np.sqrt(shared) * rng.normal(size=GROUPS)[CODES] + rng.normal(size=CODES.size)


def test_shared_variance_is_that_of_the_group_noise():
    found = [shared_variance(noise(seed), CODES) for seed in range(40)]
    assert abs(np.mean(found) - 1.0) <= 3 * np.std(found, ddof=1) / np.sqrt(40)


def test_independent_rows_share_nothing():
    found = [shared_variance(noise(seed, 0.0), CODES) for seed in range(40)]
    assert abs(np.mean(found)) <= 3 * np.std(found, ddof=1) / np.sqrt(40)


def test_missing_residuals_count_nothing():
    r = noise(0)
    gaps = np.where(np.arange(r.size) % 7 == 0, np.nan, r)
    kept = ~np.isnan(gaps)
    assert shared_variance(gaps, CODES) == pytest.approx(shared_variance(r[kept], CODES[kept]))


def test_shared_part_is_closer_to_the_truth_than_raw_means():
    rng = np.random.default_rng(3)
    truth = rng.normal(size=GROUPS)
    r = truth[CODES] + 2 * rng.normal(size=CODES.size)
    means = np.bincount(CODES, weights=r) / SIZE
    found = shared_part(r, CODES)
    assert np.mean((found.values - truth) ** 2) < np.mean((means - truth) ** 2)
    assert 0 < found.spent < GROUPS


def test_multipliers_keep_mean_variance_and_skewness():
    v = multipliers(np.random.default_rng(0), 100_000)
    for power, wanted in ((1, 0.0), (2, 1.0), (3, 1.0)):
        own = v**power
        assert abs(own.mean() - wanted) <= 4 * own.std() / np.sqrt(v.size)


def test_redrawn_noise_keeps_what_groups_share_and_its_variance():
    residual = noise(1)
    parts = Components.of(residual, (CODES,))
    draws = [parts.draw(np.random.default_rng([1, seed])) for seed in range(60)]
    shared = np.array([shared_variance(each, CODES) for each in draws])
    error = shared.std(ddof=1) / np.sqrt(60)
    wanted = shared_variance(residual, CODES)
    assert abs(shared.mean() - wanted) <= 4 * error + 0.1 * wanted
    total = np.array([each.var() for each in draws])
    assert abs(total.mean() - residual.var()) <= 4 * total.std(ddof=1) / np.sqrt(60) + 0.1


def test_redrawn_noise_stays_where_it_was_large():
    rng = np.random.default_rng(5)
    scale = np.where(CODES < GROUPS // 2, 0.2, 2.0)
    parts = Components.of(rng.normal(size=CODES.size) * scale, ())
    drawn = parts.draw(rng)
    ratio = drawn[scale == 2].std() / drawn[scale == 0.2].std()
    assert 8 < ratio < 12  # ten, and a wide margin for 1,000 rows a side


def test_matched_fields_give_draws_that_share_as_much():
    rng = np.random.default_rng(7)
    lean = rng.normal(size=GROUPS)[CODES]
    chances = 1 / (1 + np.exp(-np.column_stack([lean, 0.5 * lean])))
    seen = (rng.random(chances.shape) < chances).astype(float)
    residuals = seen - seen.mean(axis=0)
    share = seen.mean(axis=0)

    def simulated(field: np.ndarray) -> np.ndarray:
        from scipy.special import ndtr

        return (ndtr(field) > 1 - share) - share

    found = matched(residuals, (CODES,), simulated, lambda: np.random.default_rng(1))
    drawn = [simulated(found.draw(np.random.default_rng([2, s]), CODES.size)) for s in range(40)]
    for j in range(2):
        got = np.array([shared_variance(each[:, j], CODES) for each in drawn])
        # The matching draw is one of these, so it is off by the spread of one.
        assert abs(got.mean() - shared_variance(residuals[:, j], CODES)) <= 3 * got.std(ddof=1)
    together = np.array([np.corrcoef(each.T)[0, 1] for each in drawn])
    assert abs(together.mean() - np.corrcoef(residuals.T)[0, 1]) <= 3 * together.std(ddof=1)


def test_fields_alone_share_nothing():
    field = Latent.alone(2).draw(np.random.default_rng(0), CODES.size)
    assert abs(shared_variance(field[:, 0], CODES)) < 4 / np.sqrt(GROUPS * SIZE * (SIZE - 1))
    assert abs(np.corrcoef(field.T)[0, 1]) < 4 / np.sqrt(CODES.size)


def test_a_shuffle_keeps_what_every_block_has():
    block = np.repeat(np.arange(50), 8)
    a = np.random.default_rng(1).integers(3, size=block.size)
    moved = a[shuffled(block, np.arange(block.size), np.random.default_rng(2))]
    assert np.any(moved != a)
    for code in range(50):
        assert sorted(moved[block == code]) == sorted(a[block == code])


def test_units_change_places_whole():
    block = np.repeat(np.arange(20), 12)
    units = np.repeat(np.arange(60), 4)
    a = np.random.default_rng(1).integers(2, size=60)[units]
    moved = a[shuffled(block, units, np.random.default_rng(2))]
    assert constant_within(moved.astype(float), units)


def test_every_order_within_a_block_is_as_likely():
    block, units = np.zeros(3, dtype=int), np.arange(3)
    rng = np.random.default_rng(0)
    seen = [tuple(shuffled(block, units, rng)) for _ in range(1200)]
    counts = [seen.count(each) for each in set(seen)]
    assert len(counts) == 6
    assert max(abs(count - 200) for count in counts) < 4 * np.sqrt(200)


@pytest.mark.parametrize(("changed", "expected"), [(False, True), (True, False)])
def test_constant_within_sees_one_row_that_differs(changed: bool, expected: bool):
    values = (np.arange(GROUPS) % 2)[CODES].astype(float)
    if changed:
        values[3] = 1 - values[3]
    values[10] = np.nan
    assert constant_within(values, CODES) is expected


def test_groupings_drop_repeats_single_rows_and_the_block():
    rows = np.arange(CODES.size)
    half = CODES // 2
    given = [("creator", CODES), ("again", CODES + 7), ("row", rows), ("market", half)]
    assert [name for name, _ in groupings(given)] == ["market", "creator"]
    assert [name for name, _ in groupings(given, without=half)] == ["creator"]


def test_a_missing_group_stands_alone():
    codes = np.where(np.arange(CODES.size) < 5, -1, CODES)
    ((_, found),) = groupings([("creator", codes)])
    assert np.unique(found[:5]).size == 5
