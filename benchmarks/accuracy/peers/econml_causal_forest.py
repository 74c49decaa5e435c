"""econml ``CausalForestDML`` as a user gets it; the interval is that of ``ate__inference``."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "econml CausalForestDML"
PACKAGES = ("econml", "scikit-learn")
RUNS = 30
OURS = False


def answer(drawn: Drawn) -> Answers:
    """One forest of 100 trees for each attribute, all covariates as modifiers."""
    return each(drawn, _interval, most=2)


def _interval(one: Asked) -> Interval:
    from econml.dml import CausalForestDML

    model = CausalForestDML(discrete_treatment=True, random_state=1, n_jobs=1)
    model.fit(one.y, one.a.astype(int), X=one.x, groups=one.cluster)
    found = model.ate__inference()
    low, high = found.conf_int(alpha=1 - LEVEL)
    return scalar(found.point_estimate), scalar(low), scalar(high)
