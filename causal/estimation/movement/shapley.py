"""Shapley shares: what a mechanism brings, averaged over every order in which all could change.

Exact, over all 2^K coalitions of K mechanisms; outcome models are shared by the coalitions that end
alike, propensities by all. A model reads only the nodes that later ones follow from, so a graph of
sparse parents keeps models small and weights near one where there are many nodes.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import factorial

import numpy as np

from causal.base.errors import DesignError
from causal.data.panel import FloatArray
from causal.diagnostics.movement.support import beyond
from causal.estimation._boosting import Boosting
from causal.estimation.movement._attribution import Attribution, Coalition, affordable, shared
from causal.estimation.movement._moved import Moved
from causal.estimation.movement.mechanisms import DEFAULT, Mechanisms

FORM = "shapley"
ALWAYS = 5
MOST = 10


def shapley(
    moved: Moved,
    *,
    boosting: Boosting = DEFAULT,
    workers: int = 1,
    fitted: Mechanisms | None = None,
) -> Attribution:
    """Share out a move by exact Shapley values over mechanisms.

    Nodes from which no path leads to the outcome are not counted: their share is zero.

    Parameters
    ----------
    moved
        Rows and graph; at most 10 nodes that act, the outcome among them.
    boosting, workers
        Settings of the models, and threads over fits; the answer does not depend on the latter.
    fitted
        Mechanisms of the same rows, whose models are then used again.

    Raises
    ------
    DesignError
        With more than 10 nodes, or with more than 5 and more predictions, models times rows, than
        are affordable.
    """
    fitted = fitted or Mechanisms.of(moved, boosting=boosting, workers=workers)
    mixes = f"all 2^{fitted.nodes} = {2**fitted.nodes:,} mixes of old and new mechanisms"
    if fitted.nodes > MOST:
        raise DesignError(
            f"form: shapley goes over {mixes} of {fitted.nodes} nodes, the outcome among them. It "
            f"is for at most {MOST}. Use form: order, or form: sampled."
        )
    counted = coefficients(fitted.nodes)
    if fitted.nodes > ALWAYS:
        affordable(fitted, counted, mixes, "Use form: sampled")
    return refused(shared(fitted, FORM, counted))


def coefficients(nodes: int) -> dict[Coalition, FloatArray]:
    """What the mean of each coalition counts in each share.

    >>> {key: value.tolist() for key, value in coefficients(2).items()}
    {(0, 0): [-0.5, -0.5], (0, 1): [-0.5, 0.5], (1, 0): [0.5, -0.5], (1, 1): [0.5, 0.5]}
    """
    found = {}
    for coalition in product((0, 1), repeat=nodes):
        new = sum(coalition)
        with_it = factorial(max(new - 1, 0)) * factorial(nodes - new) / factorial(nodes)
        without = factorial(new) * factorial(max(nodes - 1 - new, 0)) / factorial(nodes)
        found[coalition] = np.array([with_it if own else -without for own in coalition])
    return found


def refused(found: Attribution) -> Attribution:
    """Refuse every share when a node is beyond support: all of them average over its change."""
    lost = [each.node for each in found.support if beyond(each)]
    if not lost:
        return found
    why = (
        f"with {' and '.join(lost)} new and what follows old there are hardly any rows to learn "
        "from (form: order gives such nodes together)"
    )
    rows = found.estimates
    return replace(
        found, estimates=replace(rows, refusal=tuple(each or why for each in rows.refusal))
    )
