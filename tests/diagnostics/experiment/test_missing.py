"""Metrics missing in unequal shares of the arms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from causal.base.finding import Status
from causal.base.streams import stream
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import SIZE, moments_of
from causal.diagnostics.experiment._planned import Planned
from causal.diagnostics.experiment.missing import check

LOOKS = Planned(looks=True, planned_units=40_000)


def status(findings):
    return [each.status for each in findings]


@pytest.mark.parametrize("plan", [Planned(), LOOKS], ids=["once", "looks"])
def test_five_per_cent_missing_in_one_arm_is_found_and_in_both_passes(given, plan):
    (found,) = check(given((20_000, 20_000), missing={"visits": (0, 1_000)}), plan)
    assert (found.status, found.blocks) == (Status.FAIL, "page")
    assert "A 0% and B 5%" in found.meaning
    (even,) = check(given((20_000, 20_000), missing={"visits": (1_010, 990)}), plan)
    assert even.status is Status.PASS


def test_p_is_that_of_the_table_and_exact_where_counts_are_small(given):
    (large,) = check(given((60_000, 40_000), missing={"visits": (3_000, 2_100)}), Planned())
    table = [[3_000, 2_100], [57_000, 37_900]]
    wanted = chi2_contingency(table, correction=False)[1]
    assert large.statistic == pytest.approx(wanted, rel=1e-9)
    (small,) = check(given((600, 400), missing={"visits": (1, 6)}), Planned())
    assert small.statistic == pytest.approx(fisher_exact([[1, 6], [599, 394]])[1], rel=1e-9)


def test_a_metric_that_decides_nothing_is_a_warning(given):
    made = given((20_000, 20_000), missing={"visits": (0, 1_000), "rating": (0, 1_000)})
    found = check(made, Planned(deciding=("visits",)))
    assert status(found) == [Status.WARN, Status.FAIL]
    assert [each.columns for each in found] == [("rating",), ("visits",)]


def test_many_metrics_are_adjusted_for(given):
    missing = {"visits": (1_000, 1_160)}
    few = given((20_000, 20_000), missing=missing)
    many = given((20_000, 20_000), missing=missing | {f"m{at}": (9, 9) for at in range(9)})
    assert status(check(few, Planned())) == [Status.FAIL]
    assert status(check(many, Planned())) == [Status.PASS]


def test_units_with_open_windows_do_not_count(given):
    open_ = {"visits": (18_000, 0)}
    made = given((20_000, 20_000), missing={"visits": (100, 1_000)}, immature=open_)
    assert status(check(made, Planned())) == [Status.PASS]
    assert status(check(given((20_000, 20_000), missing={"visits": (100, 1_000)}), Planned())) == [
        Status.FAIL
    ]


def test_nothing_missing_or_everything_says_nothing(given):
    (found,) = check(given(missing={"visits": (0, 0)}), Planned())
    assert "Every unit has every metric" in found.meaning
    assert status(check(given(missing={"visits": (500, 500)}), Planned())) == [Status.PASS]
    assert check(given(), Planned()) == ()


def test_three_arms_with_few_missing_are_tested_exactly(given):
    made = given((3_000, 2_000, 1_000), missing={"visits": (1, 1, 12)})
    assert status(check(made, Planned())) == [Status.FAIL]
    made = given((3_000, 2_000, 1_000), missing={"visits": (3, 2, 2)})
    assert status(check(made, Planned())) == [Status.PASS]


def in_clusters(lost: tuple[int, int], *, treated: float, known: bool = True):
    """80 clusters; in so many of each arm a metric is not logged at all."""
    rng = stream(4, "missing clusters")
    size = rng.integers(30, 90, 80)
    own = np.repeat(np.arange(80), size)
    arm = np.arange(80) % 2
    off = np.arange(80) // 2 < np.array(lost)[arm]
    seen = ~off[own] & (rng.random(own.size) >= treated * arm[own])
    moments = moments_of(
        arm[own], seen[:, None].astype(float), arms=("A", "B"), columns=("m",), cluster=own
    )
    share = Part(numerator="m", denominator=SIZE)
    reading = Reading(metric="visits", level=share, known=share if known else None)
    return {
        "moments": moments,
        "readings": [reading],
        "missing": {"visits": np.bincount(arm[own], ~seen, 2).astype(int)},
    }


def test_clusters_count_as_clusters(given):
    plan = Planned(clustered=True)
    by_chance = in_clusters((8, 4), treated=0.0)
    assert status(check(given(**by_chance), plan)) == [Status.PASS]
    assert status(check(given(**by_chance), Planned())) == [Status.FAIL]
    assert status(check(given(**in_clusters((0, 0), treated=0.05)), plan)) == [Status.FAIL]


def test_clusters_without_their_shares_are_said_not_to_be_tested(given):
    made = given(**in_clusters((4, 4), treated=0.0, known=False))
    (found,) = check(made, Planned(clustered=True))
    assert found.status is Status.WARN
    assert "not tested" in found.meaning


def test_arms_of_zero_share_are_not_compared(given):
    made = given(
        (2_000, 2_000, 0),
        shares=(0.5, 0.5, 0.0),
        missing={"visits": (100, 101, 0)},
        immature={"visits": (10, 9, 0)},
    )
    (found,) = check(made, Planned())
    assert found.status is Status.PASS
    assert [row["arm"] for row in found.detail] == ["A", "B"]
    assert found.detail[0]["units"] == 1_990
