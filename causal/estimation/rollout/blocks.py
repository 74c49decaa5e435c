"""The variance of a rollout: entities are draws, cohorts are what they are drawn within."""

from __future__ import annotations

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import Estimates, Label, Size, sums
from causal.estimation.experiment.effects import ROUNDING, root

ONE_CLUSTER = "the cohort is one cluster, so its spread is not known"
NO_SPREAD = "its values do not vary"


def strata_of(cells: Cells) -> tuple[IntArray, IntArray]:
    """What clusters are drawn within, for every cluster, and each entity's cluster.

    A cohort, crossed with the block where there are blocks. Those of one cluster stand with the
    never treated (without any, with the largest): as controls they then count what sets them apart
    as spread. Clusters with entities of several strata make all of them one.

    Returns
    -------
    tuple
        Strata (clusters,) and clusters (I,), numbered from 0.
    """
    cohort = np.unique(cells.adopted, return_inverse=True)[1]
    own = cohort if cells.block is None else cohort * (int(cells.block.max()) + 1) + cells.block
    cluster = np.unique(cells.cluster, return_inverse=True)[1]
    groups = int(cluster.max()) + 1
    low, high = np.full(groups, own.max()), np.full(groups, 0)
    np.minimum.at(low, cluster, own)
    np.maximum.at(high, cluster, own)
    if (low != high).any():
        return np.zeros(groups, dtype=np.int64), cluster
    strata = np.unique(low, return_inverse=True)[1]
    counts = np.bincount(strata)
    if (counts == 1).any() and (counts > 1).any():
        never = np.isinf(cells.adopted)
        several = counts[strata[cluster]] > 1
        among = strata[cluster][never & several]
        home = among[0] if among.size else int(np.argmax(counts))
        strata = np.where(counts[strata] == 1, home, strata)
        strata = np.unique(strata, return_inverse=True)[1]
    return strata, cluster


def covariance_in_blocks(
    influence: FloatArray, strata: IntArray, cluster: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Covariance (p, p), and degrees of freedom of each variance (p,) by Satterthwaite (1946).

    Parameters
    ----------
    influence
        Shape (I, p).
    strata, cluster
        As :func:`strata_of` gives them.
    """
    added = sums(influence, cluster, strata.size)
    p = influence.shape[1]
    total, doubt, parts = np.zeros((p, p)), np.zeros(p), np.zeros(p)
    for stratum in range(int(strata.max()) + 1):
        own = added[strata == stratum]
        count = len(own)
        if count < 2:
            continue
        centred = own - own.mean(axis=0)
        v = centred.T @ centred * count / (count - 1)
        total += v
        parts = np.diag(v)
        doubt += parts**2 / (count - 1)
    v = np.diag(total)
    df = np.where(doubt > 0, v**2 / np.where(doubt > 0, doubt, 1.0), np.nan)
    return total, df


def in_blocks(
    values: FloatArray,
    influence: FloatArray,
    baseline: FloatArray,
    baseline_influence: FloatArray,
    *,
    cells: Cells,
    labels: tuple[Label, ...],
    sizes: tuple[Size, ...],
    refusal: tuple[str, ...],
) -> Estimates:
    """Estimates with the variance of blocks, held as a root of their covariance.

    Parameters
    ----------
    values, baseline
        Shape (p,).
    influence, baseline_influence
        Shape (I, p).
    refusal
        Why an estimate must not be printed, or nothing; those without spread are added.
    """
    strata, cluster = strata_of(cells)
    p = values.size
    both = np.column_stack([influence, np.nan_to_num(baseline_influence)])
    joint, df = covariance_in_blocks(both, strata, cluster)
    v = joint[:p, :p]
    sd = np.sqrt(np.maximum(np.diag(v), 0.0))
    scale = np.abs(values) + np.abs(baseline)
    words = []
    for j in range(p):
        nothing = not sd[j] > ROUNDING * (scale[j] if np.isfinite(scale[j]) else 0.0)
        words.append(refusal[j] or (NO_SPREAD if nothing else ""))
    return Estimates(
        labels=labels,
        sizes=sizes,
        values=values,
        influence=root(v),
        ways=(),
        df=np.where(np.isfinite(values), df[:p], np.nan),
        baseline=baseline,
        baseline_variance=np.column_stack([np.diag(joint[:p, p:]), np.diag(joint[p:, p:])]),
        refusal=tuple(words),
    )
