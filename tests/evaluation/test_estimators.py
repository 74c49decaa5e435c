"""Estimators of one effect: apart when one of their models is wrong, together when none is."""

from __future__ import annotations

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation.estimators import check, opinions
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import confounded, logistic

SMALL = Boosting(rounds=30, leaves=8)


def test_a_wrong_propensity_parts_the_estimators(evaluate: Evaluate) -> None:
    (finding,) = check(evaluate(confounded(3_000).assign(p=0.5), SMALL, propensity="p"))
    assert finding.status is Status.FAIL
    assert finding.columns == ("a",)


def test_the_right_propensity_does_not(evaluate: Evaluate) -> None:
    frame = confounded(3_000)
    frame["p"] = logistic(0.7 * frame.x1)
    (finding,) = check(evaluate(frame, SMALL, propensity="p"))
    assert finding.status is Status.PASS


def test_only_estimators_of_one_estimand_are_compared(evaluate: Evaluate) -> None:
    found = opinions(evaluate(confounded(1_000), SMALL).leading)
    assert [(o.estimand, o.estimator) for o in found] == [
        ("ATE", "aipw"), ("ATE", "inverse_weighting"), ("ATO", "aipw"), ("ATO", "partially_linear"),
    ]  # fmt: skip
    assert [o.z is None for o in found] == [True, False, True, False]
    assert [o.status is None for o in found] == [True, False, True, False]


def test_estimators_that_are_equal_agree(evaluate: Evaluate) -> None:
    evaluated = evaluate(confounded(600), SMALL, confounders=[])
    assert {o.status for o in opinions(evaluated.leading)} == {None}
