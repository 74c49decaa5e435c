"""What was drawn in a switchback: which cells as one, with what probability, where time is missing."""

from __future__ import annotations

import numpy as np

from causal.base.errors import DataError
from causal.data.cells.cells import Cells
from causal.data.panel import BoolArray, FloatArray, IntArray

STEPS = {1_800: "half hour", 3_600: "hour", 43_200: "half day", 86_400: "day", 604_800: "week"}
UNITS = ("hour", "day", "week", "month", "quarter", "year", "shift", "slot", "minute")
LONG = 1.5
"""A step in time this many times the usual one leaves something out."""
HALF_DAY = 43_200.0


def drawn_together(cells: Cells, block_of: str | None = None) -> IntArray:
    """Code of the draw that each cell belongs to, shape (entities, T).

    Each entity is drawn by itself, unless all of every cluster are on and off alike; each period by
    itself, unless ``block_of`` names what is drawn as one.

    Parameters
    ----------
    block_of
        A further column, the same in cells of an entity that are drawn as one.

    Examples
    --------
    >>> import pandas as pd
    >>> from causal.data.cells.cells import cells_of
    >>> cells = cells_of(pd.DataFrame({
    ...     "entity": ["a", "a", "b", "b"], "period": [1, 2, 1, 2], "adopted": np.inf, "y": 1.0,
    ...     "on": [1, 0, 0, 0]}))
    >>> drawn_together(cells).tolist()
    [[0, 1], [2, 3]]
    """
    shape = cells.rows.shape
    who = cells.cluster if _clusters_move_as_one(cells) else np.arange(shape[0])
    when = np.broadcast_to(np.arange(shape[1], dtype=float), shape)
    if block_of is not None:
        named = cells.further[block_of]
        alone = np.broadcast_to(np.arange(shape[1]) + 1.0 + np.nanmax(named), shape)
        when = np.where(np.isnan(named), alone, named)
    both = np.stack([np.broadcast_to(who[:, None], shape).ravel().astype(float), when.ravel()])
    return np.unique(both, axis=1, return_inverse=True)[1].reshape(shape)


def _clusters_move_as_one(cells: Cells) -> bool:
    on = cells.on
    if on is None or np.unique(cells.cluster).size == cells.cluster.size:
        return False
    for code in np.unique(cells.cluster):
        rows = on[cells.cluster == code]
        low = np.where(np.isnan(rows), 2.0, rows).min(axis=0)
        high = np.where(np.isnan(rows), -1.0, rows).max(axis=0)
        if (low < high).any():
            return False
    return True


def chances(cells: Cells, probability: float | str) -> FloatArray:
    """Declared probability of being on in each cell, shape (entities, T); a half where none is known.

    Raises
    ------
    DataError
        When a column holds anything that is not strictly between 0 and 1.
    """
    if isinstance(probability, float):
        return np.full(cells.rows.shape, probability)
    found = cells.further[probability]
    wrong = np.isfinite(found) & ((found <= 0) | (found >= 1))
    if wrong.any():
        i, t = np.argwhere(wrong)[0]
        raise DataError(
            f"carry.probability: column '{probability}' must lie between 0 and 1, both left out, and "
            f"is {found[i, t]:g} in a cell of '{cells.entities[i]}'. A cell that could only be on, "
            "or only off, was not drawn: leave it out with data.where."
        )
    return np.where(np.isfinite(found), found, 0.5)


def breaks(cells: Cells) -> tuple[int, ...]:
    """Places of periods that do not follow on the one before, since time is missing between."""
    steps = np.diff(cells.times)
    if not steps.size:
        return ()
    return tuple(int(t) + 1 for t in np.flatnonzero(steps > LONG * np.median(steps)))


def times_of_day(cells: Cells) -> IntArray | None:
    """Seconds after midnight of each period, (T,); None where periods are no times of a day."""
    if not all("T" in name for name in cells.periods):
        return None
    return np.round(cells.times % (2 * HALF_DAY)).astype(np.int64)


def period_called(cells: Cells, column: str, every: str | None = None) -> str:
    """What one period is called: as it was cut, as its column is, or by its length in time.

    >>> import pandas as pd
    >>> from causal.data.cells.cells import cells_of
    >>> cells = cells_of(pd.DataFrame({"entity": "a", "period": [0, 1], "adopted": 1, "y": 1.0}))
    >>> period_called(cells, "half_day"), period_called(cells, "starts_at"), period_called(cells, "t", "week")
    ('half day', 'period', 'week')
    """
    words = " ".join(column.replace("_", " ").split())
    if every is not None:
        return every
    if words.rpartition(" ")[2] in UNITS:
        return words
    steps = np.diff(cells.times)
    dated = bool(steps.size) and "-" in cells.periods[0][1:]
    return STEPS.get(round(float(np.median(steps))), "period") if dated else "period"


def alike(cells: Cells) -> BoolArray:
    """Periods in which every entity is in the same state, (T,)."""
    on = np.full(cells.rows.shape, np.nan) if cells.on is None else cells.on
    low = np.where(np.isnan(on), 2.0, on).min(axis=0)
    high = np.where(np.isnan(on), -1.0, on).max(axis=0)
    return np.asarray(low >= high)


def switched(cells: Cells) -> IntArray:
    """How often each entity is switched, between periods both of which are known; (entities,)."""
    on = np.full(cells.rows.shape, np.nan) if cells.on is None else cells.on
    return np.asarray((np.abs(np.diff(on, axis=1)) == 1).sum(axis=1))
