"""Where the planned split was not kept: segments fixed before assignment, and leanings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from causal.content.attribute import Kind
from causal.data.panel import BoolArray, Column, FloatArray, IntArray, Panel
from causal.diagnostics import _where
from causal.diagnostics._split import Split
from causal.diagnostics._tail import GATE, SMALL_P, fails, group_p, share_p

FEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """One test of one segment or leaning.

    ``blocks`` says which blocks belong to it, shape (blocks,); ``condition`` is SQL for its rows,
    when there is one.
    """

    column: str | None
    said: str
    p_value: float
    meaning: str
    blocks: BoolArray
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grouping:
    """A modifier that is constant within every block: the level of each block, -1 for missing."""

    column: Column
    of: IntArray
    labels: tuple[str, ...]


def by_segment(
    panel: Panel, cut: Split, chosen: BoolArray, names: tuple[str, ...], dispersion: float
) -> tuple[Segment, ...]:
    """Test the chosen blocks of every level of every modifier that is constant within blocks.

    Returns
    -------
    tuple of Segment
        Levels with at least 5 blocks; p-values are not yet adjusted.
    """
    found = []
    for grouping in _groupings(panel, cut, names):
        of = np.where(chosen, grouping.of, -1)
        p = group_p(
            cut.chi,
            cut.df,
            of,
            len(grouping.labels),
            allowed=dispersion,
            tolerated=dispersion,
        )
        blocks = np.bincount(of[of >= 0], minlength=len(grouping.labels))
        failing = np.bincount(
            of[(of >= 0) & fails(cut.chi, cut.df)], minlength=len(grouping.labels)
        )
        found += [
            _level(grouping, int(at), float(p[at]), int(failing[at]), int(blocks[at]))
            for at in np.flatnonzero(blocks >= 5)
        ]
    return tuple(found)


def confined(
    panel: Panel, cut: Split, inside: BoolArray, names: tuple[str, ...], dispersion: float
) -> Segment | None:
    """Find the segment to which a flagged period is confined, if the rest of it is clean.

    The rest must hold at least 20 blocks and a fifth of the period, and fail no more than chance
    (p > .01).
    """
    best: tuple[int, Segment] | None = None
    for grouping in _groupings(panel, cut, names):
        of = np.where(inside, grouping.of, -1)
        p = group_p(
            cut.chi,
            cut.df,
            of,
            len(grouping.labels),
            allowed=dispersion,
            tolerated=dispersion,
        )
        bad = np.flatnonzero(p < GATE)
        rest = inside & ~np.isin(grouping.of, bad)
        blocks = int(rest.sum())
        failing = int(fails(cut.chi[rest], cut.df[rest], dispersion).sum())
        clean = float(share_p(np.array([failing]), np.array([blocks]))[0]) > SMALL_P
        enough = blocks >= max(FEWEST, inside.sum() / 5)
        if bad.size and clean and enough and (best is None or blocks > best[0]):
            best = blocks, _several(grouping, bad)
    return best[1] if best else None


def leaning(
    panel: Panel, cut: Split, chosen: BoolArray, attributes: tuple[str, ...], *, by_unit: bool
) -> tuple[Segment, ...]:
    """Test whether arms with an attribute, or earlier arms by unit, get more than their share.

    ``by_unit`` says that rows are sorted by a unit; without one their order follows the counts.

    For each block the products of (score minus its planned mean) and (count minus expectation) are
    summed; the sum over blocks is compared with its own spread over blocks (normal). Left out when
    fewer than 20 blocks carry it, by the effective number (sum s^2)^2 / sum s^4.
    """
    size = (cut.df + 1).astype(np.int64)
    block = np.repeat(np.arange(cut.blocks), size)
    place = np.arange(cut.row.size) - np.repeat(cut.start, size)
    tests: list[tuple[str, str | None, FloatArray]] = []
    if by_unit:
        tests.append(("the earlier arms of a block, by unit", None, -place.astype(float)))
    for name in attributes:
        if name in panel.columns:
            tests += _scores(panel.columns[name], cut.row)
    found = []
    for said, column, score in tests:
        value = _z(cut, block, chosen, score)
        if value is not None:
            found.append(_lean(said, column, value, chosen))
    return tuple(found)


def _z(cut: Split, block: IntArray, chosen: BoolArray, score: FloatArray) -> float | None:
    known = np.isfinite(score)
    filled = np.where(known, score, 0.0)
    base = cut.expected * known
    mean = np.bincount(block, weights=filled * base) / np.maximum(
        np.bincount(block, weights=base), 1e-300
    )
    gap = np.where(known, filled - mean[block], 0.0) * (cut.observed - cut.expected)
    total = np.bincount(block, weights=gap, minlength=cut.blocks)[chosen]
    # One block of a huge count must not speak for the log: each counts by its standard deviation.
    spread = np.sqrt(
        np.bincount(
            block,
            weights=np.where(known, filled - mean[block], 0.0) ** 2 * cut.expected,
            minlength=cut.blocks,
        )
    )[chosen]
    scaled = np.clip(total[spread > 0] / spread[spread > 0], -4.0, 4.0)
    squares = scaled**2
    if not squares.any() or squares.sum() ** 2 / (squares**2).sum() < FEWEST:
        return None
    return float(scaled.sum() / np.sqrt(squares.sum()))


def _scores(column: Column, row: IntArray) -> list[tuple[str, str | None, FloatArray]]:
    values = column.values[row]
    if column.kind is not Kind.CATEGORICAL:
        return [(f"arms with more of '{column.name}'", column.name, values)]
    return [
        (
            f"arms with '{column.name}' = '{label}'",
            column.name,
            np.where(np.isnan(values), np.nan, values == code),
        )
        for code, label in enumerate(column.levels)
    ]


def _lean(said: str, column: str | None, z: float, chosen: BoolArray) -> Segment:
    from scipy.special import ndtr

    more = "more" if z > 0 else "less"
    return Segment(
        column=column,
        said=said,
        p_value=float(2 * ndtr(-abs(z))),
        blocks=chosen,
        meaning=(
            f"Within blocks, {said} get {more} than their planned share (z = {z:.1f} over blocks). "
            "Under a random split the count has nothing to do with it."
        ),
    )


def _level(grouping: _Grouping, at: int, p: float, failing: int, blocks: int) -> Segment:
    one = _several(grouping, np.array([at]))
    return Segment(
        column=one.column,
        said=one.said,
        p_value=p,
        blocks=one.blocks,
        condition=one.condition,
        meaning=(
            f"Among blocks with {one.said}, {failing} of {blocks} ({failing / blocks:.1%}) are "
            "split with p < .01 where 1% are expected: the planned shares were not kept there."
        ),
    )


def _several(grouping: _Grouping, bad: IntArray) -> Segment:
    name, labels = grouping.column.name, [grouping.labels[at] for at in bad]
    sql = grouping.column.kind is not Kind.CONTINUOUS
    return Segment(
        column=name,
        said=f"{name} = {' or '.join(labels)}" if sql else f"{name} {' or '.join(labels)}",
        p_value=0.0,
        meaning="",
        blocks=np.isin(grouping.of, bad),
        condition=_where.among(name, labels) if sql else None,
    )


def _groupings(panel: Panel, cut: Split, names: tuple[str, ...]) -> Iterator[_Grouping]:
    """Modifiers that are constant within every block, each with a level for each block."""
    size = (cut.df + 1).astype(np.int64)
    for name in names:
        column = panel.columns.get(name)
        if column is None:
            continue
        value = np.where(column.missing, np.inf, column.values)[cut.row]
        first = value[cut.start]
        if not np.array_equal(value, np.repeat(first, size)):
            continue
        seen = np.isfinite(first)
        if column.kind is Kind.CONTINUOUS:
            edges = np.unique(np.quantile(first[seen], [0.25, 0.5, 0.75])) if seen.any() else first
            labels = _between(edges)
            code = np.searchsorted(edges, first, side="left")
        else:
            labels = column.levels
            code = np.where(seen, first, 0).astype(np.int64)
        yield _Grouping(column=column, of=np.where(seen, code, -1), labels=labels)


def _between(edges: FloatArray) -> tuple[str, ...]:
    """Words for the intervals that the edges cut.

    >>> _between(np.array([1.0, 2.0]))
    ('at most 1', 'above 1 to 2', 'above 2')
    """
    said = [f"{edge:g}" for edge in edges]
    inner = [f"above {low} to {high}" for low, high in pairwise(said)]
    return (f"at most {said[0]}", *inner, f"above {said[-1]}") if said else ("any",)
