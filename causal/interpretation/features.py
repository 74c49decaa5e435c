"""The columns a success model may see, as one matrix, and which of them belong together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from causal.base.errors import DataError, listing
from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import Column, FloatArray, IntArray, Panel
from causal.design.study import Study

TOGETHER = 0.8
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Columns that are listed as one: ``members`` are positions in the matrix."""

    name: str
    members: tuple[int, ...]
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Columns of a success model: ``matrix`` has shape (rows, columns), NaN where missing.

    Every column is in exactly one of the ``groups``, which are in study order.
    """

    columns: tuple[Column, ...]
    matrix: FloatArray
    groups: tuple[Group, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in study order."""
        return tuple(column.name for column in self.columns)

    @property
    def categorical(self) -> tuple[int, ...]:
        """The positions of the categorical columns."""
        kinds = [column.kind for column in self.columns]
        return tuple(at for at, kind in enumerate(kinds) if kind is Kind.CATEGORICAL)


def features_of(study: Study, panel: Panel) -> Features:
    """Collect attributes, confounders and modifiers, in study order, each once.

    Mediators, negative controls, post-outcome columns, the parts of outcomes and the columns that
    number units or clusters are never among them.

    Raises
    ------
    DataError
        When a column that the study names is not in the panel.
    """
    names = _permitted(study)
    missing = [name for name in names if name not in panel.columns]
    if missing:
        raise DataError(
            f"The success model needs the columns {listing(missing)}, which were not read. "
            "Check the names under attributes, confounders and modifiers."
        )
    columns = tuple(panel.columns[name] for name in names)
    stacked = [column.values for column in columns]
    matrix = np.column_stack(stacked) if stacked else np.empty((panel.rows, 0))
    features = Features(columns=columns, matrix=np.ascontiguousarray(matrix, dtype=np.float64))
    return replace(features, groups=groups_of(features, seed=study.settings.seed))


def _permitted(study: Study) -> list[str]:
    refused = {*study.mediators, *study.negative_controls, *study.post_outcome}
    refused |= {*study.unit, *study.cluster}
    refused |= {name for outcome in study.outcomes for name in outcome.columns}
    wanted = [each.name for each in study.attributes] + [*study.confounders, *study.modifiers]
    return [name for name in dict.fromkeys(wanted) if name not in refused]


def groups_of(features: Features, *, seed: int) -> tuple[Group, ...]:
    """Put together the columns whose separate importances would mislead.

    Two columns belong together when they are indicators of one category (same name up to the last
    underscore, three or more, never two at once) or when they are associated beyond .8: Spearman's
    rho between numbers, the adjusted correlation ratio between a category and a number, Cramer's V
    (bias-corrected, Bergsma 2013) between categories. Groups are the connected components.

    Parameters
    ----------
    features
        The columns; at most 20,000 rows, drawn by a named stream, are looked at.
    seed
        The study's seed.

    Returns
    -------
    tuple of Group
        In study order; every column is in exactly one.
    """
    rows = features.matrix.shape[0]
    matrix = features.matrix
    if rows > _MOST_ROWS:
        drawn = stream(seed, "success model", "groups").choice(rows, _MOST_ROWS, replace=False)
        matrix = matrix[np.sort(drawn)]
    hot = _indicator_sets(features, matrix)
    edges = [pair for members in hot.values() for pair in pairwise(members)]
    edges += _associated(features, matrix)
    return tuple(
        _named(members, features, hot) for members in _components(len(features.columns), edges)
    )


def mean_ranks(values: FloatArray) -> FloatArray:
    """Rank from 0 to 1, ties at their middle, NaN where missing; shape as given.

    >>> mean_ranks(np.array([3.0, 1.0, 3.0, np.nan])).round(2).tolist()
    [0.67, 0.17, 0.67, nan]
    """
    ranks = np.full(values.shape, np.nan)
    seen = ~np.isnan(values)
    if not seen.any():
        return ranks
    _, code, count = np.unique(values[seen], return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - count / 2) / count.sum()
    ranks[seen] = middle[code]
    return ranks


def _named(members: list[int], features: Features, hot: dict[str, list[int]]) -> Group:
    first = features.columns[members[0]]
    if len(members) == 1:
        return Group(name=first.name, members=tuple(members), kind=first.kind.value)
    whole = [stem for stem, positions in hot.items() if positions == members]
    name = whole[0] if whole else f"{first.name} (+{len(members) - 1})"
    return Group(name=name, members=tuple(members), kind="several")


def _indicator_sets(features: Features, matrix: FloatArray) -> dict[str, list[int]]:
    stems: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(features.names):
        if "_" in name and np.isin(matrix[:, at], (0.0, 1.0)).all() and matrix[:, at].any():
            stems[name.rpartition("_")[0].removesuffix("_is")].append(at)
    return {
        stem: positions
        for stem, positions in stems.items()
        if len(positions) > 2 and matrix[:, positions].sum(axis=1).max() <= 1
    }


def _associated(features: Features, matrix: FloatArray) -> list[tuple[int, int]]:
    kinds = [column.kind is Kind.CATEGORICAL for column in features.columns]
    numbers = [at for at, category in enumerate(kinds) if not category]
    categories = [at for at, category in enumerate(kinds) if category]
    ranks = {at: mean_ranks(matrix[:, at]) for at in numbers}
    pairs = _rank_pairs(numbers, np.column_stack([ranks[at] for at in numbers])) if numbers else []
    for index, at in enumerate(categories):
        codes = matrix[:, at]
        pairs += [(at, n) for n in numbers if correlation_ratio(codes, ranks[n]) > TOGETHER]
        later = categories[index + 1 :]
        pairs += [(at, other) for other in later if cramers_v(codes, matrix[:, other]) > TOGETHER]
    return pairs


def _rank_pairs(positions: list[int], ranks: FloatArray) -> list[tuple[int, int]]:
    rho = correlations(ranks)
    first, second = np.nonzero(np.triu(np.abs(rho) > TOGETHER, k=1))
    return [(positions[a], positions[b]) for a, b in zip(first, second, strict=True)]


def correlations(values: FloatArray) -> FloatArray:
    """Correlate columns over the rows where both are present; 0 where a column is constant.

    Parameters
    ----------
    values
        Shape (rows, columns), NaN where missing.

    Returns
    -------
    ndarray
        Shape (columns, columns).
    """
    seen = (~np.isnan(values)).astype(np.float64)
    filled = np.where(seen > 0, values - 0.5, 0.0)
    count = np.maximum(seen.T @ seen, 1.0)
    mean = filled.T @ seen / count  # [i, j]: mean of i where j is present
    square = (filled**2).T @ seen / count
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    covariance = filled.T @ filled / count - mean * mean.T
    scale = spread * spread.T
    rho = np.zeros_like(scale)
    np.divide(covariance, scale, out=rho, where=scale > 1e-12)
    return rho


def correlation_ratio(codes: FloatArray, values: FloatArray) -> float:
    """How much of a number a category fixes, adjusted for the number of levels, from 0 to 1."""
    seen = ~(np.isnan(codes) | np.isnan(values))
    if seen.sum() < 3:
        return 0.0
    _, code = np.unique(codes[seen], return_inverse=True)
    number = values[seen] - values[seen].mean()
    total, levels = float(number @ number), int(code.max()) + 1
    if total <= 1e-12 or seen.sum() <= levels:
        return 0.0
    means = np.bincount(code, weights=number) / np.bincount(code)
    within = float(((number - means[code]) ** 2).sum())
    adjusted = 1 - (within / total) * (number.size - 1) / (number.size - levels)
    return float(np.sqrt(max(adjusted, 0.0)))


def cramers_v(first: FloatArray, second: FloatArray) -> float:
    """Bias-corrected Cramer's V of two categories (Bergsma 2013), from 0 to 1."""
    seen = ~(np.isnan(first) | np.isnan(second))
    n = int(seen.sum())
    if n < 3:
        return 0.0
    _, a = np.unique(first[seen], return_inverse=True)
    _, b = np.unique(second[seen], return_inverse=True)
    in_row, in_column = np.bincount(a), np.bincount(b)
    rows, columns = in_row.size, in_column.size
    cell, count = np.unique(a * columns + b, return_counts=True)  # only cells that occur
    expected = in_row[cell // columns] * (in_column[cell % columns] / n)
    phi = float((count**2 / expected).sum()) / n - 1
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    smallest = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi / smallest)) if smallest > 1e-12 else 0.0


def _components(size: int, edges: list[tuple[int, int]]) -> list[list[int]]:
    """Connected components, each sorted, in the order of their first member."""
    label: IntArray = np.arange(size)
    for a, b in edges:
        low, high = sorted((int(label[a]), int(label[b])))
        label[label == high] = low
    return [np.flatnonzero(label == each).tolist() for each in np.unique(label)]
