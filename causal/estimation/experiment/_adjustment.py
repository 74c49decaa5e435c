"""Coefficients of covariates known before exposure."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray

RANK = 1e-10


class Adjustment(StrEnum):
    """How covariates known before exposure sharpen an effect."""

    NONE = "none"
    CUPED = "cuped"
    LIN = "lin"


def coefficients(scatter: FloatArray, level: FloatArray, covariates: FloatArray) -> FloatArray:
    """Least squares of a linearised level on linearised covariates, shape (q,).

    Parameters
    ----------
    scatter
        Centred sums of products of the columns, (k, k).
    level
        Gradient of the level, (k,): a ratio counts as the column it is linearised to.
    covariates
        Gradients of the covariates, (q, k).
    """
    known = np.nan_to_num(scatter)
    among = covariates @ known @ covariates.T
    size = np.sqrt(np.maximum(np.diag(among), 0.0))
    size = np.where(size > 0, size, 1.0)
    inverse = np.linalg.pinv(among / np.outer(size, size), rcond=RANK, hermitian=True)
    return np.asarray((inverse @ (covariates @ known @ level / size)) / size)


def total_scatter(moments: Moments) -> FloatArray:
    """Scatter over all arms, around the mean of each stratum, (k, k)."""
    n = moments.n[:, :, None]
    with np.errstate(all="ignore"):
        centre = np.nan_to_num((n * moments.mean).sum(axis=0) / n.sum(axis=0))
    apart = moments.mean - centre
    between = np.einsum("as,ask,asl->kl", moments.n, apart, apart)
    return np.asarray(moments.scatter.sum(axis=(0, 1)) + between)
