"""Switchback: entities switched on and off over periods, with what one period carries into the next.

y_it = entity + period + sum over lags l = 0..m of d_l on_(i, t-l) + e_it, weighted by the size of the
cell. ``immediate`` is d_0, ``total`` the sum of all d_l (on for the last m + 1 periods against off for
as long), ``carry-over`` the sum without d_0, ``next`` how much the total grows with one lag more: it
must be zero where m is enough. With a washout the periods next to a switch are left out instead.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.base.streams import stream
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._estimates import Estimates, Size, variance
from causal.estimation.experiment.effects import ROUNDING
from causal.estimation.rollout._lags import (
    FEWEST_ENTITIES,
    Switched,
    by_cluster,
    fitted,
    in_clusters,
)
from causal.estimation.rollout._named import Named
from causal.estimation.rollout._two_way import Within, within

IMMEDIATE, TOTAL, CARRY, NEXT = "immediate", "total", "carry-over", "next"
AHEAD = "before"
Take = tuple[float, FloatArray]


def switchback(cells: Switched, named: Named) -> Estimates:
    """Estimate what being on does at once, in all, and afterwards.

    All four use the same cells: those that have m + 1 periods before them. Errors are by cluster, with
    fewer than 30 clusters the wider of those and of errors over time within entities.

    Returns
    -------
    Estimates
        Immediate, total, carry-over, next; after a washout the total alone.
    """
    weight = cells.kept()
    apart = within(weight)
    own = fitted(cells.y, cells.on, weight, apart, cells.periods)
    takes = {TOTAL: own.sum_of(0)}
    if not cells.washout:
        longer = fitted(cells.y, cells.on, weight, apart, cells.periods + 1)
        takes = {
            IMMEDIATE: own.sum_of(0, 1),
            TOTAL: own.sum_of(0),
            CARRY: own.sum_of(1),
            NEXT: _less(longer.sum_of(0), own.sum_of(0)),
        }
    return _estimates(cells, weight, takes, named)


def by_lag(cells: Switched, named: Named) -> Estimates:
    """Estimate what a period switched on does to itself and to each of the next m, period by period.

    Returns
    -------
    Estimates
        ``lag 0`` to ``lag m``; after a washout ``lag 0`` alone.
    """
    weight = cells.kept()
    own = fitted(cells.y, cells.on, weight, within(weight), cells.periods)
    takes = {f"lag {lag}": own.sum_of(lag, lag + 1) for lag in range(cells.periods + 1)}
    return _estimates(cells, weight, takes, named)


def ahead(cells: Switched, named: Named) -> Estimates:
    """Estimate what being on in the next period does, beside this and the m before it: nothing.

    Where it does something, switches followed the outcome, or acted before their time.
    """
    weight = cells.before()
    own = fitted(cells.y, cells.on, weight, within(weight), cells.periods, ahead=True)
    return _estimates(cells, weight, {AHEAD: own.sum_of(0, 1)}, named)


def by_chance(
    cells: Switched,
    probability: float | FloatArray,
    *,
    together: IntArray | None = None,
    draws: int = 999,
    seed: int = 0,
) -> float:
    """How often the total is as far from zero when switches are drawn anew: for "nothing at all".

    Parameters
    ----------
    cells
        The switchback; with a washout the cells left out follow each draw.
    probability
        Of being on, declared: one number, or one for each cell.
    together
        Cells with the same code were drawn together, shape (entities, T); None: each for itself.
    draws, seed
        How many draws, and the study's seed.

    Returns
    -------
    float
        Exact p-value of the studentised total, whatever the errors are like.

    Raises
    ------
    DesignError
        When a probability is not between 0 and 1.
    """
    chance = np.broadcast_to(np.asarray(probability, dtype=float), cells.y.shape)
    if not ((chance > 0) & (chance < 1)).all():
        raise DesignError(
            "The probability of being on must lie between 0 and 1, both left out. A cell that could "
            "only be on, or only off, was not assigned by chance: leave it out."
        )
    codes = np.arange(cells.y.size).reshape(cells.y.shape) if together is None else together
    _, first, code = np.unique(codes, return_index=True, return_inverse=True)
    code, group = code.reshape(cells.y.shape), chance.reshape(-1)[first]
    source = stream(seed, "switchback", "redraw")
    weight = cells.kept()
    apart = within(weight)
    unknown = np.isnan(cells.on)
    seen = _studentised(cells, cells.on, weight, apart)
    further = 0
    for _ in range(draws):
        on = (source.random(group.size) < group)[code].astype(float)
        on[unknown] = np.nan
        if cells.washout:
            weight = _kept(cells, on)
            apart = within(weight)
        further += _studentised(cells, on, weight, apart) >= seen * (1 - ROUNDING)
    return (1 + further) / (1 + draws)


def _estimates(
    cells: Switched, weight: FloatArray, takes: dict[str, Take], named: Named
) -> Estimates:
    values = np.array([value for value, _ in takes.values()])
    rows = by_cluster(cells, weight, np.stack([each for _, each in takes.values()], axis=-1))
    there, number, ways = weight > 0, len(takes), (np.arange(rows.shape[0]),)
    baseline, beside = _off(cells, weight)
    own = np.repeat(in_clusters(cells, beside[..., None]), number, axis=1)
    clusters = _clusters(cells, there)
    size = Size(units=int(there.sum()), clusters=clusters,
                treated=float(cells.on[there].mean()), effective_units=_effective(weight))  # fmt: skip
    refusal = _refusal(cells, there, clusters)
    return Estimates(
        labels=tuple(
            named.label(each, contrast="on - off", design="switchback",
                        estimator="washout" if cells.washout else f"{cells.periods} lags",
                        identification="randomized")
            for each in takes
        ),
        sizes=(size,) * number,
        values=values,
        influence=rows,
        ways=ways,
        df=np.full(number, float(max(clusters - 1, 1))),
        baseline=np.full(number, baseline),
        baseline_variance=np.column_stack([variance(rows, own, ways), variance(own, own, ways)]),
        refusal=tuple(
            refusal or ("one period acts on none after it" if each == CARRY and not cells.periods else "")
            for each in takes
        ),
    )  # fmt: skip


def _less(a: Take, b: Take) -> Take:
    return a[0] - b[0], a[1] - b[1]


def _off(cells: Switched, weight: FloatArray) -> Take:
    """Mean outcome while off, and the influence of each cell on it, shape (entities, T)."""
    w = np.where(cells.on == 0, weight, 0.0)
    outcome = np.where(w > 0, cells.y, 0.0)
    mean = float((w * outcome).sum() / w.sum())
    return mean, w * (outcome - mean) / w.sum()


def _clusters(cells: Switched, there: BoolArray) -> int:
    """Clusters with a cell that counts."""
    entities = there.any(axis=1)
    code = np.arange(entities.size) if cells.cluster is None else cells.cluster
    return int(np.unique(code[entities]).size)


def _effective(weight: FloatArray) -> float:
    return float(weight.sum() ** 2 / np.square(weight).sum())


def _kept(cells: Switched, on: FloatArray) -> FloatArray:
    """Weights under other switches; zero where nothing of one state is left."""
    try:
        return replace(cells, on=on).kept()
    except DataError:
        return np.zeros_like(cells.y)


def _studentised(cells: Switched, on: FloatArray, weight: FloatArray, apart: Within) -> float:
    """|total| over its error by entity; zero where a draw tells nothing."""
    try:
        found = fitted(cells.y, on, weight, apart, cells.periods)
    except DesignError:
        return 0.0
    value, influence = found.sum_of(0)
    error = float(np.sqrt(np.square(influence.sum(axis=1)).sum()))
    return abs(value) / error if error > 0 else 0.0


def _refusal(cells: Switched, there: BoolArray, clusters: int) -> str:
    if clusters < FEWEST_ENTITIES:
        named = "entities" if cells.cluster is None else "clusters"
        return f"{clusters} {named}; at least {FEWEST_ENTITIES} are needed"
    if np.ptp(cells.y[there]) <= ROUNDING * np.abs(cells.y[there]).max():
        return "the outcome does not vary"
    return ""
