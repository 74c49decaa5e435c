"""The proofs of changes run: truths are those of a large draw, and a cell counts what it says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks.changes import __main__ as command
from benchmarks.changes import _kept, movement
from benchmarks.changes._family import Family, held
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
    made = np.array([movement.run(world, seed) for seed in range(2)])
    assert made.shape == (2, len(world.forms), 4, 4)
    rows = list(movement.lines({world.name: made}))[2:]
    assert [row.split(" | ")[1] for row in rows] == ["order", "shapley", "sampled"]


@dataclass(frozen=True)
class Coin:
    name: str


def _family(run: Callable[[Coin, int], np.ndarray]) -> ModuleType:
    module = ModuleType("coins")
    module.__file__ = __file__
    module.FAMILY = Family(  # type: ignore[attr-defined]
        title="Coins",
        text="Error {error}.",
        worlds=(Coin("a"), Coin("b")),
        run=run,
        lines=lambda found: (f"| {name} | {held(runs)[0]:.2f} |" for name, runs in found.items()),
    )
    return module


def test_runs_are_kept_and_only_missing_ones_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_kept, "RESULTS", tmp_path)
    monkeypatch.setattr(_kept.load, "__defaults__", (tmp_path,))
    monkeypatch.setattr(_kept.save, "__defaults__", (tmp_path,))
    asked: list[tuple[str, int]] = []

    def run(world: Coin, seed: int) -> np.ndarray:
        asked.append((world.name, seed))
        return np.array(float(seed % 2))

    module = _family(run)
    command.measure("coins", module, runs=3, until=math.inf, workers=1)
    command.measure("coins", module, runs=5, until=math.inf, workers=1)
    assert sorted(asked) == [(name, seed) for name in "ab" for seed in range(5)]
    text = command.page({"coins": module})
    assert "Runs of each world: 5; Monte Carlo error 9.7." in text
    assert "| a | 0.40 |" in text
    monkeypatch.setattr(_kept, "key", lambda module: "other")
    assert "Not run with the present code." in command.page({"coins": module})


def test_every_family_of_the_folder_is_found() -> None:
    found = command.families()
    assert "movement" in found
    assert "speed" not in found
    for module in found.values():
        names = [world.name for world in module.FAMILY.worlds]
        assert len(set(names)) == len(names)


def test_runs_are_stale_when_an_estimator_behind_them_has_changed() -> None:
    names = {file.name for file in _kept.reached(Path(str(movement.__file__)))}
    assert {"movement.py", "order.py", "_attribution.py", "_inference.py"} <= names
    assert "_kept.py" not in names
