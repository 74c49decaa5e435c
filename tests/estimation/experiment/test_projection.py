"""Projections are refused where nothing can be learned, and their record shows when they fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.readout.projected import past_of
from causal.base.streams import stream
from causal.content.outcome import Goal
from causal.data.past import Past
from causal.estimation.experiment._predicted import measured_effect, true_effect
from causal.estimation.experiment.past_effects import learn
from causal.estimation.experiment.projection import (
    Projection,
    Short,
    projection,
    spread_by_chance,
)

NOISE = 0.3


def past(
    experiments: int = 40, *, slope: float = 1.0, left: float = 0.2, noise: float = NOISE,
    clickbait: float = 0.0, seed: int = 1,
) -> Past:  # fmt: skip
    """Short effects of spread one; a share of clickbait, short up and long down."""
    rng = stream(seed, "past")
    short = rng.standard_normal(experiments)
    bait = np.arange(experiments) < clickbait * experiments
    short[bait] = 1 + 0.5 * np.abs(short[bait])
    long = np.where(bait, -short, slope * short) + left * rng.standard_normal(experiments)
    seen = np.column_stack([short, long]) + noise * rng.standard_normal((experiments, 2))
    return past_of(seen, np.tile(noise**2 * np.eye(2), (experiments, 1, 1)))


def short(value: float, error: float = 0.2) -> Short:
    return Short(arm="B", effects=np.array([value]), covariance=np.array([[error**2]]))


def projected(of: Past, value: float = 1.0, goal: Goal = Goal.INCREASE) -> Projection:
    return projection(of, [short(value)], goal=goal, level=0.95, seed=1)


def test_a_good_surrogate_has_a_good_record() -> None:
    found = projected(past(noise=0.15, left=0.1))
    record = found.record
    assert record is not None
    assert found.weights[0] == pytest.approx(0.96, abs=0.2)
    assert found.arms[0].low is not None
    assert found.arms[0].low > 0
    assert record.signs.hits == record.signs.of > 15
    assert record.signs_by_chance is not None
    assert record.signs_by_chance < 0.01
    assert record.recall.hits > 0.6 * record.recall.of
    assert record.precision.hits > 0.8 * record.precision.of
    assert record.wrong.hits == 0
    assert record.slope is not None
    assert record.slope.low < 1 < record.slope.high
    assert record.held.hits >= 36


def test_good_is_the_side_of_the_goal() -> None:
    up, down = (projected(past(), goal=goal).record for goal in Goal)
    assert up is not None
    assert down is not None
    assert (up.recall, up.losses) == (down.losses, down.recall)
    assert up.signs == down.signs


def test_clickbait_is_shown_by_the_record() -> None:
    record = projected(past(clickbait=0.5)).record
    assert record is not None
    assert record.recall.hits < 0.3 * record.recall.of
    assert record.signs_by_chance is not None
    assert record.signs_by_chance > 0.05
    rare, clean = (projected(past(60, clickbait=share)).record for share in (0.1, 0.0))
    assert rare is not None
    assert clean is not None
    assert rare.signs.of - rare.signs.hits >= 5 > clean.signs.of - clean.signs.hits
    assert rare.recall.hits < clean.recall.hits


def test_a_metric_that_tells_nothing_is_projected_at_the_average() -> None:
    found = projected(past(60, slope=0.0, left=1.0))
    assert found.arms[0].value == pytest.approx(found.average, abs=0.4)
    assert found.record is not None
    assert found.record.recall.hits <= 1


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (past(9), "9 past experiments have every metric; at least 10 are needed"),
        (past(noise=0.2, slope=0.0, left=0.01), "on long differ no more than their errors"),
        (
            replace(past(), covariance=np.tile(np.diag([9.0, 0.01]), (40, 1, 1))),
            "on short 1 differ no more than their errors",
        ),
        (replace(past(), group=np.arange(40) // 5), "8 past experiments"),
    ],
)
def test_too_little_to_learn_from_is_refused_in_words(of: Past, words: str) -> None:
    found = projected(of)
    assert words in found.refusal
    assert not found.arms
    assert found.record is None


def test_what_lies_beyond_the_past_is_not_projected() -> None:
    near, far = (projected(past(), value) for value in (2.0, 12.0))
    assert near.arms[0].value is not None
    assert far.arms[0].value is None
    assert "far from those of every past experiment" in far.arms[0].refusal
    assert far.record is not None


def test_spreads_that_chance_makes_are_called_as_often_as_they_say() -> None:
    runs = 300
    called = sum(
        spread_by_chance(past(20, slope=0.0, left=0.0, seed=run), [1]) < 0.05 for run in range(runs)
    )
    assert called / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_the_slope_is_that_of_weighted_least_squares_through_zero() -> None:
    import statsmodels.api as sm

    of = past(25)
    record = projected(of).record
    assert record is not None
    assert record.slope is not None
    learned = learn(of.effects, of.covariance, of.group, seed=1, left_out=True)
    rows = []
    for i, draws in enumerate(learned.without):
        average = float(draws.weight @ draws.mean[-1])
        seen = measured_effect(draws, of.effects[i, :1], of.covariance[i])
        mean = true_effect(draws, of.effects[i, :1], of.covariance[i, :1, :1]).mean
        rows.append((mean - average, of.effects[i, 1] - average, draws.weight @ seen.sds**2))
    x, y, v = np.array(rows).T
    fit = sm.WLS(y, x, weights=1 / v).fit(cov_type="HC3", use_t=True)
    assert record.slope.value == pytest.approx(fit.params[0])
    assert [record.slope.low, record.slope.high] == pytest.approx(fit.conf_int()[0], rel=1e-6)


def test_noise_that_metrics_share_is_not_taken_for_signal_when_it_is_told() -> None:
    rng = np.random.default_rng(4)
    errors = 0.25 * np.array([[1.0, 0.9], [0.9, 1.0]])
    true = np.column_stack([rng.standard_normal(80), rng.standard_normal(80)])
    seen = true + rng.standard_normal((80, 2)) @ np.linalg.cholesky(errors).T
    told = past_of(seen, np.tile(errors, (80, 1, 1)))
    silent = past_of(seen, np.tile(np.diag(np.diag(errors)), (80, 1, 1)))
    assert projected(told).weights[0] < projected(silent).weights[0] - 0.1
