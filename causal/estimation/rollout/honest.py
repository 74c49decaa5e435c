"""Bounds on an effect where trends may differ after adoption (Rambachan, Roth 2023)."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, sqrt

import numpy as np

from causal.data.panel import FloatArray

MOST = 10.0
_TIGHT = 1e-7
_NODES, _SHARES = np.polynomial.legendre.leggauss(64)


def relative_magnitudes(
    beta: FloatArray,
    v: FloatArray,
    before: int,
    weights: FloatArray,
    bound: float,
    *,
    level: float,
    df: float = float("inf"),
) -> tuple[float, float]:
    """Interval where no step of the trend is over ``bound`` times the largest step before.

    A value holds when for some step before adoption, up or down, it is off by at most what steps of
    that size can add up to. For each that is two one-sided moments, tested together; the interval is
    the hull of what any of them leaves, so it covers at least as often as it says.

    Parameters
    ----------
    beta
        Event study against the last period before adoption, that one left out: ``before`` estimates
        in the order of time, then those from adoption on, (p,).
    v
        Their covariance, (p, p).
    weights
        What the effect weighs the estimates from adoption on by, (p - before,).
    bound
        How large steps may be, in steps before.
    df
        Degrees of freedom of the errors.

    Returns
    -------
    tuple of float
        Low and high.
    """
    weights = np.asarray(weights, dtype=float)
    effect = np.concatenate([np.zeros(before), weights])
    reach = float(np.abs(np.cumsum(weights[::-1])).sum()) * bound
    low, high = [], []
    for step in _steps(before, beta.size):
        for sign in (1.0, -1.0):
            up, down = effect + sign * reach * step, effect - sign * reach * step
            sd_up, sd_down = np.sqrt(up @ v @ up), np.sqrt(down @ v @ down)
            rho = -float(up @ v @ down) / (sd_up * sd_down)
            critical = _larger_of_two(rho, 1 - level, df)
            ends = down @ beta - critical * sd_down, up @ beta + critical * sd_up
            if ends[0] <= ends[1]:
                low.append(ends[0])
                high.append(ends[1])
    return float(min(low)), float(max(high))


def breakdown(
    beta: FloatArray,
    v: FloatArray,
    before: int,
    weights: FloatArray,
    *,
    level: float,
    df: float = float("inf"),
) -> float:
    """The bound on relative magnitudes from which on zero is no longer excluded.

    0 where it never is excluded, infinite where it is up to ten times the largest step before.
    """
    from scipy.optimize import brentq

    def nearest(bound: float) -> float:
        low, high = relative_magnitudes(beta, v, before, weights, bound, level=level, df=df)
        return max(low, -high)

    if nearest(0.0) <= 0:
        return 0.0
    return float(brentq(nearest, 0.0, MOST)) if nearest(MOST) < 0 else float("inf")


def _steps(before: int, size: int) -> FloatArray:
    """Each step of the trend before adoption as a row of weights on the estimates; the last is to 0."""
    made = np.zeros((before, size))
    rows = np.arange(before)
    made[rows, rows] = -1.0
    made[rows[:-1], rows[:-1] + 1] = 1.0
    return made


def _larger_of_two(rho: float, alpha: float, df: float) -> float:
    """Quantile of the larger of two standard normals with correlation rho (Plackett 1954).

    Of t it is the quantile of normals carried over by its tail.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm, t

    if rho <= -1 + 1e-12:
        normal = norm.isf(alpha / 2)
    else:
        angle = np.arcsin(min(rho, 1.0)) / 2
        place, share = angle * (1 + _NODES), angle * _SHARES

        def both(c: float) -> float:
            inner = share @ np.exp(-(c**2) / (1 + np.sin(place))) / (2 * np.pi)
            return float(_below(c) ** 2 + inner) - (1 - alpha)

        normal = brentq(both, norm.isf(alpha) - 1e-6, norm.isf(alpha / 2) + 1e-6)
    return float(normal) if np.isinf(df) else float(t.isf(norm.sf(normal), df))


def _below(c: float) -> float:
    return 0.5 * (1 + erf(c / sqrt(2.0)))


def smoothness(
    beta: FloatArray,
    v: FloatArray,
    before: int,
    weights: FloatArray,
    bound: float,
    *,
    level: float,
    df: float = float("inf"),
) -> tuple[float, float]:
    """Interval where the slope of the trend changes by at most ``bound`` a period.

    Of fixed length (Armstrong, Kolesár 2018): the estimates before adoption correct for a straight
    trend, with the weights that make the interval shortest at the largest bias left.

    Parameters
    ----------
    beta, v, before, weights, df
        As in :func:`relative_magnitudes`.
    bound
        Largest change of the slope from one period to the next, in units of the outcome.

    Returns
    -------
    tuple of float
        Low and high.
    """
    centre, half = fixed_length(beta, v, before, weights, bound, level=level, df=df)
    return centre - half, centre + half


def fixed_length(
    beta: FloatArray,
    v: FloatArray,
    before: int,
    weights: FloatArray,
    bound: float,
    *,
    level: float,
    df: float = float("inf"),
) -> tuple[float, float]:
    """Centre and half-length of the interval of :func:`smoothness`."""
    from scipy.optimize import minimize_scalar

    weights = np.asarray(weights, dtype=float)
    after = np.arange(1, weights.size + 1)
    ahead = np.arange(before, 0, -1)
    bends = np.array([np.maximum(ahead - k, 0) for k in range(1, before)]).reshape(
        before - 1, before
    )
    fixed = sum(abs(float(weights @ np.maximum(after - k, 0))) for k in range(weights.size))
    need = float(weights @ after)
    own, cross = v[:before, :before], v[:before, before:] @ weights
    rest = float(weights @ v[before:, before:] @ weights)

    def spread(w: FloatArray) -> float:
        return float(np.sqrt(w @ own @ w + 2 * w @ cross + rest))

    def half(w: FloatArray) -> float:
        sd = spread(w)
        bias = bound * (fixed + float(np.abs(bends @ w).sum()))
        return _folded(bias / sd, 1 - level, df) * sd

    solve = _least_spread(own, cross, rest, bends, ahead.astype(float), need)
    best = solve(1e6)
    most = float(np.abs(bends @ best).sum())
    if bound > 0 and most > 0:
        found = minimize_scalar(
            lambda limit: half(solve(limit)),
            bounds=(0.0, most),
            method="bounded",
            options={"xatol": _TIGHT},
        )
        best = min((best, solve(float(found.x)), solve(0.0)), key=half)
    return float(best @ beta[:before] + weights @ beta[before:]), half(best)


def _least_spread(
    own: FloatArray,
    cross: FloatArray,
    rest: float,
    bends: FloatArray,
    ahead: FloatArray,
    need: float,
) -> Callable[[float], FloatArray]:
    """Weights of least variance without bias of a straight trend, and bends of at most a limit."""
    from scipy.optimize import minimize

    before = ahead.size
    start = np.zeros(before)
    start[-1] = need
    extra = before - 1
    # The absolute values are slack variables, so that the problem is smooth.
    jacobian = np.vstack(
        [
            np.hstack([-bends, np.eye(extra)]),
            np.hstack([bends, np.eye(extra)]),
            np.concatenate([np.zeros(before), -np.ones(extra)]),
        ]
    )
    straight = np.concatenate([ahead, np.zeros(extra)])

    def solve(limit: float) -> FloatArray:
        if before == 1:
            return start
        first = np.concatenate([start, np.abs(bends @ start) + 1e-9])
        room = np.concatenate([np.zeros(2 * extra), [limit]])
        found = minimize(
            lambda x: (x[:before] @ own @ x[:before] + 2 * x[:before] @ cross + rest) / rest,
            first,
            jac=lambda x: np.concatenate([2 * (own @ x[:before] + cross) / rest, np.zeros(extra)]),
            constraints=[
                {"type": "eq", "fun": lambda x: straight @ x - need, "jac": lambda _: straight},
                {"type": "ineq", "fun": lambda x: jacobian @ x + room, "jac": lambda _: jacobian},
            ],
            method="SLSQP",
            options={"maxiter": 300, "ftol": 1e-13},
        )
        return np.asarray(found.x[:before])

    return solve


def _folded(bias: float, alpha: float, df: float) -> float:
    """Quantile of |N(bias, 1)|; of a t with few degrees of freedom likewise."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    def below(x: float) -> float:
        return float(ndtr(x) if np.isinf(df) else stdtr(df, x))

    ends = -ndtri(alpha / 2) if np.isinf(df) else -stdtrit(df, alpha / 2)
    top = bias + float(ends) + 1.0
    return float(brentq(lambda c: below(c - bias) - below(-c - bias) - (1 - alpha), 0.0, top))
