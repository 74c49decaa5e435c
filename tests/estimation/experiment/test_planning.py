"""A plan keeps what it promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.planning import (
    Bar,
    Spread,
    days_until,
    power_of,
    smallest_effect,
    spread_of,
    units_needed,
)

BAR = Bar(alpha=0.05, power=0.8)


def test_the_smallest_effect_needs_the_units_it_was_made_of() -> None:
    for shares in ((0.5, 0.5), (0.8, 0.1), (1 / 3, 1 / 3)):
        for bar in (BAR, replace(BAR, wider=1.5486), Bar(alpha=0.01, power=0.95)):
            effect = smallest_effect(Spread(level=2.0, variance=3.0), 900, shares, bar)
            found = units_needed(Spread(level=2.0, variance=3.0), effect, shares, bar)
            assert found == pytest.approx(900, rel=1e-6)


def test_an_experiment_of_the_planned_size_finds_the_effect_as_often_as_planned() -> None:
    rng, runs, units = np.random.default_rng(3), 500, 400
    spread = Spread(level=0.0, variance=4.0)
    effect = smallest_effect(spread, units, (0.5, 0.5), BAR)
    reading = Reading(metric="y", level=Part(numerator="y"))
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE)
    hits = 0
    for _ in range(runs):
        arm = rng.integers(0, 2, units)
        y = 2 * rng.normal(size=units) + effect * arm
        moments = moments_of(arm, y[:, None], arms=("A", "B"), columns=("y",))
        found = effects(moments, [reading], asked)
        hits += abs(found.values[0]) > 1.966 * found.std_errors[0]
    assert hits / runs == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / runs))


def test_power_at_the_smallest_effect_is_the_wanted_one() -> None:
    spread = Spread(level=1.0, variance=1.0)
    effect = smallest_effect(spread, 1e7, (0.5, 0.5), BAR)
    assert power_of(effect, float(np.sqrt(4 / 1e7)), BAR) == pytest.approx(0.8, abs=1e-4)
    assert power_of(0.0, 1.0, BAR) == pytest.approx(0.05)


def test_units_that_return_arrive_once() -> None:
    assert days_until(10, [10, 0]) == 1
    assert days_until(10.5, [10, 1]) == 2
    assert days_until(100, [10, 1]) is None
    assert days_until(0, [10]) == 1


def test_no_size_finds_no_effect() -> None:
    assert units_needed(Spread(level=1.0, variance=1.0), 0.0, (0.5, 0.5), BAR) == np.inf


def test_the_spread_is_the_error_of_one_unit_and_covariates_take_their_share_off() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=5_000)
    y = 3 + x + rng.normal(size=5_000)
    moments = moments_of(np.zeros(5_000, int), np.column_stack([y, x]), arms=("before",),
                         columns=("y", "x"))  # fmt: skip
    reading = Reading(metric="y", level=Part(numerator="y"), covariates=(Part(numerator="x"),))
    raw = spread_of(moments, reading, Adjustment.NONE)
    assert raw.variance == pytest.approx(y.var(ddof=1))
    assert (raw.level, raw.explained) == (pytest.approx(y.mean()), 0.0)
    sharp = spread_of(moments, reading, Adjustment.CUPED)
    assert sharp.explained == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert sharp.variance == pytest.approx(raw.variance * (1 - sharp.explained))


def test_the_spread_foretells_the_experiments_error() -> None:
    rng = np.random.default_rng(7)
    arm, x = rng.integers(0, 2, 4_000), rng.normal(size=4_000)
    d = 1.0 + rng.poisson(3, 4_000)
    y = d * (1 + 0.2 * x) + rng.normal(size=4_000)
    moments = moments_of(arm, np.column_stack([y, d, x]), arms=("A", "B"), columns=("y", "d", "x"))
    reading = Reading(
        metric="r", level=Part(numerator="y", denominator="d"), covariates=(Part(numerator="x"),)
    )
    for adjustment in Adjustment:
        found = effects(moments, [reading], Asked(arm_column="arm", adjustment=adjustment))
        spread = spread_of(moments, reading, adjustment)
        foretold = np.sqrt(spread.variance * (1 / (arm == 0).sum() + 1 / (arm == 1).sum()))
        assert found.std_errors[0] == pytest.approx(foretold, rel=0.02)
