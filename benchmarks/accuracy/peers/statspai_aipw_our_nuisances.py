"""StatsPAI ``aipw`` on this package's out-of-fold predictions."""

from __future__ import annotations

import warnings

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "StatsPAI aipw, our nuisances"
PACKAGES = ("StatsPAI",)
RUNS = 50
OURS = True


def answer(drawn: Drawn) -> Answers:
    """The predictions are looked up by row number."""
    return each(drawn, _interval)


def _interval(one: Asked) -> Interval:
    import statspai

    from benchmarks.accuracy.peers._looked_up import Attribute, Outcome, numbered, table

    own = table(one)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of clipped propensities
        found = statspai.aipw(
            one.table.astype({"a": int}).assign(row=numbered(one)),
            y="y",
            treat="a",
            covariates=["row"],
            alpha=1 - LEVEL,
            cluster=None if one.cluster is None else "cluster",
            ps_learner=Attribute(own),
            outcome_learner=Outcome(own),
        )
    low, high = found.ci
    return scalar(found.estimate), scalar(low), scalar(high)
