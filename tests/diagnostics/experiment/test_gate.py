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


def test_what_an_engine_collects_is_checked_whole(tmp_path):
    from causal.data.moments.collect import collect
    from causal.design.experiment import Experiment
    from causal.design.experiment_request import experiment_request

    world = WORLDS[5]
    drawn = draw(world, stream(3, "engine"))
    path = tmp_path / "units.csv"
    rows = np.column_stack([np.arange(drawn.arm.size), drawn.own, drawn.arm, drawn.x[:, :2]])
    outcome = np.where(drawn.known[:, 0], drawn.x[:, 3].round(2).astype(str), "")
    lines = [",".join([*map(str, row), y]) for row, y in zip(rows, outcome, strict=True)]
    path.write_text("\n".join(["unit,shop,arm,visits,revenue,rating", *lines]), encoding="utf-8")
    study = {
        "study": "gate",
        "kind": "experiment",
        "data": {"source": str(path)},
        "unit": "unit",
        "cluster": "shop",
        "arms": {"column": "arm", "control": "0", "shares": {"0": 0.5, "1": 0.3, "2": 0.2}},
        "covariates": ["visits", "revenue"],
        "outcomes": [{"name": "rating", "column": "rating"}],
    }
    made = collect(experiment_request(Experiment.model_validate(study)))
    found = {each.name: each for each in findings(made, planned(world))}
    assert {each.status for each in found.values()} <= {Status.PASS, Status.WARN}
    assert found["imbalance before exposure"].detail[0]["covariate"] == "visits"
    assert found["missing metrics"].status is Status.PASS
    assert found["missing metrics"].statistic < 1
