"""What the checks of a switchback read: cells, draws and a few estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causal.data.cells.cells import Cells
from causal.data.panel import FloatArray, IntArray

What = Literal["next", "before", "size", "value", "control"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """Something that must be zero, of one outcome.

    ``next``: how much the total grows with one lag more. ``before``: what the next period does to
    this one. ``size``: what being on does to the log of what the outcome is a mean of. ``value``: to
    whether a cell with rows has a value. ``control``: the total effect on an outcome that cannot
    have moved. ``p_adjusted`` is Holm's within ``what``.
    """

    outcome: str
    what: What
    value: float
    std_error: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A switchback as far as its checks need it.

    Attributes
    ----------
    cells
        Cells with ``on``.
    entity, period
        What an entity and a period are called, several of them.
    periods, washout
        The declared reach of a period, and what is left out after a switch.
    chance, together
        Declared probability of each cell and the code of its draw, (entities, T).
    clusters
        How many are independent.
    pool
        Whether entities share what is given out, as the study says.
    tests
        What was estimated; empty before.
    """

    cells: Cells
    entity: str
    period: str
    periods: int
    washout: int
    chance: FloatArray
    together: IntArray
    clusters: int
    pool: str | None = None
    tests: tuple[Zero, ...] = ()

    def of(self, what: What) -> tuple[Zero, ...]:
        """Tests of one kind."""
        return tuple(each for each in self.tests if each.what == what)
