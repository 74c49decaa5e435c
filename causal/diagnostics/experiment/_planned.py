"""What an experiment's checks need to know of its plan, and how they name arms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from causal.content.wording import count, percent, together
from causal.data.moments.collected import Collected, Counts
from causal.data.panel import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What was planned.

    Attributes
    ----------
    looks
        Whether the data are looked at more than once (sequential, group sequential).
    planned_units
        Units of randomisation, all arms together.
    clustered
        Whether whole clusters were assigned.
    minimum_days, full_weeks
        Fewest days of exposure, and whether only full weeks count.
    deciding
        Metrics of role success or guardrail; None: every one.
    pool_shared
        Whether arms share one pool of exposure.
    deviations
        What departs from the locked plan, in words; None where no plan is locked.
    locked_late
        Whether outcomes were in the table already when the plan was locked.
    named
        What units are called where an experiment has several kinds of them.
    """

    looks: bool = False
    planned_units: int | None = None
    clustered: bool = False
    minimum_days: int = 7
    full_weeks: bool = True
    deciding: tuple[str, ...] | None = None
    pool_shared: bool = False
    deviations: tuple[str, ...] | None = None
    locked_late: bool = False
    named: str | None = None

    @property
    def units(self) -> str:
        """What was randomised, in a word."""
        return self.named or ("clusters" if self.clustered else "units")

    def decides(self, metric: str) -> bool:
        """Whether a verdict may hang on this metric."""
        return self.deciding is None or metric in self.deciding


class Counted(Protocol):
    """Anything with units of randomisation by arm."""

    @property
    def counts(self) -> Counts:
        """Units by arm."""


class Dated(Protocol):
    """Anything with a first and a last day of exposure."""

    @property
    def first(self) -> date | None:
        """First day, None where it is not known."""

    @property
    def last(self) -> date | None:
        """Last day."""


def positive(counts: Counts) -> tuple[tuple[str, ...], IntArray, FloatArray]:
    """Arms with a positive planned share: their places, and their shares, adding to 1."""
    places = np.flatnonzero(counts.shares > 0)
    shares = counts.shares[places]
    return tuple(counts.arms[at] for at in places), places, shares / shares.sum()


def compared(collected: Collected, values: IntArray) -> IntArray:
    """Keep of a count by arm the arms that moments are of: those with a positive share."""
    if values.size == len(collected.moments.arms):
        return values
    return values[[collected.counts.arms.index(arm) for arm in collected.moments.arms]]


def listed(arms: tuple[str, ...], counts: IntArray) -> str:
    """Write the count of each arm, with its share.

    >>> listed(("A", "B"), np.array([30, 10]))
    'A 30 (75%) and B 10 (25%)'
    """
    whole = max(int(counts.sum()), 1)
    each = zip(arms, counts.tolist(), strict=True)
    return together(f"{arm} {count(n)} ({percent(n / whole)})" for arm, n in each)
