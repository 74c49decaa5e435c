"""Estimates: many effects with their joint uncertainty, as the influence of every cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.data.panel import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What one estimate is an estimate of; the first columns of the effects table."""

    attribute: str
    contrast: str
    outcome: str
    estimand: str
    design: str
    estimator: str
    population: str
    identification: str
    path: str = "total"
    segment: str | None = None
    segment_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much data stands behind one estimate."""

    units: int
    clusters: int
    treated: float | None
    effective_units: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """A vector of p estimates and the influence of every cell of the data on each.

    A *cell* is a cluster, or with two ways of clustering a pair of clusters that occurs. An
    estimate minus its target is, to first order, the sum of its column of ``influence``, so that
    partial results add up and every variance, difference and test is linear algebra.

    Attributes
    ----------
    labels, sizes
        One for each estimate.
    values
        Shape (p,).
    influence
        Shape (cells, p).
    ways
        For each way of clustering the cluster code of each cell, each of shape (cells,). Empty
        where only sums are known: ``influence`` is then a root R of the covariance, R'R.
    df
        Degrees of freedom of the t quantile, shape (p,).
    baseline
        Mean outcome at the reference, shape (p,); NaN when it does not apply.
    baseline_variance
        Shape (p, 2): covariance of the estimate with its baseline, variance of the baseline.
    refusal
        Why an estimate must not be printed; empty when it may be. One for each estimate.
    """

    labels: tuple[Label, ...]
    sizes: tuple[Size, ...]
    values: FloatArray
    influence: FloatArray
    ways: tuple[IntArray, ...]
    df: FloatArray
    baseline: FloatArray
    baseline_variance: FloatArray
    refusal: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def std_errors(self) -> FloatArray:
        """Clustered standard errors, shape (p,)."""
        return np.sqrt(np.maximum(variance(self.influence, self.influence, self.ways), 0.0))

    def covariance(self) -> FloatArray:
        """Joint covariance, shape (p, p), positive semi-definite."""
        return covariance(self.influence, self.ways)

    def select(self, index: IntArray) -> Estimates:
        """Some of the estimates, in the order of ``index``."""
        return replace(
            self,
            labels=tuple(self.labels[i] for i in index),
            sizes=tuple(self.sizes[i] for i in index),
            values=self.values[index],
            influence=self.influence[:, index],
            df=self.df[index],
            baseline=self.baseline[index],
            baseline_variance=self.baseline_variance[index],
            refusal=tuple(self.refusal[i] for i in index),
        )


def stack(parts: list[Estimates]) -> Estimates:
    """Put estimates on the same cells side by side."""
    first = parts[0]
    return Estimates(
        labels=tuple(label for part in parts for label in part.labels),
        sizes=tuple(size for part in parts for size in part.sizes),
        values=np.concatenate([part.values for part in parts]),
        influence=np.concatenate([part.influence for part in parts], axis=1),
        ways=first.ways,
        df=np.concatenate([part.df for part in parts]),
        baseline=np.concatenate([part.baseline for part in parts]),
        baseline_variance=np.concatenate([part.baseline_variance for part in parts]),
        refusal=tuple(text for part in parts for text in part.refusal),
    )


def sums(values: FloatArray, codes: IntArray, groups: int) -> FloatArray:
    """Add rows of the same code, in row order; (rows, p) and (rows,) to (groups, p)."""
    if values.ndim == 1:
        return np.asarray(np.bincount(codes, weights=values, minlength=groups), dtype=float)
    out = np.empty((groups, values.shape[1]))
    for j in range(values.shape[1]):
        out[:, j] = np.bincount(codes, weights=values[:, j], minlength=groups)
    return out


def distinct(codes: IntArray) -> int:
    """How many different codes there are; much quicker than sorting them.

    >>> distinct(np.array([3, 1, 3]))
    2
    """
    return int(np.count_nonzero(np.bincount(codes)))


def cells_of(clusters: tuple[IntArray, ...]) -> tuple[IntArray, tuple[IntArray, ...]]:
    """Number the cells: the code of each row, and each cell's cluster in each way."""
    if len(clusters) == 1:
        groups = int(clusters[0].max()) + 1
        return clusters[0], (np.arange(groups),)
    stacked = np.stack(clusters, axis=1)
    unique, codes = np.unique(stacked, axis=0, return_inverse=True)
    return codes.reshape(-1), tuple(unique[:, way] for way in range(len(clusters)))


def variance(left: FloatArray, right: FloatArray, ways: tuple[IntArray, ...]) -> FloatArray:
    """Clustered covariance of each column of ``left`` with the same column of ``right``, (p,).

    One way: sum over clusters of the product of influence sums with the CR1 factor G / (G - 1).
    Two ways: V1 + V2 - V12 (Cameron, Gelbach, Miller 2011, eq. 2.11).
    """
    total = np.zeros(left.shape[1])
    for sign, first, second in _by_way(left, right, ways):
        total += sign * np.einsum("gp,gp->p", first, second)
    return total


def covariance(influence: FloatArray, ways: tuple[IntArray, ...]) -> FloatArray:
    """Joint clustered covariance (p, p); with two ways projected to positive semi-definite."""
    p = influence.shape[1]
    total = np.zeros((p, p))
    for sign, first, second in _by_way(influence, influence, ways):
        total += sign * (first.T @ second)
    if len(ways) < 2:
        return total
    values, vectors = np.linalg.eigh((total + total.T) / 2)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T


def _by_way(
    left: FloatArray, right: FloatArray, ways: tuple[IntArray, ...]
) -> list[tuple[float, FloatArray, FloatArray]]:
    """Signed cluster sums of each way, scaled by the root of its CR1 factor."""
    cells = left.shape[0]
    if len(ways) < 2:
        return [(_cr1(cells) if ways else 1.0, left, right)]
    parts = []
    for codes in ways:
        groups = int(codes.max()) + 1
        first = sums(left, codes, groups)
        second = first if right is left else sums(right, codes, groups)
        parts.append((_cr1(groups), first, second))
    parts.append((-_cr1(cells), left, right))
    return parts


def _cr1(groups: int) -> float:
    return groups / (groups - 1) if groups > 1 else float("nan")
