"""Interval and p-value of a decision come from one procedure and never disagree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.rows import moments_of
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.decided import Procedure, Rules, decide
from causal.estimation.experiment.effects import Asked, effects

ALPHA = 0.05
READINGS = [Reading(metric=name, level=Part(numerator=name)) for name in ("u", "v", "w")]
ASKED = Asked(arm_column="arm", adjustment=Adjustment.NONE)
RULES = Rules(procedure=Procedure.FIXED, level=1 - ALPHA, seed=1)
EACH = [
    RULES,
    replace(RULES, procedure=Procedure.SEQUENTIAL, looks=(0.5,)),
    replace(RULES, procedure=Procedure.GROUP_SEQUENTIAL, looks=(0.4, 0.7)),
]


def null(seed: int, n: int = 600) -> Estimates:
    """Three metrics correlated at 0.8 in three arms that do not differ."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 1))
    x = np.sqrt(0.8) * shared + np.sqrt(0.2) * rng.normal(size=(n, 3))
    moments = moments_of(rng.integers(0, 3, n), x, arms=tuple("ABC"), columns=("u", "v", "w"))
    return effects(moments, READINGS, ASKED)


def moved(estimates: Estimates, by: np.ndarray) -> Estimates:
    return replace(estimates, values=estimates.values + by * estimates.std_errors)


@pytest.mark.parametrize("rules", EACH, ids=lambda r: r.procedure.value)
@pytest.mark.parametrize("together", [True, False])
def test_p_is_below_alpha_where_the_interval_leaves_zero_out(
    rules: Rules, *, together: bool
) -> None:
    for shift in np.linspace(0, 6, 13):
        found = decide(moved(null(1), np.full(6, shift)), rules, together=together)
        out = (found.low > 0) | (found.high < 0)
        assert np.array_equal(found.p_value < ALPHA, out)


def test_success_metrics_share_alpha_and_guardrails_do_not() -> None:
    for rules in EACH:
        shared, own = (decide(null(2), rules, together=t) for t in (True, False))
        assert (shared.critical >= own.critical).all()
        assert (shared.high - shared.low > own.high - own.low).all()


def test_one_comparison_has_the_pointwise_interval() -> None:
    one = null(3).select(np.array([0]))
    both = [decide(one, RULES, together=t) for t in (True, False)]
    assert both[0].low == pytest.approx(both[1].low)
    assert both[0].p_value == pytest.approx(both[1].p_value)


def test_the_largest_of_correlated_metrics_is_held_to_less_than_bonferroni() -> None:
    from scipy.stats import norm

    found = decide(null(4), RULES, together=True)
    assert 1.96 < found.critical[0] < norm.isf(ALPHA / 12)


def test_familywise_error_under_the_null_is_alpha() -> None:
    runs = 150
    claimed = [
        bool(((d.low > 0) | (d.high < 0)).any())
        for d in (decide(null(seed), RULES, together=True) for seed in range(100, 100 + runs))
    ]
    assert np.mean(claimed) <= ALPHA + 2 * np.sqrt(ALPHA * (1 - ALPHA) / runs)


def test_a_sequence_is_wider_early_than_late() -> None:
    early, late = (
        decide(null(5), replace(EACH[1], looks=(t,)), together=False) for t in (0.1, 1.0)
    )
    assert (early.critical > late.critical).all()
