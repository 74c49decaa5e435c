"""What an experiment of a size can see, and what size sees an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.moments.collected import Reading
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation.experiment._adjustment import Adjustment, coefficients
from causal.estimation.experiment._parts import part_of

STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How one sampling unit varies: of a level linearised to a column, with what adjustment leaves.

    ``variance`` is per unit of randomisation (a cluster where clusters are assigned); ``explained``
    the share of the raw variance that covariates known before explain.
    """

    level: float
    variance: float
    explained: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a comparison is held to: two-sided ``alpha``, ``power``, and how much wider intervals are.

    ``wider`` is the half-width of the procedure's interval at the end of the plan over that of the
    fixed one: 1 for a fixed horizon.
    """

    alpha: float
    power: float
    wider: float = 1.0


def spread_of(moments: Moments, reading: Reading, adjustment: Adjustment) -> Spread:
    """How one sampling unit varies within arms and strata, before or during an experiment.

    Parameters
    ----------
    moments
        Any number of arms, one too.
    reading
        The metric.
    adjustment
        With covariates their share is taken off; CUPED and Lin take off the same when arms are
        alike.
    """
    n = moments.n.sum()
    mean = np.einsum("as,ask->k", moments.n, moments.mean) / n
    within = moments.scatter.sum(axis=(0, 1)) / max(n - (moments.n > 0).sum(), 1)
    level, slope = (each[0] for each in part_of(moments.columns, reading.level, mean[None]))
    raw = float(slope @ np.nan_to_num(within) @ slope)
    if adjustment is not Adjustment.NONE and reading.covariates:
        covariates = np.stack(
            [part_of(moments.columns, part, mean[None])[1][0] for part in reading.covariates]
        )
        slope = slope - coefficients(within, slope, covariates) @ covariates
    left = float(slope @ np.nan_to_num(within) @ slope)
    return Spread(level=float(level), variance=left, explained=1 - left / raw if raw > 0 else 0.0)


def smallest_effect(spread: Spread, units: float, shares: tuple[float, float], bar: Bar) -> float:
    """The effect found with the wanted power, in the metric's own units.

    Parameters
    ----------
    spread
        Of one unit.
    units
        Units of randomisation in all arms together.
    shares
        Planned shares of control and treatment, of all arms.
    bar
        What it is held to.
    """
    error = _error(spread, units, shares)
    return float(_reach(bar, units * sum(shares) - 2) * error)


def units_needed(spread: Spread, effect: float, shares: tuple[float, float], bar: Bar) -> float:
    """Units of randomisation, in all arms together, that find an effect with the wanted power.

    Examples
    --------
    From 10% to 11% with power 80%, half in either arm; each arm varies as its own share:

    >>> both = Spread(level=0.10, variance=(0.10 * 0.90 + 0.11 * 0.89) / 2)
    >>> round(units_needed(both, 0.01, (0.5, 0.5), Bar(alpha=0.05, power=0.8)) / 2)
    14749
    """
    if effect == 0:
        return float("inf")
    scale = _error(spread, 1.0, shares) ** 2 / effect**2
    units = _reach(bar, np.inf) ** 2 * scale
    for _ in range(STEPS):
        again = _reach(bar, max(units * sum(shares) - 2, 1.0)) ** 2 * scale
        if abs(again - units) < 1e-9 * units:
            break
        units = again
    return float(units)


def days_until(units: float, arrivals: Sequence[float]) -> int | None:
    """The first day by which so many units have arrived, counted from 1; None beyond the record.

    Parameters
    ----------
    units
        Units of randomisation wanted.
    arrivals
        New units of each day, as seen before: returning ones arrive only once.

    Examples
    --------
    >>> days_until(25, [10, 8, 6, 5])
    4
    """
    reached = np.flatnonzero(np.cumsum(np.asarray(arrivals, dtype=float)) >= units)
    return int(reached[0]) + 1 if reached.size else None


def power_of(effect: float, error: float, bar: Bar) -> float:
    """Chance to find an effect whose estimate has a standard error, with known variance."""
    from scipy.stats import norm

    edge = norm.isf(bar.alpha / 2) * bar.wider
    return float(norm.sf(edge - abs(effect) / error) + norm.cdf(-edge - abs(effect) / error))


def _error(spread: Spread, units: float, shares: tuple[float, float]) -> float:
    return float(np.sqrt(spread.variance / units * (1 / shares[0] + 1 / shares[1])))


def _reach(bar: Bar, df: float) -> float:
    """Standard errors between no effect and one found with the wanted power."""
    from scipy.stats import t

    edges: FloatArray = t.isf([bar.alpha / 2, 1 - bar.power], min(df, 1e9))
    return float(edges[0] * bar.wider + edges[1])
