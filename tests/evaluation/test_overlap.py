"""Overlap: refused where there is none, named where it is poor, quiet where it is fine."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation.overlap import check, table
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import confounded

SMALL = Boosting(rounds=30, leaves=8)


def test_an_attribute_that_a_confounder_decides_is_refused(evaluate: Evaluate) -> None:
    frame = confounded(1_000)
    frame["a"] = (frame.x1 > 0).astype(int)
    evaluated = evaluate(frame, SMALL)
    (finding,) = check(evaluated)
    assert finding.status is Status.FAIL
    assert (finding.blocks, finding.designs, finding.attributes) == (
        "design",
        ("adjusted",),
        ("a",),
    )
    assert all("not estimable" in reason for reason in evaluated.leading.whole.refusal)


def test_poor_overlap_changes_the_estimand_in_words(evaluate: Evaluate) -> None:
    evaluated = evaluate(confounded(3_000, lean=3.0), SMALL)
    (finding,) = check(evaluated)
    assert finding.status is Status.WARN
    label = evaluated.leading.whole.labels[0]
    assert label.estimand == "ATO"
    assert "where both levels were possible" in label.population


def test_good_overlap_passes_and_keeps_the_estimand(evaluate: Evaluate) -> None:
    evaluated = evaluate(confounded(3_000), SMALL)
    (finding,) = check(evaluated)
    assert finding.status is Status.PASS
    assert evaluated.leading.whole.labels[0].estimand == "ATE"
    (row,) = table(evaluated.leading)
    assert np.isclose(sum(row["histogram"]["treated"]), 1)
