"""What is found of the paths of attributes, and what the log allows to find."""

from __future__ import annotations

from dataclasses import dataclass

from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation.exposure.exploration import Examination


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """What weights of rows are worth.

    Attributes
    ----------
    of
        What they do, in words.
    attribute
        Whose they are; empty when they serve all.
    largest
        Share of their sum that the largest has.
    effective
        Rows of equal weight they are worth, over how many there are.
    """

    of: str
    attribute: str
    largest: float
    effective: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A part that lies between two ends, which are estimated too.

    ``low`` and ``high`` hold the part, wherever between the ends it is, at the study's level.
    """

    attribute: str
    contrast: str
    outcome: str
    path: str
    low: float
    high: float
    end: float
    units: int
    clusters: int
    population: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Added:
    """Exposure that the ranker adds to an item in a period, by attribute."""

    attribute: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Everything found.

    Attributes
    ----------
    estimates
        Parts, all designs; ``label.path`` is user, ranker or total, ``label.estimand`` the unit.
    bounds
        Parts that have ends alone.
    examination
        Outcome of each slot over that of the first, among exploration rows; None without them.
    band
        Its simultaneous intervals, shape (slots - 1, 2).
    weights
        What the weights of rows are worth.
    added
        Exposure added by the ranker.
    """

    estimates: Estimates | None
    bounds: tuple[Bound, ...] = ()
    examination: Examination | None = None
    band: FloatArray | None = None
    weights: tuple[Weighted, ...] = ()
    added: tuple[Added, ...] = ()
