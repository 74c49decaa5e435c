"""Projections hold the true long-term effect in a few simulated pasts, and beat plain regression."""

from __future__ import annotations

import pytest

from benchmarks.readout.projected import WORLDS, World, draw, measure, past_of, regression
from causal.base.streams import stream

RUNS = 25


@pytest.mark.parametrize(
    "world",
    [World(experiments=20, metrics=1, noise=0.4), World(experiments=20, metrics=2, noise=0.4)],
    ids=lambda world: world.name,
)
def test_intervals_hold_the_truth_and_are_narrower_than_those_of_a_regression(world: World) -> None:
    assert world in WORLDS
    found = measure(world, RUNS)
    assert found.shown >= RUNS - 2
    assert found.holds(errors=4.0)
    assert found.width[0] < found.width[1]


def test_the_regression_beside_it_is_least_squares() -> None:
    import statsmodels.api as sm

    past, short, _ = draw(WORLDS[2], stream(1, "regression"))
    assert past_of(past.effects, past.covariance).groups == 20
    fit = sm.OLS(past.effects[:, -1], sm.add_constant(past.effects[:, :-1])).fit()
    told = fit.get_prediction([[1.0, *short.effects]]).summary_frame(alpha=0.05).iloc[0]
    assert regression(past, short.effects) == pytest.approx(
        (told["mean"], told["obs_ci_lower"], told["obs_ci_upper"])
    )
