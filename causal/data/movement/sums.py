"""Sums of two periods by segment, and their spread over what is independent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray, Provenance

Array = TypeVar("Array", FloatArray, IntArray)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Sums of an outcome by group of what is independent; they add up to the whole.

    Attributes
    ----------
    sign
        1, or -1 for the pairs that two ways of clustering count twice.
    top, bottom
        Sums of numerators and denominators, shape (groups, 2, segments).
    groups
        How many groups there are. Where clusters are too many to keep apart each group is the sum
        of some, by a hash of their key: sums of independent clusters are independent too.
    rows
        Rows of each period and segment, shape (2, segments), where groups are no groups but the
        second moments of independent rows. None: groups are what they say.
    even
        ``evenness`` of rows, shape (2,); with ``rows``.
    """

    sign: int
    top: FloatArray
    bottom: FloatArray
    groups: int
    rows: IntArray | None = None
    even: FloatArray | None = None

    @property
    def counts(self) -> IntArray:
        """How many groups (rows) there are in each period and segment, shape (2, segments)."""
        if self.rows is not None:
            return self.rows
        return np.asarray((self.bottom > 0).sum(axis=0), dtype=np.int64)

    def evenness(self, means: FloatArray) -> FloatArray:
        """How evenly groups within segments deviate from the metric, by period, shape (2,).

        The squared mean of their absolute deviations over the mean of the squares (Geary 1935): 0.64
        where they are normal, 4p for events of a small chance p. Times their number that is how
        many of them carry what can be seen.

        Parameters
        ----------
        means
            The metric before and after, shape (2,).
        """
        if self.even is not None:
            return self.even
        off = self.top - means[:, None] * self.bottom
        there = (self.bottom > 0).sum(axis=(0, 2))
        square = (off**2).sum(axis=(0, 2)) * there
        whole = np.abs(off).sum(axis=(0, 2)) ** 2
        return np.divide(whole, square, out=np.ones(2), where=square > 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentSums:
    """One outcome, cut one way.

    Attributes
    ----------
    outcome
        Its name.
    columns
        What rows are cut by.
    values
        For each segment its value of every column; '' where the value is missing.
    rows
        Rows with a value of the outcome, shape (2, segments), before and after.
    users
        Users (without a user column: rows) of both periods, shape (segments,).
    largest
        Largest share of a segment's rows that one creator has, shape (segments,); NaN without one.
    top, bottom
        Sums of numerators and denominators, shape (2, segments).
    spread
        The same by group: one way of clustering, or two and their pairs with sign -1.
    clusters
        Clusters of each way, before any are added up.
    other
        Values that are not read apart, and stand together as one segment.
    hidden
        Segments too small to show, which stand together as the last.
    binary
        Whether every value is 0 or 1.
    """

    outcome: str
    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    rows: IntArray
    users: IntArray
    largest: FloatArray
    top: FloatArray
    bottom: FloatArray
    spread: tuple[Spread, ...]
    clusters: tuple[int, ...]
    other: int = 0
    hidden: int = 0
    binary: bool = False

    def shown(self, minimum: int, dominance: float) -> SegmentSums:
        """With segments that must not be shown added up in one, together large enough to be.

        Parameters
        ----------
        minimum
            Fewest users of a segment.
        dominance
            Largest share that one creator may have.
        """
        small = (self.users < minimum) | (self.largest > dominance)
        if not small.any():
            return self
        for segment in np.argsort(self.users, kind="stable"):
            if self.users[small].max() >= minimum and not (self.largest[small] > dominance).all():
                break
            small[segment] = True
        return self._merged(small)

    def _merged(self, small: BoolArray) -> SegmentSums:
        def joined(array: Array) -> Array:
            parts = [array[..., ~small], array[..., small].sum(axis=-1, keepdims=True)]
            return np.concatenate(parts, axis=-1)

        hidden = int(small.sum())
        kept = [value for value, gone in zip(self.values, small, strict=True) if not gone]
        return replace(
            self,
            values=(*kept, (f"{hidden} too small to show",) * max(len(self.columns), 1)),
            rows=joined(self.rows),
            users=np.append(self.users[~small], self.users[small].max()),
            largest=np.append(self.largest[~small], self.largest[small].min()),
            top=joined(self.top),
            bottom=joined(self.bottom),
            spread=tuple(
                replace(
                    each,
                    top=joined(each.top),
                    bottom=joined(each.bottom),
                    rows=None if each.rows is None else joined(each.rows),
                )
                for each in self.spread
            ),
            hidden=hidden,
        )

    @property
    def means(self) -> FloatArray:
        """The metric before and after, shape (2,)."""
        return np.asarray(self.top.sum(axis=1) / self.bottom.sum(axis=1), dtype=float)

    @property
    def counts(self) -> IntArray:
        """Clusters (rows) in each period and segment, by the way with fewest, (2, segments)."""
        return np.min([each.counts for each in self.spread if each.sign > 0], axis=0)

    @property
    def worth(self) -> float:
        """How many clusters (rows) of equal size would carry as much, at the least."""
        size = [(each.bottom.sum(axis=2) ** 2).sum(axis=0) for each in self.spread if each.sign > 0]
        return float(np.min(self.bottom.sum(axis=1) ** 2 / np.array(size)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Periods:
    """Everything that sums can say about a move.

    Attributes
    ----------
    whole
        Each outcome, not cut; segments (1,).
    cut
        Each outcome cut each way, outcomes first.
    rows
        Rows before and after.
    sql
        What was run: a name and the query.
    """

    whole: tuple[SegmentSums, ...]
    cut: tuple[SegmentSums, ...]
    rows: tuple[int, int]
    sql: tuple[tuple[str, str], ...]
    provenance: Provenance
