"""Scores: what every estimator hands over, and how scores become estimates.

An effect here is ``scale * (sum N1 / sum D1 - sum N0 / sum D0)`` over rows. A difference of means,
AIPW (ATE, ATT, ATO), a ratio of sums and a partially linear slope all have this form, so one piece
of code makes every estimate, segment average and influence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray, Panel
from causal.estimation._estimates import (
    Estimates,
    Label,
    Size,
    cells_of,
    distinct,
    sums,
    variance,
)

FEW = 30
LEAST_TREATED = 5
SHARED = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segments:
    """A way of cutting the rows: ``codes`` (rows of the panel,), -1 for no segment."""

    name: str
    codes: IntArray
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """The sums one effect is made of; arrays over the ``rows`` (indices into the panel) it uses.

    ``high`` and ``low`` have shape (n, 2): numerator and denominator. ``low`` None means zero.
    ``base`` (n, 2) makes the mean outcome at the reference. ``treated`` marks rows at the
    contrasted level (None for a continuous attribute). ``pull`` (n,) is proportional to how far
    one unit of noise in a row moves the estimate, with its sign. ``weight`` (n,) is what a row
    counts in the population the effect is of. ``counted`` marks the rows that carry information
    (None: all), for the sizes and the clusters with and without the attribute.
    """

    label: Label
    rows: IntArray
    high: FloatArray
    low: FloatArray | None
    base: FloatArray
    treated: BoolArray | None
    pull: FloatArray
    weight: FloatArray
    scale: float = 1.0
    segments: Segments | None = None
    counted: BoolArray | None = None
    refusal: str = ""


def estimate(scores: Sequence[Score], panel: Panel) -> Estimates:
    """Turn scores into estimates with their joint influence, segments included.

    Each score gives one estimate for all its rows or, when it has ``segments``, one for each
    segment. An estimate with fewer than 5 treated or control clusters is refused; with fewer than
    30 the clusters' influence is inflated for leverage (CR2 for a mean; Bell and McCaffrey 2002)
    and the degrees of freedom are those of the effective number of clusters (Carter, Schnepel,
    Steigerwald 2017).
    """
    cell, ways = cells_of(panel.clusters)
    cells = ways[0].size
    columns = [
        _one(score, part, panel, cell, cells, ways) for score in scores for part in _parts(score)
    ]
    return Estimates(
        labels=tuple(column.label for column in columns),
        sizes=tuple(column.size for column in columns),
        values=np.array([column.value for column in columns]),
        influence=np.stack([column.influence for column in columns], axis=1)
        if columns
        else np.zeros((cells, 0)),
        ways=ways,
        df=np.array([column.df for column in columns]),
        baseline=np.array([column.baseline for column in columns]),
        baseline_variance=np.array([column.baseline_variance for column in columns]).reshape(-1, 2),
        refusal=tuple(column.refusal for column in columns),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Column:
    label: Label
    size: Size
    value: float
    influence: FloatArray
    df: float
    baseline: float
    baseline_variance: tuple[float, float]
    refusal: str


def _parts(score: Score) -> list[tuple[str | None, IntArray | slice]]:
    """The whole, or each segment that has rows, as positions into the score's rows."""
    if score.segments is None:
        return [(None, slice(None))]
    codes = score.segments.codes[score.rows]
    return [
        (level, np.flatnonzero(codes == code)) for code, level in enumerate(score.segments.levels)
    ]


def _one(
    score: Score,
    part: tuple[str | None, IntArray | slice],
    panel: Panel,
    cell: IntArray,
    cells: int,
    ways: tuple[IntArray, ...],
) -> _Column:
    value_name, keep = part
    label = score.label
    if score.segments is not None:
        label = _in_segment(label, score.segments.name, str(value_name))
    rows = score.rows[keep]
    codes = cell[rows]
    theta, row_influence = difference_of_ratios(
        score.high[keep], None if score.low is None else score.low[keep], score.scale
    )
    base, base_row = ratio(score.base[keep])
    influence = np.zeros(cells)
    base_influence = np.zeros(cells)
    refusal = score.refusal
    df = float("nan")
    treated = None if score.treated is None else score.treated[keep]
    counted = None if score.counted is None else score.counted[keep]
    if rows.size and np.isfinite(theta):
        influence = sums(row_influence, codes, cells)
        base_influence = sums(np.nan_to_num(base_row), codes, cells)
        support = Support.of(score.pull[keep], treated, counted, codes, ways)
        influence = influence * support.inflation
        df = support.df
        refusal = refusal or support.refusal
    else:
        refusal = refusal or "no rows with both levels of the attribute"
        theta = float("nan")
    pair = np.stack([influence, base_influence], axis=1)
    cov = variance(pair[:, :1], pair[:, 1:], ways)[0]
    var = variance(pair[:, 1:], pair[:, 1:], ways)[0]
    return _Column(
        label=label,
        size=_size(score, keep, panel),
        value=theta,
        influence=influence,
        df=df,
        baseline=base,
        baseline_variance=(float(cov), float(var)),
        refusal=refusal,
    )


def ratio(pair: FloatArray) -> tuple[float, FloatArray]:
    """Ratio of sums and the influence of each row on it: (n, 2) to a number and (n,)."""
    numerator, denominator = pair.sum(axis=0) if pair.size else (0.0, 0.0)
    if denominator == 0 or not np.isfinite(denominator):
        return float("nan"), np.zeros(pair.shape[0])
    value = numerator / denominator
    return float(value), (pair[:, 0] - value * pair[:, 1]) / denominator


def difference_of_ratios(
    high: FloatArray, low: FloatArray | None, scale: float
) -> tuple[float, FloatArray]:
    """``scale * (ratio(high) - ratio(low))`` and the influence of each row, shape (n,)."""
    value, influence = ratio(high)
    if low is None:
        return scale * value, scale * influence
    low_value, low_influence = ratio(low)
    return scale * (value - low_value), scale * (influence - low_influence)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Support:
    """How many clusters really carry an estimate, and what follows from it."""

    df: float
    inflation: FloatArray | float
    refusal: str

    @staticmethod
    def of(
        pull: FloatArray,
        treated: BoolArray | None,
        counted: BoolArray | None,
        codes: IntArray,
        ways: tuple[IntArray, ...],
    ) -> Support:
        """Judge the clusters of each way; the way with the fewest decides for every cell."""
        judged = [(_support(pull, treated, counted, way[codes], way), way) for way in ways]
        worst, way = min(judged, key=lambda pair: pair[0].df)
        refusal = next((each.refusal for each, _ in judged if each.refusal), "")
        inflation = worst.inflation
        if isinstance(inflation, np.ndarray):
            inflation = inflation[way]
        return Support(df=worst.df, inflation=inflation, refusal=refusal)


def _support(
    pull: FloatArray,
    treated: BoolArray | None,
    counted: BoolArray | None,
    codes: IntArray,
    way: IntArray,
) -> Support:
    groups = int(way.max()) + 1
    leverage = pull**2
    by_cluster = sums(leverage, codes, groups)
    if by_cluster.sum() <= 0:
        return Support(df=float("nan"), inflation=1.0, refusal="the attribute does not vary")
    effective = effective_clusters(by_cluster, sums(pull, codes, groups))
    counts, pure = (effective, effective), False
    if treated is not None:
        inside = np.ones(treated.size, dtype=bool) if counted is None else counted
        on = np.bincount(codes[inside & treated], minlength=groups) > 0
        off = np.bincount(codes[inside & ~treated], minlength=groups) > 0
        counts, pure = (int(on.sum()), int(off.sum())), not bool(np.any(on & off))
    refusal = ""
    if min(counts) < LEAST_TREATED:
        side = "with" if counts[0] <= counts[1] else "without"
        refusal = f"only {int(min(counts))} clusters {side} the attribute (at least 5 are needed)"
    present = int(np.count_nonzero(by_cluster))
    if min(*counts, effective) >= FEW:
        return Support(df=float(present - 1), inflation=1.0, refusal=refusal)
    share = _leverage_share(leverage, treated, codes, by_cluster, groups)
    inflation = 1.0 / np.sqrt(np.maximum(1.0 - share, 0.1))
    inflation *= np.sqrt((groups - 1) / groups)
    df = max(1.0, min(effective, present) - (2.0 if pure else 1.0))
    return Support(df=df, inflation=inflation, refusal=refusal)


def effective_clusters(own: FloatArray, pulled: FloatArray) -> float:
    """How many equal clusters would carry as much (Carter, Schnepel, Steigerwald 2017, eq. 5).

    The working model has noise of rows and noise shared by a cluster. The shared part has a
    quarter of the say, and none where it cancels, as within blocks.

    Parameters
    ----------
    own, pulled
        Sums over the rows of each cluster of the squared pull, and of the pull; (clusters,).

    Examples
    --------
    >>> effective_clusters(np.ones(8), np.ones(8))
    8.0
    """
    shared = pulled**2
    say = SHARED * min(1.0, float(shared.sum() / own.sum()))
    part = (1 - say) * own / own.sum()
    if say > 0:
        part = part + say * shared / shared.sum()
    return float(part.sum() ** 2 / np.sum(part**2))


def _leverage_share(
    leverage: FloatArray,
    treated: BoolArray | None,
    codes: IntArray,
    by_cluster: FloatArray,
    groups: int,
) -> FloatArray:
    """How much of its own mean each cluster is, shape (groups,), averaged over its arms."""
    if treated is None:
        return by_cluster / by_cluster.sum()
    share = np.zeros(groups)
    for arm in (treated, ~treated):
        part = np.bincount(codes[arm], weights=leverage[arm], minlength=groups)
        if part.sum() > 0:
            share += part / part.sum() * part
    return np.divide(share, by_cluster, out=np.zeros(groups), where=by_cluster > 0)


def _size(score: Score, keep: IntArray | slice, panel: Panel) -> Size:
    rows = score.rows[keep]
    inside = np.ones(rows.size, dtype=bool) if score.counted is None else score.counted[keep]
    spread = score.pull[keep] ** 2
    effective = float(spread.sum() ** 2 / np.sum(spread**2)) if np.any(spread > 0) else 0.0
    treated = None if score.treated is None else float(np.sum(score.treated[keep] & inside))
    counts = [distinct(way[rows[inside]]) for way in panel.clusters]
    return Size(
        units=int(inside.sum()),
        clusters=min(counts),
        treated=treated,
        effective_units=min(effective, float(inside.sum())),
    )


def _in_segment(label: Label, name: str, value: str) -> Label:
    return replace(label, segment=name, segment_value=value)
