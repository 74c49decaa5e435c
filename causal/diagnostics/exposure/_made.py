"""What the checks of exposure read: numbers only, no rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStage:
    """How far an instrument moves the exposure; ``f`` is inf where exposure is the instrument itself.

    ``effect`` and ``error`` are those of one arm, None of several together; ``f`` is None where it
    cannot be told, and ``why`` says so. ``bounded`` tells whether the set of the leading outcome
    is, None where outcomes were not looked at.
    """

    arm: str
    effect: float | None
    error: float | None
    f: float | None
    bounded: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An effect of the instrument on what it may, or cannot, have moved; ``p`` of it alone."""

    name: str
    arm: str
    effect: float
    error: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The first stage within one segment."""

    segment: str
    value: str
    arm: str
    effect: float
    error: float
    p: float
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Whether instruments agree on one outcome: p of a common worth, and whether any value fits."""

    outcome: str
    p: float
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A trait of items over the places of exploration rows: joint test of equal means."""

    name: str
    statistic: float
    p: float
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Logged probabilities of exploration rows: rows, and those that no uniform draw gives."""

    rows: int
    strange: int
    fewest: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The score near its cutoff.

    ``density`` is p of no jump of its density, NaN where that cannot be told; ``at`` counts rows
    whose score is the cutoff, ``most`` those at the fullest score next to it, and ``heap`` is p of so
    many by chance; ``fewest`` counts different scores within the bandwidth on the side with fewer.
    """

    density: float
    at: int = 0
    most: int = 0
    heap: float = 1.0
    fewest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of a study of exposure, as far as its checks need it.

    ``strong`` is the F from which a point is shown. ``crossing`` is the jump of the exposure at the
    cutoff, ``placebos`` those of the outcome where nothing is given, ``untested`` (name, why) of what
    could not be tested. Every tuple is empty, and single values are None, where the design has no
    such thing.
    """

    exposure: str
    level: float
    strong: float
    first_stages: tuple[FirstStage, ...] = ()
    slate: tuple[Shift, ...] = ()
    controls: tuple[Shift, ...] = ()
    parts: tuple[Part, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    traits: tuple[Trait, ...] = ()
    chances: Chances | None = None
    scores: Scores | None = None
    continuity: tuple[Shift, ...] = ()
    untested: tuple[tuple[str, str], ...] = ()
    crossing: Shift | None = None
    placebos: tuple[Shift, ...] = ()
