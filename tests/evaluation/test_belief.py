"""The table of belief joins what every check says of one effect, and makes nothing of its own."""

from __future__ import annotations

import numpy as np
import pytest

from causal.estimation._boosting import Boosting
from causal.evaluation import agreement, estimators, negative_controls, placebo
from causal.evaluation._belief import ASKS, MOST, belief
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import blocks, confounded

QUICK = Boosting(rounds=30, leaves=8)


def checks(row: dict[str, object]) -> dict[str, dict[str, object]]:
    listed = row["checks"]
    assert isinstance(listed, list)
    return {each["check"]: each for each in listed}


def test_every_check_has_its_line(evaluate: Evaluate):
    frame = blocks(hidden=0.5)
    rng = np.random.default_rng(1)
    frame["before"] = frame["x1"] + rng.normal(size=len(frame))
    frame["y"] = (frame["y"] > 0).astype(int)
    evaluated = evaluate(frame, QUICK, block=["k"], cluster=["k"], negative_controls=["before"])
    findings = negative_controls.check(evaluated)
    (row,) = belief(evaluated, findings)
    found = checks(row)
    assert set(found) == set(ASKS) - {"agreement of estimators"}
    assert (row["attribute"], row["outcome"], row["design"]) == ("a", "y", "within")
    compared = [c for c in agreement.comparisons(evaluated) if c.status is not None]
    assert found["agreement of designs"]["statistic"] == max(compared, key=lambda c: abs(c.z)).z
    p = min(float(str(each["p_adjusted"])) for each in findings[0].detail)
    assert found["negative controls"]["statistic"] == p
    (verdict,) = placebo.verdicts(evaluated.leading).values()
    assert found["placebo"]["words"] == verdict.words


def test_second_opinions_are_joined_where_there_are_some(evaluate: Evaluate):
    evaluated = evaluate(confounded(800), QUICK)
    (row,) = belief(evaluated, ())
    said = checks(row)["agreement of estimators"]
    opinions = [o for o in estimators.opinions(evaluated.leading) if o.z is not None]
    assert abs(float(str(said["statistic"]))) == pytest.approx(max(abs(o.z or 0) for o in opinions))


def test_the_clearest_effects_come_first_and_are_bounded(evaluate: Evaluate):
    frame = confounded(300)
    names = [f"y{j}" for j in range(MOST + 3)]
    for j, name in enumerate(names):
        frame[name] = frame["y"] + j * np.random.default_rng(j).normal(size=300)
    outcomes = [{"name": name, "column": name} for name in names]
    evaluated = evaluate(frame, Boosting(rounds=1), outcomes=outcomes)
    rows = belief(evaluated, ())
    whole = evaluated.leading.whole
    t = {
        label.outcome: abs(v / e)
        for label, v, e in zip(whole.labels, whole.values, whole.std_errors, strict=True)
    }
    sizes = [t[str(row["outcome"])] for row in rows]
    assert len(rows) == MOST
    assert sizes == sorted(t.values(), reverse=True)[:MOST]
