"""Switchback: entities switched on and off over periods, with what one period carries into the next.

y_it = entity + period + sum over lags l = 0..m of d_l on_(i, t-l) + e_it, weighted by the size of the
cell. ``immediate`` is d_0, ``total`` the sum of all d_l (on for the last m + 1 periods against off for
as long), ``carry-over`` the sum without d_0, ``next`` how much the total grows with one lag more: it
must be zero where m is enough. With a washout the periods next to a switch are left out instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.base.errors import DataError, DesignError
from causal.base.streams import stream
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._estimates import Estimates, Size, variance
from causal.estimation.experiment.effects import ROUNDING
from causal.estimation.rollout._named import Named
from causal.estimation.rollout._two_way import Within, within

FEWEST_ENTITIES = 5
ENOUGH_ENTITIES = 30
"""From here on errors by entity stand alone; below, the wider of them and of those over time."""
IMMEDIATE, TOTAL, CARRY, NEXT = "immediate", "total", "carry-over", "next"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Switched:
    """Cells of a switchback, sorted by time.

    Attributes
    ----------
    y
        Outcome, shape (entities, T); NaN where a cell is missing.
    on
        0 or 1, shape (entities, T).
    size
        What the outcome is a mean of, shape (entities, T); None: ones.
    periods
        How many of the next periods one may act on (m).
    washout
        How many periods after a switch are left out; either this or ``periods``.
    """

    y: FloatArray
    on: FloatArray
    size: FloatArray | None = None
    periods: int = 2
    washout: int = 0

    def __post_init__(self) -> None:
        if self.periods and self.washout:
            raise DesignError(
                f"Carry-over is both estimated over {self.periods} periods and washed out for "
                f"{self.washout}. Write one or the other."
            )
        if not np.isin(self.on, (0.0, 1.0)).all():
            odd = sorted(set(np.unique(self.on).tolist()) - {0.0, 1.0})[:3]
            raise DataError(f"Whether a cell is on must be 0 or 1; the data has {odd} too.")
        if self.y.shape[1] < self.periods + self.washout + 3:
            raise DesignError(
                f"{self.y.shape[1]} periods are too few for a carry-over of "
                f"{self.periods + self.washout}. Use shorter periods or a shorter carry-over."
            )
        rows = self.kept() > 0
        if not (rows & (self.on == 1)).any() or not (rows & (self.on == 0)).any():
            raise DataError(
                "No cell is on, or none is off, once missing cells and washed-out periods are "
                "left out. Look at the column that says when it was on."
            )

    def kept(self) -> FloatArray:
        """Weight of each cell that counts, shape (entities, T)."""
        size = np.ones_like(self.y) if self.size is None else self.size
        weight = np.where(np.isfinite(self.y) & (size > 0), size, 0.0)
        weight[:, : max(self.periods + 1, self.washout)] = 0.0
        for lag in range(1, self.washout + 1):
            weight[:, lag:] *= self.on[:, lag:] == self.on[:, :-lag]
        return weight


def switchback(cells: Switched, named: Named) -> Estimates:
    """Estimate what being on does at once, in all, and afterwards.

    All four use the same cells: those that have m + 1 periods before them. Errors are by entity, with
    fewer than 30 entities the wider of those and of errors over time within entities (Bartlett weights
    over m + 1 lags, at least 2; Newey, West 1987).

    Returns
    -------
    Estimates
        Immediate, total, carry-over, next; after a washout the total alone.
    """
    weight = cells.kept()
    apart = within(weight)
    own = _fit(cells, weight, apart, cells.periods)
    names, takes = [TOTAL], [own.sum_of(0)]
    if not cells.washout:
        longer = _fit(cells, weight, apart, cells.periods + 1)
        names = [IMMEDIATE, TOTAL, CARRY, NEXT]
        takes = [
            own.sum_of(0, 1),
            own.sum_of(0),
            own.sum_of(1),
            _less(longer.sum_of(0), own.sum_of(0)),
        ]
    values = np.array([value for value, _ in takes])
    influence = np.stack([each for _, each in takes], axis=-1)
    entities, lags = cells.y.shape[0], max(cells.periods + 1, 2)
    by_entity = influence.sum(axis=1)
    if entities < ENOUGH_ENTITIES:
        by_entity = by_entity * _widening(
            influence, by_entity, lags, _freedom(weight, cells.periods)
        )
    there = weight > 0
    size = Size(units=int(there.sum()), clusters=int(there.any(axis=1).sum()),
                treated=float(cells.on[there].mean()), effective_units=_effective(weight))  # fmt: skip
    baseline, own_baseline = _off(cells, weight)
    beside = np.column_stack(
        [
            variance(
                by_entity, np.repeat(own_baseline, len(names), axis=1), (np.arange(entities),)
            ),
            np.repeat(variance(own_baseline, own_baseline, (np.arange(entities),)), len(names)),
        ]
    )
    refusal = _refusal(cells, there)
    return Estimates(
        labels=tuple(
            named.label(each, contrast="on - off", design="switchback",
                        estimator="washout" if cells.washout else f"{cells.periods} lags",
                        identification="randomized")
            for each in names
        ),
        sizes=(size,) * len(names),
        values=values,
        influence=by_entity,
        ways=(np.arange(entities),),
        df=np.full(len(names), float(max(size.clusters - 1, 1))),
        baseline=np.full(len(names), baseline),
        baseline_variance=beside,
        refusal=tuple(
            refusal or ("one period acts on none after it" if each == CARRY and not cells.periods else "")
            for each in names
        ),
    )  # fmt: skip


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
    apart = None if cells.washout else within(cells.kept())
    seen = _studentised(cells, cells.on, apart)
    further = 0
    for _ in range(draws):
        on = (source.random(group.size) < group)[code].astype(float)
        further += _studentised(cells, on, apart) >= seen * (1 - ROUNDING)
    return (1 + further) / (1 + draws)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lags:
    """Coefficients (lags,) and the influence of every cell on them, (entities, T, lags)."""

    beta: FloatArray
    influence: FloatArray

    def sum_of(self, start: int, stop: int | None = None) -> tuple[float, FloatArray]:
        """The sum of some lags' effects and the influence of each cell on it."""
        return (
            float(self.beta[start:stop].sum()),
            np.asarray(self.influence[..., start:stop].sum(axis=-1)),
        )


def _fit(cells: Switched, weight: FloatArray, apart: Within, lags: int) -> _Lags:
    outcome = np.where(weight > 0, cells.y, 0.0)
    both = np.concatenate([_lagged(cells.on, lags), outcome[..., None]], axis=-1)
    own = apart(both)
    x, y = own[..., :-1], own[..., -1]
    weighted = weight[..., None] * x
    cross = np.einsum("itk,itl->kl", weighted, x)
    if np.linalg.matrix_rank(cross, tol=1e-9 * weight.sum(), hermitian=True) <= lags:
        raise DesignError(
            f"The switches do not tell {lags + 1} periods' effects apart once entities and periods "
            "are compared with themselves. Use fewer carry.periods, or switches drawn by entity."
        )
    inverse = np.linalg.inv(cross)
    beta = inverse @ np.einsum("itk,it->k", weighted, y)
    rest = y - x @ beta
    return _Lags(beta=beta, influence=(weighted * rest[..., None]) @ inverse)


def _lagged(on: FloatArray, lags: int) -> FloatArray:
    out = np.zeros((*on.shape, lags + 1))
    for lag in range(lags + 1):
        out[:, lag:, lag] = on[:, : on.shape[1] - lag]
    return out


def _less(a: tuple[float, FloatArray], b: tuple[float, FloatArray]) -> tuple[float, FloatArray]:
    return a[0] - b[0], a[1] - b[1]


def _off(cells: Switched, weight: FloatArray) -> tuple[float, FloatArray]:
    """Mean outcome while off, and the influence of each entity on it, shape (entities, 1)."""
    w = np.where(cells.on == 0, weight, 0.0)
    outcome = np.where(w > 0, cells.y, 0.0)
    mean = float((w * outcome).sum() / w.sum())
    return mean, (w * (outcome - mean)).sum(axis=1, keepdims=True) / w.sum()


def _widening(
    influence: FloatArray, by_entity: FloatArray, lags: int, inflation: float
) -> FloatArray:
    """By how much errors over time exceed errors by entity, at least 1, shape (p,)."""
    over_time = np.einsum("itp,itp->p", influence, influence)
    for lag in range(1, lags + 1):
        both = np.einsum("itp,itp->p", influence[:, lag:], influence[:, :-lag])
        over_time += 2 * (1 - lag / (lags + 1)) * both
    entities = by_entity.shape[0]
    own = np.einsum("ip,ip->p", by_entity, by_entity) * entities / max(entities - 1, 1)
    ratio = np.divide(over_time * inflation, own, out=np.ones_like(own), where=own > 0)
    return np.sqrt(np.maximum(ratio, 1.0))


def _freedom(weight: FloatArray, lags: int) -> float:
    there = weight > 0
    used = there.any(axis=1).sum() + there.any(axis=0).sum() + lags
    return float(there.sum() / max(there.sum() - used, 1))


def _effective(weight: FloatArray) -> float:
    return float(weight.sum() ** 2 / np.square(weight).sum())


def _studentised(cells: Switched, on: FloatArray, apart: Within | None) -> float:
    """|total| over its error by entity; zero where a draw tells nothing."""
    try:
        drawn = replace(cells, on=on)
        weight = drawn.kept()
        found = _fit(drawn, weight, apart or within(weight), cells.periods)
    except (DataError, DesignError):
        return 0.0
    value, influence = found.sum_of(0)
    error = float(np.sqrt(np.square(influence.sum(axis=1)).sum()))
    return abs(value) / error if error > 0 else 0.0


def _refusal(cells: Switched, there: BoolArray) -> str:
    entities = int(there.any(axis=1).sum())
    if entities < FEWEST_ENTITIES:
        return f"{entities} entities; at least {FEWEST_ENTITIES} are needed"
    if np.ptp(cells.y[there]) <= ROUNDING * np.abs(cells.y[there]).max():
        return "the outcome does not vary"
    return ""
