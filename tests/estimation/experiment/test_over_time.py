"""A fading effect is found, a lasting one is not called so, and bands hold all days at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.readout.by_day import DAYS, World, draw
from causal.base.streams import stream
from causal.data.moments.collected import Daily
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.over_time import Course, courses

RUNS = 80


def asked(world: World) -> Asked:
    return Asked(arm_column="arm", clustered=bool(world.clusters), adjustment=world.adjustment)


def followed(world: World, seed: int = 1, label: str = "tests by day") -> Course:
    daily = draw(world, stream(seed, label), 1_000)
    return courses(daily, asked(world), level=0.95, seed=seed)[0]


def held(course: Course, lift: np.ndarray) -> bool:
    return all(
        each.low <= truth <= each.high for each, truth in zip(course.joint, lift, strict=True)
    )


def at_most(share: float, runs: int = RUNS) -> float:
    """A share and three Monte Carlo errors."""
    return share + 3 * float(np.sqrt(share * (1 - share) / runs))


@pytest.mark.parametrize("world", [World(), World(kind="ratio", clusters=40)])
def test_a_lasting_lift_of_a_level_that_falls_off_is_not_called_a_novelty(world: World) -> None:
    found = [followed(world, seed) for seed in range(RUNS)]
    assert all(each.relative for each in found)
    assert np.mean([each.trend.p_value < 0.05 for each in found]) <= at_most(0.05)
    assert np.mean([not held(each, world.lift) for each in found]) <= at_most(0.05)


def test_an_effect_that_fades_is_found_within_its_error() -> None:
    world = World(fades=True, adjustment=Adjustment.CUPED)
    found = [followed(world, seed) for seed in range(40)]
    slopes = np.array([each.trend.slope for each in found])
    assert np.mean([each.trend.p_value < 0.05 for each in found]) > 0.9
    assert slopes.std() == pytest.approx(
        np.mean([each.trend.std_error for each in found]), rel=4 / np.sqrt(2 * 40)
    )
    weight = 4 * (1 + np.arange(DAYS)) ** -0.5
    x = np.log1p(np.arange(DAYS))
    u = x - (x @ weight) / weight.sum()
    truth = (u * weight) @ world.lift / (u**2 @ weight)
    assert slopes.mean() == pytest.approx(truth, abs=3 * slopes.std() / np.sqrt(40))
    assert all(each.average > 0 and each.average_p < 0.05 for each in found)


def test_days_add_up_to_the_effect_on_their_sum() -> None:
    daily = draw(World(adjustment=Adjustment.CUPED), stream(3, "sum"), 1_000)
    course = courses(daily, asked(World(adjustment=Adjustment.CUPED)), level=0.95, seed=1)[0]
    m = daily.moments
    wide = np.vstack([np.eye(len(m.columns)), np.arange(len(m.columns)) < DAYS])
    total = replace(
        m,
        columns=(*m.columns, "total"),
        mean=m.mean @ wide.T,
        scatter=wide @ m.scatter @ wide.T,
    )
    reading = daily.readings[0]
    whole = effects(
        total,
        [replace(reading, level=replace(reading.level, numerator="total"))],
        Asked(arm_column="arm", adjustment=Adjustment.CUPED),
    )
    assert (course.treated - course.control).sum() == pytest.approx(whole.values[0])


def test_the_error_of_the_slope_is_that_of_every_unit_counted_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A jackknife over units of one draw; bands are not looked at."""
    monkeypatch.setattr("causal.estimation._inference.DRAWS", 100)
    rng = np.random.default_rng(4)
    arm = np.arange(300) % 2
    y = rng.poisson(3 * (1 + 0.2 * arm[:, None]) / (1 + np.arange(4)), (300, 4)).astype(float)
    world = World()

    def slope(keep: np.ndarray) -> Course:
        return courses(_daily(arm[keep], y[keep]), asked(world), level=0.95, seed=1)[0]

    every = np.arange(300)
    left = np.array([slope(every != i).trend.slope for i in every])
    own = slope(every >= 0).trend
    spread = float(np.sqrt(299 / 300 * ((left - left.mean()) ** 2).sum()))
    assert own.std_error == pytest.approx(spread, rel=0.02)


def _daily(arm: np.ndarray, y: np.ndarray) -> Daily:
    from causal.data.moments.collected import Part, Reading
    from causal.data.moments.rows import moments_of

    names = tuple(f"y:{day}" for day in range(y.shape[1]))
    like = draw(World(), stream(1, "like"), 200)
    return replace(
        like,
        moments=moments_of(arm, y, arms=("A", "B"), columns=names),
        readings=tuple(Reading(metric=name, level=Part(numerator=name)) for name in names),
    )


def test_levels_below_zero_are_compared_in_their_own_units() -> None:
    daily = draw(World(), stream(5, "below"), 1_000)
    m = daily.moments
    below = replace(daily, moments=replace(m, mean=m.mean - 10.0))
    found = courses(below, asked(World()), level=0.95, seed=1)[0]
    assert not found.relative
    np.testing.assert_allclose(found.value, found.treated - found.control)
    assert all(
        each.low < value < each.high for each, value in zip(found.joint, found.value, strict=True)
    )


def test_a_metric_in_other_units_has_the_same_course() -> None:
    daily = draw(World(), stream(6, "units"), 1_000)
    m = daily.moments
    scaled = replace(daily, moments=replace(m, mean=1e3 * m.mean, scatter=1e6 * m.scatter))
    one, other = (courses(each, asked(World()), level=0.95, seed=1)[0] for each in (daily, scaled))
    assert other.trend.p_value == pytest.approx(one.trend.p_value, rel=1e-9)
    np.testing.assert_allclose(other.value, one.value, rtol=1e-9)
    assert other.joint[3].high == pytest.approx(one.joint[3].high, rel=1e-9)


def test_small_arms_and_few_clusters_have_no_course() -> None:
    tiny = draw(World(), stream(7, "tiny"), 150)
    assert courses(tiny, asked(World()), level=0.95, seed=1) == ()
    few = World(clusters=8)
    assert courses(draw(few, stream(8, "few")), asked(few), level=0.95, seed=1) == ()
