"""Joint terms: what a target leans on that no column shows alone, looked for and written as terms.

A product, a crossing of thresholds or a ring has no main effect for a tree's first split to find,
and one that both attribute and outcome lean on biases an effect by many standard errors. So each
column is written as a few *sides* (itself, and cosines of its rank: an orthonormal basis, in which
every shape has a trace), and products of sides of two and of three columns are looked at by their
scores on the residuals: matrix products, no fits. Where jumps between cuts or splines explain more
than such curves, they are taken in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation._pieces import (
    BUMP,
    BUMPS,
    GRIDS,
    JUMP,
    LINE,
    Factor,
    Piece,
    bumps_of,
    corners_of,
    cuts_of_one,
    cuts_of_several,
    gain,
    grid_of,
    jumps_of,
    reached,
    values_of,
)

COSINES = 6
COARSE = 4
KNOTS = 100
FEW_VALUES = 8
MOST_TERMS = 40
MOST_SETS = 6
MOST_TRIPLE_SIDES = 150
PAIR_WORK = 2e9
TRIPLE_WORK = 1e9
LEAST_ROWS = 2_000
MOST_ROWS = 8_000
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """Functions of one column of terms each.

    ``column`` (s,) says which term a side is of, ``shape`` (s,) is 0 for the standardised term
    itself, k for the k-th cosine of its rank, ``JUMP`` or ``BUMP`` for those at ``cuts`` (s,), bumps of
    ``widths`` (s,), in units of the standardised term; ``knots[j]`` holds values of term j and their
    ranks, or None when it has few values and no cosines.
    """

    centre: FloatArray
    scale: FloatArray
    column: IntArray
    shape: IntArray
    knots: tuple[tuple[FloatArray, FloatArray] | None, ...]
    cuts: FloatArray
    widths: FloatArray

    @staticmethod
    def of(terms: FloatArray, centre: FloatArray, scale: FloatArray) -> Sides:
        """Read the ranks off the terms, shape (n, d)."""
        knots = tuple(_knots(terms[:, j]) for j in range(terms.shape[1]))
        counts = [1 if at is None else 1 + COSINES for at in knots]
        return Sides(
            centre=centre,
            scale=scale,
            column=np.repeat(np.arange(len(counts)), counts),
            shape=np.concatenate([np.arange(c) for c in counts]) if counts else np.zeros(0, int),
            knots=knots,
            cuts=np.full(sum(counts), np.nan),
            widths=np.full(sum(counts), np.nan),
        )

    def factor(self, side: int) -> Factor:
        """A side as a function of its standardised term; not a cosine."""
        return Factor(
            int(self.column[side]),
            int(self.shape[side]),
            float(self.cuts[side]),
            float(self.widths[side]),
        )

    def having(self, factor: Factor) -> tuple[Sides, int]:
        """With a function of a term beside the others, and its number."""
        column, shape, cut, width = factor
        same = (self.column == column) & (self.shape == shape)
        if shape != LINE:
            same &= (self.cuts == cut) & (np.isnan(width) | (self.widths == width))
        if same.any():
            return self, int(np.argmax(same))
        wider = replace(
            self,
            column=np.append(self.column, column),
            shape=np.append(self.shape, shape),
            cuts=np.append(self.cuts, cut),
            widths=np.append(self.widths, width),
        )
        return wider, self.column.size

    def standard(self, terms: FloatArray, j: int) -> FloatArray:
        """One term, centred and scaled, shape (n,)."""
        return np.asarray((terms[:, j] - self.centre[j]) / self.scale[j], dtype=float)

    def values(self, terms: FloatArray, wanted: IntArray) -> FloatArray:
        """The wanted sides, shape (n, len(wanted))."""
        out = np.empty((terms.shape[0], wanted.size))
        highest: dict[int, int] = {}
        for side in wanted[self.shape[wanted] <= COSINES]:
            j, shape = int(self.column[side]), int(self.shape[side])
            highest[j] = max(shape, highest.get(j, 0))
        ranks: dict[int, FloatArray] = {}
        for at, side in enumerate(wanted):
            j, shape = int(self.column[side]), int(self.shape[side])
            knots = self.knots[j]
            if knots is None or shape in (LINE, JUMP, BUMP):
                out[:, at] = self.factor(side).of(self.standard(terms, j))
                continue
            if j not in ranks:
                ranks[j] = _cosines(np.interp(terms[:, j], *knots), highest[j])
            out[:, at] = ranks[j][shape]
        return out


def _cosines(rank: FloatArray, highest: int) -> FloatArray:
    """Root of two times cosines of 0 to so many half turns, shape (highest + 1, n): recurrence."""
    made = np.empty((highest + 1, rank.size))
    made[0], made[1] = 1.0, np.cos(np.pi * rank)
    for k in range(2, highest + 1):
        made[k] = 2 * made[1] * made[k - 1] - made[k - 2]
    return np.sqrt(2) * made


def _knots(values: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    ordered = np.sort(values)
    at = np.unique(ordered[np.linspace(0, values.size - 1, KNOTS + 1).round().astype(int)])
    if np.count_nonzero(np.diff(ordered)) < FEW_VALUES:
        return None
    rank = np.searchsorted(ordered, at, "left") + np.searchsorted(ordered, at, "right")
    return at, rank / (2 * values.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """Products of up to three sides: ``groups`` (m, 3) numbers them, -1 for none."""

    sides: Sides
    groups: IntArray

    def terms(self, terms: FloatArray) -> FloatArray:
        """The products, shape (n, m)."""
        used = np.unique(self.groups[self.groups != NONE])
        at = np.where(self.groups == NONE, used.size, np.searchsorted(used, self.groups))
        return _products(self.sides.values(terms, used), at, none=used.size)

    def columns(self) -> list[tuple[int, ...]]:
        """The columns each product is of."""
        column = np.append(self.sides.column, NONE)
        return [tuple(sorted({int(c) for c in column[g]} - {NONE})) for g in self.groups]

    def sets(self) -> list[tuple[int, ...]]:
        """Sets of two or three columns that act jointly, those with the most products first."""
        counted: dict[tuple[int, ...], int] = {}
        for columns in self.columns():
            if len(columns) > 1:
                counted[columns] = counted.get(columns, 0) + 1
        return sorted(counted, key=lambda c: (-counted[c], c))[:MOST_SETS]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """Rows and sides that are looked at: ``values`` (rows, sides), ``among`` a mask (sides,)."""

    rows: slice
    sides: Sides
    values: FloatArray
    among: BoolArray

    @staticmethod
    def at(sides: Sides, terms: FloatArray) -> Looked:
        """Every k-th row, so that no more than 8,000 are looked at."""
        rows = slice(None, None, max(1, -(-len(terms) // MOST_ROWS)))
        return Looked(
            rows=rows,
            sides=sides,
            values=sides.values(terms[rows], np.arange(sides.column.size)),
            among=np.ones(sides.column.size, dtype=bool),
        )

    def lines(self, columns: Sequence[int]) -> FloatArray:
        """Columns as they are, standardised, shape (rows, len(columns))."""
        line = self.sides.shape == 0
        at = [int(np.flatnonzero(line & (self.sides.column == j))[0]) for j in columns]
        return self.values[:, at]

    def without(self, columns: Sequence[int]) -> Looked:
        """The same rows without some columns."""
        return replace(self, among=self.among & ~np.isin(self.sides.column, columns))


def followed(looked: Looked, residual: FloatArray, known: Joint, *, triples: bool) -> Joint:
    """Products of sides that the residuals follow, strongest first, joined to the known ones.

    A product enters when its score is beyond what the largest of so many would be by chance, forty
    at most. Inside sets of columns already ``known`` to act jointly there are few candidates, so
    finer shapes enter on weaker evidence. Beyond a fixed amount of work fewer rows are looked at,
    and triples only of the terms themselves, or not at all.

    Parameters
    ----------
    looked
        Sides of the terms.
    residual
        What the linear fit left of all rows, shape (n,), weighted.
    known
        Products found before.
    triples
        Whether products of three are looked for.
    """
    left = residual[looked.rows]
    finds = [_singles, _pairs, _triples] if triples else [_singles, _pairs]
    found = [find(looked, left) for find in finds]
    found += [_inside(looked, left, columns) for columns in known.sets()]
    groups = np.sort(np.vstack([g for g, _ in found]), axis=1)[:, ::-1]
    strength = np.concatenate([s for _, s in found])
    groups = groups[np.argsort(-strength, kind="stable")[:MOST_TERMS]]
    pieces = _pieces(looked, left, Joint(sides=known.sides, groups=groups))
    joined = np.unique(np.vstack([known.groups, pieces.groups]), axis=0)
    return Joint(sides=pieces.sides, groups=joined)


def _pieces(looked: Looked, residual: FloatArray, found: Joint) -> Joint:
    """Pieces of lines or splines in place of curves, wherever they explain more."""
    sides, columns = found.sides, found.columns()
    singles = sorted({c for c in columns if len(c) == 1})
    kept = np.ones(len(columns), dtype=bool)
    added: list[tuple[int, ...]] = []
    for members in [*found.sets(), *singles]:
        own = kept & [set(c) <= set(members) for c in columns]
        if not own.any():
            continue
        z = looked.lines(members)
        best = gain(residual, z, _products(looked.values, found.groups[own]))
        made: list[Piece] = []
        for finer in _tried(z, residual):
            for tried, searched in finer:
                values = values_of(z, tried)
                there = reached(values)
                gained = gain(residual, z, values[:, there], searched)
                if gained <= best:
                    break
                best, made = gained, [tried[at] for at in np.flatnonzero(there)]
        if not made:
            continue
        kept &= ~own
        for piece in made:
            group = [NONE] * (3 - len(piece))
            for factor in piece:
                sides, number = sides.having(factor._replace(column=members[factor.column]))
                group.append(number)
            added.append(tuple(sorted(group, reverse=True)))
    return Joint(
        sides=sides,
        groups=np.vstack([found.groups[kept], np.array(added, dtype=np.int64).reshape(-1, 3)]),
    )


def _tried(z: FloatArray, residual: FloatArray) -> Iterator[Iterable[tuple[list[Piece], int]]]:
    """Pieces to try in place of curves, coarse to fine, and how many cuts were searched for."""
    if z.shape[1] == 1:
        cuts = cuts_of_one(z[:, 0], residual, _chance(len(z)) + 1)
        yield [(jumps_of(cuts), len(cuts))]
        yield ((bumps_of(z[:, 0], number), 0) for number in BUMPS)
        return
    yield [(corners_of(cuts_of_several(z, residual)), z.shape[1])]
    if z.shape[1] == 2:
        yield ((grid_of(z, number), 0) for number in GRIDS)


def none(sides: Sides) -> Joint:
    """No products yet."""
    return Joint(sides=sides, groups=np.zeros((0, 3), dtype=np.int64))


Found = tuple[IntArray, FloatArray]


def _chance(candidates: int) -> float:
    """About the largest of so many standard normal scores."""
    return float(np.sqrt(2 * np.log(max(candidates, 2))))


def _singles(looked: Looked, residual: FloatArray) -> Found:
    shape = looked.sides.shape
    one = np.flatnonzero(looked.among & (shape > 0) & (shape <= COARSE))
    groups = np.column_stack([one, np.full((one.size, 2), NONE)])
    return _exact(looked, residual, groups, _chance(one.size) + 1)


def _pairs(looked: Looked, residual: FloatArray) -> Found:
    """Two matrix products: sums of s_i s_j r over the root of sums of their squares."""
    coarse = np.flatnonzero(looked.among & (looked.sides.shape <= COARSE))
    fewer = _fewer(residual.size, PAIR_WORK / max(coarse.size, 1) ** 2)
    s, r = looked.values[fewer][:, coarse], residual[fewer]
    first, second = np.triu_indices(coarse.size)
    column, shape = looked.sides.column[coarse], looked.sides.shape[coarse]
    apart = (column[first] != column[second]) | ((shape[first] == 0) & (shape[second] == 0))
    first, second = first[apart], second[apart]
    leaned = s * r[:, None]
    score = (leaned.T @ s)[first, second]
    noise = ((leaned**2).T @ s**2)[first, second]
    strength = np.abs(score) / np.sqrt(np.maximum(noise, 1e-300))
    kept = strength > _chance(strength.size) + 1
    pairs = np.column_stack([coarse[first[kept]], coarse[second[kept]]])
    return np.column_stack([pairs, np.full(len(pairs), NONE)]), strength[kept]


def _triples(looked: Looked, residual: FloatArray) -> Found:
    """One matrix product a side; the strongest are scored again with their own noise."""
    base = np.flatnonzero(looked.among & (looked.sides.shape <= 1))
    if base.size > MOST_TRIPLE_SIDES // 2:
        base = np.flatnonzero(looked.among & (looked.sides.shape == 0))
    candidates = base.size * (base.size - 1) * (base.size - 2) // 6
    if not 3 <= base.size <= MOST_TRIPLE_SIDES:
        return np.zeros((0, 3), dtype=np.int64), np.zeros(0)
    fewer = _fewer(residual.size, TRIPLE_WORK * 3 / base.size**3)
    s, r = looked.values[fewer][:, base], residual[fewer]
    bound = _chance(candidates) + 1
    least = 0.6 * bound * float(np.sqrt(np.sum(r**2)))
    groups = []
    for at in range(base.size - 2):
        rest = s[:, at + 1 :]
        score = np.abs((rest * (r * s[:, at])[:, None]).T @ rest)
        second, third = np.nonzero(np.triu(score > least, 1))
        groups.append(
            np.column_stack(
                [np.full(second.size, base[at]), base[at + 1 + second], base[at + 1 + third]]
            )
        )
    column = looked.sides.column[np.vstack(groups)]
    apart = (np.diff(np.sort(column, axis=1), axis=1) > 0).all(axis=1)
    return _exact(looked, residual, np.vstack(groups)[apart], bound)


def _inside(looked: Looked, residual: FloatArray, columns: tuple[int, ...]) -> Found:
    """Finer shapes of columns that act jointly."""
    finest = COSINES if len(columns) == 2 else 2
    column, shape = looked.sides.column, looked.sides.shape
    options = [np.append(np.flatnonzero((column == j) & (shape <= finest)), NONE) for j in columns]
    while len(options) < 3:
        options.append(np.array([NONE]))
    groups = np.array(np.meshgrid(*options, indexing="ij")).reshape(3, -1).T
    groups = groups[(groups != NONE).sum(axis=1) > 1]
    return _exact(looked, residual, groups, _chance(len(groups)))


def _exact(looked: Looked, residual: FloatArray, groups: IntArray, bound: float) -> Found:
    """Score products with their own noise, a hundred at a time."""
    if not len(groups):
        return np.zeros((0, 3), dtype=np.int64), np.zeros(0)
    strength = np.concatenate(
        [
            _strength(_products(looked.values, groups[at : at + 100]), residual)
            for at in range(0, len(groups), 100)
        ]
    )
    kept: BoolArray = strength > bound
    return groups[kept], strength[kept]


def _products(values: FloatArray, groups: IntArray, none: int = NONE) -> FloatArray:
    """Products of columns of ``values`` (n, s) by group (m, 3), shape (n, m)."""
    made = np.ones((len(values), len(groups)))
    for part in groups.T:
        there = part != none
        made[:, there] *= values[:, part[there]]
    return made


def _strength(product: FloatArray, residual: FloatArray) -> FloatArray:
    noise = (product**2).T @ residual**2
    return np.asarray(np.abs(product.T @ residual) / np.sqrt(np.maximum(noise, 1e-300)))


def _fewer(n: int, most: float) -> slice:
    """Every k-th row, so that no more than so many (and at least 2,000) are looked at."""
    return slice(None, None, max(1, int(-(-n // max(most, LEAST_ROWS)))))
