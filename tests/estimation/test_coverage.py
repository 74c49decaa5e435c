"""Every kind of interval holds the truth as often as it says; ``docs/coverage.md`` has more runs."""

from __future__ import annotations

import pytest

from benchmarks.coverage.measures import World, measure
from benchmarks.coverage.worlds import WORLDS, unadjusted

CHEAP = [world for world in WORLDS if not world.learned and world.interval != "simultaneous"]
FAMILIES = [world for world in WORLDS if world.interval == "simultaneous"]


@pytest.mark.parametrize("world", CHEAP, ids=lambda world: world.name)
def test_an_interval_covers_within_three_monte_carlo_errors(world: World) -> None:
    assert measure(world, 200).holds()


@pytest.mark.parametrize("world", FAMILIES[:3], ids=lambda world: world.name)
def test_simultaneous_intervals_hold_the_whole_family(world: World) -> None:
    assert measure(world, 80).holds()


def test_the_bench_sees_intervals_that_are_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clusters left out: the attribute by cluster, errors by row."""
    panel = unadjusted.panel
    monkeypatch.setattr(unadjusted, "panel", lambda columns, y, _, weight: panel(columns, y))
    by_row = World(name="by row", draw=unadjusted.difference(40, 20, shared=0.5))
    assert not measure(by_row, 100).holds()
