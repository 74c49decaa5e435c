"""What a verdict on an experiment is read from, and the verdict: plain values that go into JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from causal.base.finding import Finding, Status
from causal.content.outcome import Goal, Role
from causal.estimation.experiment.decided import Procedure

WAITED_FOR = "empty arms"
"""The check whose WARN says to wait; its FAIL makes an experiment invalid."""

FARTHEST = 730
"""Days ahead: a date beyond them is not foretold from the pace of a week."""


class Word(StrEnum):
    """The verdict in a word."""

    SHIP = "SHIP"
    HOLD = "HOLD"
    ROLL_BACK = "ROLL BACK"
    CANNOT_DECIDE = "CANNOT DECIDE"


class Made(StrEnum):
    """How an interval was made: the methods of :mod:`causal.estimation.experiment.decided`."""

    POINTWISE = "t"
    MAX_T = "largest |t| of the family"
    BONFERRONI = "bonferroni"
    CONFIDENCE_SEQUENCE = "confidence sequence"
    GROUP_SEQUENTIAL = "repeated interval"


class Reason(StrEnum):
    """Why the word is what it is: the row of the rule that decided."""

    INVALID = "invalid"
    GUARDRAIL_BROKEN = "guardrail broken"
    NOT_IDENTIFIED = "not identified"
    NOT_DUE = "not due"
    TOO_EARLY = "too early"
    NOT_ESTIMABLE = "not estimable"
    SHOWN = "shown"
    TRADE_OFF = "trade-off"
    GUARDRAIL_UNCLEAR = "guardrail unclear"
    WORSE = "worse"
    NOT_PRECISE = "not precise"
    AS_DECLARED = "as declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric in one treatment arm.

    Attributes
    ----------
    low, high
        Decision interval of the effect (arm minus control), in the metric's units; None where it
        is not estimable.
    margin
        How much worse a guardrail may get: relative to the control, or in the metric's units when
        ``absolute``.
    gap_low, gap_high
        Interval of how far a guardrail is inside its margin: above zero it is kept, below it is
        broken, whichever the goal. None where it is not estimable.
    procedure
        How these intervals were made.
    decisive
        Whether they were made at the level the decision is taken at; False for display.
    precise
        Whether the planned precision is reached.
    why
        Why it is not estimable; empty where it is.
    """

    outcome: str
    arm: str
    role: Role
    goal: Goal = Goal.INCREASE
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    absolute: bool = False
    gap_low: float | None = None
    gap_high: float | None = None
    procedure: Made = Made.POINTWISE
    decisive: bool = True
    precise: bool = False
    why: str = ""

    def toward_goal(self) -> tuple[float, float] | None:
        """The interval with better pointing up; None where there is none."""
        both = _between(self.low, self.high)
        return both if both is None or self.goal is Goal.INCREASE else (-both[1], -both[0])

    def inside_margin(self) -> tuple[float, float] | None:
        """Interval of the distance to the margin; None where there is none."""
        return _between(self.gap_low, self.gap_high)


def _between(low: float | None, high: float | None) -> tuple[float, float] | None:
    known = low is not None and high is not None and not (math.isnan(low) or math.isnan(high))
    return (low, high) if known and low is not None and high is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a verdict may look at.

    Attributes
    ----------
    measured
        Metrics in treatment arms, in the order of the study; the first success metric breaks ties.
    health
        Checks of the gate, each with its worst status.
    procedure
        The one that decides.
    pool_shared
        Whether arms share one pool of exposure, so that the effect of a full roll-out is not
        identified.
    because
        Why that is so, or why it is not, where more than the side decides; None elsewhere.
    otherwise
        What to do when the planned precision is reached and nothing is shown.
    final
        Whether the planned units are reached (fixed), or this is the last look.
    planned
        Whether a number of units was planned; a fixed analysis without a plan counts as final.
    last
        Last day of exposure.
    earliest
        Last day that is needed for the minimum runtime and full weeks.
    days_to_target
        Days until the planned precision is expected.
    """

    measured: tuple[Measured, ...]
    health: tuple[tuple[str, Status], ...]
    procedure: Procedure
    pool_shared: bool = False
    because: str | None = None
    otherwise: Word = Word.HOLD
    final: bool = False
    planned: bool = True
    last: date | None = None
    earliest: date | None = None
    days_to_target: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition of the rule: whether it holds (None: not judged), in words."""

    name: str
    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The rule applied to one treatment arm."""

    arm: str
    word: Word
    reason: Reason
    sentence: str
    clauses: tuple[Clause, ...]
    decisive_outcome: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on an experiment.

    ``arm`` is the one it is about: what to ship or, with one treatment arm, that one. ``clauses``,
    ``reason``, ``decisive_outcome`` and ``until`` are those of the arm that decided; ``arms`` has
    the ruling on each.
    """

    word: Word
    arm: str | None
    reason: Reason
    sentence: str
    clauses: tuple[Clause, ...]
    decisive_outcome: str | None
    until: date | None
    arms: tuple[Ruling, ...]


def health_of(findings: Iterable[Finding]) -> tuple[tuple[str, Status], ...]:
    """The worst status of each check of the gate, in the order of first appearance.

    >>> health_of([Finding(name="missing", status=Status.PASS, meaning="All is there.")])
    (('missing', <Status.PASS: 'PASS'>),)
    """
    rank = (Status.PASS, Status.WARN, Status.FAIL)
    worst: dict[str, Status] = {}
    for each in findings:
        worst[each.name] = max(worst.get(each.name, Status.PASS), each.status, key=rank.index)
    return tuple(worst.items())


def as_json(value: Any) -> Any:
    """Plain JSON of evidence, a verdict or a part of one: fields in the order of the class.

    Numbers that are not finite become None, dates become ISO text.

    >>> as_json(Clause(name="valid", holds=True, words="Every check passed."))
    {'name': 'valid', 'holds': True, 'words': 'Every check passed.'}
    """
    if is_dataclass(value):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
