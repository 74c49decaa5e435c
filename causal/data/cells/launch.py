"""A change at one date: who changed, who may stand for them, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError, DesignError, listing
from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Launch:
    """Who changed at which place in time.

    Attributes
    ----------
    treated, donors
        Entities that changed, and those that may stand for them, (I,).
    before
        Number of periods before the change.
    reached
        Entities left out of the donors since some of their neighbours changed.
    apart
        Whether it is known that no donor has a neighbour that changed.
    """

    treated: BoolArray
    donors: BoolArray
    before: int
    reached: tuple[str, ...] = ()
    apart: bool = False


def launch_of(cells: Cells, donors: str | None = None) -> Launch:
    """Find the one date of a change.

    Parameters
    ----------
    donors
        A further column: 1 where an entity may stand for those that changed; None: all others may.

    Raises
    ------
    DesignError
        When nobody changes within the periods, or several dates are there.
    DataError
        When an entity is a donor in some of its rows only.
    """
    treated = np.isfinite(cells.adopted)
    dates = cells.cohorts
    if not dates.size:
        raise DesignError(_nobody(cells))
    if dates.size > 1:
        when = listing([cells.periods[t] for t in dates], 3)
        raise DesignError(
            f"adopted: {int(treated.sum())} entities adopt in {dates.size} periods ({when}), and "
            "'schedule: single' is for one date. Write 'schedule: staggered', or leave the others "
            "out with data.where."
        )
    free = ~treated
    if donors is not None:
        free &= _named(cells, donors)
    reached = np.zeros_like(free)
    if cells.spillover is not None:
        share = np.where(np.isfinite(cells.spillover), cells.spillover, 0.0)
        reached = free & (share > 0).any(axis=1)
    return Launch(
        treated=treated,
        donors=free & ~reached,
        before=int(dates[0]),
        reached=tuple(cells.entities[i] for i in np.flatnonzero(reached)),
        apart=cells.spillover is not None,
    )


def _nobody(cells: Cells) -> str:
    if cells.always:
        return (
            f"adopted: {listing(list(cells.always), 3)} adopted in the first period "
            f"({cells.periods[0]}) or before, so that there is nothing before it to compare with. "
            "Take earlier periods too."
        )
    if cells.late:
        return (
            f"adopted: {listing(list(cells.late), 3)} adopt after the last period "
            f"({cells.periods[-1]}), so that there is nothing after it yet. Take later periods too."
        )
    return (
        "adopted: no entity adopts, so that there is no change to look at. Write the period of "
        "adoption on each row of the entity that changed."
    )


def _named(cells: Cells, column: str) -> BoolArray:
    share = cells.further[column]
    known = np.isfinite(share)
    low = np.where(known, share, 1.0).min(axis=1)
    high = np.where(known, share, 0.0).max(axis=1)
    partly = np.flatnonzero(low < high)
    if partly.size:
        names = listing([cells.entities[i] for i in partly], 3)
        raise DataError(
            f"single.donors: is true in some rows of {names} and false in others. It must say of "
            "each entity whether it may stand for the one that changed."
        )
    return np.asarray(high > 0.5)


def mean_of(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean over entities in each period, (T,); missing where one of them is."""
    return np.asarray(weight @ values / weight.sum())
