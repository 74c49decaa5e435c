"""What the model of individual effects uses, in a box of its own."""

from __future__ import annotations

import numpy as np
import pytest

from causal.estimation.cate.dr_learner import DRLearner
from causal.estimation.cate.linear import Linear
from causal.interpretation.heterogeneity import explain_effects
from tests.estimation.cate.worlds import frame, learned

LEARNERS = (Linear(), DRLearner())


@pytest.fixture(scope="module")
def cate():
    return learned(frame(1_500), learners=LEARNERS)[0]


def test_the_columns_that_move_the_effect_come_first(cate):
    found = explain_effects(cate)
    assert set(found.columns[:2]) == {"x0", "x1"}
    assert list(found.values) == sorted(found.values, reverse=True)
    assert found.fidelity > 0.8
    assert found.kind == "association"


def test_the_same_effects_give_the_same_explanation(cate):
    assert explain_effects(cate) == explain_effects(cate)


def test_effects_that_do_not_vary_have_nothing_to_explain(cate):
    from dataclasses import replace

    flat = replace(cate.learned, weights=np.zeros_like(cate.learned.weights))
    assert explain_effects(replace(cate, learned=flat)) is None
    assert explain_effects(replace(cate, learned=None)) is None
