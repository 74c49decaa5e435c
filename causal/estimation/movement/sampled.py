"""Sampled Shapley shares: over orders drawn at random, each with its reverse.

For graphs with too many nodes for all coalitions. An order and its reverse vary against each other,
so a pair of them says more than two (Mitchell, Cooper, Frank, Holmes 2022, JMLR). How much the
shares still depend on the draw is added to their covariance.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.base.errors import DesignError
from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.estimation._boosting import Boosting
from causal.estimation._estimates import Estimates
from causal.estimation.movement._attribution import Attribution, Coalition, affordable, shared
from causal.estimation.movement._moved import Moved
from causal.estimation.movement.mechanisms import DEFAULT, Mechanisms
from causal.estimation.movement.shapley import refused

FORM = "sampled"
FEWEST = 4


def sampled(
    moved: Moved,
    *,
    permutations: int,
    seed: int,
    boosting: Boosting = DEFAULT,
    workers: int = 1,
    fitted: Mechanisms | None = None,
) -> Attribution:
    """Share out a move by Shapley values over drawn orders.

    Parameters
    ----------
    moved
        Rows and graph.
    permutations
        How many orders, an even number; each with its reverse.
    seed
        The study's seed.
    boosting, workers
        Settings of the models, and threads over fits; the answer does not depend on the latter.
    fitted
        Mechanisms of the same rows, whose models are then used again.

    Raises
    ------
    DesignError
        When ``permutations`` is odd or below 4: from one pair no error can be told; or when the orders
        need more predictions, models times rows, than are affordable.
    """
    if permutations < FEWEST or permutations % 2:
        raise DesignError(
            f"permutations is {permutations}. Give an even number of at least {FEWEST}: every order "
            "is drawn with its reverse, and one pair alone does not tell how far pairs differ."
        )
    fitted = fitted or Mechanisms.of(moved, boosting=boosting, workers=workers)
    orders = drawn(fitted.nodes, permutations, seed)
    values: dict[Coalition, float] = {}
    counted = coefficients(orders)
    affordable(fitted, counted, f"{permutations} orders", "Ask for fewer permutations")
    found = shared(fitted, FORM, counted, values)
    gains = np.array([_gains(order, values) for order in orders])
    pairs = (gains[::2] + gains[1::2]) / 2
    noise = np.cov(pairs, rowvar=False, ddof=1).reshape(fitted.nodes, -1) / len(pairs)
    chain = (*fitted.chain, moved.outcome.name)
    whole = np.zeros((len(found.nodes), len(found.nodes)))
    places = np.ix_(*[[found.nodes.index(node) for node in chain]] * 2)
    whole[places] = noise
    return refused(
        replace(
            found,
            estimates=_widened(found.estimates, _root(whole)),
            move=_widened(found.move, np.zeros((len(found.nodes), 1))),
            monte_carlo=np.sqrt(np.maximum(np.diag(whole), 0.0)),
        )
    )


def drawn(nodes: int, permutations: int, seed: int) -> IntArray:
    """Orders of the nodes, each followed by its reverse, shape (permutations, nodes)."""
    draws = stream(seed, "movement", "permutations")
    pairs = [draws.permutation(nodes) for _ in range(permutations // 2)]
    return np.array([order for one in pairs for order in (one, one[::-1])], dtype=np.int64)


def coefficients(orders: IntArray) -> dict[Coalition, FloatArray]:
    """What the mean of each coalition counts in each share, averaged over the orders."""
    found: dict[Coalition, FloatArray] = {}
    size = orders.shape[1]
    for order in orders:
        for before, after, node in _steps(order):
            for coalition, sign in ((before, -1.0), (after, 1.0)):
                counted = found.setdefault(coalition, np.zeros(size))
                counted[node] += sign / len(orders)
    return found


def _steps(order: IntArray) -> list[tuple[Coalition, Coalition, int]]:
    """The coalition without and with each node, as an order lets them in."""
    made, there = [], [0] * order.size
    for node in order.tolist():
        before = tuple(there)
        there[node] = 1
        made.append((before, tuple(there), node))
    return made


def _gains(order: IntArray, values: dict[Coalition, float]) -> FloatArray:
    """What each node brings in one order, shape (nodes,)."""
    gains = np.zeros(order.size)
    for before, after, node in _steps(order):
        gains[node] = values[after] - values[before]
    return gains


def _root(covariance: FloatArray) -> FloatArray:
    """R with R'R the covariance."""
    size, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(size, 0.0))).T)


def _widened(rows: Estimates, extra: FloatArray) -> Estimates:
    """Add cells of their own that carry a covariance of draws, R'R, and leave the rest as it is.

    The covariance multiplies by G / (G - 1); scales of both parts undo what more cells change.
    """
    cells, more = rows.influence.shape[0], extra.shape[0]
    small = ((cells + more - 1) / (cells + more)) ** 0.5
    keep = small * (cells / (cells - 1)) ** 0.5 if len(rows.ways) == 1 else 1.0
    return replace(
        rows,
        influence=np.vstack([rows.influence * keep, extra * (small if len(rows.ways) == 1 else 1)]),
        ways=tuple(np.append(way, way.max() + 1 + np.arange(more)) for way in rows.ways),
    )
