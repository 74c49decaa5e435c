"""Days add up to the whole, and what would read otherwise is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments, marginal
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.cohorts import changes, otherwise, so_far
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked

METRICS = (
    Metric(name="y", column="y"),
    Metric(name="z", column="z", role=Role.GUARDRAIL, margin=0.05),
)
READINGS = (
    Reading(metric="y", level=Part(numerator="y"), covariates=(Part(numerator="x"),)),
    Reading(metric="z", level=Part(numerator="z")),
)
ASKED = Asked(arm_column="arm", adjustment=Adjustment.CUPED)
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)
DAYS = tuple((f"2026-03-{day:02d}",) for day in range(2, 12))


def days(seed: int, effect: float, odd: float = 0.0, n: int = 3_000) -> Moments:
    """Units of ten days; on the fourth the treated have more by ``odd``."""
    rng = np.random.default_rng(seed)
    arm, day = rng.integers(0, 2, n), rng.integers(0, 10, n)
    x = rng.normal(size=n)
    y = 5 + x + arm * (effect + odd * (day == 3)) + rng.normal(size=n)
    z = 5 + rng.normal(size=n)
    return moments_of(
        arm, np.column_stack([y, z, x]), arms=("A", "B"), columns=("y", "z", "x"),
        stratum=day, strata=DAYS,
    )  # fmt: skip


def test_the_last_day_so_far_is_the_whole() -> None:
    cohorts = days(1, 0.2)
    found = list(so_far(cohorts, READINGS, METRICS, ASKED, RULES, None))
    whole = compare(marginal(cohorts, []), READINGS, METRICS, ASKED, RULES)
    assert found[-1].day == DAYS[-1][0]
    assert found[-1].comparisons[0].effect.value == pytest.approx(whole[0].effect.value)
    assert found[-1].comparisons[0].std_error == pytest.approx(whole[0].std_error)
    errors = [each.comparisons[0].std_error for each in found]
    assert errors[-1] < errors[0]
    assert all(each.units >= 200 for each in found)


def test_of_a_sequence_every_day_has_the_interval_of_its_own_information() -> None:
    rules = replace(RULES, procedure=Procedure.SEQUENTIAL, looks=(1.0,))
    found = list(so_far(days(2, 0.2), READINGS, METRICS, ASKED, rules, 3_000))
    wide = [
        (each.comparisons[0].decided.high - each.comparisons[0].decided.low)
        / each.comparisons[0].std_error
        for each in found
    ]
    assert wide[0] > wide[-1] > 2 * 1.96


def test_a_day_that_carries_the_effect_is_found() -> None:
    cohorts = days(3, 0.0, odd=1.2)
    moments = marginal(cohorts, [])
    base = compare(moments, READINGS, METRICS, ASKED, RULES)
    assert base[0].decided.low > 0
    found = list(changes(base, otherwise(moments, cohorts, READINGS, METRICS, ASKED, RULES)))
    assert ("without units of 2026-03-05", "y") in [(what, own.metric) for what, own, _ in found]


def test_a_strong_effect_reads_the_same_whatever_is_chosen() -> None:
    cohorts = days(4, 1.0)
    moments = marginal(cohorts, [])
    base = compare(moments, READINGS, METRICS, ASKED, RULES)
    listed = list(otherwise(moments, cohorts, READINGS, METRICS, ASKED, RULES))
    assert [each.what for each in listed][:4] == [
        "level 90%", "level 99%", "adjustment none", "adjustment lin",
    ]  # fmt: skip
    assert len(listed) == 14
    assert not list(changes(base, listed))


def test_clusters_count_as_draws_from_thirty_an_arm_on() -> None:
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(80), 20)
    arm, day = (cluster % 2), cluster // 20
    y = 5 + rng.normal(size=80)[cluster] + rng.normal(size=cluster.size)
    clustered = moments_of(
        arm, y[:, None], arms=("A", "B"), columns=("y",), stratum=day, strata=DAYS[:4],
        cluster=cluster,
    )  # fmt: skip
    readings = (Reading(metric="y", level=Part(numerator="y", denominator="size")),)
    asked = replace(ASKED, clustered=True)
    found = list(so_far(clustered, readings, METRICS[:1], asked, RULES, None))
    assert [(each.day, each.units) for each in found] == [
        (DAYS[2][0], 1_200),
        (DAYS[3][0], 1_600),
    ]
    tried = otherwise(marginal(clustered, []), clustered, readings, METRICS[:1], asked, RULES)
    assert [each.what for each in tried][2:] == [f"without units of {day}" for (day,) in DAYS[:4]]


def test_a_cap_is_taken_off() -> None:
    cohorts = days(6, 0.3)
    moments = marginal(cohorts, [])
    free = (replace(READINGS[0], uncapped=Part(numerator="z")), READINGS[1])
    listed = {
        each.what: each.comparisons
        for each in otherwise(moments, None, free, METRICS, ASKED, RULES)
    }
    as_z = (replace(READINGS[0], level=Part(numerator="z")), READINGS[1])
    expected = compare(moments, as_z, METRICS, ASKED, RULES)
    assert listed["no cap"][0].effect == expected[0].effect


def test_a_quantile_keeps_its_share_of_alpha_where_it_is_not_read_again() -> None:
    moments = marginal(days(7, 0.1), [])
    slow = Metric(name="slow", column="z", type=Type.QUANTILE, quantile=0.9)
    alone = compare(moments, READINGS, METRICS, ASKED, RULES)[0]
    beside = compare(moments, READINGS, (*METRICS, slow), ASKED, RULES)[0]
    half = compare(moments, READINGS, METRICS, ASKED, replace(RULES, level=0.975))[0]
    assert (alone.method, beside.method) == ("t", "bonferroni")
    assert beside.decided == half.decided
