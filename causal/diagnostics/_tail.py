"""Tests of many block chi-squares together, when counts vary more than independent draws."""

from __future__ import annotations

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray

SMALL_P = 0.01
"""A block fails when its own p is below this."""
GATE = 0.001
"""The chance of a false alarm allowed to each family of tests."""
TOLERATED = 1.5
"""Excess variance that valid logs of impressions show (one person is counted several times)."""
CAP = 2.0
"""The largest dispersion that a log's own blocks may excuse."""
FEW = 20
"""With fewer blocks no dispersion is estimated."""
WINSOR = 1e-4


def tail(chi: FloatArray, df: FloatArray) -> FloatArray:
    """P-value of each chi-square, same shape."""
    from scipy.special import chdtrc

    return np.asarray(chdtrc(df, np.maximum(chi, 0.0)))


def fails(chi: FloatArray, df: FloatArray, dispersion: float = 1.0) -> BoolArray:
    """Which blocks have p < .01 when variances are ``dispersion`` times the multinomial ones."""
    return np.asarray(tail(chi / dispersion, df) < SMALL_P)


def dispersion(chi: FloatArray, df: FloatArray) -> float:
    """How many times as much as independent draws the counts vary.

    A median over blocks, so that breaks move it little. Never under 1, and 1 with fewer than 20
    blocks.
    """
    from scipy.special import chdtri

    if chi.size < FEW:
        return 1.0
    return max(1.0, float(np.median(chi / chdtri(df, 0.5))))


def share_p(failing: IntArray, blocks: IntArray) -> FloatArray:
    """Chance of so many blocks with p < .01, or more, when 1% are expected (binomial)."""
    from scipy.special import bdtrc

    return np.asarray(
        np.where(failing > 0, bdtrc(np.maximum(failing, 1) - 1, blocks, SMALL_P), 1.0)
    )


def limit(blocks: IntArray, chance: float) -> IntArray:
    """Most failing blocks that chance explains, for each number of blocks."""
    most = np.zeros(blocks.size, dtype=np.int64)
    open_ = np.ones(blocks.size, dtype=bool)
    while open_.any():
        open_ = open_ & (share_p(most + 1, blocks) >= chance) & (most < blocks)
        most = np.where(open_, most + 1, most)
    return most


def group_p(
    chi: FloatArray,
    df: FloatArray,
    group: IntArray,
    groups: int,
    *,
    allowed: float,
    tolerated: float,
) -> FloatArray:
    """P-value of each group of blocks, shape (groups,): twice the lesser of two tests.

    The binomial test of the share of failing blocks at the ``allowed`` dispersion, and the
    chi-square test of their sum at the ``tolerated`` one, in which no block counts for more than a
    split of chance 1 in 10,000 (so one odd block is no odd month). The sum finds breaks too small
    to show in any block alone. ``group`` -1 belongs to none.
    """
    used = group >= 0
    chi, df, group = chi[used], df[used], group[used]
    blocks = np.bincount(group, minlength=groups)
    failing = np.bincount(group[fails(chi, df, allowed)], minlength=groups)
    kept = winsorised(chi / tolerated, df)
    summed = np.bincount(group, weights=kept, minlength=groups).astype(np.float64)
    degrees = np.bincount(group, weights=df, minlength=groups).astype(np.float64)
    by_sum = tail(summed, np.where(degrees > 0, degrees, 1.0))
    both = np.minimum(share_p(failing, blocks), by_sum)
    return np.asarray(np.where(blocks > 0, np.minimum(1.0, 2 * both), 1.0))


def winsorised(chi: FloatArray, df: FloatArray) -> FloatArray:
    """Chi-squares, none beyond its 1 in 10,000 point."""
    from scipy.special import chdtri

    return np.asarray(np.minimum(chi, chdtri(df, WINSOR)))


def sum_p(chi: FloatArray, df: FloatArray, dispersion: float, *, estimated: bool) -> float:
    """P-value of the sum of all chi-squares over the dispersion.

    When the dispersion was estimated from these blocks its own sampling error is added (normal
    approximation on the ratio; the error of a median is 1 / (2 f sqrt(blocks))).
    """
    from scipy.special import chdtri, gammaln, ndtr

    if not chi.size:
        return 1.0
    if not estimated:
        kept = chi if chi.size < FEW else winsorised(chi / dispersion, df) * dispersion
        return float(tail(np.array(kept.sum() / dispersion), np.array(df.sum())))
    summed, freedom = float(winsorised(chi / dispersion, df).sum()), float(df.sum())
    half = float(np.mean(df)) / 2
    middle = float(chdtri(2 * half, 0.5))
    density = np.exp((half - 1) * np.log(middle) - middle / 2 - half * np.log(2) - gammaln(half))
    error = np.hypot(np.sqrt(2 / freedom), 1 / (2 * density * middle * np.sqrt(chi.size)))
    return float(ndtr(-(summed / freedom - 1) / error))


def holm(p: FloatArray) -> FloatArray:
    """Holm's adjusted p-values, shape as given.

    >>> holm(np.array([0.01, 0.04])).tolist()
    [0.02, 0.04]
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted
