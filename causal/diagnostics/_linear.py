"""How much of some columns others explain linearly, from cross-products alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from causal.data.panel import FloatArray

EXACT = 1 - 1e-9
RIDGE = 1e-10
Places = npt.NDArray[np.intp]


def scaled(group: FloatArray) -> FloatArray:
    """Columns that vary, at unit length."""
    length = np.sqrt((group**2).sum(axis=0))
    varies = length > 1e-9 * np.sqrt(group.shape[0])
    return np.asarray(group[:, varies] / length[varies])


def share(gram: FloatArray, one: Places, others: Places) -> float:
    """Mean share of the variance of group ``one`` that ``others`` explain linearly."""
    if not one.size or not others.size:
        return 0.0
    cross = gram[np.ix_(one, others)]
    inner = cross @ np.linalg.pinv(gram[np.ix_(others, others)], rcond=RIDGE, hermitian=True)
    own = np.linalg.pinv(gram[np.ix_(one, one)], rcond=RIDGE, hermitian=True)
    return float(np.clip(np.trace(own @ inner @ cross.T) / one.size, 0.0, 1.0))


def mutual(gram: FloatArray, one: Places, other: Places) -> float:
    """Mean squared canonical correlation of two groups, over the smaller one."""
    smaller, larger = (one, other) if one.size <= other.size else (other, one)
    return share(gram, smaller, larger)
