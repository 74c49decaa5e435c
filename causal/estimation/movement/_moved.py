"""What mechanism shares are estimated from: the rows of two periods and an order of causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError, DesignError, listing, nearest
from causal.data.panel import BoolArray, Column, FloatArray, IntArray, Measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """The n rows of both periods.

    A *mechanism* is how a node follows from its parents; a move of the outcome's mean comes from
    mechanisms that changed between the periods, the outcome's own among them.

    Attributes
    ----------
    nodes
        In causal order, the outcome not among them.
    columns
        The column of each node.
    parents
        Of a node or of the outcome, by name: the nodes it follows from, which come before it.
    outcome
        Its weight is the study's weight, or for a ratio the denominator times that.
    after
        Which rows are of the period after, shape (n,).
    clusters
        Cluster codes for each way of clustering, each of shape (n,).
    folds
        Fold of each row, by the first way of clustering, shape (n,).
    weight
        The study's weight, shape (n,), for a ratio; a column's is in ``outcome``. None: ones.

    Raises
    ------
    DesignError
        When the graph is not one of these nodes in this order.
    DataError
        When a period has no row that counts, or there is one fold only.
    """

    nodes: tuple[str, ...]
    columns: Mapping[str, Column]
    parents: Mapping[str, tuple[str, ...]]
    outcome: Measured
    after: BoolArray
    clusters: tuple[IntArray, ...]
    folds: IntArray
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        known: list[str] = []
        for node in (*self.nodes, self.outcome.name):
            for parent in self.parents.get(node, ()):
                if parent not in known:
                    raise DesignError(
                        f"'{node}' follows from '{parent}', which is not a node before it. The "
                        f"nodes before it are {listing(known) or 'none'}.{nearest(parent, known)}"
                    )
            known.append(node)
        counting = self.outcome.weight > 0
        for period, rows in (("after", self.after), ("before", ~self.after)):
            if not np.any(counting & rows):
                raise DataError(
                    f"No row of the period {period} has a value of '{self.outcome.name}' and a "
                    "weight above zero. Look at the period, or at data.where."
                )
        if np.unique(self.folds[counting]).size < 2:
            raise DataError(
                "All rows are in one fold, so no model can be judged on rows it did not learn "
                "from. Ask for more settings.folds, or name a cluster with more values."
            )


def acting(moved: Moved) -> tuple[str, ...]:
    """Nodes from which a path leads to the outcome, in causal order."""
    needed = set(moved.parents.get(moved.outcome.name, ()))
    for node in reversed(moved.nodes):
        if node in needed:
            needed |= set(moved.parents.get(node, ()))
    return tuple(node for node in moved.nodes if node in needed)


def frontier(moved: Moved, chain: tuple[str, ...], reached: int) -> tuple[str, ...]:
    """Of the first nodes of a chain those that a later one, or the outcome, follows from.

    Given them, what comes later does not depend on the other earlier nodes (the Markov property of
    the graph), so no model needs more.

    Parameters
    ----------
    moved
        The graph.
    chain
        The acting nodes in causal order.
    reached
        How many nodes of the chain are early.
    """
    later = (*chain[reached:], moved.outcome.name)
    heard = {parent for node in later for parent in moved.parents.get(node, ())}
    return tuple(node for node in chain[:reached] if node in heard)


def stretches(coalition: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Runs of equal periods: the period of each and how many nodes are reached with it.

    >>> stretches((1, 1, 0, 1))
    ((1, 2), (0, 3), (1, 4))
    """
    ends = [at for at in range(1, len(coalition)) if coalition[at] != coalition[at - 1]]
    return tuple((coalition[end - 1], end) for end in (*ends, len(coalition)))
