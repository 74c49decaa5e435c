"""What the checks of a change at one date read: numbers only, no cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["series", "synthetic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """The effect by one method of a date half-way through the periods before the change."""

    method: Method
    period: str
    value: float
    std_error: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Blended:
    """How a blend of donors fits one outcome.

    Attributes
    ----------
    fit
        Root mean square distance from the blend before the change.
    spread
        Standard deviation of the changed ones' outcome before the change.
    usual
        The same distance where a donor takes the place of the changed one, its median; None without
        such placebos.
    beyond
        Share of the periods before in which the changed ones lie outside all donors.
    heaviest, weight
        The donor with the largest weight, and that weight.
    effect, without_low, without_high
        The effect, and its range when each donor with weight is left out in turn.
    """

    fit: float
    spread: float
    usual: float | None
    beyond: float
    heaviest: str
    weight: float
    effect: float
    without_low: float
    without_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One outcome as far as its checks need it.

    ``refused`` has the reason by method where nothing is estimated; ``jump`` is the step of the log
    of what the outcome is a mean of, over its error; ``gap`` the blend's effect less the course's,
    over the error of both.
    """

    outcome: str
    blended: Blended | None = None
    early: tuple[Early, ...] = ()
    refused: tuple[tuple[Method, str], ...] = ()
    jump: float | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The effect on an outcome that cannot have moved; ``p_adjusted`` is Holm's."""

    outcome: str
    method: Method
    value: float
    std_error: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A change at one date as far as its checks need it; ``looked`` is empty before estimation.

    ``donors`` are those that are there in every period, ``holes`` those left out since they are not,
    ``reached`` those left out since neighbours of theirs changed; ``asked`` are the methods.
    """

    entities: str
    periods: str
    treated: tuple[str, ...]
    launch: str
    before: int
    after: int
    asked: tuple[Method, ...]
    donors: int
    season: int | None = None
    holes: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    pool: str | None = None
    apart: bool = False
    level: float = 0.95
    looked: tuple[Looked, ...] = ()
    controls: tuple[Control, ...] = ()
