"""What a factor nobody measured can do to an estimate: omitted-variable bounds.

Chernozhukov, Cinelli, Newey, Sharma, Syrgkanis (2022), "Long story short". An effect is a mean of
the outcome regression times its Riesz representer. A hidden factor that explains a share ``cf_y``
of what is left of the outcome, and whose knowledge would raise the representer's variance by
``cf_d / (1 - cf_d)``, moves it by at most ``sqrt(sigma2 nu2 cf_y cf_d / (1 - cf_d))``. With linear
regressions these are the bounds of Cinelli and Hazlett (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import variance
from causal.estimation._scores import ratio
from causal.estimation.aipw import Arms

_HALVINGS = 60


class Noise(NamedTuple):
    """``sigma2`` (what is left of the outcome), ``nu2`` (size of the Riesz representer).

    Each with the influence of every row, shape (n,).
    """

    sigma2: float
    nu2: float
    sigma2_influence: FloatArray
    nu2_influence: FloatArray


def of_slope(left: FloatArray, r_a: FloatArray, weight: FloatArray) -> Noise:
    """Partially linear, or linear: ``left`` is the outcome's residual less the slope's share.

    Parameters
    ----------
    left, r_a, weight
        r_y - theta r_a, residual of the attribute, and what a row counts; each (n,).
    """
    sigma2, on_sigma2 = ratio(np.column_stack([weight * left**2, weight]))
    spread, on_spread = ratio(np.column_stack([weight * r_a**2, weight]))
    nu2 = 1 / spread if spread > 0 else float("nan")
    return Noise(sigma2, nu2, on_sigma2, -(nu2**2) * on_spread)


def of_levels(left: FloatArray, arms: Arms, weight: FloatArray, estimand: str) -> Noise:
    """AIPW of ``estimand`` (ATE, ATT or ATO): ``left`` is y - f(a, x), shape (n,).

    nu2 is the mean of the debiased square of the representer, its plain square where few rows
    make that negative.
    Overlap weights e (1 - e) count as given, so ATO has the representer (a - e) / E[(a - e)^2].
    """
    on, off, e_high, e_low = arms
    if estimand == "ATO":
        e = e_high / (e_high + e_low)
        return of_slope(left, (on + off) * (on - e), weight)
    sigma2, on_sigma2 = ratio(np.column_stack([weight * left**2, weight]))
    both = 1 / e_high + 1 / e_low
    riesz = on / e_high - off / e_low
    square = 2 * both - riesz**2
    if estimand == "ATT":
        share = float(np.average(on, weights=weight))
        riesz = e_high * riesz / share
        square = 2 * on * e_high * both / share**2 - riesz**2
    if float(weight @ square) <= 0:
        square = riesz**2
    nu2, on_nu2 = ratio(np.column_stack([weight * square, weight]))
    return Noise(sigma2, nu2, on_sigma2, on_nu2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """An estimate and the largest bias a factor of strength one would give it.

    ``spread`` holds the clustered variances of the estimate and of ``largest``, and between them
    their covariance. ``critical`` is the quantile of the interval, so that bounds of strength
    zero are the interval itself.
    """

    value: float
    largest: float
    spread: tuple[float, float, float]
    critical: float

    @staticmethod
    def of(
        value: float,
        largest: float,
        influence: FloatArray,
        ways: tuple[IntArray, ...],
        critical: float,
    ) -> Bias:
        """Read the spread off the influence on estimate and largest bias, (cells, 2)."""
        own = variance(influence, influence, ways)
        both = variance(influence[:, :1], influence[:, 1:], ways)
        spread = (float(own[0]), float(both[0]), float(own[1]))
        return Bias(value=value, largest=largest, spread=spread, critical=critical)

    def bounds(self, strength: float) -> tuple[float, float]:
        """Values the effect may have if a factor is that strong."""
        return self.value - strength * self.largest, self.value + strength * self.largest

    def confidence(self, strength: float) -> tuple[float, float]:
        """The bounds, with what sampling error adds to each."""
        low, high = self.bounds(strength)
        return (
            low - self.critical * self._error(-strength),
            high + self.critical * self._error(strength),
        )

    def erasing(self) -> float:
        """The strength that takes the estimate to zero."""
        return abs(self.value) / self.largest if self.largest > 0 else float("inf")

    def erasing_interval(self) -> float:
        """The strength that takes the interval to zero; 0 when it is there already."""
        side = 0 if self.value > 0 else 1
        sign = 1.0 if self.value > 0 else -1.0
        low, high = 0.0, self.erasing()
        if not np.isfinite(high) or sign * self.confidence(0.0)[side] <= 0:
            return 0.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if sign * self.confidence(middle)[side] > 0:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def _error(self, strength: float) -> float:
        first, between, second = self.spread
        total = first + 2 * strength * between + strength**2 * second
        return float(np.sqrt(max(total, 0.0)))


def largest_bias(noise: Noise) -> tuple[float, FloatArray]:
    """sqrt(sigma2 nu2) and the influence of every row on it, shape (n,)."""
    size = float(np.sqrt(max(noise.sigma2 * noise.nu2, 0.0)))
    if not size > 0:
        return size, np.zeros(noise.sigma2_influence.size)
    both = noise.sigma2 * noise.nu2_influence + noise.nu2 * noise.sigma2_influence
    return size, both / (2 * size)


def strength(cf_y: float, cf_d: float, rho: float = 1.0) -> float:
    """How strong a factor is: |rho| sqrt(cf_y cf_d / (1 - cf_d))."""
    return abs(rho) * float(np.sqrt(cf_y * cf_d / (1 - cf_d))) if cf_d < 1 else float("inf")


def robustness(needed: float) -> float:
    """The share of both residuals a factor must explain to have this strength: RV.

    Darfur, directly harmed: t = 4.184 with 783 degrees of freedom has RV 13.9% (Cinelli, Hazlett
    2020, table 1).

    >>> round(robustness(4.184 / 783**0.5), 3)
    0.139
    """
    if not np.isfinite(needed):
        return 1.0
    return float((np.sqrt(needed**4 + 4 * needed**2) - needed**2) / 2)


class Gain(NamedTuple):
    """What a named observed column adds: shares of outcome and representer, and their accord."""

    cf_y: float
    cf_d: float
    rho: float


def gain(long: tuple[float, float, float], short: tuple[float, float, float]) -> Gain:
    """Strength of the columns that the short model leaves out.

    Parameters
    ----------
    long, short
        Estimate, sigma2 and nu2 with and without the columns.
    """
    value, sigma2, nu2 = long
    value_short, sigma2_short, nu2_short = short
    cf_y = float(np.clip((sigma2_short - sigma2) / sigma2, 0, 1)) if sigma2 > 0 else 0.0
    cf_d = float(np.clip((nu2 - nu2_short) / nu2_short, 0, 1)) if nu2_short > 0 else 0.0
    more_y, more_a = max(sigma2_short - sigma2, 0.0), max(nu2 - nu2_short, 0.0)
    moved, most = value_short - value, float(np.sqrt(more_y * more_a))
    rho = float(np.clip(moved / most, -1, 1)) if most > 0 else float(np.sign(moved))
    return Gain(cf_y, cf_d, rho)


def times(needed: float, like: Gain) -> float:
    """How many times as strong as a named column a hidden one must be: both shares times k.

    The hidden factor's errors are taken to agree perfectly (rho 1), the worst case.

    >>> round(times(strength(0.2, 0.1), Gain(0.1, 0.05, 0.3)), 6)
    2.0
    """
    product = like.cf_y * like.cf_d
    if product <= 0 or not np.isfinite(needed):
        return float("inf")
    b = needed**2 * like.cf_d
    return float((-b + np.sqrt(b**2 + 4 * product * needed**2)) / (2 * product))
