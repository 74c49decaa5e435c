"""econml ``CausalForestDML`` on this package's out-of-fold predictions."""

from __future__ import annotations

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "econml CausalForestDML, our nuisances"
PACKAGES = ("econml", "scikit-learn")
RUNS = 30
OURS = True


def answer(drawn: Drawn) -> Answers:
    """The predictions are looked up by row number; the forest is econml's."""
    return each(drawn, _interval, most=2)


def _interval(one: Asked) -> Interval:
    from econml.dml import CausalForestDML

    from benchmarks.accuracy.peers._looked_up import Attribute, Outcome, numbered, table

    own = table(one)
    model = CausalForestDML(
        model_y=Outcome(own),
        model_t=Attribute(own),
        discrete_treatment=True,
        random_state=1,
        n_jobs=1,
    )
    model.fit(one.y, one.a.astype(int), X=one.x, W=numbered(one), groups=one.cluster)
    found = model.ate__inference()
    low, high = found.conf_int(alpha=1 - LEVEL)
    return scalar(found.point_estimate), scalar(low), scalar(high)
