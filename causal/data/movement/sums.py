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
    """

    sign: int
    top: FloatArray
    bottom: FloatArray
    groups: int


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
                replace(each, top=joined(each.top), bottom=joined(each.bottom))
                for each in self.spread
            ),
            hidden=hidden,
        )

    @property
    def means(self) -> FloatArray:
        """The metric before and after, shape (2,)."""
        return np.asarray(self.top.sum(axis=1) / self.bottom.sum(axis=1), dtype=float)


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
