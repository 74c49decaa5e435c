"""What effects add up to: a day, and on the total of everybody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.base.errors import DesignError
from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments
from causal.data.moments.rows import SIZE, moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.impact import Extent, Impact, impacts

LIFT, LEVEL, OTHERS, UNITS = 0.2, 2.0, 1_000.0, 600
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)
REVENUE = Metric(name="revenue", column="y")
READING = Reading(metric="revenue", level=Part(numerator="y"), covariates=(Part(numerator="x"),))
ONE = Reading(metric="revenue", level=Part(numerator="y", denominator=SIZE))


def drawn(seed: int, *, lift: float = LIFT, cluster: bool = False) -> Moments:
    """Units with a level of 2 and a covariate that explains most of it."""
    rng = np.random.default_rng(seed)
    groups = 80 if cluster else UNITS
    own = np.repeat(np.arange(groups), rng.integers(3, 14, groups) if cluster else 1)
    arm = rng.permutation(groups) % 2
    x = rng.gamma(2.0, 1.0, own.size) + (rng.gamma(1.0, 0.5, groups) - 0.5)[own] * cluster
    y = x * rng.gamma(4.0, 0.25, own.size) * (1 + lift * arm[own])
    return moments_of(
        arm[own], np.column_stack([y, x]), arms=("A", "B"), columns=("y", "x"),
        cluster=own if cluster else None,
    )  # fmt: skip


def found(
    moments: Moments,
    reading: Reading = READING,
    *,
    adjustment: Adjustment = Adjustment.CUPED,
    metric: Metric = REVENUE,
    clustered: bool = False,
    **more: object,
) -> list[Impact]:
    asked = Asked(arm_column="arm", adjustment=adjustment, clustered=clustered)
    own = float((moments.n * moments.mean[:, :, 0]).sum())
    extent = Extent(days=10, still_open={}, totals={"revenue": own + OTHERS})
    extent = replace(extent, **more)  # type: ignore[arg-type]
    made = compare(moments, [reading], [metric], asked, RULES)
    return list(impacts(moments, [reading], [metric], made, extent, adjustment))


def test_a_day_is_the_effect_times_the_units_of_a_day() -> None:
    moments = drawn(1)
    (own,) = found(moments)
    (effect,) = compare(moments, [READING], [REVENUE], Asked(arm_column="arm"), RULES)
    assert own.units_a_day == UNITS / 10
    assert own.a_day is not None
    assert own.a_day.value == pytest.approx(effect.effect.value * UNITS / 10)
    assert (own.a_day.low, own.a_day.high) == pytest.approx(
        (effect.decided.low * UNITS / 10, effect.decided.high * UNITS / 10)
    )
    assert own.corrected == pytest.approx(effect.corrected * UNITS / 10)
    assert 0 < own.corrected < own.a_day.value


def test_the_lift_of_the_total_is_the_lift_times_the_share_that_units_have() -> None:
    moments = drawn(2)
    (own,) = found(moments)
    (effect,) = compare(moments, [READING], [REVENUE], Asked(arm_column="arm"), RULES)
    assert own.whole is not None
    product = effect.relative.value * own.whole.covered.value
    assert own.whole.lift.value == pytest.approx(product, rel=1e-12)
    assert own.whole.covered.low < own.whole.covered.value < own.whole.covered.high


def test_where_units_are_everybody_the_lift_is_their_own() -> None:
    moments = drawn(3)
    sums = float((moments.n * moments.mean[:, :, 0]).sum())
    (own,) = found(moments, totals={"revenue": sums})
    (effect,) = compare(moments, [READING], [REVENUE], Asked(arm_column="arm"), RULES)
    assert own.whole is not None
    assert own.whole.covered.value == 1.0
    assert (own.whole.lift.low, own.whole.lift.high) == pytest.approx(
        (effect.relative_decided.low, effect.relative_decided.high)
    )


@pytest.mark.parametrize("adjustment", Adjustment)
@pytest.mark.parametrize("cluster", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(
    adjustment: Adjustment, cluster: bool
) -> None:
    """The total without treatment is what the others have and what units would have had."""
    runs, hits = 250, np.zeros(3)
    reading = READING if not cluster else replace(
        ONE, covariates=(Part(numerator="x", denominator=SIZE),)
    )  # fmt: skip
    for seed in range(runs):
        moments = drawn(seed, cluster=cluster)
        units = float(moments.units.sum())
        (own,) = found(moments, reading, adjustment=adjustment, clustered=cluster)
        whole = own.whole
        assert whole is not None
        assert own.a_day is not None
        without = units * LEVEL + OTHERS
        day, lift = LIFT * LEVEL * units / 10, LIFT * LEVEL * units / without
        hits += (
            own.a_day.low <= day <= own.a_day.high,
            whole.lift.low <= lift <= whole.lift.high,
            whole.covered.low <= units * LEVEL / without <= whole.covered.high,
        )
    error = (0.95 * 0.05 / runs) ** 0.5
    assert np.abs(hits / runs - 0.95).max() <= 3.5 * error


def test_units_that_lack_the_metric_do_not_count_and_those_still_open_do() -> None:
    rng = np.random.default_rng(4)
    arm, known = np.arange(400) % 2, (rng.random(400) < 0.5).astype(float)
    y = rng.gamma(2.0, 1.0, 400) * known
    moments = moments_of(arm, np.column_stack([y, known]), arms=("A", "B"), columns=("y", "m"))
    reading = Reading(metric="revenue", level=Part(numerator="y", denominator="m"))
    (closed,) = found(moments, reading, adjustment=Adjustment.NONE)
    assert closed.units_a_day == pytest.approx(known.sum() / 10)
    late = 400 - int(known.sum())
    (open_,) = found(moments, reading, adjustment=Adjustment.NONE, still_open={"revenue": late})
    assert open_.units_a_day == pytest.approx(40.0)


def test_rates_secondary_metrics_and_what_has_no_dates_add_up_to_nothing() -> None:
    moments = drawn(5)
    ratio = Metric(name="revenue", numerator="y", denominator="x")
    of_ratio = Reading(metric="revenue", level=Part(numerator="y", denominator="x"))
    assert found(moments, of_ratio, metric=ratio, adjustment=Adjustment.NONE) == []
    quantile = Metric(name="revenue", column="y", type=Type.QUANTILE, quantile=0.5)
    assert found(moments, metric=quantile) == []
    assert found(moments, metric=Metric(name="revenue", column="y", role=Role.SECONDARY)) == []
    (own,) = found(moments, days=None, totals={})
    assert (own.a_day, own.units_a_day, own.whole) == (None, None, None)


def test_a_total_less_than_the_units_own_is_refused() -> None:
    with pytest.raises(DesignError, match=r"analysis.totals.revenue is 3"):
        found(drawn(6), totals={"revenue": 3.0})
