"""econml ``LinearDML`` as a user gets it: ``model_y`` and ``model_t`` are 'auto', its default."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "econml LinearDML"
PACKAGES = ("econml", "scikit-learn")
RUNS = 50
OURS = False


def answer(drawn: Drawn) -> Answers:
    """One model for each attribute; a constant effect, covariates as controls."""
    return each(drawn, _interval, most=2)


def _interval(one: Asked) -> Interval:
    from econml.dml import LinearDML

    model = LinearDML(discrete_treatment=True, random_state=1)
    model.fit(one.y, one.a.astype(int), X=None, W=one.x, groups=one.cluster)
    found = model.ate_inference()
    low, high = found.conf_int_mean(alpha=1 - LEVEL)
    return scalar(found.mean_point), scalar(low), scalar(high)
