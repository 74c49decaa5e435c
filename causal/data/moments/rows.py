"""Moments read off rows that are in memory: what the engines' sums are held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray, IntArray

SIZE = "size"


def moments_of(
    arm: IntArray,
    x: FloatArray,
    *,
    arms: Sequence[str],
    columns: Sequence[str],
    stratum: IntArray | None = None,
    strata: Sequence[tuple[str, ...]] = ((),),
    cluster: IntArray | None = None,
) -> Moments:
    """Two passes: means, then products of deviations.

    Parameters
    ----------
    arm, stratum, cluster
        Codes of each row, shape (n,). Clusters lie within one arm and stratum; their columns are
        totals, with one more column ``size``, how many rows a cluster has.
    x
        Columns, shape (n, k).
    arms, columns, strata
        Names.
    """
    place = np.zeros(arm.size, dtype=np.int64) if stratum is None else stratum
    cell = np.asarray(arm * len(strata) + place, dtype=np.int64)
    cells = len(arms) * len(strata)
    units = np.bincount(cell, minlength=cells)
    names = tuple(columns)
    if cluster is not None:
        codes, first = np.unique(cluster, return_index=True)
        own = np.searchsorted(codes, cluster)
        wide = np.column_stack([x, np.ones(arm.size)])
        x = np.column_stack([np.bincount(own, column, codes.size) for column in wide.T])
        cell, names = cell[first], (*names, SIZE)
    k = x.shape[1]
    n = np.bincount(cell, minlength=cells)
    mean, scatter = np.zeros((cells, k)), np.zeros((cells, k, k))
    for at in np.flatnonzero(n):
        rows = x[cell == at]
        mean[at] = rows.mean(axis=0)
        apart = rows - mean[at]
        scatter[at] = apart.T @ apart
    shape = (len(arms), len(strata))
    return Moments(
        arms=tuple(arms),
        strata=tuple(strata),
        columns=names,
        units=units.reshape(shape),
        n=n.reshape(shape),
        mean=mean.reshape(*shape, k),
        scatter=scatter.reshape(*shape, k, k),
    )
