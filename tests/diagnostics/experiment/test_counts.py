"""Arms that nobody should be in, units in several arms, clusters and open windows."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.finding import Status
from causal.data.moments.rows import moments_of
from causal.diagnostics.experiment import (
    clusters,
    crossovers,
    empty_arms,
    interference,
    maturity,
    zero_share,
)
from causal.diagnostics.experiment._planned import Planned

PLAN = Planned()


def only(findings):
    (found,) = findings
    return found


def test_three_units_in_an_arm_of_zero_share_fail_and_none_pass(given):
    shares = (0.5, 0.5, 0.0)
    found = only(zero_share.check(given((500, 500, 3), shares=shares), PLAN))
    assert (found.status, found.blocks, found.statistic) == (Status.FAIL, "page", 3.0)
    assert "3 in 'C'" in found.meaning
    assert only(zero_share.check(given((500, 500, 0), shares=shares), PLAN)).status is Status.PASS


def test_units_in_an_arm_the_plan_does_not_name_fail(given):
    found = only(zero_share.check(given(unplanned={"test": 2}), PLAN))
    assert found.status is Status.FAIL
    assert "2 in 'test' (not in the plan)" in found.meaning
    assert only(zero_share.check(given(unplanned={"test": 0}), PLAN)).status is Status.PASS


def test_a_planned_arm_without_units_fails_however_few_there_are(given):
    # 0.9 to the 66th is under 1 in 1,000, to the 65th it is not.
    found = only(empty_arms.check(given((33, 33, 0), shares=(0.45, 0.45, 0.1)), PLAN))
    assert (found.status, found.blocks) == (Status.FAIL, "page")
    early = only(empty_arms.check(given((33, 32, 0), shares=(0.45, 0.45, 0.1)), PLAN))
    assert (early.status, early.blocks) == (Status.WARN, "none")
    assert "'C' (planned share 10%)" in found.meaning
    assert only(empty_arms.check(given((3, 3, 1)), PLAN)).status is Status.PASS
    none_planned = given((3, 3, 0), shares=(0.5, 0.5, 0.0))
    assert only(empty_arms.check(none_planned, PLAN)).status is Status.PASS


@pytest.mark.parametrize(
    ("randomized", "crossed", "status"),
    [
        ((49_500, 49_500), 1_000, Status.FAIL),
        ((49_950, 50_000), 50, Status.WARN),
        ((50_000, 50_000), 0, Status.PASS),
        ((490, 490), 20, Status.WARN),
        ((490, 489), 21, Status.FAIL),
    ],
)
def test_units_in_several_arms_fail_above_one_in_a_thousand(given, randomized, crossed, status):
    found = only(crossovers.check(given(randomized, crossed=crossed), PLAN))
    assert found.status is status
    assert found.blocks == ("page" if status is Status.FAIL else "none")


def clustered(sizes):
    """Moments of clusters of these sizes in arms A and B."""
    arm = np.concatenate([np.full(sum(own), at) for at, own in enumerate(sizes)])
    every = [size for own in sizes for size in own]
    cluster = np.repeat(np.arange(len(every)), every)
    names = {"arms": ("A", "B"), "columns": ("y",)}
    return moments_of(arm, np.zeros((arm.size, 1)), cluster=cluster, **names)


@pytest.mark.parametrize(
    ("sizes", "status"),
    [
        (([9] * 4, [9] * 40), Status.FAIL),
        (([9] * 29, [9] * 40), Status.WARN),
        (([9] * 30, [9] * 40), Status.PASS),
        (([900] + [9] * 30, [9] * 40), Status.WARN),
    ],
)
def test_few_clusters_or_few_equal_ones_are_told(given, sizes, status):
    plan = Planned(clustered=True)
    found = only(clusters.check(given(moments=clustered(sizes)), plan))
    assert found.status is status
    assert found.blocks == ("page" if status is Status.FAIL else "none")


def test_equal_clusters_are_worth_their_number(given):
    found = only(clusters.check(given(moments=clustered(([7] * 31, [5] * 35))), PLAN_OF_CLUSTERS))
    assert [row["worth"] for row in found.detail] == pytest.approx([31, 35], rel=1e-12)


PLAN_OF_CLUSTERS = Planned(clustered=True)


def test_units_are_no_clusters(given):
    assert clusters.check(given(), PLAN) == ()


def test_open_windows_are_told_and_closed_ones_pass(given):
    assert maturity.check(given(), PLAN) == ()
    closed = only(maturity.check(given(immature={"retained": (0, 0)}), PLAN))
    assert closed.status is Status.PASS
    still = only(maturity.check(given(immature={"retained": (50, 40)}), PLAN))
    assert (still.status, still.blocks) == (Status.WARN, "none")
    assert "retained (up to 10% of an arm)" in still.meaning
    none = only(maturity.check(given(immature={"retained": (500, 40)}), PLAN))
    assert "No unit of an arm is complete for retained" in none.meaning


def test_a_shared_pool_is_told_and_a_separate_one_says_nothing(given):
    assert interference.check(given(), PLAN) == ()
    found = only(interference.check(given(), Planned(pool_shared=True)))
    assert (found.status, found.blocks) == (Status.WARN, "none")
    assert "not identified by this design" in found.meaning
