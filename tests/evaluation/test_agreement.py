"""Agreement of designs: an unmeasured block-level confounder is seen, chance is not."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation._chance import judge, limit
from causal.evaluation.agreement import check, comparisons
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import blocks

SMALL = Boosting(rounds=30, leaves=8)
BLOCKED = {"block": ["k"], "cluster": "k"}


def test_a_hidden_confounder_of_blocks_fails(evaluate: Evaluate) -> None:
    (finding,) = check(evaluate(blocks(hidden=1.0), SMALL, **BLOCKED))
    assert finding.status is Status.FAIL
    assert "adjusted against within" in finding.meaning


def test_without_one_the_designs_agree_in_every_world(evaluate: Evaluate) -> None:
    for seed in range(8):
        (finding,) = check(evaluate(blocks(seed, hidden=0.0, count=60), SMALL, **BLOCKED))
        assert finding.status is not Status.FAIL


def test_a_design_that_claims_nothing_is_shown_and_not_judged(evaluate: Evaluate) -> None:
    found = comparisons(evaluate(blocks(hidden=1.0), SMALL, **BLOCKED))
    naive = next(c for c in found if c.second == "naive")
    assert naive.status is None
    assert naive.words == "naive makes no claim to be the effect here; it differs"
    assert check(evaluate(blocks(hidden=1.0), SMALL, **BLOCKED, confounders=[])) == ()


def test_the_difference_is_that_of_the_estimates_with_their_joint_error(evaluate: Evaluate) -> None:
    evaluated = evaluate(blocks(hidden=0.5), SMALL, **BLOCKED)
    for each in comparisons(evaluated):
        assert each.first == "within"
        assert np.isclose(each.difference, each.second_estimate - each.first_estimate)
        assert np.isclose(each.z, each.difference / each.std_error)


def test_many_comparisons_raise_the_limit_so_that_alarms_stay_as_rare() -> None:
    from scipy.stats import norm

    for count in (1, 10, 200):
        chance = 1 - (1 - norm.sf(limit(3.0, count))) ** count
        assert np.isclose(chance, norm.sf(3.0), rtol=0.01)
    assert judge(3.5, 1) is Status.FAIL
    assert judge(4.0, 200) is Status.WARN
    assert judge(3.5, 200) is Status.PASS
