"""What untreated cells say the others would have been: entities, periods and more, by least squares.

Entity effects are taken out first, so that the normal equations are sums over entities and leaving
out a cluster is a subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray, IntArray

MOST_GROUPS = 1_000
FEWEST_GROUPS, MOST_SUMS = 50, 20_000_000
_NEAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Left:
    """Estimates and what they are with each group of clusters left out.

    Attributes
    ----------
    values
        Shape (p,): the coefficients of further columns, then the mean over each target.
    without
        Shape (G, p); NaN where a group cannot be left out.
    """

    values: FloatArray
    without: FloatArray

    @property
    def df(self) -> int:
        """Degrees of freedom of the jackknife."""
        return len(self.without) - 1

    @property
    def covariance(self) -> FloatArray:
        """Covariance by the jackknife (CV3), (p, p)."""
        apart = self.without - self.values
        return apart.T @ apart * (self.df / (self.df + 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """Sums by group: normal equations, and for each target its residuals, loadings and weight."""

    left: FloatArray
    right: FloatArray
    residual: FloatArray
    loading: FloatArray
    weight: FloatArray


def groups_of(codes: IntArray, periods: int) -> IntArray:
    """Codes from 0; where there are very many clusters, or periods, several stand together."""
    numbered = np.unique(codes, return_inverse=True)[1]
    most = min(MOST_GROUPS, max(FEWEST_GROUPS, MOST_SUMS // periods**2))
    return np.asarray(numbered % most)


def usable(cells: Cells, y: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Untreated cells to fit, and treated cells that they say something about, each (I, T)."""
    treated = cells.treated
    fit = np.asarray(np.isfinite(y) & ~treated)
    blocks = np.zeros(len(y), dtype=np.int64) if cells.block is None else cells.block
    there = np.zeros((int(blocks.max()) + 1, y.shape[1]), dtype=bool)
    np.logical_or.at(there, blocks, fit)
    known = np.asarray(fit.any(axis=1))
    told = treated & np.isfinite(y) & known[:, None] & there[blocks]
    return fit, told


def left_out(
    cells: Cells,
    y: FloatArray,
    targets: tuple[BoolArray, ...],
    groups: IntArray,
    further: tuple[FloatArray, ...] = (),
) -> Left:
    """Fit entities, periods (of each block) and further columns to untreated cells.

    A target's value is the mean over its cells, weighted by entity size, of what they are beyond
    the fit, with further columns at zero.

    Parameters
    ----------
    y
        Shape (I, T).
    targets
        Cells (I, T) of each target; those that :func:`usable` does not know are left out.
    groups
        Code of what is left out at a time, (I,).
    further
        Columns (I, T); where they are missing a cell is not used.
    """
    sums = _summed(cells, y, targets, groups, further)
    left, right = sums.left.sum(axis=0), sums.right.sum(axis=0)
    residual, loading = sums.residual.sum(axis=0), sums.loading.sum(axis=0)
    weight, rank = sums.weight.sum(axis=0), _rank(left)
    values = _values(_solved(left, right), residual, loading, weight, further)
    count = int(groups.max()) + 1
    without = np.full((count, values.size), np.nan)
    for g in range(count):
        rest = left - sums.left[g]
        if _rank(rest) < rank:  # A period, or what tells columns apart, is gone with the group.
            continue
        without[g] = _values(
            _solved(rest, right - sums.right[g]),
            residual - sums.residual[g],
            loading - sums.loading[g],
            weight - sums.weight[g],
            further,
        )
    return Left(values=values, without=without)


def _summed(
    cells: Cells,
    y: FloatArray,
    targets: tuple[BoolArray, ...],
    groups: IntArray,
    further: tuple[FloatArray, ...],
) -> _Sums:
    fit, told = usable(cells, y)
    for column in further:
        fit = fit & np.isfinite(column)
    entities, periods = y.shape
    blocks = np.zeros(entities, dtype=np.int64) if cells.block is None else cells.block
    width, count = periods * (int(blocks.max()) + 1), int(groups.max()) + 1
    q = width + len(further)
    made = _Sums(
        left=np.zeros((count, q, q)),
        right=np.zeros((count, q)),
        residual=np.zeros((count, len(targets))),
        loading=np.zeros((count, len(targets), q)),
        weight=np.zeros((count, len(targets))),
    )
    known = np.where(np.isfinite(y), y, 0.0)
    for i in range(entities):
        n = int(fit[i].sum())
        if not n:
            continue
        x = np.zeros((periods, q))
        x[np.arange(periods), blocks[i] * periods + np.arange(periods)] = 1.0
        for j, column in enumerate(further):
            x[:, width + j] = np.where(fit[i], column[i], 0.0)
        middle, mean = x[fit[i]].mean(axis=0), known[i][fit[i]].mean()
        apart, rest = x[fit[i]] - middle, known[i][fit[i]] - mean
        made.left[groups[i]] += apart.T @ apart
        made.right[groups[i]] += apart.T @ rest
        for j, target in enumerate(targets):
            at = target[i] & told[i]
            if at.any():
                size = cells.weight[i]
                made.residual[groups[i], j] += size * (known[i][at] - mean).sum()
                shown = x[at]
                shown[:, width:] = 0.0
                made.loading[groups[i], j] += size * (shown - middle).sum(axis=0)
                made.weight[groups[i], j] += size * at.sum()
    return made


def _rank(left: FloatArray) -> int:
    size = np.linalg.eigvalsh(left)
    return int((size > _NEAR * max(float(size[-1]), 1e-300)).sum())


def _solved(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.pinv(left, rcond=_NEAR, hermitian=True) @ right)


def _values(
    solved: FloatArray,
    residual: FloatArray,
    loading: FloatArray,
    weight: FloatArray,
    further: tuple[FloatArray, ...],
) -> FloatArray:
    with np.errstate(all="ignore"):
        means = np.where(weight > 0, (residual - loading @ solved) / weight, np.nan)
    return np.concatenate([solved[solved.size - len(further) :], means])
