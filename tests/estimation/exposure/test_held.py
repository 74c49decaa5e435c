"""The worth of exposure with the slate held, by several arms."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.estimation.exposure.anderson_rubin import Effects, quantile, worth
from causal.estimation.exposure.held import Slate, held

WORTH = 0.5


def drawn(seed, *, arms=3, pull=1.0, units=900):
    """Arms that move exposure and slate differently; both go with what moves the outcome unseen."""
    rng = np.random.default_rng(seed)
    arm, hidden = rng.integers(0, arms + 1, units), rng.normal(size=units)
    exposure = np.r_[0, np.linspace(1, 0.3, arms)] * pull
    slate = np.r_[0, np.linspace(0.1, 1, arms) ** 2] * pull
    d = exposure[arm] + hidden + rng.normal(size=units)
    s = slate[arm] + 0.5 * hidden + rng.normal(size=units)
    y = WORTH * d + s + hidden + rng.normal(size=units)
    table = np.column_stack([y, d, s])
    means = np.stack([table[arm == a].mean(axis=0) for a in range(arms + 1)])
    own = [np.cov(table[arm == a].T) / (arm == a).sum() for a in range(arms + 1)]
    v = np.zeros((arms, 3, arms, 3))
    for a in range(arms):
        for b in range(arms):
            v[a, :, b, :] = own[0] + (own[a + 1] if a == b else 0)
    effect = means[1:] - means[0]
    moved = Effects(
        y=effect[:, 0], d=effect[:, 1], yy=v[:, 0, :, 0], yd=v[:, 0, :, 1], dd=v[:, 1, :, 1],
        clusters=float(units),
    )  # fmt: skip
    return moved, Slate(s=effect[:, 2], ss=v[:, 2, :, 2], ys=v[:, 0, :, 2], ds=v[:, 1, :, 2])


def kept(moved, slate, b, weights):
    """Whether some weight of the slate fits, on a grid."""
    limit = quantile(moved.y.size, moved.clusters, 0.95)
    least = np.inf
    for c in weights:
        g = moved.y - b * moved.d - c * slate.s
        v = moved.yy - b * (moved.yd + moved.yd.T) + b * b * moved.dd + c * c * slate.ss
        cross = slate.ys - b * slate.ds
        v = v - c * (cross + cross.T)
        least = min(least, float(g @ np.linalg.solve(v, g)))
    return least <= limit


@pytest.mark.parametrize("pull", [1.0, 0.25])
@pytest.mark.parametrize("arms", [2, 4])
def test_a_value_is_kept_just_when_some_weight_of_the_slate_fits(arms, pull):
    moved, slate = drawn([1, arms], arms=arms, pull=pull)
    found = held(moved, slate, level=0.95)
    weights = np.tan(np.linspace(-1.56, 1.56, 1_200))
    for b in np.linspace(-1.5, 2.5, 15):
        assert (b in found) is kept(moved, slate, b, weights)


@pytest.mark.parametrize("pull", [1.0, 0.1])
def test_the_set_covers_where_the_slate_acts_however_weak_the_arms(pull):
    runs = 40
    draws = [drawn([seed, 2], pull=pull) for seed in range(runs)]
    hits = sum(WORTH in held(*each, level=0.95) for each in draws)
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    if pull == 1.0:
        assert sum(WORTH in worth(moved, level=0.95) for moved, _ in draws) < runs / 10


def test_arms_that_move_nothing_give_the_whole_line():
    assert held(*drawn(3, pull=0.0), level=0.95).kind == "whole line"


def test_one_arm_cannot_tell_exposure_from_slate():
    with pytest.raises(DesignError, match="nothing tells which of the two did it"):
        held(*drawn(4, arms=1), level=0.95)
