"""Least squares when each error resembles the one before: AR(1) with its unknown rho averaged over.

One value of rho put in place of the truth makes intervals too short, and its usual estimates are too
small. So every rho counts by its restricted likelihood (Cooper, Thompson 1977), which takes the
fitted coefficients into account, and what the coefficients differ by over the values of rho is part
of their error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import FloatArray

GRID = np.linspace(0.0, 0.98, 99)
"""Values of rho. None below zero: errors that alternate make these intervals too wide only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gls:
    """Coefficients (k,), their covariance v (k, k), mean rho, degrees of freedom of the t."""

    beta: FloatArray
    v: FloatArray
    rho: float
    df: int


def gls_ar1(y: FloatArray, x: FloatArray, *, grid: FloatArray = GRID) -> Gls:
    """Regress y on x with errors u_t = rho u_(t-1) + e_t.

    Parameters
    ----------
    y
        One value a period, in order and without a gap, shape (T,).
    x
        Shape (T, k), of full rank, k < T.
    grid
        Values of rho in [0, 1) to average over; a single one is generalised least squares with
        that rho known.

    Returns
    -------
    Gls
        ``v`` is the mean over rho of the covariance given rho, plus the spread of the coefficients
        over rho.

    Raises
    ------
    DataError
        When a value is missing, there are as many coefficients as periods, or columns of x add up
        to one another.

    Examples
    --------
    >>> y = np.array([1.0, 2.1, 2.9, 4.2, 5.0, 5.8, 7.1, 8.0])
    >>> found = gls_ar1(y, np.column_stack([np.ones(8), np.arange(8.0)]))
    >>> found.beta.round(2), found.df
    (array([1.02, 1.  ]), 6)
    """
    periods, k = x.shape
    _refuse(y, x)
    basis, turn = np.linalg.qr(x)
    start = basis.T @ y
    rows = np.column_stack([basis, y - basis @ start])
    lagged = rows[1:].T @ rows[:-1]
    inner = rows[1:-1].T @ rows[1:-1]
    rho = grid[:, None, None]
    cross = rows.T @ rows - rho * (lagged + lagged.T) + rho**2 * inner
    left, right = cross[:, :k, :k], cross[:, :k, k]
    beta = np.linalg.solve(left, right[..., None])[..., 0]
    rest = np.maximum(cross[:, k, k] - np.einsum("rk,rk->r", right, beta), 0.0)
    weight = _weights(rest, left, grid, periods - k)
    each = np.linalg.inv(left) * (rest / (periods - k))[:, None, None]
    mean = weight @ beta
    apart = beta - mean
    v = np.einsum("r,rkl->kl", weight, each) + np.einsum("r,rk,rl->kl", weight, apart, apart)
    back = np.linalg.inv(turn)
    return Gls(
        beta=back @ (start + mean), v=back @ v @ back.T, rho=float(weight @ grid), df=periods - k
    )


def _weights(rest: FloatArray, left: FloatArray, grid: FloatArray, df: int) -> FloatArray:
    """The restricted likelihood of each rho, adding up to one, shape (grid,)."""
    if rest.max() <= 0:
        return np.full(grid.size, 1 / grid.size)
    log = (
        0.5 * np.log(1 - grid**2)
        - 0.5 * np.linalg.slogdet(left)[1]
        - 0.5 * df * np.log(np.maximum(rest, 1e-12 * rest.max()))
    )
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())


def _refuse(y: FloatArray, x: FloatArray) -> None:
    periods, k = x.shape
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise DataError(
            f"{int((~np.isfinite(y)).sum())} of {periods} periods have no value. A series must be "
            "without a gap: use longer periods, or one entity with all of them."
        )
    if periods <= k:
        raise DataError(
            f"{periods} periods cannot tell {k} coefficients apart. Use shorter periods, a longer "
            "series, or no season."
        )
    if np.linalg.matrix_rank(x) < k:
        raise DataError(
            "Columns of the series' regression add up to one another. Leave out the season, or use "
            "more periods before and after the launch."
        )
