"""Grouped SHAP importance, its refit interval, its rank range and its noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.base.streams import stream
from causal.data.panel import FloatArray, IntArray
from causal.interpretation.boosting import Problem, contributions, train
from causal.interpretation.features import Group

FLOOR = 0.95
FEWEST_CLUSTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refit:
    """What one half-sample model makes of the groups and of the permuted probes.

    ``importance`` has shape (groups,); ``probes`` pairs the kind of a probed group with the
    importance of its permuted copy.
    """

    importance: FloatArray
    probes: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much a success model uses a group, in the units of its SHAP values.

    ``value`` is the weighted mean of |sum of the members' SHAP values| over rows the model did not
    see. ``low`` and ``high`` come from refits on half the clusters; ``rank_low`` and ``rank_high``
    are the best and the worst rank seen. What rests on refits is None with too few clusters.
    """

    group: str
    members: tuple[str, ...]
    kind: str
    value: float
    low: float | None
    high: float | None
    rank_low: int | None
    rank_high: int | None
    noise_floor: float | None
    above_floor: bool | None


def grouped(shap: FloatArray, groups: Sequence[Group]) -> FloatArray:
    """Sum the SHAP values of each group's members per row, shape (rows, groups)."""
    return np.column_stack([shap[:, list(group.members)].sum(axis=1) for group in groups])


def mean_absolute(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean of absolute values by column; ``values`` (rows, groups)."""
    return np.asarray(weight @ np.abs(values) / weight.sum())


def stratified(clusters: IntArray, rows: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    """Draw rows in proportion to clusters: every n-th row of the clusters in random order.

    Parameters
    ----------
    clusters
        Cluster code of every row of the problem.
    rows
        The rows to draw from.
    size
        How many at most.
    rng
        Where the order of the clusters and of the rows within them comes from.

    Returns
    -------
    ndarray
        Sorted row numbers.
    """
    if rows.size <= size:
        return np.sort(rows)
    _, code = np.unique(clusters[rows], return_inverse=True)
    place = rng.permutation(int(code.max()) + 1)[code]
    order = rows[np.lexsort((rng.permutation(rows.size), place))]
    step = rows.size / size
    at = np.floor(rng.random() * step + np.arange(size) * step).astype(np.int64)
    return np.sort(order[np.minimum(at, rows.size - 1)])


def exchanged(clusters: IntArray, rng: np.random.Generator) -> IntArray:
    """For each row, a row of another random cluster, so that clusters keep their likeness.

    Each cluster takes the rows of the cluster it is exchanged with, over again when it is larger:
    a column that is constant within clusters stays so, and one cluster a row gives a permutation.
    """
    _, code, count = np.unique(clusters, return_inverse=True, return_counts=True)
    order = np.lexsort((rng.permutation(code.size), code))
    starts = np.cumsum(count) - count
    within = np.empty(code.size, dtype=np.int64)
    within[order] = np.arange(code.size) - starts[code[order]]
    partner = rng.permutation(count.size)[code]
    source: IntArray = order[starts[partner] + within % count[partner]]
    return source


def refit(problem: Problem, groups: Sequence[Group], number: int) -> Refit:
    """Fit on a random half of the clusters, with permuted probes, and explain the other half."""
    rng = stream(problem.seed, "success model", problem.name, "refit", number)
    inside = _half(problem.clusters[0], rng)
    outside = stratified(
        problem.clusters[0], np.flatnonzero(~inside), problem.model.refit_rows, rng
    )
    probed = _chosen(_varying(groups, problem.x), problem.model.probes, rng)
    columns = [at for group in probed for at in group.members]
    copies = problem.x[exchanged(problem.clusters[0], rng)][:, columns]
    wide = np.column_stack([problem.x, copies])
    categorical = {*problem.categorical}
    width = problem.x.shape[1]
    also = tuple(width + i for i, at in enumerate(columns) if at in categorical)
    rows = np.flatnonzero(inside)
    booster = train(problem, wide[rows], rows, categorical=problem.categorical + also)
    everything = [*groups, *_copies(probed, width)]
    shap = grouped(contributions(booster, wide[outside]), everything)
    sizes = mean_absolute(shap, problem.weight[outside])
    pairs = zip(probed, sizes[len(groups) :].tolist(), strict=True)
    return Refit(
        importance=sizes[: len(groups)], probes=tuple((group.kind, size) for group, size in pairs)
    )


def importance_of(
    values: FloatArray,
    refits: Sequence[Refit],
    groups: Sequence[Group],
    names: Sequence[str],
    *,
    level: float,
) -> tuple[Importance, ...]:
    """Put value, interval, rank range and floor together, the largest first.

    The refits leave half of the clusters out, so their spread estimates the standard error of a
    fit on all of them (delete-half jackknife, Shao and Tu 1995, section 2.3): the interval is
    value +- t x spread, not below zero. The floor of a group is the 95th percentile of the permuted
    probes of its kind over all refits.
    """
    from scipy.stats import rankdata, t

    floors = _floors(refits)
    ranks = np.array([rankdata(-each, method="min") for each in [values, *_all(refits)]])
    spread = np.std(_all(refits), axis=0, ddof=1) if len(refits) > 1 else None
    reach = float(t.ppf(0.5 + level / 2, max(len(refits) - 1, 1)))
    table = []
    for at, group in enumerate(groups):
        value, floor = float(values[at]), floors.get(group.kind, 0.0 if refits else None)
        half = None if spread is None else reach * float(spread[at])
        row = Importance(
            group=group.name,
            members=tuple(names[member] for member in group.members),
            kind=group.kind,
            value=value,
            low=None if half is None else max(0.0, value - half),
            high=None if half is None else value + half,
            rank_low=int(ranks[:, at].min()) if refits else None,
            rank_high=int(ranks[:, at].max()) if refits else None,
            noise_floor=floor,
            above_floor=None if floor is None else value > floor,
        )
        table.append(row)
    return tuple(sorted(table, key=lambda row: (-row.value, row.group)))


def _all(refits: Sequence[Refit]) -> list[FloatArray]:
    return [each.importance for each in refits]


def _floors(refits: Sequence[Refit]) -> dict[str, float]:
    seen: dict[str, list[float]] = {}
    for each in refits:
        for kind, size in each.probes:
            seen.setdefault(kind, []).append(size)
    return {kind: float(np.quantile(sizes, FLOOR)) for kind, sizes in seen.items()}


def _half(clusters: IntArray, rng: np.random.Generator) -> np.ndarray:
    _, code = np.unique(clusters, return_inverse=True)
    number = int(code.max()) + 1
    return np.asarray((rng.permutation(number) < number // 2)[code])


def _varying(groups: Sequence[Group], x: FloatArray) -> list[Group]:
    low, high = np.fmin.reduce(x, axis=0), np.fmax.reduce(x, axis=0)
    return [group for group in groups if (high > low)[list(group.members)].any()]


def _chosen(groups: Sequence[Group], most: int, rng: np.random.Generator) -> list[Group]:
    """At most so many groups of each kind, kinds in sorted order."""
    chosen: list[Group] = []
    for kind in sorted({group.kind for group in groups}):
        same = [group for group in groups if group.kind == kind]
        picked = np.sort(rng.permutation(len(same))[:most])
        chosen += [same[at] for at in picked]
    return chosen


def _copies(probed: Sequence[Group], width: int) -> list[Group]:
    copies, at = [], width
    for group in probed:
        members = tuple(range(at, at + len(group.members)))
        copies.append(Group(name=group.name, members=members, kind=group.kind))
        at += len(members)
    return copies
