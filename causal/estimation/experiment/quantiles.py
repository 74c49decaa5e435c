"""Quantile metrics: the one kind that moments cannot give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of one arm with its standard error, and how many sampling units it has."""

    value: float
    std_error: float
    n: int


def quantile(
    values: FloatArray, cluster: IntArray | None, *, at: float, level: float = 0.95
) -> Quantile:
    """A quantile, with an error read off the quantiles beside it.

    The share of rows at or below the quantile is a mean, or with clusters a ratio of totals, with a
    standard error s. The quantiles at ``at`` plus and minus z s are a confidence interval (Price,
    Bonett 2001; Deng, Knoblich, Lu 2018, section 4.2), and half its width over z is an error that
    knows nothing of a density.

    Parameters
    ----------
    values
        Of one arm, shape (n,), without missing ones.
    cluster
        Code of the cluster of each row, (n,), or None.
    at
        Between 0 and 1.
    level
        Of the interval whose width is read.

    Returns
    -------
    Quantile
        The error is NaN with fewer than two sampling units, where the interval would reach beyond
        the rows, and where all of it is one repeated value, which says nothing about an error.

    Examples
    --------
    >>> found = quantile(np.arange(1.0, 10_001.0), None, at=0.5)
    >>> found.value, round(found.std_error)
    (5000.5, 50)
    """
    from scipy.stats import norm

    if values.size == 0:
        return Quantile(value=float("nan"), std_error=float("nan"), n=0)
    found = float(np.quantile(values, at))
    below = (values <= found).astype(float)
    error, n = _share_error(below, cluster)
    z = float(norm.isf((1 - level) / 2))
    low, high = at - z * error, at + z * error
    if not (low > 0 and high < 1):
        return Quantile(value=found, std_error=float("nan"), n=n)
    width = float(np.diff(np.quantile(values, [low, high]))[0])
    return Quantile(value=found, std_error=width / (2 * z) if width > 0 else float("nan"), n=n)


def _share_error(below: FloatArray, cluster: IntArray | None) -> tuple[float, int]:
    """Standard error of a share, and the sampling units behind it."""
    if cluster is None:
        n = below.size
        return float(np.sqrt(below.var(ddof=1) / n)) if n > 1 else float("nan"), n
    codes, own = np.unique(cluster, return_inverse=True)
    n = codes.size
    if n < 2:
        return float("nan"), n
    left = np.bincount(own, below - below.mean(), n)
    size = below.size / n
    return float(np.sqrt(left @ left / (n - 1) / n) / size), n
