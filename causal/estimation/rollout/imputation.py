"""A second opinion on a rollout: what untreated cells say adopters would have been, filled in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import sums
from causal.estimation.rollout._untreated import Left, groups_of, left_out, usable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imputed:
    """Mean of outcomes beyond what was filled in (Borusyak, Jaravel, Spiess 2024).

    Attributes
    ----------
    events
        Event times of ``values`` from the second on; the first is the mean over all treated cells.
    values, errors
        Shape (1 + events,).
    df
        Clusters less one.
    groups
        Code of what was left out at a time, (I,).
    left
        The estimates with each left out.
    """

    events: tuple[int, ...]
    values: FloatArray
    errors: FloatArray
    df: int
    groups: IntArray
    left: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two estimates of one effect are apart, and the error of that."""

    difference: float
    error: float

    @property
    def z(self) -> float:
        """Difference in errors; NaN where there is none."""
        return self.difference / self.error if self.error > 0 else float("nan")


def imputed(cells: Cells, outcome: str) -> Imputed:
    """Fit entities and periods to untreated cells, and compare treated cells with the fit.

    Errors leave out a cluster at a time. Without covariates: where trends follow them this differs
    from the doubly robust effects.
    """
    y = cells.y[outcome]
    _, told = usable(cells, y)
    since = np.arange(y.shape[1]) - cells.adopted[:, None]
    events = tuple(int(e) for e in np.unique(since[told]))
    targets = (told, *(told & (since == e) for e in events))
    groups = groups_of(cells.cluster, y.shape[1])
    left = left_out(cells, y, targets, groups)
    return Imputed(
        events=events,
        values=left.values,
        errors=np.sqrt(np.diag(left.covariance)),
        df=left.df,
        groups=groups,
        left=left,
    )


def agreement(found: Imputed, value: float, influence: FloatArray) -> Agreement:
    """Compare the overall mean with another estimate of it.

    Parameters
    ----------
    value, influence
        The other estimate, and the influence of every entity on it, (I,).
    """
    count = len(found.left.without)
    moved = -sums(influence, found.groups, count) * count / (count - 1)
    apart = (found.left.without[:, 0] - found.values[0]) - moved
    error = float(np.sqrt((apart**2).sum() * (count - 1) / count))
    return Agreement(difference=float(found.values[0]) - value, error=error)
