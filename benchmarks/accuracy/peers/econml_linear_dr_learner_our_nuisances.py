"""econml ``LinearDRLearner`` on this package's out-of-fold predictions."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "econml LinearDRLearner, our nuisances"
PACKAGES = ("econml", "scikit-learn")
RUNS = 50
OURS = True


def answer(drawn: Drawn) -> Answers:
    """The predictions are looked up by row number, so that only the last stage is econml's."""
    return each(drawn, _interval)


def _interval(one: Asked) -> Interval:
    from econml.dr import LinearDRLearner

    from benchmarks.accuracy.peers._looked_up import Attribute, Outcome, numbered, table

    own = table(one)
    model = LinearDRLearner(
        model_regression=Outcome(own, place=-2, arm_last=True),
        model_propensity=Attribute(own),
        random_state=1,
    )
    model.fit(one.y, one.a.astype(int), X=None, W=numbered(one), groups=one.cluster)
    found = model.ate_inference(T0=0, T1=1)
    low, high = found.conf_int_mean(alpha=1 - LEVEL)
    return scalar(found.mean_point), scalar(low), scalar(high)
