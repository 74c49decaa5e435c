"""A short rule for whom to treat, found by search, with a value that is honest about the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.data.panel import FloatArray, IntArray
from causal.evaluation._heterogeneity import Held, Tested, measured

BINS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Rows whose ``column`` is at most ``cut`` go one way, the others the other way."""

    column: int
    cut: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A rule of depth one or two.

    ``leaves`` says for each end, left to right, whether to treat. Depth two has ``left`` and
    ``right`` below ``top`` (None: that side is not split) and four ends.
    """

    top: Split | None
    left: Split | None
    right: Split | None
    leaves: tuple[bool, bool, bool, bool]

    def treats(self, x: FloatArray) -> FloatArray:
        """Whom the rule treats, (n, columns) to 0 or 1 for each row."""
        leaf = np.zeros(x.shape[0], dtype=np.int64)
        if self.top is not None:
            right = x[:, self.top.column] > self.top.cut
            leaf += 2 * right
            for side, split in ((~right, self.left), (right, self.right)):
                if split is not None:
                    leaf += side & (x[:, split.column] > split.cut)
        return np.array(self.leaves, dtype=float)[leaf]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """A rule and its honest value, per row, against treating nobody and against everybody.

    ``treated`` is the share the rule treats; the values come from rules grown without the rows they
    are measured on.
    """

    tree: Tree
    treated: float
    over_none: Tested
    over_all: Tested


def policy_tree(
    given: Held,
    x: FloatArray,
    *,
    depth: int = 2,
    cost: float = 0.0,
    direction: int = 1,
    least: float = 0.05,
    level: float = 0.95,
) -> Rule:
    """Find the rule of a given depth with the largest mean score, and measure it by cross-fitting.

    Every cut between ``BINS`` quantiles of every column is tried (Athey, Wager 2021; Zhou, Athey,
    Wager 2023), on sums by cell, so that time hardly grows with depth. The value is that of rules
    grown on the other folds, so that a rule found in noise is worth nothing.

    Parameters
    ----------
    given
        Scores by fold.
    x
        Columns, (n, q), without missing values.
    depth
        1 or 2.
    cost
        What treating a row costs, in units of the effect.
    direction
        -1 when the outcome should go down.
    least
        The smallest share of the rows that a cut may part off.
    level
        Of the intervals.
    """
    gain = given.weight * (direction * given.psi - cost)
    cuts = [_cuts(x[:, j]) for j in range(x.shape[1])]
    bins = [np.searchsorted(own, x[:, j], side="left") for j, own in enumerate(cuts)]
    tree = grow(gain, given.weight, bins, cuts, depth=depth, least=least)
    treats = np.zeros(given.psi.size)
    for fold in np.unique(given.folds):
        inside = given.folds == fold
        rest = [own[~inside] for own in bins]
        other = grow(gain[~inside], given.weight[~inside], rest, cuts, depth=depth, least=least)
        treats[inside] = other.treats(x[inside])
    total = float(given.weight.sum())
    return Rule(
        tree=tree,
        treated=float(given.weight @ tree.treats(x)) / total,
        over_none=_value(gain, treats, given, level),
        over_all=_value(gain, treats - 1.0, given, level),
    )


def _value(gain: FloatArray, treats: FloatArray, given: Held, level: float) -> Tested:
    total = float(given.weight.sum())
    value = float(gain @ treats) / total
    return measured(value, (gain * treats - given.weight * value) / total, given, level)


def _cuts(values: FloatArray) -> FloatArray:
    distinct = np.unique(values)
    if distinct.size <= BINS:
        return (distinct[1:] + distinct[:-1]) / 2
    cuts = np.unique(np.quantile(values, np.arange(1, BINS) / BINS))
    return cuts[cuts < distinct[-1]]


def grow(
    gain: FloatArray,
    weight: FloatArray,
    bins: Sequence[IntArray],
    cuts: Sequence[FloatArray],
    *,
    depth: int,
    least: float,
) -> Tree:
    """Search every rule of a depth for the largest sum of ``gain`` over the treated rows.

    Ties go to the shorter rule, then to the first column and the lowest cut.
    """
    total, room = float(gain.sum()), least * float(weight.sum())
    worth, tree = max(total, 0.0), Tree(top=None, left=None, right=None, leaves=(total > 0,) * 4)
    sums = [_by_bin(gain, own, cut.size + 1) for own, cut in zip(bins, cuts, strict=True)]
    sizes = [_by_bin(weight, own, cut.size + 1) for own, cut in zip(bins, cuts, strict=True)]
    for j, cut in enumerate(cuts):
        size = np.cumsum(sizes[j])[:-1]
        fits = (size >= room) & (size[-1:] + sizes[j][-1:] - size >= room) if cut.size else size > 0
        for place in np.flatnonzero(fits):
            left = float(sums[j][: place + 1].sum())
            value = max(left, 0.0) + max(total - left, 0.0)
            if value > worth + 1e-9 * abs(worth):
                leaves = (left > 0, left > 0, total > left, total > left)
                worth = value
                tree = Tree(
                    top=Split(column=j, cut=float(cut[place])), left=None, right=None, leaves=leaves
                )
    if depth < 2:
        return tree
    return _deeper(gain, weight, bins, cuts, (worth, tree), room)


def _deeper(
    gain: FloatArray,
    weight: FloatArray,
    bins: Sequence[IntArray],
    cuts: Sequence[FloatArray],
    found: tuple[float, Tree],
    room: float,
) -> Tree:
    """Search two levels on tables of sums by pairs of columns."""
    worth, tree = found
    for j, cut in enumerate(cuts):
        best = _second(gain, weight, bins, cuts, j, room)
        for place in range(cut.size):
            (left, left_split, left_leaves), (right, right_split, right_leaves) = best[place]
            if left is None or right is None or left + right <= worth + 1e-9 * abs(worth):
                continue
            worth = left + right
            tree = Tree(
                top=Split(column=j, cut=float(cut[place])),
                left=left_split,
                right=right_split,
                leaves=(*left_leaves, *right_leaves),
            )
    return tree


Side = tuple[float | None, Split | None, tuple[bool, bool]]


def _second(
    gain: FloatArray,
    weight: FloatArray,
    bins: Sequence[IntArray],
    cuts: Sequence[FloatArray],
    j: int,
    room: float,
) -> list[tuple[Side, Side]]:
    """The best split of each side of each cut of column j."""
    size_j = cuts[j].size + 1
    sides: list[list[Side]] = [[(None, None, (False, False))] * (size_j - 1) for _ in range(2)]
    for k, cut in enumerate(cuts):
        size_k = cut.size + 1
        code = bins[j] * size_k + bins[k]
        both = _by_bin(gain, code, size_j * size_k).reshape(size_j, size_k)
        mass = _by_bin(weight, code, size_j * size_k).reshape(size_j, size_k)
        for side in range(2):
            sums, masses = (
                np.cumsum(t if side == 0 else t[::-1], axis=0)[:-1] for t in (both, mass)
            )
            if side == 1:
                sums, masses = sums[::-1], masses[::-1]
            _better(sides[side], sums, masses, k, cut, room)
    return list(zip(sides[0], sides[1], strict=True))


def _better(
    sides: list[Side], sums: FloatArray, masses: FloatArray, k: int, cut: FloatArray, room: float
) -> None:
    """Put into ``sides`` what a cut of column k does better; rows of ``sums`` are the top's cuts."""
    total, mass = sums.sum(axis=1), masses.sum(axis=1)
    below, size = np.cumsum(sums, axis=1)[:, :-1], np.cumsum(masses, axis=1)[:, :-1]
    value = np.maximum(below, 0.0) + np.maximum(total[:, None] - below, 0.0)
    value = np.where((size >= room) & (mass[:, None] - size >= room), value, -np.inf)
    for place in range(total.size):
        if mass[place] < room:
            continue
        known = sides[place][0]
        whole = float(max(total[place], 0.0))
        if known is None:
            treat = bool(total[place] > 0)
            sides[place] = (whole, None, (treat, treat))
            known = whole
        if not cut.size:
            continue
        best = int(np.argmax(value[place]))
        if value[place, best] > known + 1e-9 * abs(known):
            left = float(below[place, best])
            sides[place] = (
                float(value[place, best]),
                Split(column=k, cut=float(cut[best])),
                (left > 0, bool(total[place] - left > 0)),
            )


def _by_bin(values: FloatArray, codes: IntArray, size: int) -> FloatArray:
    return np.asarray(np.bincount(codes, weights=values, minlength=size), dtype=float)
