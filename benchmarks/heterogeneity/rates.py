"""How often a whole run, nuisances included, claims variation: size where there is none, power."""

from __future__ import annotations

import numpy as np

from benchmarks.heterogeneity.kept import Content
from benchmarks.heterogeneity.ours import answer, claim
from benchmarks.heterogeneity.worlds import confounded

TESTS = ("slope_p", "autoc_p", "linear_p")
LEVEL = 0.05


def rates(rows: int, clusters: int | None, varies: float, runs: int) -> Content:
    """How often variation is claimed, and each test rejects.

    ``backwards`` is how often the ranking is significantly worse than none.
    """
    found = [_claim(seed, rows, clusters, varies) for seed in range(runs)]
    return {
        "runs": runs,
        "claimed": float(np.mean([each["found"] for each in found])),
        **{test: float(np.mean([each[test] < LEVEL for each in found])) for test in TESTS},
        "backwards": float(
            np.mean([each["autoc"] < 0 and each["autoc_p"] < LEVEL for each in found])
        ),
    }


def _claim(seed: int, rows: int, clusters: int | None, varies: float) -> Content:
    frame = confounded(seed, rows=rows, clusters=clusters, varies=varies)
    return claim(answer(frame, ("g",) if clusters else ()))
