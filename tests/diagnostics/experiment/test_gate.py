"""The gate as a whole: it fails at most 1% of experiments in which nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.readout.gate import (
    ALLOWED,
    WORLDS,
    alarms,
    collected,
    draw,
    findings,
    planned,
)
from causal.base.finding import Status
from causal.base.streams import stream

RUNS = {True: 40, False: 200}
"""Fewer of experiments that are read 14 times."""


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_valid_experiments_seldom_fail(world):
    runs = RUNS[world.looks]
    failed = sum(bool(each) for each in alarms(world, runs))
    # So many or more have a chance under 1 in 1,000 when the rate is the one allowed.
    assert binom.sf(failed - 1, runs, ALLOWED) >= 0.001


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_same_experiment_has_the_same_findings(world):
    drawn = draw(world, stream(1, "twice"))
    one = findings(collected(world, drawn), planned(world))
    assert one == findings(collected(world, drawn), planned(world))
    assert all(each.meaning.endswith((".", ")")) for each in one)
    assert all((each.status is Status.PASS) == (not each.remedy) for each in one)


def test_lost_units_of_one_arm_fail_it():
    world = WORLDS[0]
    drawn = draw(world, stream(2, "lost"))
    keep = (drawn.arm != 1) | (np.arange(drawn.arm.size) % 5 > 0)
    rows = {name: getattr(drawn, name)[keep] for name in drawn.__slots__}
    found = findings(collected(world, type(drawn)(**rows)), planned(world))
    assert "sample ratio" in [each.name for each in found if each.status is Status.FAIL]
