"""Calibration of individual effects against the scores of rows left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray, IntArray
from causal.estimation._estimates import covariance
from causal.estimation.cate._stack import Learned, centred
from causal.evaluation._evaluated import Evaluated
from causal.evaluation._heterogeneity import Held, Tested, by_cells, held_of, measured

LEVEL = 0.05
LEAST_CLUSTERS_A_TERM = 4
LEAST_ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """Best linear projection of the scores on columns: slopes, (d,), and one test of them all."""

    slopes: tuple[Tested, ...]
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much closer a candidate comes to the scores than the constant; positive is better."""

    name: str
    gain: Tested
    weight: float


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when predicted differences go against the scores of rows left out."""
    return tuple(
        _finding(cate.label.attribute, cate.label.outcome, slope(given))
        for cate in evaluated.cates
        for given in (held_of(cate, evaluated.panel),)
        if given is not None
    )


def _finding(attribute: str, outcome: str, found: Tested) -> Finding:
    clear = found.p_value < LEVEL
    against = clear and found.estimate < 0
    if found.std_error == 0:
        said = "no difference between rows was predicted that rows left out would bear out"
    else:
        said = f"the slope of scores on predicted effects is {found.estimate:.2g} (1 is perfect, "
        said += f"0 is no relation; p = {found.p_value:.2g})"
    return Finding(
        name="calibration of individual effects",
        status=Status.WARN if against else Status.PASS,
        statistic=found.estimate,
        threshold=0.0,
        attributes=(attribute,),
        meaning=f"Effects of {attribute} on {outcome}: {said}.",
        remedy="Read the average effect only." if against else "",
    )


def slope(given: Held, level: float = 0.95) -> Tested:
    """Slope of the scores on predicted effects, both less their means in each fold.

    1 when predicted differences are as large as those of the scores, 0 when they say nothing,
    negative when they run backwards (Chernozhukov, Demirer, Duflo, Fernandez-Val 2025).
    """
    z = centred(given.effects[:, None], given.weight, given.folds)[:, 0]
    y = centred(given.psi[:, None], given.weight, given.folds)[:, 0]
    size = float(given.weight @ z**2)
    if size <= 1e-18 * float(given.weight @ given.effects**2):
        return measured(0.0, np.zeros(z.size), given, level)
    value = float(given.weight @ (z * y)) / size
    return measured(value, given.weight * z * (y - value * z) / size, given, level)


def projection(given: Held, terms: FloatArray, level: float = 0.95) -> Projection | None:
    """Best linear projection of the scores on terms (n, d), with clustered errors.

    Semenova and Chernozhukov (2021). The joint test refers the Wald statistic to Hotelling's T.
    None when there are too few clusters for so many terms.
    """
    from scipy.stats import f as fisher

    d = terms.shape[1]
    if d == 0 or given.df < LEAST_CLUSTERS_A_TERM * (d + 1):
        return None
    w = given.weight
    z = terms - np.average(terms, axis=0, weights=w)
    bread = np.linalg.pinv((z * w[:, None]).T @ z, hermitian=True)
    y = given.psi - np.average(given.psi, weights=w)
    beta = bread @ (z.T @ (w * y))
    influence = ((w * (y - z @ beta))[:, None] * z) @ bread
    v = covariance(by_cells(influence, given), given.ways)
    rank = int(np.linalg.matrix_rank(v, hermitian=True))
    statistic = float(beta @ np.linalg.pinv(v, hermitian=True) @ beta)
    rest = given.df - rank + 1
    p = float(fisher.sf(statistic * rest / (given.df * max(rank, 1)), max(rank, 1), rest))
    slopes = tuple(measured(float(beta[j]), influence[:, j], given, level) for j in range(d))
    return Projection(slopes=slopes, statistic=statistic, p_value=p)


def supported(terms: FloatArray) -> IntArray:
    """Terms that differ from their commonest value in at least 30 rows, as positions.

    The error of a slope that a few rows decide looks far too small.
    """
    return np.array(
        [
            j
            for j in range(terms.shape[1])
            if terms.shape[0] - np.unique(terms[:, j], return_counts=True)[1].max() >= LEAST_ROWS
        ],
        dtype=np.int64,
    )


def gains(given: Held, learned: Learned, level: float = 0.95) -> tuple[Gain, ...]:
    """Squared distance to the scores saved against the constant, for the choice and each candidate.

    In squared units of the effect, on rows left out, tested by cluster; the last is the choice
    itself, whose weight is the sum of the others.
    """
    total = float(given.weight.sum())
    base = (given.psi - learned.levels) ** 2
    found = []
    chosen = (*learned.names, "chosen")
    columns = np.column_stack([learned.candidates, learned.effects])
    weights = [*learned.weights, float(learned.weights.sum())]
    for name, column, weight in zip(chosen, columns.T, weights, strict=True):
        saved = base - (given.psi - column) ** 2
        value = float(given.weight @ saved) / total
        influence = given.weight * (saved - value) / total
        found.append(
            Gain(name=name, gain=measured(value, influence, given, level), weight=float(weight))
        )
    return tuple(found)
