"""The sample ratio of an experiment: over all units, and where it broke."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from causal.base.finding import Status
from causal.base.streams import stream
from causal.diagnostics.experiment._planned import Planned
from causal.diagnostics.experiment.sample_ratio import check

ONCE, LOOKS = Planned(), Planned(looks=True, planned_units=200_000)
EVEN = [7_143] * 2


def named(findings):
    return {each.name: each for each in findings}


def failed(findings):
    return [each.name for each in findings if each.status is Status.FAIL]


@pytest.mark.parametrize("plan", [ONCE, LOOKS], ids=["once", "looks"])
def test_a_split_that_is_two_per_cent_off_is_found_and_a_fair_one_passes(given, plan):
    (broken,) = check(given((101_000, 99_000)), plan)
    assert (broken.status, broken.blocks) == (Status.FAIL, "page")
    assert broken.statistic < broken.threshold == 0.001
    assert "101,000" in broken.meaning
    (fair,) = check(given((100_200, 99_800)), plan)
    assert (fair.status, fair.blocks, fair.remedy) == (Status.PASS, "none", "")


def test_arms_of_zero_share_count_for_no_degree_of_freedom(given):
    (found,) = check(given((1_000, 1_100, 0), shares=(0.5, 0.5, 0.0)), ONCE)
    assert found.statistic == pytest.approx(0.029096, abs=5e-7)
    assert "1 degree of freedom" in found.meaning
    assert len(found.detail) == 2


def test_the_words_name_the_test_that_was_made(given):
    assert "; exact test)" in check(given((2, 1)), ONCE)[0].meaning
    assert "; chi-square 0.8," in check(given((1_020, 980)), ONCE)[0].meaning


def test_an_empty_arm_that_was_planned_counts(given):
    (found,) = check(given((1_000, 1_000, 0), shares=(0.4, 0.4, 0.2)), ONCE)
    assert found.status is Status.FAIL
    (found,) = check(given((4, 4, 0), shares=(0.4, 0.4, 0.2)), ONCE)
    assert found.status is Status.PASS


def test_shares_need_not_be_equal(given):
    assert failed(check(given((90_100, 9_900), shares=(0.9, 0.1)), ONCE)) == []
    assert failed(check(given((90_100, 9_900)), ONCE)) == ["sample ratio"]


def test_no_unit_at_all_is_a_failure_and_one_arm_is_no_split(given):
    assert failed(check(given((0, 0)), ONCE)) == ["sample ratio"]
    assert check(given((50,)), ONCE) == ()


@pytest.mark.parametrize("plan", [ONCE, LOOKS], ids=["once", "looks"])
def test_a_break_on_one_day_is_found_there(given, plan):
    days = np.array([EVEN] * 14)
    days[4] = 7_500, 6_786
    found = check(given((100_000, 100_000), days=days), plan)
    assert failed(found) == ["sample ratio by day"]
    local = named(found)["sample ratio by day"]
    assert local.starts == local.ends == date(2026, 3, 6)
    assert "2026-03-06" in local.meaning
    assert local.detail[0]["day"] == "2026-03-06"
    whole = check(given((100_000, 100_000), days=[EVEN] * 14), plan)
    assert failed(whole) == []
    assert len(whole) == 2


@pytest.mark.parametrize("plan", [ONCE, LOOKS], ids=["once", "looks"])
def test_a_break_in_one_block_is_found_there(given, plan):
    blocks = np.array([[12_500, 12_500]] * 8)
    blocks[3] = 13_100, 11_900
    found = check(given((100_000, 100_000), splits={"block": blocks}), plan)
    assert failed(found) == ["sample ratio by block"]
    assert "where block is block3" in named(found)["sample ratio by block"].meaning
    assert named(found)["sample ratio by block"].starts is None
    assert (
        failed(check(given((100_000, 100_000), splits={"block": [[12_500] * 2] * 8}), plan)) == []
    )


def test_a_break_too_small_to_see_in_any_block_shows_in_many(given):
    rng = stream(2, "many")
    share = rng.choice([0.48, 0.52], 300)
    treated = rng.binomial(4_000, share)
    blocks = np.column_stack([4_000 - treated, treated])
    blocks[0] += (blocks.sum(axis=0)[::-1] - blocks.sum(axis=0)) // 2
    fair = rng.binomial(4_000, 0.5, 300)
    found = check(given((600_000, 600_000), splits={"shop": blocks}), ONCE)
    assert "sample ratio by shop" in failed(found)
    fine = np.column_stack([4_000 - fair, fair])
    assert failed(check(given((600_000, 600_000), splits={"shop": fine}), ONCE)) == []


def test_a_break_everywhere_is_told_from_one_in_some(given):
    days = [[7_400, 6_886]] * 14
    whole = check(given((103_600, 96_404), days=days), ONCE)[0]
    assert "14 of 14 values of day" in whole.meaning


def test_an_early_day_is_looked_at_again_without_more_alarms(given):
    plan = Planned(looks=True, planned_units=28_000)
    for days in range(1, 29):
        rows = np.array([[520, 480], *([[500, 500]] * (days - 1))])
        found = check(given(tuple(rows.sum(axis=0)), days=rows), plan)
        assert failed(found) == []


def test_the_order_of_arms_and_days_changes_nothing(given):
    days = np.array([[5_000, 5_400], [5_100, 5_000], [4_900, 5_300]])
    one = check(given(tuple(days.sum(axis=0)), days=days), ONCE)
    other = check(given(tuple(days.sum(axis=0)[::-1]), days=days[:, ::-1]), ONCE)
    assert [each.statistic for each in one] == pytest.approx([each.statistic for each in other])
