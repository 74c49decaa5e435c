"""The order of exploration rows: traits by place, and logged probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.estimation.exposure.traits import chances, trait


def requests(seed: int, *, pull: float = 0.0, users: int = 60):
    """Requests of four items each; with ``pull`` the better item tends to be higher."""
    rng = np.random.default_rng(seed)
    n = users * 5
    quality = rng.normal(size=(n, 4)) + 0.4 * rng.normal(size=n)[:, None]
    order = np.argsort(-(pull * quality + rng.gumbel(size=quality.shape)), axis=1)
    value = np.take_along_axis(quality, order, axis=1).ravel()
    slot = np.tile(np.arange(1, 5), n)
    user = np.repeat(np.arange(n) // 5, 4)
    return value, slot, (user, rng.integers(0, 80, value.size))


def test_a_uniform_order_is_refused_as_seldom_as_it_should() -> None:
    p = [trait("quality", *requests(seed)).p for seed in range(200)]
    for level in (0.05, 0.2):
        assert abs(np.mean(np.array(p) < level) - level) <= 3 * np.sqrt(level * (1 - level) / 200)


def test_one_way_of_clusters_is_the_f_test_of_a_regression() -> None:
    import statsmodels.api as sm

    value, slot, (user, _) = requests(3, pull=0.2)
    x = np.column_stack([np.ones(value.size), slot[:, None] == np.arange(2, 5)]).astype(float)
    fit = sm.OLS(value, x).fit(
        cov_type="cluster", cov_kwds={"groups": user, "use_correction": False}
    )
    wald = float(np.squeeze(fit.wald_test(np.eye(4)[1:], scalar=True, use_f=False).statistic))
    found = trait("quality", value, slot, (user,))
    assert found.statistic == pytest.approx(wald * 59 / 60, rel=1e-8)


def test_an_order_by_quality_is_found() -> None:
    found = trait("quality", *requests(1, pull=0.4))
    assert found.p < 1e-4
    assert found.first > found.last


def test_a_trait_that_says_nothing_is_not_tested() -> None:
    value, slot, ways = requests(2)
    assert trait("one", 0 * value, slot, ways) is None
    assert trait("one place", value, 0 * slot + 1, ways) is None
    assert trait("three users", value, slot, (ways[0] % 3,)) is None


def test_probabilities_of_a_uniform_draw_are_one_over_what_is_left() -> None:
    slot = np.tile(np.arange(1, 5), 50)
    found = chances(1 / (13.0 - slot), slot)
    assert (found.rows, found.strange, found.fewest, found.most) == (200, 0, 12, 12)
    assert chances(np.full(200, 0.3), slot).strange == 200
    for wrong in (0.0, -0.1, 1.5, np.nan):
        with pytest.raises(DataError, match="have no probability above 0"):
            chances(np.where(slot == 1, wrong, 0.5), slot)


def test_one_cluster_gives_no_test() -> None:
    value, slot, (user, _) = requests(9)
    assert trait("quality", value, slot, (0 * user,)) is None
