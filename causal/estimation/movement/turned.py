"""Do shares depend on the order: the same rows in the other order that the graph allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.base.streams import stream
from causal.data.panel import BoolArray, FloatArray
from causal.diagnostics.movement._made import Turned
from causal.estimation._boosting import Boosting
from causal.estimation._estimates import variance
from causal.estimation.movement._attribution import Attribution, shared
from causal.estimation.movement._moved import Moved, acting
from causal.estimation.movement._rows import taken
from causal.estimation.movement.mechanisms import DEFAULT, Mechanisms
from causal.estimation.movement.order import FORM, coefficients

SHARE = 0.2
FEWEST = 20_000


def turned(
    moved: Moved, *, seed: int, boosting: Boosting = DEFAULT, workers: int = 1
) -> Turned | None:
    """Share out a move in the order given and in the other one, on the same rows.

    Of many rows a fifth of the clusters is taken, at least 20,000 rows. None when the graph leaves
    no choice: a path joins every two nodes.

    Parameters
    ----------
    moved
        Rows and graph.
    seed
        The study's seed, for which clusters are taken.
    boosting, workers
        Settings of the models, and threads over fits.
    """
    order = other_order(moved)
    chain = acting(moved)
    if tuple(node for node in order if node in chain) == chain:
        return None
    part = taken(moved, _some(moved, seed))
    given = _shares(part, boosting, workers)
    other = _shares(replace(part, nodes=order), boosting, workers)
    nodes = given.nodes
    places = [other.nodes.index(node) for node in nodes]
    apart = given.estimates.influence - other.estimates.influence[:, places]
    error = np.sqrt(np.maximum(variance(apart, apart, given.estimates.ways), 0.0))
    difference: FloatArray = given.estimates.values - other.estimates.values[places]
    return Turned(order=order, nodes=nodes, difference=difference, std_error=error)


def other_order(moved: Moved) -> tuple[str, ...]:
    """The order the graph allows in which nodes without a path between them change places."""
    left, order = list(moved.nodes), []
    while left:
        free = [node for node in left if not set(moved.parents.get(node, ())) & set(left)]
        order.append(free[-1])
        left.remove(free[-1])
    return tuple(order)


def _shares(moved: Moved, boosting: Boosting, workers: int) -> Attribution:
    fitted = Mechanisms.of(moved, boosting=boosting, workers=workers)
    return shared(fitted, FORM, coefficients(fitted.nodes))


def _some(moved: Moved, seed: int) -> BoolArray:
    rows = moved.after.size
    clusters = int(moved.clusters[0].max()) + 1
    share = min(1.0, max(SHARE, FEWEST / rows))
    if share == 1.0:
        return np.ones(rows, dtype=bool)
    chosen = stream(seed, "movement", "order").random(clusters) < share
    return chosen[moved.clusters[0]]
