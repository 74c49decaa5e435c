"""StatsPAI ``aipw`` as a user gets it: a logit and linear outcome models."""

from __future__ import annotations

import warnings

from benchmarks.accuracy.drawing import Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, Asked, Interval, each, scalar

TITLE = "StatsPAI aipw"
PACKAGES = ("StatsPAI",)
RUNS = 200
OURS = False


def answer(drawn: Drawn) -> Answers:
    """One call for each attribute; the cluster is declared where there is one."""
    return each(drawn, _interval)


def _interval(one: Asked) -> Interval:
    import statspai

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of clipped propensities
        found = statspai.aipw(
            one.table.astype({"a": int}),
            y="y",
            treat="a",
            covariates=one.names,
            alpha=1 - LEVEL,
            cluster=None if one.cluster is None else "cluster",
        )
    low, high = found.ci
    return scalar(found.estimate), scalar(low), scalar(high)
