"""Sums over pairs of a user and a creator: all that two-sided effects and their errors need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray

ARMS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSums:
    """Sums of k columns over pairs; the control arm of a side comes first.

    A pair is one user and one creator. Pairs without a row count with 0 in every column, so only
    users, creators and sums have to be known, never the pairs that are not there.

    Attributes
    ----------
    columns
        Names, k of them.
    users, creators
        How many of each arm, shape (2,).
    pairs
        Pairs with a row, by arm of the user and of the creator, shape (2, 2).
    total
        Sums over pairs, shape (2, 2, k).
    by_user
        Sum over the users of an arm of the products of their totals with creators of the control
        arm and then of the treated arm, shape (2, 2k, 2k).
    by_creator
        The same over creators, of their totals with users of each arm, shape (2, 2k, 2k).
    by_pair
        Sum over pairs of the products of columns, shape (2, 2, k, k).
    """

    columns: tuple[str, ...]
    users: IntArray
    creators: IntArray
    pairs: IntArray
    total: FloatArray
    by_user: FloatArray
    by_creator: FloatArray
    by_pair: FloatArray


def sums_of(
    user: IntArray,
    creator: IntArray,
    values: FloatArray,
    *,
    user_arm: IntArray,
    creator_arm: IntArray,
    columns: tuple[str, ...],
) -> PairSums:
    """Sum rows up.

    Parameters
    ----------
    user, creator
        Number of the user and the creator of each row, shape (rows,); no pair twice.
    values
        Shape (rows, k).
    user_arm, creator_arm
        0 or 1 of every user and every creator, in the order of their numbers.

    Examples
    --------
    >>> two = np.array([0, 1])
    >>> made = sums_of(np.array([0, 1]), np.array([0, 0]), np.array([[2.0], [3.0]]),
    ...                user_arm=two, creator_arm=two, columns=("y",))
    >>> made.total[:, :, 0].tolist()
    [[2.0, 0.0], [3.0, 0.0]]
    """
    k = len(columns)
    a, b = user_arm[user], creator_arm[creator]
    by_user = _totals(user, b, values, user_arm.size)
    by_creator = _totals(creator, a, values, creator_arm.size)
    total, pairs = np.zeros((ARMS, ARMS, k)), np.zeros((ARMS, ARMS), dtype=np.int64)
    by_pair = np.zeros((ARMS, ARMS, k, k))
    for i in range(ARMS):
        for j in range(ARMS):
            own = values[(a == i) & (b == j)]
            pairs[i, j], total[i, j], by_pair[i, j] = len(own), own.sum(axis=0), own.T @ own
    return PairSums(
        columns=columns,
        users=np.bincount(user_arm, minlength=ARMS),
        creators=np.bincount(creator_arm, minlength=ARMS),
        pairs=pairs,
        total=total,
        by_user=_products(by_user, user_arm),
        by_creator=_products(by_creator, creator_arm),
        by_pair=by_pair,
    )


def _totals(who: IntArray, other_arm: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Total of each unit with partners of each arm, shape (units, 2k)."""
    place = who * ARMS + other_arm
    made = [np.bincount(place, column, minlength=size * ARMS) for column in values.T]
    stacked = np.stack(made, axis=-1).astype(float)
    return stacked.reshape(size, ARMS * values.shape[1])


def _products(totals: FloatArray, arm: IntArray) -> FloatArray:
    return np.stack([totals[arm == i].T @ totals[arm == i] for i in range(ARMS)])
