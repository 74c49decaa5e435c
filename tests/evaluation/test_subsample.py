"""Subsample: an effect that is not the same in every part is seen, chance is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation import subsample
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import blocks, confounded

QUICK = Boosting(rounds=20, leaves=8)


def dated(*, fade: float, seed: int = 0) -> pd.DataFrame:
    frame = confounded(1_500, seed)
    frame["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(1_500) // 10, unit="D")
    frame["y"] += fade * frame["a"] * (np.arange(1_500) >= 750)
    return frame


def test_an_effect_that_fades_is_seen(evaluate: Evaluate):
    (finding,) = subsample.check(evaluate(dated(fade=-1.0), QUICK, time="day"))
    assert finding.status is Status.WARN
    assert "differ by time more than sampling error" in finding.meaning
    assert finding.blocks == "none"


def test_one_that_lasts_passes(evaluate: Evaluate):
    (finding,) = subsample.check(evaluate(dated(fade=0.0), QUICK, time="day"))
    assert finding.status is Status.PASS


def test_parts_that_are_copies_are_too_alike(evaluate: Evaluate):
    frame = blocks(hidden=0.0, count=60)
    frame["day"] = pd.Timestamp("2026-01-01")
    copy = frame.assign(day=pd.Timestamp("2026-06-01"), k=frame["k"] + 1_000)
    both = pd.concat([frame, copy], ignore_index=True)
    asked = {"block": ["k"], "cluster": ["k"], "time": "day"}
    (finding,) = subsample.check(evaluate(both, QUICK, **asked))
    assert finding.status is Status.WARN
    assert "more alike by time than independent parts can be: look for copies" in finding.meaning


def lonely(pull: float) -> pd.DataFrame:
    """Forty clusters without an effect, one of which has so large an effect of its own."""
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(40), 10)
    a = np.tile([0, 1], 200)
    y = 0.05 * a + rng.normal(size=400) * 0.1 + pull * a * (g == 0)
    frame = pd.DataFrame({"g": g, "a": a, "y": y})
    frame["x1"], frame["x2"] = rng.normal(size=(2, 400))
    return frame


def test_an_effect_that_is_one_clusters_story_is_seen(evaluate: Evaluate):
    evaluated = evaluate(lonely(5.0), QUICK, cluster=["g"])
    (finding,) = subsample.check(evaluated)
    assert finding.status is Status.WARN
    assert "One single cluster makes" in finding.meaning
    (verdict,) = subsample.verdicts(evaluate(lonely(0.0), QUICK, cluster=["g"]).leading).values()
    assert verdict.status == "PASS"
    assert 0 < float(verdict.numbers["one_cluster"] or 0) < subsample.MOST_OF_ONE


def test_parts_with_a_handful_of_rows_are_not_compared(evaluate: Evaluate):
    frame = dated(fade=0.0)
    frame["a"] = (np.arange(1_500) % 30 == 0).astype(int)
    (verdict,) = subsample.verdicts(evaluate(frame, QUICK, time="day").leading).values()
    assert verdict.status is None
    assert "Too few" in verdict.words


def test_few_false_alarms(evaluate: Evaluate):
    """A WARN has the chance of 2 standard errors, too far apart or too alike: 4.6%."""
    warned = 0
    for seed in range(25):
        evaluated = evaluate(
            dated(fade=0.0, seed=seed)[::3], Boosting(rounds=3, leaves=4), time="day"
        )
        warned += subsample.check(evaluated)[0].status is not Status.PASS
    assert warned <= 25 * 0.0455 + 3 * (25 * 0.0455 * 0.9545) ** 0.5
