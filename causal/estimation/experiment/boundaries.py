"""Group sequential boundaries: alpha spent look by look (Lan, DeMets 1983, Biometrika)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache

import numpy as np

from causal.data.panel import FloatArray

POINTS = 64
MOST = 12.0
TINY = 1e-300
ROOT = float(np.sqrt(2 * np.pi))
LEAST_ALPHA, MOST_ALPHA = 1e-12, 0.999


class Spending(StrEnum):
    """How fast alpha is spent: late, or evenly."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"


def spent(information: FloatArray, alpha: float, spending: Spending) -> FloatArray:
    """Alpha spent on both sides up to each share of the planned information, half on either.

    >>> spent(np.array([0.5, 1.0]), 0.05, Spending.OBRIEN_FLEMING).round(6).tolist()
    [0.003051, 0.05]
    """
    from scipy.special import ndtr, ndtri

    t = np.minimum(np.asarray(information, dtype=float), 1.0)
    if spending is Spending.POCOCK:
        return np.asarray(alpha * np.log(1 + (np.e - 1) * t))
    return np.asarray(4 * ndtr(ndtri(alpha / 4) / np.sqrt(t)))


def boundaries(information: FloatArray, alpha: float, spending: Spending) -> FloatArray:
    """Critical values of |z| at each look.

    The density of the score that has not crossed yet is carried from look to look (Armitage,
    McPherson, Rowe 1969) at 64 Gauss-Legendre points.

    Parameters
    ----------
    information
        Share of the planned information at each look, rising, shape (looks,).
    alpha
        Two-sided.
    spending
        How fast it is spent.

    Returns
    -------
    array
        Shape (looks,).

    Examples
    --------
    >>> boundaries(np.array([1 / 3, 2 / 3, 1.0]), 0.05, Spending.OBRIEN_FLEMING).round(4).tolist()
    [3.7103, 2.5114, 1.993]
    """
    t = np.asarray(information, dtype=float)
    steps = np.diff(np.concatenate([[0.0], spent(t, alpha, spending)]))
    return _solved(t, lambda look, crossing: _critical(crossing, float(steps[look])))


def crossing(information: FloatArray, critical: FloatArray) -> float:
    """Chance under the null that |z| passes its critical value at some look."""
    t = np.asarray(information, dtype=float)
    total = 0.0

    def fixed(look: int, chance: Callable[[float], float]) -> float:
        nonlocal total
        total += chance(float(critical[look]))
        return float(critical[look])

    _solved(t, fixed)
    return total


def smallest_alpha(z: float, information: FloatArray, spending: Spending) -> float:
    """The alpha at whose boundary of the last look |z| lies: its p-value, between 1e-12 and 1.

    At that alpha the chance to cross z at the last look, without having crossed before, is what is
    left to spend there; so the last boundary itself is never searched for.

    Examples
    --------
    >>> t = np.array([0.5, 1.0])
    >>> last = boundaries(t, 0.05, Spending.POCOCK)[-1]
    >>> round(smallest_alpha(float(last), t, Spending.POCOCK), 9)
    0.05
    """
    from scipy.optimize import brentq

    if not np.isfinite(z):
        return float("nan")
    t = np.asarray(information, dtype=float)
    last = t.size - 1

    def left(log_alpha: float) -> float:
        steps = np.diff(np.concatenate([[0.0], spent(t, float(np.exp(log_alpha)), spending)]))
        crossed = 0.0

        def choose(look: int, chance: Chance) -> float:
            nonlocal crossed
            if look < last:
                return _critical(chance, float(steps[look]))
            crossed = chance(z)
            return z

        _solved(t, choose)
        return float(np.log(max(crossed, TINY)) - np.log(max(float(steps[-1]), TINY)))

    low, high = float(np.log(LEAST_ALPHA)), float(np.log(MOST_ALPHA))
    if left(low) < 0:
        return LEAST_ALPHA
    if left(high) > 0:
        return 1.0
    return float(np.exp(brentq(left, low, high, xtol=1e-10)))


Chance = Callable[[float], float]


def _solved(t: FloatArray, choose: Callable[[int, Chance], float]) -> FloatArray:
    """Choose each look's value from the chance to cross it first there, and go on without those."""
    from scipy.special import ndtr

    nodes, weights = _nodes()
    points, density = np.zeros(1), np.ones(1)
    before, chosen = 0.0, []
    for look, now in enumerate(t):
        spread, scale = np.sqrt(now - before), np.sqrt(now)

        def chance(
            value: float,
            points: FloatArray = points,
            density: FloatArray = density,
            spread: float = spread,
            scale: float = scale,
        ) -> float:
            over = ndtr((points - value * scale) / spread)
            under = ndtr((-value * scale - points) / spread)
            return float(density @ (over + under))

        value = choose(look, chance)
        chosen.append(value)
        edge = value * scale
        at = edge * nodes
        apart = (at[:, None] - points) / spread
        density = np.exp(-(apart**2) / 2) @ density * (edge / (spread * ROOT)) * weights
        points, before = at, now
    return np.array(chosen)


@cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights between -1 and 1."""
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    return nodes, weights


def _critical(chance: Chance, wanted: float) -> float:
    """The value crossed with a chance; at most what would do if no look had been before."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    high = min(MOST, float(-ndtri(wanted / 2)))
    if chance(high) >= wanted * (1 - 1e-14):
        return high
    return float(brentq(lambda value: chance(value) - wanted, 0.0, high, xtol=1e-12))
