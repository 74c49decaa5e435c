"""Do traits of items differ by place where order was chance: the test behind an examination curve."""

from __future__ import annotations

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import FloatArray, IntArray
from causal.diagnostics.exposure._made import Chances, Trait
from causal.estimation._estimates import cells_of, covariance, sums


def trait(
    name: str, value: FloatArray, slot: IntArray, clusters: tuple[IntArray, ...]
) -> Trait | None:
    """Test that a trait has one mean in all slots (Wald, clustered, Hotelling's reference).

    Parameters
    ----------
    name
        The trait's.
    value
        Shape (n,); rows without one are left out.
    slot
        1 for the first place, shape (n,).
    clusters
        Codes of one way of clustering, or of two, each of shape (n,).

    Returns
    -------
    Trait or None
        None where the trait does not vary, or there are too few clusters for a test.
    """
    from scipy.stats import f as fisher

    known = np.isfinite(value)
    value, slot = value[known], slot[known]
    ways = tuple(np.unique(way[known], return_inverse=True)[1] for way in clusters)
    slots, at = np.unique(slot, return_inverse=True)
    if slots.size < 2 or np.ptp(value) == 0:
        return None
    rows = np.bincount(at).astype(float)
    mean = sums(value, at, slots.size) / rows
    code, cells = cells_of(ways)
    groups = min(int(way.max()) + 1 for way in ways)
    if groups < 2:
        return None
    each = (value - mean[at]) / rows[at]
    width = int(code.max()) + 1
    influence = sums(each, code * slots.size + at, width * slots.size).reshape(width, -1)
    apart = influence[:, 1:] - influence[:, :1]
    v = covariance(apart, cells)
    difference, k = mean[1:] - mean[0], slots.size - 1
    free = groups - k
    if free < 1:
        return None
    statistic = float(difference @ np.linalg.pinv(v, hermitian=True) @ difference)
    p = float(fisher.sf(statistic * free / ((groups - 1) * k), k, free))
    return Trait(name=name, statistic=statistic, p=p, first=float(mean[0]), last=float(mean[-1]))


def chances(propensity: FloatArray, slot: IntArray) -> Chances:
    """Count logged probabilities that a uniform draw of the items left cannot have.

    The item in slot k is drawn from those left: its probability is one over a whole number.

    Raises
    ------
    DataError
        When a probability is missing, or not above 0 and at most 1.
    """
    wrong = int((~((propensity > 0) & (propensity <= 1))).sum())
    if wrong:
        raise DataError(
            f"propensity: {wrong:,} of {propensity.size:,} exploration rows have no probability "
            "above 0 and at most 1. Log the probability of the place, or leave the key out."
        )
    left = 1 / propensity
    whole = np.rint(left)
    strange = int((np.abs(left - whole) > 1e-4 * left).sum())
    candidates = whole + slot - 1
    return Chances(
        rows=propensity.size,
        strange=strange,
        fewest=int(candidates.min()),
        most=int(candidates.max()),
    )
