"""A second opinion on a rollout: what untreated cells say adopters would have been, filled in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation.rollout._untreated import Left, groups_of, left_out, usable
from causal.estimation.rollout.aggregates import averaged_influence
from causal.estimation.rollout.blocks import covariance_in_blocks, strata_of
from causal.estimation.rollout.group_time import FEW_CLUSTERS, GroupTime

_NEAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imputed:
    """Mean of outcomes beyond what was filled in (Borusyak, Jaravel, Spiess 2024).

    Attributes
    ----------
    events
        Event times of ``values`` from the second on; the first is the mean over all treated cells.
    values, errors
        Shape (1 + events,).
    df
        Clusters less one.
    groups
        Code of what was left out at a time, (I,).
    left
        The estimates with each left out.
    """

    events: tuple[int, ...]
    values: FloatArray
    errors: FloatArray
    df: int
    groups: IntArray
    left: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far imputation and group-time effects are apart in one mean, and the error of that.

    Attributes
    ----------
    value
        The mean by imputation, over the cells and with the weights of the other.
    difference, error, df
        It less the other, its standard error, and the degrees of freedom of that.
    """

    value: float
    difference: float
    error: float
    df: float

    @property
    def z(self) -> float:
        """Difference in errors, as a normal that is as rare as its t; NaN where there is none."""
        from scipy.stats import norm, t

        if not (self.error > 0 and self.df > 0):
            return float("nan")
        ratio = self.difference / self.error
        return float(np.sign(ratio) * norm.isf(max(t.sf(abs(ratio), self.df), 1e-300)))


def imputed(cells: Cells, outcome: str) -> Imputed:
    """Fit entities and periods to untreated cells, and compare treated cells with the fit.

    Errors leave out a cluster at a time. Without covariates: where trends follow them this differs
    from the doubly robust effects.
    """
    y = cells.y[outcome]
    _, told = usable(cells, y)
    since = np.arange(y.shape[1]) - cells.adopted[:, None]
    events = tuple(int(e) for e in np.unique(since[told]))
    targets = (told, *(told & (since == e) for e in events))
    groups = groups_of(cells.cluster, y.shape[1])
    left = left_out(cells, y, targets, groups)
    return Imputed(
        events=events,
        values=left.values,
        errors=np.sqrt(np.diag(left.covariance)),
        df=left.df,
        groups=groups,
        left=left,
    )


def agreement(cells: Cells, found: GroupTime) -> Agreement | None:
    """Compare imputation with the mean of group-time effects from adoption on.

    Both are sums over entities, so that the error of their difference is that of one sum: drawn
    within cohorts (:mod:`causal.estimation.rollout.blocks`), whatever the two share.

    Parameters
    ----------
    cells
        Those that ``found`` was made of; cells that must not be fitted are NaN.
    found
        Effects of cohorts in periods.

    Returns
    -------
    Agreement or None
        None without an effect after adoption that untreated cells say something about, and that is
        against five clusters at least.
    """
    y = cells.y[found.outcome]
    told = usable(cells, y)[1]
    among = [j for j in range(len(found)) if _comparable(cells, found, told, j)]
    if not among:
        return None
    part = found.select(np.array(among))
    value, influence = averaged_influence(part, cells, "overall")
    filled, own = _filled_in(cells, y, _weights(cells, part))
    strata, cluster = strata_of(cells)
    v, df = covariance_in_blocks((own - influence[:, 0])[:, None], strata, cluster)
    return Agreement(
        value=filled,
        difference=filled - float(value[0]),
        error=float(np.sqrt(v[0, 0])),
        df=float(np.nan_to_num(df[0])),
    )


def _comparable(cells: Cells, found: GroupTime, told: BoolArray, j: int) -> bool:
    """Whether both say something of an effect, and those compared with show how far they spread."""
    g, t = found.labels[j]
    if t < g or not np.isfinite(found.values[j]) or not told[found.treated[:, j], t].all():
        return False
    return np.unique(cells.cluster[found.controls[:, j]]).size >= FEW_CLUSTERS


def _weights(cells: Cells, found: GroupTime) -> FloatArray:
    """What the mean of these effects weighs each treated cell by, (I, T); they add up to 1."""
    made = np.zeros((len(cells.entities), len(cells.periods)))
    for j, (g, t) in enumerate(found.labels):
        own = np.where(found.treated[:, j], cells.weight, 0.0)
        made[:, t] += own / own.sum() * cells.weight[cells.adopted == g].sum()
    return np.asarray(made / made.sum())


def _filled_in(cells: Cells, y: FloatArray, weight: FloatArray) -> tuple[float, FloatArray]:
    """Weighted mean beyond the fit to untreated cells, and the influence of every entity, (I,)."""
    fit, _ = usable(cells, y)
    known = np.where(np.isfinite(y), y, 0.0)
    period, turned = _periods(cells, fit, known, weight)
    rest = _apart(known - period, fit)
    value = float((weight * rest).sum())
    for g in cells.cohorts:
        own = cells.adopted == g
        size = weight[own].sum(axis=0)
        mean = (weight[own] * rest[own]).sum(axis=0) / np.where(size > 0, size, 1.0)
        rest[own] -= np.where(fit[own], 0.0, mean)
    return value, np.asarray(((weight - fit * _apart(turned, fit)) * rest).sum(axis=1))


def _periods(
    cells: Cells, fit: BoolArray, known: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Effects of periods, and what the weighted mean asks of them, for every cell (I, T) each."""
    period, turned = np.zeros(known.shape), np.zeros(known.shape)
    blocks = np.zeros(len(known), dtype=np.int64) if cells.block is None else cells.block
    apart, share = _apart(known, fit), fit / np.maximum(fit.sum(axis=1), 1)[:, None]
    for block in np.unique(blocks):
        at = np.flatnonzero(blocks == block)
        there = fit[at].astype(float)
        left = np.diag(there.sum(axis=0)) - there.T @ share[at]
        right = (there * apart[at]).sum(axis=0)
        asked = (weight[at] - weight[at].sum(axis=1)[:, None] * share[at]).sum(axis=0)
        solved = np.linalg.pinv(left, rcond=_NEAR, hermitian=True) @ np.column_stack([right, asked])
        period[at], turned[at] = solved.T[:, None]
    return period, turned


def _apart(cells: FloatArray, fit: BoolArray) -> FloatArray:
    """Cells less the mean of those of their entity that are fitted."""
    count = np.maximum(fit.sum(axis=1), 1)
    return np.asarray(cells - ((cells * fit).sum(axis=1) / count)[:, None])
