"""The study: what is asked, before any data is read. One file, one question."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from causal.content.attribute import Attribute
from causal.content.outcome import Outcome

Names = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(_Part):
    """Where the table is and what the engine does to it before anything is read.

    Order: ``query``, then ``derive`` in file order, then ``where``.
    """

    source: str
    table: str | None = None
    tables: dict[str, str] = {}
    query: str | None = None
    where: str | None = None
    derive: dict[str, str] = {}


class Allocation(_Part):
    """What the sample ratio counts per row of a block, and the planned shares."""

    count: str | None = None
    shares: str = "equal"


class Parties(_Part):
    """The columns that say who: the privacy gate and two-way clusters need them."""

    user: str | None = None
    creator: str | None = None
    item: str | None = None


class Settings(_Part):
    """How the numbers are made; the defaults serve."""

    level: float = Field(default=0.95, gt=0.5, lt=1)
    folds: int = Field(default=5, ge=2, le=50)
    seed: int = Field(default=20261122, ge=0)
    multiplicity: Literal["simultaneous", "holm", "bh", "none"] = "simultaneous"
    minimum_cell: int = Field(default=50, ge=1)
    dominance: float = Field(default=0.8, gt=0, le=1)
    estimators: Names = ()


class Study(_Part):
    """A study of ``kind: attributes``: what content attributes cause, for whom.

    ``text`` is the file as it was written and ``path`` where it lies; both are empty for a study
    made in Python. Read one with :func:`causal.read_study`.
    """

    study: str
    kind: Literal["attributes"] = "attributes"
    question: str = ""
    data: Source
    unit: Names = ()
    cluster: Names = ()
    block: Names = ()
    weight: str | None = None
    time: str | None = None
    attributes: tuple[Attribute, ...]
    assignment: Literal["randomized", "observational"] = "observational"
    propensity: str | None = None
    allocation: Allocation = Allocation()
    parties: Parties = Parties()
    exploration: str | None = None
    outcomes: tuple[Outcome, ...]
    confounders: Names = ()
    modifiers: Names = ()
    mediators: Names = ()
    negative_controls: Names = ()
    post_outcome: Names = ()
    graph: tuple[tuple[str, str], ...] = ()
    settings: Settings = Settings()

    _text: str = PrivateAttr(default="")
    _path: Path | None = PrivateAttr(default=None)

    @field_validator("unit", "cluster", "block", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("attributes", mode="before")
    @classmethod
    def _bare_names(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple({"name": each} if isinstance(each, str) else each for each in value)

    @property
    def text(self) -> str:
        """The study file as written."""
        return self._text

    @property
    def path(self) -> Path | None:
        """Where the study file lies."""
        return self._path
