"""What the page draws of SHAP values: binned swarms and dependence, never rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray
from causal.interpretation.features import Features, Group, mean_ranks

BINS = 40
_LEVELS = 12
_POINTS = 20
_BAND = (0.1, 0.9)

Cell = str | float | int | None


def swarm(
    shap: FloatArray, group: Group, features: Features, x: FloatArray, weight: FloatArray
) -> dict[str, object]:
    """Bin one group's SHAP values: the share of the weight in each bin and the mean level.

    Parameters
    ----------
    shap
        The group's summed SHAP values, shape (rows,).
    group, features, x
        The group and the explained rows of all columns, shape (rows, columns).
    weight
        Shape (rows,).

    Returns
    -------
    dict
        ``group`` and ``bins`` of ``shap`` (mean within the bin), ``share`` (they sum to 1) and
        ``level`` (mean rank of the value from 0, low, to 1, high; None for categories). The outer
        half per cent on each side is in the first and last bin.
    """
    low, high = np.quantile(shap, [0.005, 0.995])
    width = (high - low) / BINS
    place = np.zeros(shap.size, dtype=np.int64)
    if width > 0:
        place = np.clip(np.floor((shap - low) / width), 0, BINS - 1).astype(np.int64)
    level = _level(group, features, x)
    return {
        "group": group.name,
        "bins": [_bin(place == each, shap, level, weight) for each in np.unique(place)],
    }


def dependence(
    shap: FloatArray, column: Column, values: FloatArray, weight: FloatArray, *, smallest: int
) -> dict[str, object]:
    """Bin SHAP values over the values of one column.

    Parameters
    ----------
    shap, values, weight
        SHAP values (of the column's group), the column's values and the weights, shape (rows,).
    column
        Its kind and levels: a category has one point for each of its 12 most frequent levels, a
        number one for each quantile bin.
    smallest
        No point rests on fewer rows than this.

    Returns
    -------
    dict
        ``points`` of ``x`` (the level's label or the bin's mean; None: missing), ``shap`` (weighted
        mean), ``low`` and ``high`` (10th and 90th percentile of the rows) and ``share``.
    """
    missing = np.isnan(values)
    parts: Sequence[tuple[Cell, BoolArray]]
    if column.kind is Kind.CONTINUOUS:
        parts = _quantile_parts(values, missing, smallest)
    else:
        parts = _level_parts(column, values, missing)
    kept = [(x, rows) for x, rows in [*parts, (None, missing)] if int(rows.sum()) >= smallest]
    return {
        "column": column.name,
        "x_kind": "number" if column.kind is Kind.CONTINUOUS else "category",
        "points": [_point(x, rows, shap, weight) for x, rows in kept],
    }


def _bin(
    rows: BoolArray, shap: FloatArray, level: FloatArray | None, weight: FloatArray
) -> dict[str, Cell]:
    share = float(weight[rows].sum() / weight.sum())
    seen = level[rows] if level is not None else np.empty(0)
    seen = seen[~np.isnan(seen)]
    return {
        "shap": float(shap[rows].mean()),
        "share": share,
        "level": float(seen.mean()) if seen.size else None,
    }


def _level(group: Group, features: Features, x: FloatArray) -> FloatArray | None:
    """Rank of the group's value by row, members turned the way of the first; None: category."""
    columns = [features.columns[at] for at in group.members]
    if any(column.kind is Kind.CATEGORICAL for column in columns) or _indicators(group, x):
        return None
    if len(columns) == 1 and columns[0].kind is Kind.BINARY:
        return x[:, group.members[0]]
    ranks = [mean_ranks(x[:, at]) for at in group.members]
    turned = [each if _same_way(ranks[0], each) else 1 - each for each in ranks]
    seen = ~np.isnan(np.column_stack(turned))
    total = np.where(seen, np.column_stack(turned), 0.0).sum(axis=1)
    return np.where(seen.any(axis=1), total / np.maximum(seen.sum(axis=1), 1), np.nan)


def _indicators(group: Group, x: FloatArray) -> bool:
    members = x[:, list(group.members)]
    hot = bool(np.isin(members, (0.0, 1.0)).all())
    return len(group.members) > 2 and hot and bool(members.sum(axis=1).max() <= 1)


def _same_way(first: FloatArray, second: FloatArray) -> bool:
    both = ~(np.isnan(first) | np.isnan(second))
    return float((first[both] - 0.5) @ (second[both] - 0.5)) >= 0


def _quantile_parts(
    values: FloatArray, missing: BoolArray, smallest: int
) -> list[tuple[float, BoolArray]]:
    seen = values[~missing]
    if seen.size == 0:
        return []
    number = int(np.clip(seen.size // max(smallest, 1), 1, _POINTS))
    edges = np.unique(np.quantile(seen, np.linspace(0, 1, number + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="left")
    parts = []
    for each in np.unique(place[~missing]):
        rows = (place == each) & ~missing
        parts.append((float(values[rows].mean()), rows))
    return parts


def _level_parts(
    column: Column, values: FloatArray, missing: BoolArray
) -> list[tuple[str, BoolArray]]:
    codes, count = np.unique(values[~missing], return_counts=True)
    frequent = codes[np.argsort(-count, kind="stable")[:_LEVELS]]
    labels = column.levels
    return [
        (labels[int(code)] if int(code) < len(labels) else f"{code:g}", values == code)
        for code in np.sort(frequent)
    ]


def _point(x: Cell, rows: BoolArray, shap: FloatArray, weight: FloatArray) -> dict[str, Cell]:
    low, high = np.quantile(shap[rows], _BAND)
    share = float(weight[rows].sum() / weight.sum())
    mean = float(weight[rows] @ shap[rows] / weight[rows].sum())
    return {"x": x, "shap": mean, "low": float(low), "high": float(high), "share": share}


def most_used(shap: FloatArray, members: Sequence[int], weight: FloatArray) -> int:
    """Find the member with the largest weighted mean |SHAP|; ``shap`` (rows, columns)."""
    sizes = weight @ np.abs(shap[:, list(members)])
    return int(members[int(np.argmax(sizes))])
