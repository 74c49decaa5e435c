"""A move that is none: two halves of the clusters of the period before."""

from __future__ import annotations

import numpy as np

from causal.base.streams import stream
from causal.data.panel import IntArray
from causal.diagnostics.movement._made import Halves
from causal.estimation._boosting import Boosting
from causal.estimation._inference import infer
from causal.estimation._scores import LEAST_TREATED
from causal.estimation.movement._moved import Moved
from causal.estimation.movement._rows import taken
from causal.estimation.movement.mechanisms import DEFAULT
from causal.estimation.movement.order import in_order


def halves(
    moved: Moved,
    *,
    level: float,
    seed: int,
    boosting: Boosting = DEFAULT,
    workers: int = 1,
) -> Halves | None:
    """Share out, in causal order, the difference between two halves of the period before.

    Nothing changed between them, so every share is zero but for noise. None when the period has
    too few clusters to halve.

    Parameters
    ----------
    moved
        Rows and graph.
    level
        Of the simultaneous intervals.
    seed
        The study's seed, for which clusters are in which half.
    boosting, workers
        Settings of the models, and threads over fits.
    """
    before = ~moved.after & (moved.outcome.weight > 0)
    few = min(np.unique(way[before]).size for way in moved.clusters) < 2 * LEAST_TREATED
    if few or np.unique(moved.folds[before]).size < 2:
        return None
    found = in_order(split(moved, seed), boosting=boosting, workers=workers)
    read = infer(
        found.estimates,
        level=level,
        multiplicity="simultaneous",
        seed=seed,
        family="placebo periods",
    )
    return Halves(
        nodes=found.nodes,
        low=read.simultaneous_low,
        high=read.simultaneous_high,
        p_value=read.p_adjusted,
    )


def split(moved: Moved, seed: int) -> Moved:
    """The period before alone, half of its clusters (in each fold) as if they came after."""
    before = ~moved.after & (moved.outcome.weight > 0)
    names, own = np.unique(moved.clusters[0][before], return_inverse=True)
    place: IntArray = stream(seed, "movement", "placebo periods").permutation(names.size)
    fold = np.zeros(names.size, dtype=np.int64)
    fold[own] = moved.folds[before]
    late = np.zeros(int(moved.clusters[0].max()) + 1, dtype=bool)
    late[names[np.lexsort((place, fold))[1::2]]] = True
    return taken(moved, before, late[moved.clusters[0]] & before)
