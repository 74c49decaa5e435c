"""The proofs of rollouts: every world runs, and truths are those of a large draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.changes import rollout
from causal.base.streams import stream


@pytest.mark.parametrize("world", rollout.WORLDS[::4], ids=lambda world: world.name)
def test_a_world_runs_and_gives_the_same_numbers_again(world: rollout.World) -> None:
    first = rollout.run(world, 1)
    assert first.shape[1] == 7
    assert np.array_equal(first, rollout.run(world, 1), equal_nan=True)


@pytest.mark.parametrize("form", ["panel", "covariate"])
def test_the_truth_is_the_mean_of_a_large_draw(form: str) -> None:
    found = rollout.run(rollout.World(form=form, entities=12_000), 2)
    assert np.nanmax(np.abs(found[:, 1] - found[:, 6])) < 0.15
    assert abs(found[0, 1] - found[0, 6]) < 0.05


def test_what_neighbours_lose_is_in_the_total() -> None:
    world = rollout.World(form="pools", size=0.5)
    runs = np.array([rollout.run(world, seed) for seed in range(12)])
    total, plain = (runs[:, rollout.SPILL.index(name)] for name in ("total", "plain"))
    assert abs(np.nanmean(total[:, 1] - total[:, 6])) < 0.15
    assert np.nanmean(plain[:, 1] - plain[:, 6]) > 0.15


def test_a_cell_counts_intervals_that_hold() -> None:
    world = replace(rollout.WORLDS[0], entities=24)
    code = float(rollout.NAMES.index("calendar"))
    runs = np.zeros((100, 2, 7))
    runs[:, :, 0] = code
    runs[:, :, 1] = stream(1, "cell").normal(size=(100, 2))
    runs[:, :, [2, 4]], runs[:, :, [3, 5]] = -1.0, 1.0
    runs[:10, 1, 2:6] = 2.0
    (row,) = rollout._rows(world, runs)
    assert row.split(" | ")[2:5] == ["100", "95.0", "90.0"]
    assert row.endswith("holds |")
    runs[:40, 0, 2:6] = np.nan
    (row,) = rollout._rows(world, runs)
    assert row.split(" | ")[2] == "100"
