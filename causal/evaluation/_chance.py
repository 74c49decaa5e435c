"""How far apart two estimates may be by chance, with few clusters and many comparisons."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Status

WARN_Z = 2.0
FAIL_Z = 3.0


def normal_size(z: float, df: float) -> float:
    """The size of a normal deviate as unlikely as a t of ``z`` with ``df`` degrees of freedom.

    >>> round(normal_size(3.0, 1e9), 3), round(normal_size(3.0, 5), 3)
    (3.0, 2.169)
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    if not np.isfinite(df):
        return abs(z)
    return float(norm.isf(np.maximum(student.sf(abs(z), max(df, 1.0)), 1e-300)))


def limit(z: float, comparisons: int) -> float:
    """The bound whose chance of being passed once in so many comparisons is that of z in one.

    >>> limit(3.0, 1), round(limit(3.0, 20), 2)
    (3.0, 3.82)
    """
    from scipy.stats import norm

    if comparisons <= 1:
        return z
    return float(norm.isf(norm.sf(z) / comparisons))


def judge(size: float, comparisons: int) -> Status:
    """FAIL beyond what 3 standard errors are in one comparison, WARN beyond 2."""
    if size > limit(FAIL_Z, comparisons):
        return Status.FAIL
    return Status.WARN if size > limit(WARN_Z, comparisons) else Status.PASS
