"""The proofs of exposure: every world runs, and what is compared with is two-stage least squares."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.changes import exposure, exposure_dose, exposure_together
from causal.base.streams import stream
from causal.estimation.exposure.anderson_rubin import from_rows


@pytest.mark.parametrize("world", exposure.WORLDS[::5], ids=lambda world: world.name)
def test_a_world_runs_and_gives_the_same_numbers_again(world: exposure.World) -> None:
    first = exposure.run(world, 1)
    assert first.shape == (5,)
    assert np.array_equal(first, exposure.run(world, 1), equal_nan=True)


def test_the_usual_interval_is_that_of_two_stage_least_squares() -> None:
    import statsmodels.api as sm
    from statsmodels.sandbox.regression.gmm import IV2SLS

    rng = stream(1, "two stages")
    z = rng.normal(size=(400, 3))
    d = z.sum(axis=1) + rng.normal(size=400)
    y = 0.5 * d + rng.normal(size=400)
    low, high = exposure.usual(from_rows(y, d, z, np.arange(400)))
    theirs = IV2SLS(y, sm.add_constant(d), sm.add_constant(z)).fit()
    assert (low + high) / 2 == pytest.approx(theirs.params[1], rel=1e-8)
    assert high - low == pytest.approx(2 * 1.966 * theirs.bse[1], rel=0.1)


def test_the_table_has_a_row_for_every_world() -> None:
    found = {world.name: np.ones((50, 5)) for world in exposure.WORLDS}
    rows = list(exposure.lines(found))
    for world in exposure.WORLDS:
        assert sum(row.startswith(f"| {world.name} |") for row in rows) == 1


def test_items_of_exploration_are_drawn_and_tabled() -> None:
    world = exposure_dose.WORLDS[0]
    first = exposure_dose.run(world, 1)
    assert first.shape == (4,)
    assert np.array_equal(first, exposure_dose.run(world, 1))
    found = {each.name: np.ones((50, 4)) for each in exposure_dose.WORLDS}
    assert len(list(exposure_dose.lines(found))) == 2 + len(exposure_dose.WORLDS)


@pytest.mark.parametrize("world", exposure_together.WORLDS[1::5], ids=lambda world: world.name)
def test_outcomes_together_and_the_slate_held_are_drawn_again_the_same(
    world: exposure_together.World,
) -> None:
    first = exposure_together.run(world, 1)
    assert first.shape == (3,)
    assert np.array_equal(first, exposure_together.run(world, 1), equal_nan=True)
    found = {each.name: np.ones((50, 3)) for each in exposure_together.WORLDS}
    rows = list(exposure_together.lines(found))
    assert len(rows) == 2 + len(exposure_together.WORLDS)
    assert all(row.endswith("| holds |") for row in rows[2:])
