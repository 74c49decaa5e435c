"""Smooth functions of the means of arms and strata, with their joint covariance (delta method).

Whatever a readout estimates (a level, a ratio, an adjusted difference, a distance to a margin) is
a function of the same stacked means. Those of different arms and strata are independent, so its
gradient is all that is needed: no cell of the table can drift from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Functionals:
    """p functions of the means of A arms, S strata and k columns.

    Attributes
    ----------
    values
        Shape (p,).
    gradient
        By the mean of each column in each arm and stratum, shape (p, A, S, k).
    shares
        By the share of units in each stratum, shape (p, S).
    spent
        Coefficients fitted within each arm, which its degrees of freedom lack, shape (p, A).
    """

    values: FloatArray
    gradient: FloatArray
    shares: FloatArray
    spent: FloatArray

    def __len__(self) -> int:
        return int(self.values.size)

    def combined(self, weights: FloatArray) -> Functionals:
        """Linear combinations, one for each row of ``weights`` (m, p)."""
        used = (weights != 0).astype(float)
        return Functionals(
            values=weights @ self.values,
            gradient=np.tensordot(weights, self.gradient, axes=1),
            shares=weights @ self.shares,
            spent=(used[:, :, None] * self.spent[None]).max(axis=1),
        )


def stacked(parts: Sequence[Functionals]) -> Functionals:
    """Put functionals of the same moments one after another."""
    return Functionals(
        values=np.concatenate([part.values for part in parts]),
        gradient=np.concatenate([part.gradient for part in parts]),
        shares=np.concatenate([part.shares for part in parts]),
        spent=np.concatenate([part.spent for part in parts]),
    )


def stratum_shares(moments: Moments) -> FloatArray:
    """Share of sampling units in each stratum, over all arms, shape (S,)."""
    total = moments.n.sum(axis=0)
    return np.asarray(total / total.sum(), dtype=float)


def covariance(wanted: Functionals, moments: Moments) -> FloatArray:
    """Joint covariance, shape (p, p); NaN where products of two columns were not asked for."""
    gradient, blocks = _scaled(wanted, moments), _blocks(moments)
    total = _products(gradient, np.nan_to_num(blocks))
    share = stratum_shares(moments)
    between = (np.diag(share) - np.outer(share, share)) / moments.n.sum()
    total = total + wanted.shares @ between @ wanted.shares.T
    lost = np.isnan(blocks)
    if not lost.any():
        return np.asarray(total)
    unknown = _products((gradient != 0).astype(float), lost.astype(float)) > 0
    return np.where(unknown, np.nan, total)


def degrees_of_freedom(wanted: Functionals, moments: Moments) -> FloatArray:
    """Satterthwaite (1946) over arms and strata, shape (p,); of two arms those of Welch (1947)."""
    gradient, blocks = _scaled(wanted, moments), np.nan_to_num(_blocks(moments))
    half = np.matmul(gradient[..., None, :], blocks)[..., 0, :]
    parts = (half * gradient).sum(axis=-1)
    share = stratum_shares(moments)
    between = (np.diag(share) - np.outer(share, share)) / moments.n.sum()
    total = parts.sum(axis=(1, 2)) + np.einsum("ps,st,pt->p", wanted.shares, between, wanted.shares)
    strata = moments.n.shape[1]
    over = np.maximum(moments.n[None] - 1 - wanted.spent[:, :, None] / strata, 1.0)
    with np.errstate(all="ignore"):
        return np.asarray(total**2 / (parts**2 / over).sum(axis=(1, 2)))


def _products(gradient: FloatArray, blocks: FloatArray) -> FloatArray:
    """Gradient by block by gradient over all arms and strata, of each pair, (p, p)."""
    half = np.matmul(gradient[..., None, :], blocks)[..., 0, :]
    return np.asarray(half.reshape(len(half), -1) @ gradient.reshape(len(gradient), -1).T)


def _blocks(moments: Moments) -> FloatArray:
    """Covariance of the means of each arm and stratum, (A, S, k, k)."""
    with np.errstate(all="ignore"):
        return np.asarray(moments.covariance() / moments.n[:, :, None, None])


def _scaled(wanted: Functionals, moments: Moments) -> FloatArray:
    """Gradients, larger by what fitted coefficients make residuals look small."""
    free = (moments.n - 1).sum(axis=1).astype(float)
    with np.errstate(all="ignore"):
        grown = np.sqrt(free / np.maximum(free - wanted.spent, 1.0))
    return np.asarray(wanted.gradient * np.where(wanted.spent > 0, grown, 1.0)[:, :, None, None])
