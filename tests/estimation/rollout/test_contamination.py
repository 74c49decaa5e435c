"""Contamination: found where it is, ruled out only where it is small, and the total covers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from causal.data.cells.cells import Cells, cells_of
from causal.estimation.rollout.contamination import contamination


def panel(seed: int, gamma: float, *, noise: float = 0.3, regions: int = 8) -> tuple[Cells, float]:
    """48 entities of which those of a region share a pool; and the true total effect."""
    rng = np.random.default_rng(seed)
    entities, periods = 48, 12
    region = rng.permutation(np.repeat(np.arange(regions), entities // regions))
    adopted = np.repeat([4, 6, 8, np.inf], entities // 4)
    treated = np.arange(periods) >= adopted[:, None]
    share = np.zeros((entities, periods))
    for g in range(regions):
        own = region == g
        share[own] = (treated[own].sum(axis=0) - treated[own]) / (own.sum() - 1)
    errors = noise * rng.normal(size=(entities, periods))
    for j in range(1, periods):
        errors[:, j] += 0.5 * errors[:, j - 1]
    y = rng.normal(size=(entities, 1)) + rng.normal(size=periods) + treated + gamma * share + errors
    frame = pd.DataFrame(
        {
            "entity": np.repeat([f"e{i:03d}" for i in range(entities)], periods),
            "period": np.tile(np.arange(periods), entities),
            "adopted": np.repeat(adopted, periods),
            "pool": np.repeat(region, periods),
            "y": y.ravel(),
        }
    )
    return cells_of(frame), float(1 + gamma * share[treated].mean())


def test_the_slope_and_the_total_are_the_regression_with_dummies() -> None:
    cells, _ = panel(1, 0.5)
    y, treated, share = cells.y["y"], cells.treated, cells.spillover
    i, j = np.nonzero(~treated)
    n, periods = y.shape
    x = np.zeros((i.size, n + periods + 1))
    x[np.arange(i.size), i] = x[np.arange(i.size), n + j] = 1.0
    x[:, -1] = share[i, j]
    b = np.linalg.lstsq(x, y[i, j], rcond=None)[0]
    i, j = np.nonzero(treated)
    found = contamination(cells, "y", level=0.95)
    assert found.gamma.value == pytest.approx(b[-1], abs=1e-9)
    assert found.total.value == pytest.approx((y[i, j] - b[i] - b[n + j]).mean(), abs=1e-9)
    assert found.correction.value == pytest.approx(found.total.value - found.plain.value)
    assert found.mean_share == pytest.approx(share[:, 4:][~treated[:, 4:]].mean())


def test_the_total_covers_where_the_plain_effect_does_not() -> None:
    runs, hits, plain, bias = 0, np.zeros(2), 0, np.zeros(2)
    for seed in range(44):
        cells, truth = panel(seed, 1.0)
        found = contamination(cells, "y", level=0.95)
        if found.gamma is None:  # too little variation in this draw
            continue
        runs += 1
        hits += [
            found.gamma.low <= 1.0 <= found.gamma.high,
            found.total.low <= truth <= found.total.high,
        ]
        plain += found.plain.low <= truth <= found.plain.high
        bias += [found.total.value - truth, found.plain.value - truth]
    assert runs >= 40
    assert (hits >= binom.ppf(0.0005, runs, 0.95)).all()
    assert plain < 0.5 * runs
    assert abs(bias[0]) < abs(bias[1]) / 5


def test_no_spillover_is_seldom_found_and_a_large_one_is() -> None:
    runs = 30
    none = [contamination(panel(seed, 0.0)[0], "y", level=0.95).state for seed in range(runs)]
    assert none.count("found") <= binom.ppf(0.999, runs, 0.05)
    assert contamination(panel(1, 3.0)[0], "y", level=0.95).state == "found"


def test_it_is_ruled_out_by_a_small_interval_never_by_one_that_holds_zero() -> None:
    cells, _ = panel(2, 0.0)
    doubtful = contamination(cells, "y", level=0.95)
    assert doubtful.gamma.low < 0 < doubtful.gamma.high
    assert doubtful.state == "cannot be told"
    assert contamination(cells, "y", level=0.95, margin=5.0).state == "ruled out"
    exact, _ = panel(2, 0.0, noise=0.01)
    assert contamination(exact, "y", level=0.95).state == "ruled out"


def test_a_share_that_differs_in_time_only_cannot_be_told() -> None:
    cells, _ = panel(1, 1.0)
    common = replace(cells, pool=None, spillover=np.tile(np.linspace(0, 1, 12), (48, 1)))
    found = contamination(common, "y", level=0.95)
    assert (found.state, found.gamma) == ("cannot be told", None)
    assert found.variation == pytest.approx(0.0, abs=1e-9)
    unsaid = replace(cells, pool=None, spillover=None)
    assert contamination(unsaid, "y", level=0.95).state == "not looked at"
    assert contamination(unsaid, "y", level=0.95, shared=True).state == "cannot be told"


def test_pools_make_errors_no_smaller() -> None:
    cells, _ = panel(3, 0.5)
    with_pools = contamination(cells, "y", level=0.95)
    without = contamination(replace(cells, pool=None), "y", level=0.95)
    for name in ("gamma", "total", "plain"):
        one, other = getattr(with_pools, name), getattr(without, name)
        assert one.value == pytest.approx(other.value)
        assert one.high - one.low >= other.high - other.low - 1e-12
