"""What an experiment on two sides asks of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from causal.content.metric import Metric
from causal.data.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRequest:
    """One side: who it is, in which arm, and the planned shares of the arms.

    ``key`` is the study's name for the side, ``user`` or ``creator``.
    """

    key: str
    party: str
    arm: str
    control: str
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRequest:
    """One reading of the pairs of a user and a creator.

    Attributes
    ----------
    table
        Where rows come from.
    rows
        ``pair``: no pair has two rows; ``exposure``: rows of a pair are added up.
    time
        Column with the day or time of a row.
    """

    table: Request
    user: SideRequest
    creator: SideRequest
    metrics: tuple[Metric, ...]
    rows: Literal["pair", "exposure"] = "pair"
    time: str | None = None

    @property
    def sides(self) -> tuple[SideRequest, SideRequest]:
        """Users, then creators."""
        return self.user, self.creator

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that are summed, each once."""
        return tuple(dict.fromkeys(name for metric in self.metrics for name in metric.columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, each once."""
        named: list[str | None] = [name for side in self.sides for name in (side.party, side.arm)]
        named += [*self.numbers, self.time]
        return tuple(dict.fromkeys(name for name in named if name is not None))
