"""Relative effects: the set of ratios that the data do not refuse (Fieller 1954)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Shape = Literal["bounded", "two rays", "whole line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """An effect over the size of its baseline.

    Bounded, the set lies between ``low`` and ``high``; two rays are everything outside them; of the
    whole line they are None. Only a bounded set may be printed as an interval.
    """

    value: float
    low: float | None
    high: float | None
    shape: Shape


def relative(
    effect: float,
    baseline: float,
    *,
    variance: float,
    baseline_variance: float,
    covariance: float,
    critical: float,
) -> Relative:
    """All ratios r with |effect - r baseline| within ``critical`` of its standard errors.

    Parameters
    ----------
    effect, baseline
        The effect and the control's level; for a negative level the ratio is to its size.
    variance, baseline_variance, covariance
        Of the two.
    critical
        Quantile of the effect's own t, so that the set leaves out 0 when the effect's interval does.

    Examples
    --------
    >>> spread = {"variance": 0.02, "baseline_variance": 0.01, "covariance": -0.01}
    >>> found = relative(0.5, 10.0, **spread, critical=1.959964)
    >>> round(found.low, 7), round(found.high, 7), found.shape
    (0.0219757, 0.0788313, 'bounded')
    >>> relative(0.3, 0.2, variance=0.04, baseline_variance=0.02, covariance=-0.02, critical=1.96).shape
    'two rays'
    >>> relative(0.1, 0.1, variance=0.04, baseline_variance=0.02, covariance=-0.02, critical=1.96).shape
    'whole line'
    """
    sign = -1.0 if baseline < 0 else 1.0
    mu, cross = abs(baseline), sign * covariance
    value = effect / mu if mu > 0 else float("nan")
    a = mu * mu - critical**2 * baseline_variance  # a power of a float may raise, a product not
    b = effect * mu - critical**2 * cross
    c = effect * effect - critical**2 * variance
    inside = b * b - a * c
    if not np.isfinite(inside) or (a <= 0 and inside <= 0) or a == 0:
        return Relative(value=value, low=None, high=None, shape="whole line")
    root = float(np.sqrt(max(inside, 0.0)))
    low, high = sorted(((b - root) / a, (b + root) / a))
    return Relative(value=value, low=low, high=high, shape="bounded" if a > 0 else "two rays")
