"""The proofs of readouts run, and hold on a few runs of every cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.readout import bar, impact, quantile_cells, two_sided
from benchmarks.readout.cells import measure
from benchmarks.readout.errors import Rate, at_the_margin, peeking
from benchmarks.readout.worlds import WORLDS, World, draw, truth
from causal.base.streams import stream
from causal.estimation.experiment.decided import Procedure

RUNS = 60


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_intervals_of_every_cell_hold_the_planted_effect(world: World) -> None:
    for cell in measure(world, RUNS):
        assert cell.holds(errors=4.0), (cell.adjustment, cell.absolute, cell.relative)


@pytest.mark.parametrize("world", [w for w in WORLDS if not w.clustered], ids=lambda w: w.name)
def test_planted_truths_are_those_of_a_large_draw(world: World) -> None:
    drawn = draw(world, stream(1, "truth", world.name), rows=400_000)
    moments, level = drawn.moments, drawn.reading.level
    share = moments.n.sum(axis=0) / moments.n.sum()
    means = np.einsum("s,ask->ak", share, moments.mean)
    values = means[:, moments.position(level.numerator)]
    if level.denominator is not None:
        values = values / means[:, moments.position(level.denominator)]
    absolute, lift = truth(world)
    assert values[1] - values[0] == pytest.approx(absolute, rel=0.1)
    assert values[1] / values[0] - 1 == pytest.approx(lift, abs=0.015)


def test_a_rate_holds_up_to_two_errors() -> None:
    assert Rate(name="", runs=100, share=0.09, most=0.05).holds()
    assert not Rate(name="", runs=100, share=0.10, most=0.05).holds()


def test_looking_every_day_and_margins_stay_within_their_error() -> None:
    assert peeking("exponential", Procedure.SEQUENTIAL, 20).holds()
    assert at_the_margin(100).holds()


@pytest.mark.parametrize("world", quantile_cells.WORLDS, ids=lambda world: world.name)
def test_intervals_of_quantiles_hold_the_planted_effect(world: quantile_cells.World) -> None:
    assert quantile_cells.measure(world, RUNS).holds(errors=4.0)


@pytest.mark.parametrize("world", quantile_cells.WORLDS, ids=lambda world: world.name)
def test_planted_quantiles_are_those_of_a_large_draw(world: quantile_cells.World) -> None:
    groups = {"rows": 400_000} if not world.clustered else {}
    drawn = [
        quantile_cells.draw(world, stream(at, "truth", world.name), **groups)
        for at in range(1 if groups else 150)
    ]
    value = [np.concatenate([each.value[each.arm == arm] for each in drawn]) for arm in (0, 1)]
    control, treated = (float(np.quantile(each, world.at)) for each in value)
    absolute, lift = quantile_cells.truth(world)
    assert treated - control == pytest.approx(absolute, rel=0.15)
    assert treated / control - 1 == pytest.approx(lift, abs=0.02)


@pytest.mark.parametrize("world", [WORLDS[0], WORLDS[-1]], ids=lambda world: world.name)
def test_what_effects_add_up_to_holds_the_planted_totals(world: World) -> None:
    held = impact.measure(world, RUNS)
    assert np.abs(held - 0.95).max() <= 4 * (0.95 * 0.05 / RUNS) ** 0.5


def test_two_sided_intervals_have_a_bar_on_both_sides_and_fieller_s_only_below() -> None:
    runs = 1_000
    assert [bar.two_sided(share, runs) for share in (0.929, 0.93, 0.97, 0.971)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [bar.at_least(share, runs) for share in (0.936, 0.937, 1.0)] == [False, True, True]
    setting = two_sided.SETTINGS[0]
    metric, estimand = two_sided.METRICS[0].name, two_sided.ESTIMANDS[0]
    cell = two_sided.TwoSidedCell(
        setting=setting, metric=metric, estimand=estimand, runs=runs, absolute=0.965,
        relative=0.979, width=1.0,
    )  # fmt: skip
    assert cell.holds()
    assert not replace(cell, absolute=0.975).holds()
    assert not replace(cell, relative=0.935).holds()
