"""A comparison holds together: what decides, what is shown beside it, and margins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.content.metric import Metric
from causal.content.outcome import Goal, Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.sequences import multiplier, tuning

NAMES = ("sales", "visits", "hides", "before")
METRICS = (
    Metric(name="hides", column="hides", role=Role.GUARDRAIL, goal=Goal.DECREASE, margin=0.05),
    Metric(name="sales", column="sales"),
    Metric(name="visits", column="visits"),
    Metric(name="late", column="visits", role=Role.SECONDARY),
)
READINGS = (
    Reading(metric="sales", level=Part(numerator="sales"), covariates=(Part(numerator="before"),)),
    Reading(metric="visits", level=Part(numerator="visits")),
    Reading(metric="hides", level=Part(numerator="hides")),
    Reading(metric="late", level=Part(numerator="visits")),
)
ASKED = Asked(arm_column="arm", adjustment=Adjustment.CUPED)
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)


def drawn(seed: int = 1, n: int = 4_000, unknown: bool = True) -> Moments:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 3, n)
    before = rng.normal(size=n)
    x = np.column_stack([
        10 + before + 0.4 * arm + rng.normal(size=n), 5 + rng.normal(size=n),
        2 + rng.normal(size=n), before,
    ])  # fmt: skip
    found = moments_of(arm, x, arms=tuple("ABC"), columns=NAMES)
    if not unknown:
        return found
    blank = found.scatter.copy()
    blank[..., 2, :2] = blank[..., :2, 2] = np.nan  # Only the success family is asked for jointly.
    return replace(found, scatter=blank)


def test_they_come_in_the_order_of_metrics_and_arms() -> None:
    found = compare(drawn(), READINGS, METRICS, ASKED, RULES)
    assert [(c.metric, c.arm) for c in found] == [
        (metric.name, arm) for metric in METRICS for arm in "BC"
    ]
    assert [c.decisive for c in found] == [True] * 6 + [False] * 2


def test_success_metrics_share_their_error_and_guardrails_do_not() -> None:
    found = {(c.metric, c.arm): c for c in compare(drawn(), READINGS, METRICS, ASKED, RULES)}
    sales, hides = found["sales", "B"], found["hides", "B"]
    assert sales.decided.low < sales.effect.low
    assert hides.decided.low == pytest.approx(hides.effect.low)
    assert "family" in sales.method


def test_relative_and_absolute_effects_leave_zero_out_together() -> None:
    for seed in range(60):
        for own in compare(drawn(seed, n=300), READINGS, METRICS, ASKED, RULES):
            away = own.effect.low > 0 or own.effect.high < 0
            assert own.relative.low is not None
            assert own.relative.high is not None
            assert away == (own.relative.low > 0 or own.relative.high < 0)
            assert away == (own.p_value < 0.05)


def test_adjustment_sharpens_and_the_raw_effect_stays_beside_it() -> None:
    own = compare(drawn(), READINGS, METRICS, ASKED, RULES)[2]
    assert own.effect.high - own.effect.low < own.raw.high - own.raw.low
    plain = replace(ASKED, adjustment=Adjustment.NONE)
    assert own.raw == compare(drawn(), READINGS, METRICS, plain, RULES)[2].raw


def test_a_margin_is_a_distance_on_the_good_side() -> None:
    found = compare(drawn(unknown=False), READINGS, METRICS, ASKED, RULES)
    hides = found[0]
    assert hides.gap is not None
    assert hides.gap.value == pytest.approx(1.05 * hides.control - hides.treated)
    assert hides.gap.low < hides.gap.value < hides.gap.high
    assert found[2].gap is None


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, procedure=Procedure.SEQUENTIAL, looks=(0.4,)),
        replace(RULES, procedure=Procedure.GROUP_SEQUENTIAL, looks=(0.3, 0.6), information=0.6),
    ],
)
def test_other_procedures_decide_by_their_own_intervals(rules: Rules) -> None:
    fixed = compare(drawn(), READINGS, METRICS, ASKED, RULES)
    found = compare(drawn(), READINGS, METRICS, ASKED, rules)
    for one, other in zip(fixed, found, strict=True):
        assert one.effect == other.effect
        assert other.decided.low < one.effect.low
        assert (other.always is None) == (rules.procedure is Procedure.SEQUENTIAL)


@pytest.mark.parametrize("information", [0.1, 0.5, 1.0, 1.7])
def test_beside_a_fixed_procedure_the_sequence_is_that_of_the_units_so_far(
    information: float,
) -> None:
    """Two success metrics and two arms share alpha; a guardrail does not."""
    rules = replace(RULES, information=information)
    for own in compare(drawn(), READINGS, METRICS, ASKED, rules):
        alpha = 0.05 / (4 if own.role is Role.SUCCESS else 1)
        reach = float(multiplier(np.array(information), alpha, tuning(alpha))) * own.std_error
        assert own.always is not None
        assert own.relative_always is not None
        assert own.always.low == pytest.approx(own.effect.value - reach)
        assert own.always.high == pytest.approx(own.effect.value + reach)
        assert own.always.low < own.decided.low
        away = own.always.low > 0 or own.always.high < 0
        assert own.relative_always.low is not None
        assert own.relative_always.high is not None
        assert away == (own.relative_always.low > 0 or own.relative_always.high < 0)


def test_without_a_planned_number_of_units_no_interval_is_said_to_hold_at_every_look() -> None:
    for own in compare(drawn(), READINGS, METRICS, ASKED, RULES):
        assert own.always is None
        assert own.relative_always is None


def test_only_what_passed_is_corrected() -> None:
    found = compare(drawn(), READINGS, METRICS, ASKED, RULES)
    for own in found:
        passed = own.decided.low > 0 or own.decided.high < 0
        assert (own.corrected is not None) == passed
        if own.corrected is not None:
            assert abs(own.corrected) <= abs(own.effect.value)


def test_a_sequence_before_its_first_units_claims_nothing() -> None:
    rules = replace(RULES, procedure=Procedure.SEQUENTIAL, looks=(0.0,))
    for own in compare(drawn(), READINGS, METRICS, ASKED, rules):
        assert own.decided.low == -np.inf
        assert own.corrected is None
