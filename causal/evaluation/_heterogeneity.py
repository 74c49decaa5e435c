"""Held-out scores and the effects predicted for them: what every check of who responds reads.

Effects were learned without a row's own fold, so the average of the other folds is part of them,
and that average is low where the row's fold is high. Everything is therefore compared within
folds: ranks are ranks in a fold, and what is tested is a contrast that adds to zero in each fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray, Panel
from causal.estimation._estimates import Estimates, Label, Size, cells_of, sums, variance
from causal.estimation.cate._problems import Cate
from causal.estimation.cate._stack import centred

GROUPS = 5
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Scores of n rows and the effects predicted for them by models that did not see them.

    Attributes
    ----------
    psi, weight
        Score of each row and what it counts, (n,).
    effects
        Predicted out of fold, (n,).
    folds
        Fold of each row, (n,).
    cells, ways
        Cell of each row, (n,), and the cluster of each cell in each way of clustering.
    """

    psi: FloatArray
    weight: FloatArray
    effects: FloatArray
    folds: IntArray
    cells: IntArray
    ways: tuple[IntArray, ...]

    @property
    def df(self) -> float:
        """Clusters that are present, less one for each fold."""
        counts = [np.unique(way[self.cells]).size for way in self.ways]
        return float(max(min(counts) - np.unique(self.folds).size, 1))


def held(
    psi: FloatArray,
    effects: FloatArray,
    *,
    weight: FloatArray | None = None,
    folds: IntArray | None = None,
    clusters: tuple[IntArray, ...] = (),
) -> Held:
    """Gather scores and effects; without clusters every row is one, without folds there is one.

    Parameters
    ----------
    psi, effects
        Doubly robust scores and predicted effects, (n,).
    weight, folds
        Shape (n,).
    clusters
        Codes for each way of clustering, each (n,).
    """
    rows = psi.size
    codes = tuple(np.unique(way, return_inverse=True)[1] for way in clusters)
    cells, ways = cells_of(codes or (np.arange(rows),))
    return Held(
        psi=psi,
        weight=np.ones(rows) if weight is None else weight,
        effects=effects,
        folds=np.zeros(rows, dtype=np.int64) if folds is None else folds,
        cells=cells,
        ways=ways,
    )


def held_of(cate: Cate, panel: Panel) -> Held | None:
    """The held-out scores of learned effects; None where there are none."""
    if cate.problem is None or cate.learned is None:
        return None
    return held(
        cate.problem.psi,
        cate.learned.effects,
        weight=cate.problem.weight,
        folds=cate.problem.folds,
        clusters=tuple(way[cate.rows] for way in panel.clusters),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One number with its clustered error, interval and two-sided test that it is zero."""

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    df: float


def measured(value: float, influence: FloatArray, given: Held, level: float = 0.95) -> Tested:
    """Test one number from the influence of every row on it, (n,).

    No variation at all (an error of zero) is no evidence: p is 1.
    """
    from scipy.stats import t as student

    error = float(np.sqrt(spread(influence[:, None], given)[0]))
    df = given.df
    p = 1.0 if error <= 0 else float(2 * student.sf(abs(value) / error, df))
    half = float(student.isf((1 - level) / 2, df)) * error
    return Tested(
        estimate=value,
        std_error=error,
        ci_low=value - half,
        ci_high=value + half,
        p_value=p,
        df=df,
    )


def spread(influence: FloatArray, given: Held) -> FloatArray:
    """Clustered variance of numbers from the influence of rows, (n, p) to (p,)."""
    by_cell = by_cells(influence, given)
    return np.maximum(variance(by_cell, by_cell, given.ways), 0.0)


def by_cells(influence: FloatArray, given: Held) -> FloatArray:
    """Influence summed by cell, with the factor for one mean in each fold; (n, p) to (cells, p)."""
    groups = given.df + np.unique(given.folds).size
    factor = np.sqrt(max(groups - 1, 1) / given.df)
    return factor * sums(influence, given.cells, given.ways[0].size)


def contrast(given: Held, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted mean of the scores times ``share``, and the influence of each row.

    Parameters
    ----------
    given
        Scores.
    share
        Shape (n, p); with weights it adds to zero in each fold.

    Returns
    -------
    tuple of arrays
        Values (p,), influence (n, p). The ranking is taken as given.
    """
    total = float(given.weight.sum())
    share = np.where(np.abs(share) < _ROUNDING, 0.0, share)
    psi = centred(given.psi[:, None], given.weight, given.folds)
    product = share * psi
    values = given.weight @ product / total
    own = centred(product, given.weight, given.folds)
    return np.asarray(values), given.weight[:, None] * own / total


def places(given: Held) -> tuple[FloatArray, FloatArray]:
    """Where each row stands in its fold, from the largest predicted effect down.

    Returns
    -------
    tuple of arrays
        Share of the fold's weight above the row and up to it, (n,) each. Rows with the same
        predicted effect stand together: they share the whole stretch.
    """
    above, below = np.empty(given.psi.size), np.empty(given.psi.size)
    for fold in np.unique(given.folds):
        rows = np.flatnonzero(given.folds == fold)
        _, block = np.unique(-given.effects[rows], return_inverse=True)
        weight = np.bincount(block, weights=given.weight[rows])
        ends = np.cumsum(weight) / weight.sum()
        ends[-1] = 1.0
        starts = np.concatenate([[0.0], ends[:-1]])
        above[rows], below[rows] = starts[block], ends[block]
    return above, below


def within(above: FloatArray, below: FloatArray, low: float, high: float) -> FloatArray:
    """How much of each row lies between two shares of the ranking, (n,), from 0 to 1."""
    inside = np.minimum(below, high) - np.maximum(above, low)
    return np.clip(inside / np.maximum(below - above, 1e-300), 0.0, 1.0)


def estimates_of(values: FloatArray, influence: FloatArray, given: Held, name: str) -> Estimates:
    """Numbers of one family as estimates, so that they get simultaneous intervals."""
    p = values.size
    label = Label(
        attribute=name,
        contrast="",
        outcome="",
        estimand="",
        design="",
        estimator="",
        population="",
        identification="",
    )
    size = Size(units=given.psi.size, clusters=0, treated=None, effective_units=0.0)
    return Estimates(
        labels=(label,) * p,
        sizes=(size,) * p,
        values=values,
        influence=by_cells(influence, given),
        ways=given.ways,
        df=np.full(p, given.df),
        baseline=np.full(p, np.nan),
        baseline_variance=np.full((p, 2), np.nan),
        refusal=("",) * p,
    )
