"""The proofs of changes run: truths are those of a large draw, and a cell counts what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.changes import movement
from causal.base.streams import stream


@pytest.mark.parametrize("world", movement.WORLDS, ids=lambda world: world.name)
def test_planted_moves_are_those_of_a_large_draw(world: movement.World) -> None:
    moves = []
    for seed in range(20 if world.clustered else 1):
        moved = movement.draw(
            replace(world, rows=20_000 if world.clustered else 400_000), stream(seed, "large")
        )
        out = moved.outcome
        both = [np.average(out.value[own], weights=out.weight[own])
                for own in (moved.after, ~moved.after)]  # fmt: skip
        moves.append(both[0] - both[1])
    error = 0.03 if world.kind != "ratio" else 0.01
    for form in world.forms:
        assert movement.truth(world, form).sum() == pytest.approx(np.mean(moves), abs=error)


def test_a_cell_counts_intervals_that_hold() -> None:
    found = np.zeros((100, 3, 4))
    found[:, :, 1] = 1.0
    found[:, :2, 0] = stream(1, "cell").normal(size=(100, 2))
    found[:, :, 2:] = 1.0
    found[:40, 0, 2:] = 0.0
    found[:5, 1, 2] = 0.0
    (world,) = [w for w in movement.WORLDS if w.kind == "product"]
    cell = movement._cell(world, "order", found)
    assert cell.held.tolist() == [0.6, 0.95]
    assert (cell.whole, cell.all_held) == (1.0, 0.6)
    assert not cell.holds()
    assert movement._cell(world, "order", found[40:]).error == pytest.approx(0.0281, abs=1e-4)


def test_a_world_is_measured_by_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movement, "FOLDS", 2)
    world = replace(movement.WORLDS[1], rows=150)
    cells = list(movement.measure(world, 2))
    assert [cell.form for cell in cells] == ["order", "shapley", "sampled"]
    assert all(cell.held.shape == (3,) for cell in cells)
