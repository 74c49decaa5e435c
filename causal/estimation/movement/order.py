"""Shares in causal order: mechanisms become new one after the other, causes first.

The share of a node is what the outcome gains when its mechanism becomes new, those before it new
already and those after it still old. K nodes need K - 1 outcome models and K - 1 propensities.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.diagnostics.movement.support import beyond
from causal.estimation._boosting import Boosting
from causal.estimation.movement._attribution import Attribution, Coalition, shared
from causal.estimation.movement._moved import Moved
from causal.estimation.movement.mechanisms import DEFAULT, Mechanisms

FORM = "order"


def in_order(
    moved: Moved,
    *,
    boosting: Boosting = DEFAULT,
    workers: int = 1,
    fitted: Mechanisms | None = None,
) -> Attribution:
    """Share out a move in causal order.

    Where rows of one period cannot stand in for the other once a node is new, its share cannot be
    told from that of the next: both are given as one.

    Parameters
    ----------
    moved
        Rows and graph.
    boosting, workers
        Settings of the models, and threads over fits; the answer does not depend on the latter.
    fitted
        Mechanisms of the same rows, whose models are then used again.
    """
    fitted = fitted or Mechanisms.of(moved, boosting=boosting, workers=workers)
    found = shared(fitted, FORM, coefficients(fitted.nodes))
    return merged(found, [each.node for each in found.support if beyond(each)])


def coefficients(nodes: int) -> dict[Coalition, FloatArray]:
    """What the mean of each coalition counts in each share.

    >>> {key: value.tolist() for key, value in coefficients(2).items()}
    {(0, 0): [-1.0, 0.0], (1, 0): [1.0, -1.0], (1, 1): [0.0, 1.0]}
    """
    steps = np.eye(nodes + 1, nodes, -1) - np.eye(nodes + 1, nodes)
    return {(1,) * at + (0,) * (nodes - at): steps[at] for at in range(nodes + 1)}


def merged(found: Attribution, last: Collection[str]) -> Attribution:
    """Give the share of each of these nodes together with that of the next one that acts."""
    act = {each.node for each in found.support} | {found.nodes[-1]}
    groups: list[list[int]] = []
    waiting: list[int] | None = None
    for at, node in enumerate(found.nodes):
        if node not in act:
            groups.append([at])
            continue
        if waiting is None:
            groups.append([])
            waiting = groups[-1]
        waiting.append(at)
        if node not in last:
            waiting = None
    if len(groups) == len(found.nodes):
        return found
    groups.sort(key=lambda group: group[-1])
    return _together(found, groups)


def _together(found: Attribution, groups: list[list[int]]) -> Attribution:
    rows = found.estimates
    add = np.zeros((len(found.nodes), len(groups)))
    for at, group in enumerate(groups):
        add[group, at] = 1.0
    first: IntArray = np.array([group[-1] for group in groups])
    nodes = tuple(" and ".join(found.nodes[at] for at in group) for group in groups)
    labels = tuple(
        replace(label, attribute=node, segment_value=node)
        for label, node in zip(rows.select(first).labels, nodes, strict=True)
    )
    spread = rows.baseline_variance @ np.array([[1.0], [0.0]])
    return replace(
        found,
        nodes=nodes,
        groups=tuple(tuple(name for at in group for name in found.groups[at]) for group in groups),
        estimates=replace(
            rows.select(first),
            labels=labels,
            values=rows.values @ add,
            influence=rows.influence @ add,
            baseline_variance=np.column_stack([add.T @ spread, rows.baseline_variance[first, 1]]),
        ),
    )
