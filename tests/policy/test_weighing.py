"""Evidence is what was compared, no more and no less."""

from __future__ import annotations

from datetime import date

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.metric import Metric
from causal.content.outcome import Role
from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.comparisons import compare
from causal.estimation.experiment.decided import Procedure, Rules
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.precision import precisions
from causal.policy.evidence import Made, Word
from causal.policy.verdict import verdict
from causal.policy.weighing import Agreed, evidence

METRICS = (
    Metric(name="y", column="y"),
    Metric(name="z", column="z", role=Role.GUARDRAIL, absolute_margin=0.5),
    Metric(name="s", column="z", role=Role.SECONDARY),
)
READINGS = tuple(Reading(metric=m.name, level=Part(numerator=str(m.column))) for m in METRICS)
RULES = Rules(procedure=Procedure.FIXED, level=0.95, seed=1)
AGREED = Agreed(
    procedure=Procedure.FIXED, otherwise=Word.HOLD, pool_shared=False, information=1.0,
    last=date(2026, 3, 15), earliest=date(2026, 3, 15), days_to_target=0,
)  # fmt: skip
WELL = (Finding(name="sample ratio", status=Status.PASS, meaning="As planned."),)


def weigh(effect: float, harm: float = 0.0, findings: tuple[Finding, ...] = WELL):
    rng = np.random.default_rng(1)
    arm = rng.integers(0, 2, 2_000)
    x = np.column_stack([
        5 + effect * arm + rng.normal(size=2_000), 5 - harm * arm + rng.normal(size=2_000),
    ])  # fmt: skip
    moments = moments_of(arm, x, arms=("A", "B"), columns=("y", "z"))
    asked = Asked(arm_column="arm", adjustment=Adjustment.NONE)
    found = compare(moments, READINGS, METRICS, asked, RULES)
    precise = precisions(
        moments, READINGS, METRICS, adjustment=Adjustment.NONE, rules=RULES, power=0.8,
        smallest={"y": 0.05},
    )  # fmt: skip
    return evidence(found, METRICS, precise, findings, AGREED)


def test_success_and_guardrails_are_weighed_and_secondary_metrics_are_not() -> None:
    found = weigh(0.5)
    assert [each.outcome for each in found.measured] == ["y", "z"]
    success, guard = found.measured
    assert (guard.margin, guard.absolute) == (0.5, True)
    assert success.procedure is Made.POINTWISE
    assert success.precise
    assert guard.gap_low is not None
    assert found.final


def test_a_gain_within_every_margin_is_shipped() -> None:
    assert verdict(weigh(0.5)).word is Word.SHIP


def test_a_broken_guardrail_is_rolled_back_whatever_was_gained() -> None:
    assert verdict(weigh(0.5, harm=1.0)).word is Word.ROLL_BACK


def test_nothing_shown_at_the_end_of_the_plan_is_as_declared() -> None:
    assert verdict(weigh(0.0)).word is Word.HOLD


def test_a_failed_check_leaves_no_verdict() -> None:
    broken = (Finding(name="sample ratio", status=Status.FAIL, meaning="Off."),)
    assert verdict(weigh(0.5, findings=broken)).word is Word.CANNOT_DECIDE
