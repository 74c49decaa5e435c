"""Coverage on the simulated platform: what a row says, and that every world gives its rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.changes import platform, platform_movement
from causal.data.platform import UNIT, Settings

SMALL = replace(UNIT, users=150, creators=40)


def test_a_line_tells_the_own_truth_from_the_mean_truth() -> None:
    found = np.array([[1.0, 0.0, 2.0, 1.5], [3.0, 2.0, 4.0, 2.5], [np.nan, np.nan, np.nan, 9.0]])
    made = platform.line(found)
    assert (made.runs, made.truth, made.value, made.bias) == (2, 2.0, 2.0, 0.0)
    assert (made.own, made.mean, made.half) == (1.0, 1.0, 1.0)
    found[:, 1:3] = [[0.9, 1.1], [2.4, 3.6], [np.nan, np.nan]]
    made = platform.line(found)
    assert (made.own, made.mean) == (0.5, 0.0)


def test_a_set_that_is_not_an_interval_holds_all_or_nothing() -> None:
    found = np.array([[1.0, -np.inf, np.inf, 0.3], [1.0, np.inf, -np.inf, 0.3]])
    assert platform.line(found).own == 0.5


@pytest.mark.parametrize("world", platform.WORLDS[1:4], ids=lambda world: world.name)
def test_a_world_gives_its_quantities(world: platform.World, monkeypatch) -> None:
    monkeypatch.setattr(platform, "TESTS", SMALL)
    monkeypatch.setattr(platform, "DAYS", (8,))
    runs = np.array([platform.run(world, 1)] * 2)
    assert runs.shape == (2, len(world.quantities), 4)
    rows = list(platform.lines({world.name: runs}))[2:]
    assert [row.split(" | ")[1] for row in rows] == list(world.quantities)
    assert np.isfinite(runs[:, 0, [0, 3]]).all()


def test_markets_that_share_a_pool_are_never_told_a_number() -> None:
    titles, states = platform.markets(Settings(seed=1, size=replace(UNIT, creators=30)))[-2:]
    assert np.isnan(titles[0])
    assert states[0] == 0.0


def test_nodes_and_worlds_add_up_to_the_same_move(monkeypatch) -> None:
    monkeypatch.setattr(platform_movement, "TESTS", SMALL)
    monkeypatch.setattr(platform_movement, "FOLDS", 2)
    found = platform_movement.run(platform_movement.World(), 1)[:, 0]
    assert found.shape == (len(platform_movement.QUANTITIES),)
    assert found[1:4].sum() == pytest.approx(found[0], abs=1e-9)
    assert found[4:].sum() == pytest.approx(found[0], abs=1e-9)
    assert (
        len(
            list(
                platform_movement.lines(
                    {"headlines": np.array([found[:, None]] * 3).repeat(3, axis=2)}
                )
            )
        )
        == 9
    )
