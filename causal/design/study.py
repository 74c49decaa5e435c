"""The study: what is asked, before any data is read. One file, one question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, model_validator

from causal.content.attribute import Attribute
from causal.content.outcome import Outcome
from causal.design._common import CommonStudy, Name, Names, OneOrSeveral, Part, Parties, Source
from causal.design.paths import PathColumns
from causal.design.roles import ROLES, named_columns
from causal.design.rules import BrokenRulesError, broken_rules

__all__ = ["Allocation", "Parties", "Settings", "Source", "Study"]


def _name_alone(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


NamedAttribute = Annotated[
    Attribute, BeforeValidator(_name_alone, json_schema_input_type=Name | Attribute)
]


class Allocation(Part):
    """What the sample ratio counts per row of a block, and the planned shares."""

    count: Name | None = None
    """Column of integer counts; by default the weight or the ratio's denominator."""
    shares: Name = "equal"
    """'equal', or the column of planned shares."""


class Settings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    folds: StrictInt = Field(default=5, ge=2, le=50)
    """Parts for cross-fitting."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""
    multiplicity: Literal["simultaneous", "holm", "bh", "none"] = "simultaneous"
    """How p_adjusted is made."""
    minimum_cell: StrictInt = Field(default=50, ge=1)
    """Fewest users of a published slice."""
    dominance: StrictFloat = Field(default=0.8, gt=0, le=1)
    """Largest share of a published slice that one creator may have."""
    estimators: Names = ()
    """Estimators to show; the first is the headline. Empty: chosen by design."""
    heterogeneity: StrictBool = True
    """Learn who gains, by modifiers and confounders, from the clearest effect."""


class Study(CommonStudy):
    """A study of ``kind: attributes``: what content attributes cause, for whom.

    ``text`` is the file as it was written and ``path`` where it lies; both are empty for a study
    made in Python. Read one with :func:`causal.read_study`.

    Raises
    ------
    pydantic.ValidationError
        When made directly from wrong values; :func:`causal.read_study` raises a
        :class:`~causal.base.errors.StudyError` in words instead.
    """

    kind: Literal["attributes"] = "attributes"
    """What is asked."""
    unit: OneOrSeveral = ()
    """What one row stands for: one column or several; duplicates are an error."""
    cluster: OneOrSeveral = ()
    """Independent sources of variation: one column, or two for two-way clusters."""
    block: OneOrSeveral = ()
    """Compare only within these: randomisation block, creator, story."""
    weight: Name | None = None
    """Column of weights, for outcomes given by column."""
    time: Name | None = None
    """When the row came to be."""
    attributes: tuple[NamedAttribute, ...] = Field(min_length=1)
    """What could be different about an item."""
    assignment: Literal["randomized", "observational"] = "observational"
    """How the attributes came about; within block when block is given."""
    propensity: Name | None = None
    """Known assignment probability of the one binary attribute."""
    allocation: Allocation = Allocation()
    """What the sample ratio counts, and the planned shares."""
    parties: Parties = Parties()
    """Columns that name user, creator and item."""
    exploration: Name | None = None
    """Boolean column: rows whose exposure was randomised."""
    exposure: PathColumns | None = Field(default=None, exclude_if=lambda given: given is None)
    """How exposure came about: how much of an effect users see, and how much the ranker makes."""
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    """What success, or harm, is measured by."""
    confounders: Names = ()
    """Fixed before the attribute; held fixed."""
    modifiers: Names = ()
    """For whom: segments of the effects."""
    mediators: Names = ()
    """After the attribute; never adjusted for in a total effect."""
    negative_controls: Names = ()
    """Outcomes the attribute cannot have moved."""
    post_outcome: Names = ()
    """After the outcome: refused everywhere."""
    graph: tuple[tuple[Name, Name], ...] = ()
    """Causal graph as edges [from, to]; checked against the roles."""
    settings: Settings = Settings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Study:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        return named_columns(self)

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return ROLES
