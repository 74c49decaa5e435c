"""The plain difference of means, with the standard error of the (first) cluster."""

from __future__ import annotations

import numpy as np
from scipy.stats import t

from benchmarks.accuracy.drawing import Answer, Answers, Drawn
from benchmarks.accuracy.peers._asked import LEVEL, clusters

TITLE = "naive difference"
PACKAGES = ("scipy",)
RUNS = 1_000
OURS = False


def answer(drawn: Drawn) -> Answers:
    """Means, or ratios of sums, of the rows with and without the attribute."""
    return Answers(rows=tuple(_difference(drawn, name, contrast) for name, contrast in drawn.truth))


def _difference(drawn: Drawn, name: str, contrast: str) -> Answer:
    outcome, frame = drawn.study["outcomes"][0], drawn.frame
    n = frame[outcome.get("column", outcome.get("numerator"))].to_numpy(float)
    d = np.ones_like(n)
    if "denominator" in outcome:
        d = frame[outcome["denominator"]].to_numpy(float)
    named = clusters(drawn)
    g = np.arange(n.size) if named is None else named
    on = frame[name].to_numpy() == 1
    means, influence = [], []
    for arm in (on, ~on):
        mean = n[arm].sum() / d[arm].sum()
        means.append(mean)
        influence.append(arm * (n - mean * d) / d[arm].sum())
    groups = int(g.max()) + 1
    sums = np.bincount(g, weights=influence[0] - influence[1], minlength=groups)
    error = float(np.sqrt(groups / (groups - 1) * np.sum(sums**2)))
    estimate = float(means[0] - means[1])
    half = float(t.isf((1 - LEVEL) / 2, groups - 1)) * error
    return Answer(
        attribute=name,
        contrast=contrast,
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
    )
