"""Whether a rollout reached those it had not been given to, and what it did once that is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray
from causal.estimation.rollout._two_way import within
from causal.estimation.rollout._untreated import Left, groups_of, left_out, usable

State = Literal["found", "ruled out", "cannot be told", "not looked at"]
LEAST_VARIATION = 0.05
NEAR = 0.1
"""Without a margin: a spillover that changes the effect by less than this share is ruled out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value with its interval and degrees of freedom."""

    value: float
    low: float
    high: float
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """What untreated cells say about treated neighbours.

    Attributes
    ----------
    state
        ``found``: untreated cells move with the share of treated neighbours. ``ruled out``: what
        that changes of the effect is inside the margin. ``cannot be told``: neither.
    variation
        Share of the spread of the treated share that entities and periods leave; None without one.
    gamma
        What an untreated cell moves by when all of its neighbours are treated.
    total
        Mean effect on treated cells against no rollout at all.
    plain
        The same against untreated cells as they are.
    correction
        The total less the plain effect.
    mean_share
        Mean treated share of untreated cells from the first adoption on.
    """

    state: State
    variation: float | None = None
    gamma: Interval | None = None
    total: Interval | None = None
    plain: Interval | None = None
    correction: Interval | None = None
    mean_share: float | None = None


def contamination(
    cells: Cells,
    outcome: str,
    *,
    level: float,
    margin: float | None = None,
    shared: bool = False,
) -> Contamination:
    """Look at untreated cells beside treated neighbours.

    Parameters
    ----------
    margin
        The largest change of the effect that does not matter, in units of the outcome; None: a
        tenth of the effect.
    shared
        All entities are said to share one pool: without ``cells.spillover`` the share of treated
        entities is the same for all at a time, and cannot be told from what time does. (The slope of
        the untreated mean on it beside a trend had the wrong sign on the simulated platform.)
    """
    share = cells.spillover
    if share is None:
        if not shared:
            return Contamination(state="not looked at")
        return Contamination(state="cannot be told", variation=0.0)
    y = cells.y[outcome]
    fit, told = usable(cells, y)
    fit = fit & np.isfinite(share)
    late = np.arange(y.shape[1]) >= int(cells.cohorts.min(initial=y.shape[1]))
    mean_share = float(share[fit & late].mean()) if (fit & late).any() else 0.0
    variation = _variation(share, fit)
    if variation < LEAST_VARIATION or not told.any():
        return Contamination(state="cannot be told", variation=variation, mean_share=mean_share)
    gamma, total, plain, correction = _wider(cells, y, share, level)
    allowed = NEAR * abs(plain.value) if margin is None else margin
    state: State = "cannot be told"
    if gamma.low > 0 or gamma.high < 0:
        state = "found"
    elif -allowed < correction.low <= correction.high < allowed:
        state = "ruled out"
    return Contamination(
        state=state,
        variation=variation,
        gamma=gamma,
        total=total,
        plain=plain,
        correction=correction,
        mean_share=mean_share,
    )


def _variation(share: FloatArray, fit: np.ndarray) -> float:
    """Share of the sum of squares of untreated cells that entities and periods leave."""
    known = np.where(fit, share, 0.0)
    around = float(((share[fit] - share[fit].mean()) ** 2).sum()) if fit.any() else 0.0
    if not around > 0:
        return 0.0
    left = within(fit.astype(float))(known[:, :, None])
    return float((left**2).sum()) / around


def _wider(
    cells: Cells, y: FloatArray, share: FloatArray, level: float
) -> tuple[Interval, Interval, Interval, Interval]:
    """Slope, total, plain and correction; errors by cluster or by pool, whichever is wider."""
    ways = [cells.cluster] if cells.pool is None else [cells.cluster, cells.pool]
    treated = cells.treated
    made: list[tuple[Interval, ...]] = []
    for way in ways:
        groups = groups_of(way, y.shape[1])
        if groups.max() < 1:
            continue
        corrected = left_out(cells, y, (treated,), groups, (share,))
        plain = left_out(cells, y, (treated,), groups)
        both = Left(
            values=np.r_[corrected.values, plain.values, corrected.values[1] - plain.values[0]],
            without=np.column_stack(
                [
                    corrected.without,
                    plain.without,
                    corrected.without[:, 1] - plain.without[:, 0],
                ]
            ),
        )
        error = np.sqrt(np.diag(both.covariance))
        made.append(
            tuple(
                _interval(float(value), float(sd), both.df, level)
                for value, sd in zip(both.values, error, strict=True)
            )
        )
    widest = [max(each, key=_width) for each in zip(*made, strict=True)]
    return widest[0], widest[1], widest[2], widest[3]


def _width(each: Interval) -> float:
    return each.high - each.low if np.isfinite(each.high) else float("inf")


def _interval(value: float, error: float, df: float, level: float) -> Interval:
    """The interval; the whole line where the error is not known."""
    from scipy.stats import t

    if not np.isfinite(error):
        return Interval(value=value, low=-float("inf"), high=float("inf"), df=df)
    reach = float(t.isf((1 - level) / 2, df)) * error
    return Interval(value=value, low=value - reach, high=value + reach, df=df)
