"""econml ``LinearDRLearner`` as a user gets it: models 'auto', its default."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "econml LinearDRLearner"
PACKAGES = ("econml", "scikit-learn")
RUNS = 50
OURS = False


def answer(drawn: Drawn) -> Answers:
    """One model for each attribute; a constant last stage, covariates as controls."""
    return each(drawn, _interval, most=2)


def _interval(one: Asked) -> Interval:
    from econml.dr import LinearDRLearner

    model = LinearDRLearner(random_state=1)
    model.fit(one.y, one.a.astype(int), X=None, W=one.x, groups=one.cluster)
    found = model.ate_inference(T0=0, T1=1)
    low, high = found.conf_int_mean(alpha=1 - LEVEL)
    return scalar(found.mean_point), scalar(low), scalar(high)
