"""Displacement tells a shift from a gain; the naive lift does not."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.estimation.experiment.displacement import displacement


def creators(seed: int, *, gain: float, loss: float, growth: float = 1.3, n: int = 400) -> Moments:
    """Creators who had something before, and gain or lose shares of what they would have now."""
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    before = rng.gamma(2.0, 50.0, n)
    expected = growth * before * rng.gamma(20.0, 1 / 20.0, n)
    now = expected * np.where(arm == 1, 1 + gain, 1 - loss)
    return moments_of(
        arm, np.column_stack([now, before]), arms=("A", "B"), columns=("now", "before")
    )


def found(moments: Moments, growth: float = 1.3):
    return displacement(moments, outcome="now", before="before", growth=growth, level=0.95)


def test_a_shift_without_a_gain_is_seen_though_the_naive_lift_is_large() -> None:
    runs = [found(creators(seed, gain=0.4, loss=0.4)) for seed in range(40)]
    assert min(own.naive.low for own in runs) > 0.5
    ratios = np.array([own.ratio.value for own in runs])
    assert ratios.mean() == pytest.approx(1.0, abs=3 * ratios.std() / np.sqrt(40))
    assert sum(own.total.low < 0 < own.total.high for own in runs) >= 33
    assert all(own.control.high < 0 < own.treated.low for own in runs)


def test_a_gain_without_displacement_is_seen_too() -> None:
    own = found(creators(2, gain=0.4, loss=0.0))
    assert own.ratio.low < 0 < own.ratio.high < 0.5
    assert own.total.low > 0.1


def test_intervals_of_every_share_hold_the_truth_as_often_as_they_say() -> None:
    runs = 300
    truths = {"ratio": 0.25 / 0.5, "total": 0.125, "control": -0.25, "treated": 0.5, "naive": 1.0}
    hits = dict.fromkeys(truths, 0)
    for seed in range(runs):
        own = found(creators(seed, gain=0.5, loss=0.25))
        for name, truth in truths.items():
            share = getattr(own, name)
            hits[name] += share.low <= truth <= share.high
    for name, count in hits.items():
        assert 0.91 <= count / runs <= 0.985, name


def test_growth_taken_for_granted_gets_displacement_wrong() -> None:
    """Without the growth of demand the control seems to have gained."""
    assert found(creators(3, gain=0.4, loss=0.4), growth=1.0).ratio.high < 0.9


def test_demand_must_be_above_zero() -> None:
    with pytest.raises(DesignError, match="factor of 0"):
        found(creators(4, gain=0.1, loss=0.0), growth=0.0)
