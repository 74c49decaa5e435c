"""The proofs of switchbacks and of a change at one date: worlds run, tables have all rows."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from benchmarks.changes import series, switchback, synthetic

FAMILIES = (series, switchback, synthetic)


@pytest.mark.parametrize(
    ("family", "place"),
    [(family, place) for family in FAMILIES for place in (0, len(family.WORLDS) - 1)],
)
def test_a_world_runs_and_gives_the_same_numbers_again(family: ModuleType, place: int) -> None:
    world = family.WORLDS[place]
    first = family.run(world, 1)
    assert first.ndim == 1
    assert np.array_equal(first, family.run(world, 1), equal_nan=True)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_table_has_a_row_for_every_world(family: ModuleType) -> None:
    width = family.run(family.WORLDS[0], 0).size
    found = {world.name: np.ones((50, width)) for world in family.WORLDS}
    rows = list(family.lines(found))
    for world in family.WORLDS:
        assert sum(row.startswith(f"| {world.name} |") for row in rows) == 1


def test_a_reach_that_is_too_short_is_told_by_one_lag_more() -> None:
    short = next(each for each in switchback.WORLDS if each.reach == 0 and not each.washout)
    runs = np.array([switchback.run(short, seed) for seed in range(30)])
    assert runs[:, 1].mean() < 0.1
    assert runs[:, 3].mean() > 0.5


def test_what_lies_far_outside_its_donors_is_refused() -> None:
    far = next(each for each in synthetic.WORLDS if each.kind == "far outside")
    assert all(synthetic.run(far, seed)[2] == 1 for seed in range(5))
