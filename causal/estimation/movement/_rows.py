"""Some of the rows of a move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.data.panel import BoolArray
from causal.estimation.movement._moved import Moved


def taken(moved: Moved, rows: BoolArray, after: BoolArray | None = None) -> Moved:
    """Take rows, mask of shape (n,), in the period ``after`` says; clusters are numbered anew."""
    outcome = moved.outcome
    return replace(
        moved,
        columns={
            name: replace(column, values=column.values[rows])
            for name, column in moved.columns.items()
        },
        outcome=replace(
            outcome,
            value=outcome.value[rows],
            weight=outcome.weight[rows],
            numerator=None if outcome.numerator is None else outcome.numerator[rows],
            denominator=None if outcome.denominator is None else outcome.denominator[rows],
        ),
        after=(moved.after if after is None else after)[rows],
        clusters=tuple(
            np.unique(way[rows], return_inverse=True)[1].astype(np.int64) for way in moved.clusters
        ),
        folds=moved.folds[rows],
        weight=None if moved.weight is None else moved.weight[rows],
    )
