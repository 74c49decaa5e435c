"""What one regression with effects of entities and periods says, and whom it compares with whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray
from causal.estimation._estimates import sums
from causal.estimation.rollout._two_way import within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoWay:
    """One coefficient, and the weight it gives each treated cell (de Chaisemartin, D'Haultfœuille 2020).

    Attributes
    ----------
    value, error
        The coefficient and its clustered standard error.
    weights
        Weight of each cell, (I, T); they add up to 1 over treated cells, and are NaN elsewhere.
    """

    value: float
    error: float
    weights: FloatArray

    @property
    def negative_sum(self) -> float:
        """Sum of negative weights: 0, or below."""
        return float(np.nansum(np.minimum(self.weights, 0.0)))

    @property
    def negative_share(self) -> float:
        """Share of treated cells with a negative weight."""
        known = np.isfinite(self.weights)
        return float((self.weights[known] < 0).mean())


def two_way(cells: Cells, outcome: str) -> TwoWay | None:
    """Regress the outcome on being treated, entities and periods; None where nothing is left.

    It compares adopters with those who adopted before them too, so it is shown beside the effects
    and is none.
    """
    y = cells.y[outcome]
    there = np.isfinite(y)
    treated = cells.treated & there
    take = within(there.astype(float))
    both = take(np.stack([np.where(there, y, 0.0), treated.astype(float)], axis=2))
    left_y, left_d = both[:, :, 0], both[:, :, 1]
    square = float((left_d**2).sum())
    if not square > 1e-9 * treated.sum():
        return None
    value = float((left_d * left_y).sum()) / square
    scores = (left_d * (left_y - value * left_d)).sum(axis=1)
    groups = np.unique(cells.cluster, return_inverse=True)[1]
    count, n = int(groups.max()) + 1, int(there.sum())
    known = y.shape[1] + 1  # Entities lie within clusters, so their effects cost nothing.
    factor = count / (count - 1) * (n - 1) / (n - known) if count > 1 else float("nan")
    added = sums(scores, groups, count)
    return TwoWay(
        value=value,
        error=float(np.sqrt(factor * (added**2).sum())) / square,
        weights=np.where(treated, left_d / square, np.nan),
    )
