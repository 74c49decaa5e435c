"""Trends before adoption: whether they differ, and how large a difference would have been missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray
from causal.estimation._estimates import Estimates

_POINTS = 1 << 14
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
MOST_PERIODS = len(_PRIMES) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """The test that nothing differs before adoption.

    Attributes
    ----------
    form
        ``joint`` (F), or ``largest`` (the largest |t|, where there are too few clusters for F).
    statistic, df
        F or |t|, and its degrees of freedom.
    """

    form: str
    statistic: float
    df: tuple[float, float]
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What the look at periods before adoption would have found.

    Attributes
    ----------
    slope_50, slope_80
        Drift a period that is found half of the time, and four times of five.
    """

    slope_50: float
    slope_80: float


def no_trend(event: Estimates) -> Joint:
    """Test that no estimate before adoption differs from zero.

    Parameters
    ----------
    event
        Estimates before adoption only.
    """
    from scipy.stats import f as fisher
    from scipy.stats import t as student

    known = _known(event)
    k = int(known.sum())
    if not k:
        return Joint(form="joint", statistic=float("nan"), df=(0.0, 0.0), p_value=float("nan"))
    part = event.select(np.flatnonzero(known))
    nu = float(part.df.min())
    ratio = part.values / part.std_errors
    if k >= nu or k == 1:
        place = int(np.argmin(student.sf(np.abs(ratio), part.df)))
        single = 2 * float(student.sf(abs(ratio[place]), part.df[place]))
        return Joint(
            form="largest",
            statistic=abs(float(ratio[place])),
            df=(float(k), float(part.df[place])),
            p_value=min(1.0, k * single),
        )
    v = part.covariance()
    whole = float(part.values @ np.linalg.pinv(v, hermitian=True) @ part.values)
    rest = max(nu - k + 1, 1.0)
    statistic = whole * rest / (nu * k)
    return Joint(
        form="joint",
        statistic=statistic,
        df=(float(k), rest),
        p_value=float(fisher.sf(statistic, k, rest)),
    )


def power(slope: float, v: FloatArray, times: FloatArray, *, critical: float) -> float:
    """Probability that some estimate before adoption is beyond its pointwise critical value.

    Parameters
    ----------
    slope
        Drift a period.
    v
        Covariance of the estimates, (k, k).
    times
        Their event times against the period they are compared with, (k,).
    """
    sd = np.sqrt(np.diag(v))
    mean = slope * times
    return 1.0 - _box(-critical * sd - mean, critical * sd - mean, v)


def power_of_test(event: Estimates, times: FloatArray, *, alpha: float) -> Power:
    """The drift that :func:`no_trend` finds at a level half of the time, and four times of five.

    F follows the noncentral distribution with the drift's squared distance from zero (Hotelling
    1931); the largest |t| is compared with the quantile of one of k tests.

    Parameters
    ----------
    event
        Estimates before adoption only, as given to the test.
    times
        Their event times against the period they are compared with, (k,).
    alpha
        p below which the test says that something differs.
    """
    from scipy.stats import f as fisher
    from scipy.stats import t as student

    known = _known(event)
    part, times = event.select(np.flatnonzero(known)), times[known]
    k, nu, v = times.size, float(part.df.min()), part.covariance()
    if k >= nu or k == 1:
        return power_of_largest(v, times, critical=float(student.isf(alpha / (2 * k), nu)))
    rest = max(nu - k + 1, 1.0)
    critical = float(fisher.isf(alpha, k, rest))
    unit = float(times @ np.linalg.pinv(v, hermitian=True) @ times)
    half, most = (_noncentral(share, critical, k, rest) for share in (0.5, 0.8))
    return Power(slope_50=(half / unit) ** 0.5, slope_80=(most / unit) ** 0.5)


def _noncentral(share: float, critical: float, k: int, rest: float) -> float:
    """Noncentrality with which F(k, rest) passes its critical value as often as ``share``."""
    from scipy.optimize import brentq
    from scipy.stats import ncf

    top = 1.0
    while ncf.sf(critical, k, rest, top) < share:
        top *= 2
    return float(brentq(lambda size: ncf.sf(critical, k, rest, size) - share, 0.0, top))


def _known(event: Estimates) -> BoolArray:
    return np.asarray(np.isfinite(event.values) & (event.std_errors > 0) & np.isfinite(event.df))


def power_of_largest(v: FloatArray, times: FloatArray, *, critical: float) -> Power:
    """The drift with which some estimate passes a critical value half of the time, and four of five.

    With the pointwise value that is the power of looking at single intervals (Roth 2022).

    Parameters
    ----------
    v, times
        As in :func:`power`; the last ``MOST_PERIODS`` before adoption are used.
    """
    from scipy.optimize import brentq

    v, times = v[-MOST_PERIODS:, -MOST_PERIODS:], times[-MOST_PERIODS:]
    unit = float(np.min(np.sqrt(np.diag(v)) / np.abs(times)))
    top = unit * (critical + 6.0)

    def needed(share: float) -> float:
        return float(
            brentq(lambda slope: power(slope, v, times, critical=critical) - share, 0.0, top)
        )

    if power(0.0, v, times, critical=critical) >= 0.5:
        return Power(slope_50=0.0, slope_80=needed(0.8))
    return Power(slope_50=needed(0.5), slope_80=needed(0.8))


def _box(low: FloatArray, high: FloatArray, v: FloatArray) -> float:
    """Probability that a normal with mean zero is in a box, by a lattice and without randomness.

    Separation of variables (Genz 1992) on points of roots of primes (Richtmyer 1951).
    """
    from scipy.special import ndtr, ndtri

    k = low.size
    size = np.sqrt(np.diag(v))
    r = v / np.outer(size, size)
    r = (1 - 1e-9) * r + 1e-9 * np.eye(k)
    factor = np.linalg.cholesky(r)
    low, high = low / size, high / size
    primes = np.sqrt(np.array(_PRIMES[: max(k - 1, 1)], dtype=float))
    points = np.abs(2 * ((np.arange(1, _POINTS + 1)[:, None] * primes) % 1) - 1)
    drawn = np.zeros((_POINTS, k))
    below = np.full(_POINTS, ndtr(low[0] / factor[0, 0]))
    above = np.full(_POINTS, ndtr(high[0] / factor[0, 0]))
    whole = above - below
    for i in range(1, k):
        inside = np.clip(below + points[:, i - 1] * (above - below), 1e-300, 1 - 1e-16)
        drawn[:, i - 1] = ndtri(inside)
        shift = drawn[:, :i] @ factor[i, :i]
        below = ndtr((low[i] - shift) / factor[i, i])
        above = ndtr((high[i] - shift) / factor[i, i])
        whole = whole * (above - below)
    return float(whole.mean())
