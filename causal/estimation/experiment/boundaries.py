"""Group sequential boundaries: alpha spent look by look (Lan, DeMets 1983, Biometrika)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from causal.data.panel import FloatArray

POINTS = 64
MOST = 12.0


class Spending(StrEnum):
    """How fast alpha is spent: late, or evenly."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"


def spent(information: FloatArray, alpha: float, spending: Spending) -> FloatArray:
    """Alpha spent on both sides up to each share of the planned information, half on either.

    >>> spent(np.array([0.5, 1.0]), 0.05, Spending.OBRIEN_FLEMING).round(6).tolist()
    [0.003051, 0.05]
    """
    from scipy.stats import norm

    t = np.minimum(np.asarray(information, dtype=float), 1.0)
    if spending is Spending.POCOCK:
        return np.asarray(alpha * np.log(1 + (np.e - 1) * t))
    return np.asarray(4 * norm.sf(norm.isf(alpha / 4) / np.sqrt(t)))


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


Chance = Callable[[float], float]


def _solved(t: FloatArray, choose: Callable[[int, Chance], float]) -> FloatArray:
    """Choose each look's value from the chance to cross it first there, and go on without those."""
    from scipy.stats import norm

    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
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
            over = norm.sf((value * scale - points) / spread)
            under = norm.cdf((-value * scale - points) / spread)
            return float(density @ (over + under))

        value = choose(look, chance)
        chosen.append(value)
        edge = value * scale
        at = edge * nodes
        density = (norm.pdf((at[:, None] - points) / spread) / spread) @ density * edge * weights
        points, before = at, now
    return np.array(chosen)


def _critical(chance: Chance, wanted: float) -> float:
    from scipy.optimize import brentq

    if chance(MOST) >= wanted:
        return MOST
    return float(brentq(lambda value: chance(value) - wanted, 0.0, MOST, xtol=1e-12))
