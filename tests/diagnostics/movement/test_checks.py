"""Checks of mechanism shares: each has a case it catches and one it passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.base.finding import Finding, Status
from causal.diagnostics.movement import double_counting, nuisance, order, placebo, support, weights
from causal.diagnostics.movement._made import Halves, Made, Reach, Turned

GOOD = Reach(node="topic", effective=0.8, largest=0.9, certain=0.0, weight=1.02, explained=0.3)
MADE = Made(
    form="order",
    outcome="click rate",
    groups=(("topic",), ("click rate",)),
    reach=(GOOD,),
    low=np.array([-0.2, 0.1]),
    high=np.array([0.1, 0.3]),
    claimed=np.array([0.05, np.nan]),
)


def one(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, Status.PASS),
        ({"effective": 0.1}, Status.WARN),
        ({"effective": 0.01}, Status.FAIL),
        ({"certain": 0.02}, Status.FAIL),
    ],
)
def test_support_is_judged_by_what_reweighted_rows_are_worth(
    change: dict[str, float], status: Status
) -> None:
    finding = one(support.check(replace(MADE, reach=(replace(GOOD, **change),))))
    assert finding.status is status
    assert finding.blocks == "none"
    assert finding.columns == (() if status is Status.PASS else ("topic",))


def test_what_follows_from_lost_support_depends_on_the_form() -> None:
    lost = replace(MADE, reach=(replace(GOOD, effective=0.001),))
    assert "together with that of the next one" in one(support.check(lost)).meaning
    assert "none is shown" in one(support.check(replace(lost, form="shapley"))).meaning


def test_rows_like_none_of_the_other_period_are_what_is_named() -> None:
    finding = one(support.check(replace(MADE, reach=(replace(GOOD, certain=0.3, effective=1.0),))))
    assert "30% of its rows are like hardly any of the other" in finding.meaning


def test_weights_far_from_one_are_warned_of() -> None:
    assert one(weights.check(MADE)).status is Status.PASS
    for mean in (0.8, 1.2):
        finding = one(weights.check(replace(MADE, reach=(replace(GOOD, weight=mean),))))
        assert finding.status is Status.WARN
        assert finding.statistic == mean


def test_an_outcome_model_worse_than_the_mean_is_warned_of() -> None:
    assert one(nuisance.check(MADE)).status is Status.PASS
    finding = one(nuisance.check(replace(MADE, reach=(replace(GOOD, explained=-0.2),))))
    assert finding.status is Status.WARN
    assert "worse than the mean, by 20%" in finding.meaning


def test_a_claim_beyond_the_share_is_warned_of() -> None:
    assert one(double_counting.check(MADE)).status is Status.PASS
    finding = one(double_counting.check(replace(MADE, claimed=np.array([0.5, np.nan]))))
    assert finding.status is Status.WARN
    assert "claim 0.5 of the share of topic" in finding.meaning


@pytest.mark.parametrize(
    ("claim", "status"), [(0.15, Status.PASS), (0.35, Status.WARN), (-0.05, Status.WARN)]
)
def test_a_claim_of_less_than_the_share_leaves_a_rest_and_is_no_fault(
    claim: float, status: Status
) -> None:
    """Of a share of 0.1 to 0.3 a claim of 0.15, of more, and of the opposite."""
    made = replace(MADE, claimed=np.array([np.nan, claim]))
    assert one(double_counting.check(made)).status is status
    assert one(double_counting.check(replace(made, claimed=np.array([np.nan, 0.01])))).status is (
        Status.PASS
    )


def test_a_share_that_depends_on_the_order_is_warned_of() -> None:
    turned = Turned(
        order=("short", "topic"),
        nodes=("topic", "short", "y"),
        difference=np.array([0.1, -0.1, 0.0]),
        std_error=np.array([0.1, 0.1, 0.0]),
    )
    same = one(order.check(replace(MADE, turned=turned)))
    assert same.status is Status.PASS
    apart = replace(turned, difference=np.array([0.3, -0.1, 0.0]))
    finding = one(order.check(replace(MADE, turned=apart)))
    assert finding.status is Status.WARN
    assert finding.columns == ("topic",)


@pytest.mark.parametrize(
    ("low", "p_value", "status", "blocks"),
    [
        (-0.1, 0.4, Status.PASS, "none"),
        (0.01, 0.03, Status.WARN, "none"),
        (0.05, 0.0002, Status.FAIL, "page"),
    ],
)
def test_a_share_where_nothing_changed_is_a_warning_and_a_sure_one_stops_the_page(
    low: float, p_value: float, status: Status, blocks: str
) -> None:
    halves = Halves(
        nodes=("topic", "idle"),
        low=np.array([low, np.nan]),
        high=np.array([0.1, np.nan]),
        p_value=np.array([p_value, np.nan]),
    )
    finding = one(placebo.check(replace(MADE, halves=halves)))
    assert (finding.status, finding.blocks) == (status, blocks)
    assert finding.columns == (() if status is Status.PASS else ("topic",))


def test_what_was_not_looked_at_is_not_judged() -> None:
    bare = replace(MADE, reach=(), claimed=np.full(2, np.nan))
    for member in (support, weights, nuisance, double_counting, order, placebo):
        assert member.check(bare) == ()
