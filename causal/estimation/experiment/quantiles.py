"""Quantile metrics: the one kind that moments cannot give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.content.metric import Metric
from causal.content.outcome import Goal
from causal.data.moments.collected import Sample
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment.effects import Asked, root


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of one arm with its standard error, and how many sampling units it has."""

    value: float
    std_error: float
    n: int


def quantile(
    values: FloatArray, cluster: IntArray | None, *, at: float, level: float = 0.95
) -> Quantile:
    """A quantile, with an error read off the quantiles beside it.

    The share of rows below the quantile is a mean, or with clusters a ratio of totals, with a
    standard error s. The quantiles at ``at`` plus and minus z s are a confidence interval (Price,
    Bonett 2001; Deng, Knoblich, Lu 2018, section 4.2), and half its width over z is an error that
    knows nothing of a density. Where more rows repeat the quantile than its rank is uncertain by,
    it moves in steps: the farther end is then taken, times the root of two, so that a difference of
    two of them spans the whole range of each.

    Parameters
    ----------
    values
        Of one arm, shape (n,), without missing ones.
    cluster
        Code of the cluster of each row, (n,), or None.
    at
        Between 0 and 1.
    level
        Of the interval whose width is read.

    Returns
    -------
    Quantile
        The error is NaN with fewer than two sampling units, where the interval would reach beyond
        the rows, and where all of it is one repeated value, which says nothing about an error.

    Examples
    --------
    >>> found = quantile(np.arange(1.0, 10_001.0), None, at=0.5)
    >>> found.value, round(found.std_error)
    (5000.5, 50)
    """
    from scipy.stats import norm

    if values.size == 0:
        return Quantile(value=float("nan"), std_error=float("nan"), n=0)
    found = float(np.quantile(values, at))
    error, n = _share_error(values, found, cluster, at)
    z = float(norm.isf((1 - level) / 2))
    low, high = at - z * error, at + z * error
    if not (low > 0 and high < 1):
        return Quantile(value=found, std_error=float("nan"), n=n)
    ends = np.quantile(values, [low, high])
    if np.count_nonzero(values == found) > error * values.size:
        reach = float(np.abs(ends - found).max()) * float(np.sqrt(2))
    else:
        reach = float(ends[1] - ends[0]) / 2
    return Quantile(value=found, std_error=reach / z if reach > 0 else float("nan"), n=n)


def _share_error(
    values: FloatArray, found: float, cluster: IntArray | None, at: float
) -> tuple[float, int]:
    """Standard error of the share below a quantile, and the sampling units behind it.

    That of rows on their own is known, whatever they repeat; clusters make it as much larger as
    they make that of a share to which rows at the quantile itself count in part.
    """
    alone = float(np.sqrt(at * (1 - at) / values.size))
    if cluster is None:
        return (alone if values.size > 1 else float("nan")), values.size
    codes, own = np.unique(cluster, return_inverse=True)
    n = codes.size
    if n < 2:
        return float("nan"), n
    under, equal = (values < found).astype(float), (values == found).astype(float)
    share = (at - under.mean()) / equal.mean() if equal.any() else 0.0
    left = under + np.clip(share, 0.0, 1.0) * equal
    left -= left.mean()
    totals = np.bincount(own, left, n)
    spread = float(left @ left)
    if not spread > 0:
        return float("nan"), n
    return alone * float(np.sqrt(totals @ totals / spread * n / (n - 1))), n


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Quantiles of each arm, effects of the arms, and distances to the margin."""

    levels: FloatArray
    effects: Estimates
    margins: Estimates | None


def quantile_effects(moments: Moments, sample: Sample, metric: Metric, asked: Asked) -> Compared:
    """Compare a quantile of every arm with the control's; nothing is adjusted for.

    Parameters
    ----------
    moments
        Names the arms, control first.
    sample
        Values of every unit.
    metric
        Which quantile, and its margin.
    asked
        What estimates are called.
    """
    found = [
        quantile(
            sample.value[sample.arm == arm],
            None if sample.cluster is None else sample.cluster[sample.arm == arm],
            at=metric.quantile or 0.5,
        )
        for arm in range(len(moments.arms))
    ]
    values = np.array([each.value for each in found])
    variances = np.array([each.std_error**2 for each in found])
    treated = len(found) - 1
    apart = np.column_stack([-np.ones(treated), np.eye(treated)])
    effects = _estimates(apart, values, variances, found, moments, metric, asked)
    return Compared(
        levels=values,
        effects=effects,
        margins=_margins(effects, values, variances, found, moments, metric, asked),
    )


def _margins(
    effects: Estimates,
    values: FloatArray,
    variances: FloatArray,
    found: list[Quantile],
    moments: Moments,
    metric: Metric,
    asked: Asked,
) -> Estimates | None:
    good = 1.0 if metric.goal is Goal.INCREASE else -1.0
    count = len(effects)
    if metric.margin is not None:
        allowed = metric.margin * float(np.sign(values[0]))
        weights = np.column_stack([np.full(count, allowed - good), good * np.eye(count)])
        return _estimates(weights, values, variances, found, moments, metric, asked)
    if metric.absolute_margin is None:
        return None
    return replace(effects, values=good * effects.values + metric.absolute_margin)


def _estimates(
    weights: FloatArray,
    values: FloatArray,
    variances: FloatArray,
    found: list[Quantile],
    moments: Moments,
    metric: Metric,
    asked: Asked,
) -> Estimates:
    """Linear combinations of independent quantiles, one for each treated arm."""
    n = np.array([each.n for each in found])
    with np.errstate(all="ignore"):
        parts = weights**2 * variances
        df = parts.sum(axis=1) ** 2 / (parts**2 / np.maximum(n - 1, 1)).sum(axis=1)
    treated = range(1, len(found))
    return Estimates(
        labels=tuple(
            Label(
                attribute=asked.arm_column,
                contrast=f"{moments.arms[arm]} - {moments.arms[0]}",
                outcome=metric.name,
                estimand=f"difference of quantiles {metric.quantile:g}",
                design="experiment",
                estimator="none",
                population=asked.population,
                identification="randomized",
            )
            for arm in treated
        ),
        sizes=tuple(
            Size(
                units=int(n[0] + n[arm]),
                clusters=int(n[0] + n[arm]),
                treated=None,
                effective_units=float(n[0] + n[arm]),
            )
            for arm in treated
        ),
        values=weights @ values,
        influence=root((weights * variances) @ weights.T),
        ways=(),
        df=df,
        baseline=np.full(len(found) - 1, values[0]),
        baseline_variance=np.column_stack(
            [weights[:, 0] * variances[0], np.full(len(found) - 1, variances[0])]
        ),
        refusal=tuple(_refused(found[0], found[arm]) for arm in treated),
    )


def _refused(control: Quantile, treated: Quantile) -> str:
    if np.isfinite(control.std_error) and np.isfinite(treated.std_error):
        return ""
    return "the quantile has no error: too few units beyond it, or one value repeated all around it"
