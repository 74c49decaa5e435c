"""Arms alike before exposure: one joint test, within strata and over clusters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import f as fisher

from causal.base.finding import Status
from causal.base.streams import stream
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import SIZE, moments_of
from causal.diagnostics.experiment._balance import balances
from causal.diagnostics.experiment._planned import Planned
from causal.diagnostics.experiment.imbalance import check

NAMES = ("a", "b", "c", "d")


def parts(names=NAMES, below=None):
    return tuple(Part(numerator=name, denominator=below) for name in names)


def readings(names=NAMES, below=None):
    return (Reading(metric="y", level=Part(numerator=names[0]), covariates=parts(names, below)),)


def moments(arm, x, *, arms=("A", "B"), **more):
    return moments_of(arm, x, arms=arms, columns=NAMES[: x.shape[1]], **more)


def covariates(rng, n):
    base = rng.normal(size=(n, 1))
    return base + rng.normal(size=(n, len(NAMES)))


@pytest.mark.parametrize("plan", [Planned(), Planned(looks=True, planned_units=100_000)])
def test_a_twentieth_of_a_standard_deviation_is_found_among_100_000(given, plan):
    rng = stream(1, "imbalance")
    n = 100_000
    arm, x = rng.integers(0, 2, n), covariates(rng, n)
    (fair,) = check(given(moments=moments(arm, x), readings=readings()), plan)
    assert (fair.status, fair.blocks) == (Status.PASS, "none")
    x[arm == 1, 2] += 0.05 * x[:, 2].std()
    (found,) = check(given(moments=moments(arm, x), readings=readings()), plan)
    assert (found.status, found.blocks) == (Status.FAIL, "page")
    most = max(found.detail, key=lambda row: abs(row["apart"]))
    assert (most["covariate"], most["arm"]) == ("c", "B")
    assert most["apart"] == pytest.approx(0.05, abs=3 * 2 / np.sqrt(n))


def test_with_two_arms_it_is_hotellings_test():
    rng = stream(2, "hotelling")
    arm, x = rng.integers(0, 2, 90), covariates(rng, 90)
    (found,) = balances(moments(arm, x), parts())
    one, other = x[arm == 0], x[arm == 1]
    pooled = (np.cov(one.T) * (len(one) - 1) + np.cov(other.T) * (len(other) - 1)) / 88
    apart = other.mean(axis=0) - one.mean(axis=0)
    t2 = apart @ np.linalg.inv(pooled) @ apart / (1 / len(one) + 1 / len(other))
    statistic = t2 * (88 - 4 + 1) / (88 * 4)
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert found.p_value == pytest.approx(fisher.sf(statistic, 4, 85), rel=1e-9)
    assert found.df == pytest.approx((4, 85))


def test_with_one_covariate_it_is_analysis_of_variance():
    from scipy.stats import f_oneway

    rng = stream(3, "anova")
    arm, x = rng.integers(0, 3, 80), rng.normal(size=(80, 1))
    (found,) = balances(moments(arm, x, arms=("A", "B", "C")), parts("a"))
    wanted = f_oneway(*(x[arm == at, 0] for at in range(3)))
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(wanted.pvalue, rel=1e-9)


def test_with_several_arms_it_is_the_trace_of_a_multivariate_analysis_of_variance():
    import pandas as pd
    from statsmodels.multivariate.manova import MANOVA

    rng = stream(4, "manova")
    arm, stratum, x = rng.integers(0, 3, 200), rng.integers(0, 4, 200), covariates(rng, 200)
    given = moments(
        arm, x, arms=("A", "B", "C"), stratum=stratum, strata=[(str(s),) for s in range(4)]
    )
    (found,) = balances(given, parts())
    frame = pd.DataFrame(x, columns=list(NAMES)).assign(arm=arm.astype(str), s=stratum.astype(str))
    # The error is that within cells, as in a model with every interaction.
    test = MANOVA.from_formula("a + b + c + d ~ arm + s + arm:s", frame)
    whole = np.asarray(test.endog)
    within = np.asarray(test.exog)

    def residual(exog):
        fitted = exog @ np.linalg.lstsq(exog, whole, rcond=None)[0]
        return (whole - fitted).T @ (whole - fitted)

    dummies = pd.get_dummies(frame[["s"]]).to_numpy(float)
    added = np.column_stack([dummies, pd.get_dummies(frame["arm"]).to_numpy(float)])
    trace = np.trace((residual(dummies) - residual(added)) @ np.linalg.inv(residual(within)))
    p, m, n = 4, 2, 200 - 12
    spread = (n + m - p - 1) * (n - 1) / ((n - p - 3) * (n - p))
    b = 4 + (p * m + 2) / (spread - 1)
    statistic = trace * b * (n - p - 1) / (p * m * (b - 2))
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert found.df == pytest.approx((p * m, b))


def test_the_joint_p_does_not_lean_on_scale_order_or_copies():
    rng = stream(5, "scale")
    arm, x = rng.integers(0, 2, 300), covariates(rng, 300)
    x[:, 3] = x[:, 0] - 2 * x[:, 1]
    (one,) = balances(moments(arm, x), parts())
    (other,) = balances(moments(arm, x[:, :3] * [1e6, 1e-3, 1] + [5e6, 0, 1]), parts("cba"))
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6)
    assert one.dimensions == other.dimensions == 3


def test_blocks_of_unequal_means_and_shares_are_compared_within():
    rng = stream(6, "blocks")
    stratum = rng.integers(0, 2, 4_000)
    arm = (rng.random(4_000) < np.where(stratum, 0.8, 0.2)).astype(int)
    x = rng.normal(size=(4_000, 1)) + 2 * stratum[:, None]
    strata = {"stratum": stratum, "strata": [("s",), ("t",)]}
    assert balances(moments(arm, x, **strata), parts("a"))[0].p_value > 0.001
    assert balances(moments(arm, x), parts("a"))[0].p_value < 1e-9


def test_clusters_count_as_clusters(given):
    rng = stream(7, "clusters")
    groups = 60
    size = rng.integers(20, 200, groups)
    own = np.repeat(np.arange(groups), size)
    arm = np.repeat(rng.permutation(groups) % 2, size)
    x = rng.normal(size=groups)[own][:, None] + rng.normal(size=(own.size, 1))
    plan = Planned(clustered=True)
    grouped = moments(arm, x, cluster=own)
    (fair,) = check(given(moments=grouped, readings=readings("a", SIZE)), plan)
    assert fair.status is Status.PASS
    assert balances(moments(arm, x), parts("a"))[0].p_value < 0.05 * fair.statistic
    moved = moments(arm, x + 1.5 * arm[:, None], cluster=own)
    (found,) = check(given(moments=moved, readings=readings("a", SIZE)), plan)
    assert found.status is Status.FAIL


def test_covariates_whose_products_nobody_asked_for_are_tested_in_groups(given):
    rng = stream(8, "groups")
    arm, x = rng.integers(0, 2, 5_000), covariates(rng, 5_000)
    whole = moments(arm, x)
    scatter = whole.scatter.copy()
    scatter[..., :2, 2:] = scatter[..., 2:, :2] = np.nan
    found = balances(replace(whole, scatter=scatter), parts())
    assert [[part.numerator for part in each.parts] for each in found] == [["a", "b"], ["c", "d"]]
    alone = balances(whole, parts("ab"))[0]
    assert found[0].p_value == pytest.approx(alone.p_value, rel=1e-9)


def test_few_clusters_are_tested_one_covariate_at_a_time():
    rng = stream(9, "few")
    arm = np.array([0, 0, 0, 1, 1, 1])
    assert len(balances(moments(arm, covariates(rng, 6)), parts())) == 4


def test_a_small_arm_beside_a_large_one_needs_a_smaller_p(given):
    rng = stream(10, "small")
    x = covariates(rng, 4_000)
    for small, threshold in ((100, 1e-5), (2_000, 1e-3)):
        arm = (np.arange(4_000) < small).astype(int)
        (found,) = check(given(moments=moments(arm, x), readings=readings()), Planned())
        assert found.threshold == threshold


def test_nothing_is_said_without_covariates_and_constants_cannot_be_tested(given):
    assert check(given(), Planned()) == ()
    same = moments(np.array([0, 0, 1, 1]), np.ones((4, 1)))
    (found,) = check(given(moments=same, readings=readings("a")), Planned())
    assert found.status is Status.WARN
