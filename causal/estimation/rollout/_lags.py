"""Cells of a switchback and the regression on what is on now and was on before, for all that read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import sums
from causal.estimation.rollout._two_way import Within

FEWEST_ENTITIES = 5
ENOUGH_ENTITIES = 30
"""From here on errors by entity stand alone; below, the wider of them and of those over time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Switched:
    """Cells of a switchback, sorted by time.

    Attributes
    ----------
    y
        Outcome, shape (entities, T); NaN where a cell is missing.
    on
        0 or 1, shape (entities, T); NaN where it is not known.
    size
        What the outcome is a mean of, shape (entities, T); None: ones.
    periods
        How many of the next periods one may act on (m).
    washout
        How many periods after a switch are left out; either this or ``periods``.
    cluster
        Code of what is independent, shape (entities,); None: each entity.
    breaks
        Places of periods that do not follow on the one before: time is missing between them.
    """

    y: FloatArray
    on: FloatArray
    size: FloatArray | None = None
    periods: int = 2
    washout: int = 0
    cluster: IntArray | None = None
    breaks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.periods and self.washout:
            raise DesignError(
                f"Carry-over is both estimated over {self.periods} periods and washed out for "
                f"{self.washout}. Write one or the other."
            )
        known = self.on[~np.isnan(self.on)]
        if not np.isin(known, (0.0, 1.0)).all():
            odd = sorted(set(np.unique(known).tolist()) - {0.0, 1.0})[:3]
            raise DataError(f"Whether a cell is on must be 0 or 1; the data has {odd} too.")
        if self.y.shape[1] < self.periods + self.washout + 3:
            raise DesignError(
                f"{self.y.shape[1]} periods are too few for a carry-over of "
                f"{self.periods + self.washout}. Use shorter periods or a shorter carry-over."
            )
        rows = self.kept() > 0
        if not (rows & (self.on == 1)).any() or not (rows & (self.on == 0)).any():
            raise DataError(
                "No cell is on, or none is off, once missing cells and washed-out periods are "
                "left out. Look at the column that says when it was on."
            )

    @property
    def reach(self) -> int:
        """How many periods before a cell must be known."""
        return max(self.periods + 1, self.washout)

    def kept(self) -> FloatArray:
        """Weight of each cell that counts, shape (entities, T)."""
        size = np.ones_like(self.y) if self.size is None else self.size
        there = np.isfinite(self.y) & (size > 0) & np.isfinite(self.on)
        weight = np.where(there, size, 0.0)
        weight[:, : self.reach] = 0.0
        for place in self.breaks:
            weight[:, place : place + self.reach] = 0.0
        for lag in range(1, self.reach + 1):
            weight[:, lag:] *= np.isfinite(self.on[:, :-lag])
        for lag in range(1, self.washout + 1):
            weight[:, lag:] *= self.on[:, lag:] == self.on[:, :-lag]
        return weight

    def before(self) -> FloatArray:
        """Weight of each cell that counts and whose next period is known, shape (entities, T)."""
        weight = self.kept()
        weight[:, -1] = 0.0
        weight[:, :-1] *= np.isfinite(self.on[:, 1:])
        for place in self.breaks:
            weight[:, place - 1] = 0.0
        return weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lags:
    """Coefficients (lags,) and the influence of every cell on them, (entities, T, lags)."""

    beta: FloatArray
    influence: FloatArray

    def sum_of(self, start: int, stop: int | None = None) -> tuple[float, FloatArray]:
        """The sum of some lags' effects and the influence of each cell on it."""
        return (
            float(self.beta[start:stop].sum()),
            np.asarray(self.influence[..., start:stop].sum(axis=-1)),
        )


def fitted(
    y: FloatArray,
    on: FloatArray,
    weight: FloatArray,
    apart: Within,
    lags: int,
    *,
    ahead: bool = False,
) -> Lags:
    """Regress the outcome on being on now and up to ``lags`` periods before.

    Parameters
    ----------
    y, on
        Outcome, and 0 or 1 where it is known, shape (entities, T).
    weight
        Of each cell, shape (entities, T).
    apart
        What takes out entities and periods under these weights.
    ahead
        Whether being on in the next period stands before all others.

    Raises
    ------
    DesignError
        When the switches do not tell the coefficients apart.
    """
    outcome = np.where(weight > 0, y, 0.0)
    states = _lagged(np.where(np.isnan(on), 0.0, on), lags, ahead=ahead)
    own = apart(np.concatenate([states, outcome[..., None]], axis=-1))
    x = own[..., :-1]
    weighted = weight[..., None] * x
    cross = np.einsum("itk,itl->kl", weighted, x)
    if np.linalg.matrix_rank(cross, tol=1e-9 * weight.sum(), hermitian=True) < x.shape[-1]:
        raise DesignError(_TOGETHER if _at_once(on) else _APART.format(lags=lags + 1))
    inverse = np.linalg.inv(cross)
    beta = inverse @ np.einsum("itk,it->k", weighted, own[..., -1])
    rest = own[..., -1] - x @ beta
    return Lags(beta=beta, influence=(weighted * rest[..., None]) @ inverse)


_TOGETHER = (
    "Every entity is on and off at the same times, so that what being on does cannot be told from "
    "what those periods were like anyway. (Many periods drawn by lot would tell it from their draws "
    "alone, by Bojinov, Simchi-Levi, Zhao 2023, which is not done here.) Draw switches for each entity "
    "by itself; a switch of all at once at one date is 'schedule: single'."
)
_APART = (
    "The switches do not tell {lags} periods' effects apart once entities and periods are compared "
    "with themselves. Use fewer carry.periods, or switches drawn by entity."
)


def _at_once(on: FloatArray) -> bool:
    low = np.where(np.isnan(on), 2.0, on).min(axis=0)
    high = np.where(np.isnan(on), -1.0, on).max(axis=0)
    return bool((low >= high).all())


def _lagged(on: FloatArray, lags: int, *, ahead: bool) -> FloatArray:
    out = np.zeros((*on.shape, lags + 1 + ahead))
    for lag in range(lags + 1):
        out[:, lag:, lag + ahead] = on[:, : on.shape[1] - lag]
    if ahead:
        out[:, :-1, 0] = on[:, 1:]
    return out


def in_clusters(cells: Switched, influence: FloatArray) -> FloatArray:
    """Influence (entities, T, p) summed by cluster, (clusters, p)."""
    entity = np.asarray(influence.sum(axis=1))
    if cells.cluster is None:
        return entity
    code = np.unique(cells.cluster, return_inverse=True)[1]
    return sums(entity, code, int(code.max()) + 1)


def by_cluster(cells: Switched, weight: FloatArray, influence: FloatArray) -> FloatArray:
    """Influence (entities, T, p) summed by cluster, (clusters, p), as wide as errors over time.

    With fewer than 30 clusters it is stretched to errors over time within entities (Bartlett weights
    over m + 1 lags, at least 2; Newey, West 1987) where those are wider.
    """
    clusters = in_clusters(cells, influence)
    if clusters.shape[0] >= ENOUGH_ENTITIES:
        return clusters
    lags = max(cells.periods + 1, 2)
    return clusters * _widening(influence, clusters, lags, _freedom(weight, cells.periods))


def _widening(
    influence: FloatArray, clusters: FloatArray, lags: int, inflation: float
) -> FloatArray:
    """By how much errors over time exceed errors by cluster, at least 1, shape (p,)."""
    over_time = np.einsum("itp,itp->p", influence, influence)
    for lag in range(1, min(lags, influence.shape[1] - 1) + 1):
        both = np.einsum("itp,itp->p", influence[:, lag:], influence[:, :-lag])
        over_time += 2 * (1 - lag / (lags + 1)) * both
    count = clusters.shape[0]
    own = np.einsum("ip,ip->p", clusters, clusters) * count / max(count - 1, 1)
    ratio = np.divide(over_time * inflation, own, out=np.ones_like(own), where=own > 0)
    return np.sqrt(np.maximum(ratio, 1.0))


def _freedom(weight: FloatArray, lags: int) -> float:
    there = weight > 0
    used = there.any(axis=1).sum() + there.any(axis=0).sum() + lags
    return float(there.sum() / max(there.sum() - used, 1))
