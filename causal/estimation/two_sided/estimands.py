"""What is asked of the four cells, each estimand under its own name, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from causal.content.metric import Metric
from causal.content.outcome import Goal
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation.experiment.effects import FEWEST_CLUSTERS, root
from causal.estimation.two_sided.cells import Cells

NO_LEVEL = "a denominator is zero in a cell"


class Estimand(StrEnum):
    """Differences between cells; none stands for another."""

    TOTAL = "both sides treated, against neither"
    USERS = "users treated, creators not"
    CREATORS = "creators treated, users not"
    INTERACTION = "what both together add"
    USERS_MIXED = "users treated, over creators as they were"
    CREATORS_MIXED = "creators treated, over users as they were"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """p numbers made of the K means: values (p,) and gradients (p, K)."""

    values: FloatArray
    gradient: FloatArray

    def combined(self, weights: FloatArray) -> Levels:
        """Linear combinations of them, ``weights`` (q, p)."""
        return Levels(values=weights @ self.values, gradient=weights @ self.gradient)


def level(cells: Cells, metric: Metric, weights: FloatArray) -> Levels:
    """A metric over cells mixed by ``weights`` (2, 2): its mean, or the ratio of two means."""
    k = len(cells.columns)
    mixed = np.einsum("ab,abk->k", weights, cells.mean)
    slope = np.zeros(k)
    top = cells.place(metric.columns[0])
    value = mixed[top]
    slope[top] = 1.0
    with np.errstate(all="ignore"):
        if metric.denominator is not None:
            below = cells.place(metric.denominator)
            value = value / mixed[below]
            slope = slope / mixed[below]
            slope[below] = -value / mixed[below]
        made = np.multiply.outer(weights, slope).reshape(1, -1)
    return Levels(values=_known(np.array([value])), gradient=_known(made))


def _known(values: FloatArray) -> FloatArray:
    """NaN for what was divided by zero."""
    return np.asarray(np.where(np.isfinite(values), values, np.nan))


def four(cells: Cells, metric: Metric) -> Levels:
    """The level in each cell: neither treated, creators only, users only, both."""
    parts = [level(cells, metric, each) for each in np.eye(4).reshape(4, 2, 2)]
    return _stacked(parts)


_OF_FOUR = {
    Estimand.TOTAL: (-1.0, 0.0, 0.0, 1.0),
    Estimand.USERS: (-1.0, 0.0, 1.0, 0.0),
    Estimand.CREATORS: (-1.0, 1.0, 0.0, 0.0),
    Estimand.INTERACTION: (1.0, -1.0, -1.0, 1.0),
}


def against(cells: Cells, metric: Metric, estimand: Estimand) -> Levels:
    """An estimand and the level it is set against, shape (2,).

    The level is that of pairs with neither side treated, or of the control arm over the other
    side as it was.
    """
    if estimand in _OF_FOUR:
        return four(cells, metric).combined(np.array([_OF_FOUR[estimand], (1.0, 0.0, 0.0, 0.0)]))
    if estimand is Estimand.USERS_MIXED:
        share = cells.creators / cells.creators.sum()
        own = [level(cells, metric, np.outer(arm, share)) for arm in np.eye(2)]
    else:
        share = cells.users / cells.users.sum()
        own = [level(cells, metric, np.outer(share, arm)) for arm in np.eye(2)]
    return _stacked(own).combined(np.array([[-1.0, 1.0], [1.0, 0.0]]))


def gap(cells: Cells, metric: Metric) -> Levels:
    """How far both-treated pairs are on the good side of the metric's margin, shape (1,)."""
    of = four(cells, metric)
    good = 1.0 if metric.goal is Goal.INCREASE else -1.0
    allowed = 0.0 if metric.margin is None else metric.margin * float(np.sign(of.values[0]))
    made = of.combined(np.array([[-good + allowed, 0.0, 0.0, good]]))
    if metric.margin is not None:
        return made
    return Levels(values=made.values + (metric.absolute_margin or 0.0), gradient=made.gradient)


def estimates(
    cells: Cells, metrics: Sequence[Metric], estimand: Estimand, *, design: str = "two-sided"
) -> Estimates:
    """One estimand on several metrics, with their joint error.

    Returns
    -------
    Estimates
        With ``influence`` a root of the joint covariance and no ways of clustering.
    """
    both = [against(cells, metric, estimand) for metric in metrics]
    count = len(both)
    apart = _stacked([each.combined(np.array([[1.0, 0.0]])) for each in both])
    base = _stacked([each.combined(np.array([[0.0, 1.0]])) for each in both])
    joint = covariance(_stacked([apart, base]), cells)
    at = np.arange(count)
    units = int(np.outer(cells.users, cells.creators).sum())
    fewest = int(min(cells.users.sum(), cells.creators.sum()))
    size = Size(units=units, clusters=fewest, treated=None, effective_units=float(fewest))
    return Estimates(
        labels=tuple(_label(metric, estimand, design) for metric in metrics),
        sizes=(size,) * count,
        values=apart.values,
        influence=root(joint[:count, :count]),
        ways=(),
        df=degrees_of_freedom(apart, cells),
        baseline=base.values,
        baseline_variance=np.column_stack([joint[at, count + at], joint[count + at, count + at]]),
        refusal=tuple(_refusal(cells, value) for value in apart.values),
    )


def margins(cells: Cells, metric: Metric, like: Estimates) -> Estimates | None:
    """The distance to the margin as an estimate; None without a margin."""
    if metric.margin is None and metric.absolute_margin is None:
        return None
    made = gap(cells, metric)
    return Estimates(
        labels=like.labels[:1],
        sizes=like.sizes[:1],
        values=made.values,
        influence=root(covariance(made, cells)),
        ways=(),
        df=degrees_of_freedom(made, cells),
        baseline=np.full(1, np.nan),
        baseline_variance=np.full((1, 2), np.nan),
        refusal=like.refusal[:1],
    )


def covariance(levels: Levels, cells: Cells) -> FloatArray:
    """Covariance of p numbers, shape (p, p): users plus creators less the noise both contain.

    Where so much noise is taken off that no variance is left, none is.
    """
    users, creators, noise = _parts(levels, cells)
    made = users + creators - noise
    none = np.diag(made) <= 0
    return np.asarray(made + np.diag(np.where(none, np.diag(noise), 0.0)))


def _parts(levels: Levels, cells: Cells) -> tuple[FloatArray, FloatArray, FloatArray]:
    parts = (cells.user.sum(axis=0), cells.creator.sum(axis=0), cells.pair)
    users, creators, noise = (levels.gradient @ part @ levels.gradient.T for part in parts)
    return users, creators, noise


def degrees_of_freedom(levels: Levels, cells: Cells) -> FloatArray:
    """Of the side with fewer, shape (p,), and no more than the variance as a whole has.

    Satterthwaite's over the arms of each side, and over both sides with the noise taken off: the
    less is left of what was estimated, the fewer.
    """
    whole = np.diag(covariance(levels, cells))
    sides = ((cells.user, cells.users), (cells.creator, cells.creators))
    spent, found = np.zeros(len(whole)), []
    for parts, number in sides:
        own = np.einsum("pk,akl,pl->pa", levels.gradient, parts, levels.gradient)
        with np.errstate(all="ignore"):
            each = (own**2 / (number - 1)).sum(axis=1)
            df = own.sum(axis=1) ** 2 / each
        spent = spent + each
        found.append(np.where(np.isfinite(df), df, float(number.min() - 1)))
    with np.errstate(all="ignore"):
        both = whole**2 / spent
    found.append(np.where(np.isfinite(both), both, np.inf))
    return np.asarray(np.min(found, axis=0))


def _stacked(parts: Sequence[Levels]) -> Levels:
    return Levels(
        values=np.concatenate([each.values for each in parts]),
        gradient=np.concatenate([each.gradient for each in parts]),
    )


def _label(metric: Metric, estimand: Estimand, design: str) -> Label:
    return Label(
        attribute="user x creator",
        contrast=estimand.value,
        outcome=metric.name,
        estimand=estimand.value,
        design=design,
        estimator="none",
        population="all pairs",
        identification="randomized",
    )


def _refusal(cells: Cells, value: float) -> str:
    few = [
        f"{int(number[arm])} {side} in the {('control', 'treated')[arm]} arm"
        for side, number in (("users", cells.users), ("creators", cells.creators))
        for arm in (0, 1)
        if number[arm] < FEWEST_CLUSTERS
    ]
    if few:
        return f"{', '.join(few)}; at least {FEWEST_CLUSTERS} are needed"
    return "" if np.isfinite(value) else NO_LEVEL
