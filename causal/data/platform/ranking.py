"""Ranking: a Plackett-Luce slate, with the exact probability of each place given those above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slates:
    """What was shown; all shapes (requests, slots).

    ``place`` is the position among the candidates, ``propensity`` the probability of the place
    given the places above it, so that a row's product is the probability of its slate. ``shown``
    is False where there were too few candidates.
    """

    place: IntArray
    propensity: FloatArray
    shown: BoolArray


def rank(worth: FloatArray, noise: FloatArray, slots: int) -> Slates:
    """Order candidates by log-worth plus Gumbel noise, and take the first.

    That is a draw from Plackett and Luce's model (Plackett 1975; Yellott 1977): a place goes to
    each candidate left over with probability proportional to exp(log-worth).

    Parameters
    ----------
    worth
        Log-worth, shape (requests, candidates), minus infinity where there is no candidate.
    noise
        Standard Gumbel draws of the same shape.
    slots
        Places to fill.

    Examples
    --------
    >>> made = rank(np.log([[1.0, 2.0, 1.0]]), np.array([[0.0, 0.0, 1.0]]), 3)
    >>> made.place.tolist(), made.propensity.round(3).tolist()
    ([[2, 1, 0]], [[0.25, 0.667, 1.0]])
    """
    order = np.argsort(-(worth + noise), axis=1)
    top = worth.max(axis=1, keepdims=True)
    top[~np.isfinite(top)] = 0.0
    mass = np.take_along_axis(np.exp(worth - top), order, axis=1)
    left = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1][:, :slots]
    mass = mass[:, :slots]
    place = order[:, :slots]
    shown = np.isfinite(np.take_along_axis(worth, place, axis=1))
    propensity = np.divide(mass, left, out=np.ones_like(mass), where=shown & (left > 0))
    return Slates(place=place, propensity=propensity, shown=shown)


def propensities(worth: FloatArray, place: IntArray, shown: BoolArray) -> FloatArray:
    """Probability that another log-worth gives each place to the same candidate, given those above.

    Parameters
    ----------
    worth
        Log-worth under the other policy, shape (requests, candidates).
    place, shown
        The slates, as in :class:`Slates`.

    Returns
    -------
    numpy.ndarray
        Shape (requests, slots), 1 where nothing is shown.

    Examples
    --------
    >>> made = rank(np.log([[1.0, 2.0, 1.0]]), np.array([[0.0, 0.0, 1.0]]), 2)
    >>> propensities(np.log([[2.0, 1.0, 1.0]]), made.place, made.shown).round(3).tolist()
    [[0.25, 0.333]]
    """
    top = worth.max(axis=1, keepdims=True)
    top[~np.isfinite(top)] = 0.0
    mass = np.exp(worth - top)
    own = np.take_along_axis(mass, place, axis=1)
    np.put_along_axis(mass, place, 0.0, axis=1)
    left = np.cumsum(own[:, ::-1], axis=1)[:, ::-1] + mass.sum(axis=1, keepdims=True)
    return np.divide(own, left, out=np.ones_like(own), where=shown & (left > 0))


def reweighted(propensity: FloatArray, times: FloatArray) -> FloatArray:
    """By what the probability of each place is multiplied if its item alone has other worth.

    The probability is that of the place and those above it, given who holds them. With q the
    probability that the item comes at a place given those above, and its worth multiplied by r, the
    factor is r / (1 - q + r q) at its own place, and 1 / (1 - q + r q) at each above, which it
    left to others.

    Parameters
    ----------
    propensity
        Probability of each place given those above, shape (requests, slots).
    times
        r of the item at each place, the same shape.

    Examples
    --------
    >>> reweighted(np.array([[0.5, 0.5]]), np.array([[2.0, 2.0]])).round(3).tolist()
    [[1.333, 1.067]]
    """
    out = np.ones_like(propensity)
    for slot in range(propensity.shape[1]):
        chance, by = propensity[:, slot].copy(), times[:, slot]
        out[:, slot] = by / (1 - chance + by * chance)
        for above in range(slot - 1, -1, -1):
            chance *= 1 - propensity[:, above]
            out[:, slot] /= 1 - chance + by * chance
    return out
