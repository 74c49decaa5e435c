"""What the checks of mechanism shares read: numbers only, no rows."""

from __future__ import annotations

from dataclasses import dataclass

from causal.data.panel import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far rows of one period can speak for the other, with the mechanisms up to a node changed.

    Every number is the worst over what was estimated with a change right after ``node``.

    Attributes
    ----------
    node
        The last node before the change.
    effective
        Rows of equal weight that the reweighted rows are worth, over what they are worth without.
    largest
        Largest out-of-fold propensity of the period that is stood in for, among its own rows.
    certain
        Share of those rows whose propensity is above .99: hardly a row of the other is like them.
    weight
        Mean weight before it is made one; the farthest from one.
    explained
        Least share of the variance that an outcome model explains out of fold.
    """

    node: str
    effective: float
    largest: float
    certain: float
    weight: float
    explained: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turned:
    """Shares in two orders that the graph allows, on the same rows.

    ``difference`` and ``std_error`` have shape (nodes,): the share in the order given minus that in
    the other, with their joint error; ``critical`` is what |difference| / std_error may reach.
    """

    order: tuple[str, ...]
    nodes: tuple[str, ...]
    difference: FloatArray
    std_error: FloatArray
    critical: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Halves:
    """Shares of the difference between two halves of the period before, where nothing changed.

    ``low`` and ``high`` are simultaneous intervals, ``p_value`` is adjusted for the family; all have
    shape (nodes,), NaN where there is none.
    """

    nodes: tuple[str, ...]
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """The shares of a move as far as their checks need them; arrays have shape (nodes,).

    ``groups`` are the nodes of each share (several where they could only be told together), the
    outcome last; ``low`` and ``high`` their intervals; ``claimed`` what experiments that shipped
    claim of them, NaN where none does. ``turned`` and ``halves`` are None when not looked at.
    """

    form: str
    outcome: str
    groups: tuple[tuple[str, ...], ...]
    reach: tuple[Reach, ...]
    low: FloatArray
    high: FloatArray
    claimed: FloatArray
    turned: Turned | None = None
    halves: Halves | None = None
