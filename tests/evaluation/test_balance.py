"""Balance: a product that drives both sides is seen even when main effects balance."""

from __future__ import annotations

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation.balance import balances, check
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import confounded

MAIN_EFFECTS_ONLY = Boosting(rounds=200, leaves=2, rate=0.1, linear_start=False)


def test_product_confounding_that_main_effects_miss_fails(evaluate: Evaluate) -> None:
    evaluated = evaluate(confounded(8_000, product=0.7), MAIN_EFFECTS_ONLY)
    (finding,) = check(evaluated)
    assert finding.status is Status.FAIL
    assert "x1 x x2" in finding.meaning
    after = {row.term: abs(row.after) for row in balances(evaluated.leading)}
    assert max(after["x1"], after["x2"]) < 0.1


def test_models_that_see_the_product_pass(evaluate: Evaluate) -> None:
    (finding,) = check(evaluate(confounded(8_000, product=0.7)))
    assert finding.status is Status.PASS


def test_noise_of_few_clusters_is_no_imbalance(evaluate: Evaluate) -> None:
    """Twelve clusters that differ by chance in what is constant in them."""
    for seed in range(5):
        frame = confounded(600, seed)
        frame["g"] = frame.index % 12
        frame["x1"] = frame.groupby("g").x1.transform("mean") * 5
        (finding,) = check(evaluate(frame, MAIN_EFFECTS_ONLY, cluster="g"))
        assert finding.status is not Status.FAIL


def test_a_design_without_claim_is_not_judged(evaluate: Evaluate) -> None:
    assert check(evaluate(confounded(600), MAIN_EFFECTS_ONLY, confounders=[])) == ()
