"""The checks of individual effects speak when the order runs backwards, and not when it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.base.finding import Status
from causal.estimation.cate.linear import Linear
from causal.evaluation import calibration, ranking, sorted_groups
from causal.evaluation._evaluated import Evaluated
from tests.estimation.cate.worlds import frame, learned

CHECKS = [calibration.check, ranking.check, sorted_groups.check]


@pytest.fixture(scope="module")
def evaluated():
    cate, fit = learned(frame(600), learners=(Linear(),))
    setting = fit.setting
    return Evaluated(
        study=setting.study, panel=setting.panel, fits=(fit,), headline="adjusted", cates=(cate,)
    )


@pytest.mark.parametrize("check", CHECKS)
def test_an_order_that_holds_passes(evaluated, check):
    (finding,) = check(evaluated)
    assert finding.status is Status.PASS
    assert finding.attributes == ("a",)
    assert not finding.remedy


@pytest.mark.parametrize("check", CHECKS)
def test_a_backwards_order_warns(evaluated, check):
    cate = evaluated.cates[0]
    backwards = replace(cate, learned=replace(cate.learned, effects=-cate.learned.effects))
    (finding,) = check(replace(evaluated, cates=(backwards,)))
    assert finding.status is Status.WARN
    assert finding.remedy


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_learned_says_nothing(evaluated, check):
    refused = replace(evaluated.cates[0], problem=None, learned=None, refusal="too few rows")
    assert check(replace(evaluated, cates=(refused,))) == check(replace(evaluated, cates=())) == ()
