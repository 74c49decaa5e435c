"""Quality of the nuisance models: worse than the mean is told, better is not."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation.nuisances import check, table
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import confounded


def test_a_model_worse_than_the_mean_warns(evaluate: Evaluate) -> None:
    frame = confounded(120)
    frame["y"] = np.random.default_rng(1).normal(size=120)
    (finding,) = check(
        evaluate(frame, Boosting(rounds=100, rate=0.3, min_leaf=2, linear_start=False))
    )
    assert finding.status is Status.WARN


def test_a_model_that_predicts_passes_and_is_listed(evaluate: Evaluate) -> None:
    evaluated = evaluate(confounded(2_000), Boosting(rounds=30, leaves=8))
    (finding,) = check(evaluated)
    assert finding.status is Status.PASS
    rows = {row["target"]: row for row in table(evaluated.leading)}
    assert rows["y"]["value"] > 0.4
    assert 0.6 < rows["a"]["value"] < 0.8
    assert abs(rows["y"]["calibration_slope"] - 1) < 0.1
