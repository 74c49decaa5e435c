"""What is collected of an experiment on two sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from causal.data.moments.collected import Counts
from causal.data.pairs.sums import PairSums
from causal.data.panel import Provenance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CollectedPairs:
    """Sums over pairs, and the counts that checks need.

    Attributes
    ----------
    users, creators
        Units of each side by arm, control first; those in both arms are counted and in no sum.
    rows
        Rows that the sums are of.
    first, last
        First and last day of a row; None without a time.
    sql
        What was run: a name and the query.
    """

    sums: PairSums
    users: Counts
    creators: Counts
    rows: int
    first: date | None
    last: date | None
    sql: tuple[tuple[str, str], ...]
    provenance: Provenance
