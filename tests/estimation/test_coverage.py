"""Every kind of interval holds the truth as often as it says; ``docs/coverage.md`` has more runs."""

from __future__ import annotations

import pytest

from benchmarks.coverage import WORLDS, World, difference, measure

CHEAP = [world for world in WORLDS if not world.learned and world.interval != "simultaneous"]
FAMILIES = [world for world in WORLDS if world.interval == "simultaneous"]


@pytest.mark.parametrize("world", CHEAP, ids=lambda world: world.name)
def test_an_interval_covers_within_three_monte_carlo_errors(world: World) -> None:
    assert measure(world, 200).holds()


@pytest.mark.parametrize("world", FAMILIES[:3], ids=lambda world: world.name)
def test_simultaneous_intervals_hold_the_whole_family(world: World) -> None:
    assert measure(world, 80).holds()


def test_the_bench_sees_intervals_that_are_too_narrow() -> None:
    """Clusters left out: the attribute by cluster, errors by row."""
    clustered = difference(40, 20, shared=0.5)

    def by_row(rng: object) -> bool | None:
        import benchmarks.coverage as bench

        original = bench.panel
        try:
            bench.panel = lambda columns, y, clusters=(), **kwargs: original(
                columns, y, (), **kwargs
            )
            return clustered(rng)  # type: ignore[arg-type]
        finally:
            bench.panel = original

    assert not measure(World(name="by row", interval="pointwise", draw=by_row), 100).holds()
