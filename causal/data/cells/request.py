"""What a question about a rollout asks of its table."""

from __future__ import annotations

from dataclasses import dataclass

from causal.content.outcome import Outcome
from causal.data.request import Request

EVERY = ("day", "week", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsRequest:
    """One reading of entities over periods.

    Attributes
    ----------
    table
        Where rows come from.
    entity, period
        What adopts, and when the row is of: a number or a time.
    outcomes
        Means or ratios.
    adopted
        Column of the period of adoption; missing, zero, infinite or the year 9999: never.
    treated
        Column that is 1 where the cell is switched on, in place of ``adopted``.
    summed
        Whether several rows of one cell are added up; a cell twice is an error otherwise.
    every
        Cut times into periods of a day, week or month; None: each value is a period.
    cluster, block, weight
        Columns that belong to an entity: what is independent, what is compared apart, its size.
    covariates
        Columns with numbers, of which the value before any adoption is used.
    spillover
        Column with the share of treated neighbours, between 0 and 1.
    neighbours
        Columns that say which entities share a pool; the share is then counted.
    further
        Columns with numbers that are kept by cell.
    user, creator
        Columns that say whose the rows are, for what may be shown of those that adopt together.
    """

    table: Request
    entity: str
    period: str
    outcomes: tuple[Outcome, ...]
    adopted: str | None = None
    treated: str | None = None
    summed: bool = False
    every: str | None = None
    cluster: str | None = None
    block: str | None = None
    weight: str | None = None
    covariates: tuple[str, ...] = ()
    spillover: str | None = None
    neighbours: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    user: str | None = None
    creator: str | None = None

    @property
    def levels(self) -> dict[str, str]:
        """Columns that are one text of an entity, under the names of the query."""
        named = {"entity": self.entity, "cluster": self.cluster, "block": self.block}
        pools = {f"pool{i}": column for i, column in enumerate(self.neighbours)}
        return {name: column for name, column in (named | pools).items() if column is not None}

    @property
    def parties(self) -> dict[str, str]:
        """Columns that say whose the rows are, where who adopts together is one column."""
        named = {"user": self.user, "creator": self.creator}
        return {
            name: column
            for name, column in named.items()
            if column is not None and self.adopted is not None
        }

    @property
    def means(self) -> dict[str, str]:
        """Columns that are averaged over the rows of a cell, under the names of the query."""
        named = {"weight": self.weight, "spillover": self.spillover, "treated": self.treated}
        several = {f"x{i}": column for i, column in enumerate(self.covariates)}
        several |= {f"f{i}": column for i, column in enumerate(self.further)}
        return {name: column for name, column in (named | several).items() if column is not None}

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that must hold numbers, each once."""
        named = [name for outcome in self.outcomes for name in outcome.columns]
        return tuple(dict.fromkeys([*named, *self.means.values()]))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, each once."""
        named = [*self.levels.values(), self.period, self.adopted, *self.numbers]
        named += [*self.parties.values()]
        return tuple(dict.fromkeys(name for name in named if name is not None))
