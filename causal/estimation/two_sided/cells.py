"""Means of the four cells of a two-sided experiment, and their covariance over users and creators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.pairs.sums import ARMS, PairSums
from causal.data.panel import FloatArray, IntArray

FLAT = 1e-12
"""A scatter below this share of the sum of squares is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Mean of every column over all pairs of a cell, absent pairs as 0.

    Places run over the arm of the user, the arm of the creator, and the columns: the K = 4k means
    lie in the order of ``mean.ravel()``.

    Attributes
    ----------
    mean
        Shape (2, 2, k).
    users, creators
        Shape (2,).
    user, creator
        What users and creators of each arm add to the covariance of the means, shape (2, K, K).
    pair
        What is counted by users and by creators: the noise of single pairs, shape (K, K).
    """

    columns: tuple[str, ...]
    mean: FloatArray
    users: IntArray
    creators: IntArray
    user: FloatArray
    creator: FloatArray
    pair: FloatArray

    def place(self, column: str) -> int:
        """Where a column is among the k."""
        return self.columns.index(column)


def cells(sums: PairSums) -> Cells:
    """Means and covariance, from sums.

    Users of an arm are independent draws, each with its mean over creators of either arm; so are
    creators. With one draw of users and one of creators the covariance is the one over users, plus
    the one over creators, less the noise of single pairs, which both contain (two-way clusters:
    Cameron, Gelbach, Miller 2011; for experiments on two sides Bajari et al. 2023, "Experimental
    design in marketplaces"). Every part is unbiased where a pair is the sum of an effect of its
    user, one of its creator, and noise: scatters are over one less than their number, and the noise
    is what row and column means leave.

    Parameters
    ----------
    sums
        An arm of fewer than two users or creators makes its parts NaN.
    """
    k = len(sums.columns)
    size = sums.users[:, None] * sums.creators[None, :]
    with np.errstate(all="ignore"):
        mean = sums.total / size[:, :, None]
        user = [_part(sums.by_user[a], sums.total[a], sums.users[a], sums.creators) for a in (0, 1)]
        creator = [
            _part(sums.by_creator[b], sums.total[:, b], sums.creators[b], sums.users)
            for b in (0, 1)
        ]
        noise = np.zeros((ARMS * ARMS * k, ARMS * ARMS * k))
        for a in range(ARMS):
            for b in range(ARMS):
                own = slice((a * ARMS + b) * k, (a * ARMS + b + 1) * k)
                noise[own, own] = _noise(sums, a, b)
    places = np.arange(ARMS * ARMS * k).reshape(ARMS, ARMS, k)
    return Cells(
        columns=sums.columns,
        mean=mean,
        users=sums.users,
        creators=sums.creators,
        user=np.stack([_spread(part, places[a].ravel()) for a, part in enumerate(user)]),
        creator=np.stack([_spread(part, places[:, b].ravel()) for b, part in enumerate(creator)]),
        pair=noise,
    )


def _spread(part: FloatArray, places: IntArray) -> FloatArray:
    """A block at its places among all K."""
    made = np.zeros((2 * part.shape[0], 2 * part.shape[0]))
    made[np.ix_(places, places)] = part
    return made


def _part(products: FloatArray, total: FloatArray, number: int, others: IntArray) -> FloatArray:
    """Covariance of the means of one arm's units with partners of either arm, shape (2k, 2k)."""
    k = total.shape[-1]
    sums = total.ravel()
    scatter = products - np.outer(sums, sums) / number
    scatter = np.where(_rounding(scatter, products), 0.0, scatter)
    over = np.repeat(others, k).astype(float)
    return np.asarray(scatter / np.outer(over, over) / (number - 1) / number)


def _rounding(scatter: FloatArray, products: FloatArray) -> FloatArray:
    scale = np.sqrt(np.outer(np.diag(products), np.diag(products)))
    return np.asarray(np.abs(scatter) <= FLAT * scale)


def _noise(sums: PairSums, a: int, b: int) -> FloatArray:
    """Covariance of the mean of a cell from what users and creators do not explain, shape (k, k)."""
    k = len(sums.columns)
    n, m = float(sums.users[a]), float(sums.creators[b])
    user = sums.by_user[a][b * k : (b + 1) * k, b * k : (b + 1) * k]
    creator = sums.by_creator[b][a * k : (a + 1) * k, a * k : (a + 1) * k]
    whole = np.outer(sums.total[a, b], sums.total[a, b])
    products = sums.by_pair[a, b]
    scatter = products - user / m - creator / n + whole / (n * m)
    scatter = np.where(_rounding(scatter, products), 0.0, scatter)
    return np.asarray(scatter / ((n - 1) * (m - 1)) / (n * m))
