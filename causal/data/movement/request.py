"""What the question why a metric moved asks of its table."""

from __future__ import annotations

from dataclasses import dataclass

from causal.content.outcome import Outcome
from causal.data.request import Request

BEFORE, AFTER = "before", "after"
PERIODS = (BEFORE, AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRequest:
    """One reading of two periods.

    Attributes
    ----------
    table
        Where rows come from; its ``flags`` are the predicates of the two periods.
    outcomes
        Means or ratios.
    segments
        Columns that rows are cut by; several in one are crossed.
    weight
        Column of what a row counts.
    cluster
        Columns of what is independent: none (rows), one, or two.
    user, creator
        Columns that say who, for the privacy gate.
    also
        Columns that must be there, and are not summed.
    """

    table: Request
    outcomes: tuple[Outcome, ...]
    segments: tuple[tuple[str, ...], ...] = ()
    weight: str | None = None
    cluster: tuple[str, ...] = ()
    user: str | None = None
    creator: str | None = None
    also: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that are summed, each once."""
        named = [name for outcome in self.outcomes for name in outcome.columns]
        return tuple(dict.fromkeys([*named, *([self.weight] if self.weight else [])]))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, each once."""
        named: list[str | None] = [*self.numbers, *self.cluster]
        named += [column for segment in self.segments for column in segment]
        named += [self.user, self.creator, *self.also, *flag_names()]
        return tuple(dict.fromkeys(name for name in named if name is not None))


def flag_names() -> tuple[str, str]:
    """Columns that say whether a row is in a period.

    >>> flag_names()
    ('in before', 'in after')
    """
    return f"in {BEFORE}", f"in {AFTER}"
