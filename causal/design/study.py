"""The study: what is asked, before any data is read. One file, one question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)

from causal.content.attribute import Attribute
from causal.content.outcome import Outcome
from causal.design.roles import ROLES, named_columns
from causal.design.rules import BrokenRulesError, broken_rules

Name = Annotated[str, Field(pattern=r"\S")]
Names = tuple[Name, ...]


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _name_alone(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


OneOrSeveral = Annotated[
    Names, BeforeValidator(_one_or_several, json_schema_input_type=Name | list[Name] | None)
]
NamedAttribute = Annotated[
    Attribute, BeforeValidator(_name_alone, json_schema_input_type=Name | Attribute)
]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_given(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {key: value for key, value in values.items() if value is not None}


class Source(_Part):
    """Where the table is and what the engine does to it before anything is read.

    Order: ``query``, then ``derive`` in file order, then ``where``.
    """

    source: Name
    """Parquet or CSV file, glob, or database URL; a path is relative to the study file."""
    table: Name | None = None
    """The table, for a database."""
    tables: dict[Name, Name] = {}
    """More tables, by name, for ``query``."""
    query: Name | None = None
    """SELECT over the source (as ``data``) and the named tables."""
    where: Name | None = None
    """SQL predicate: the rows to keep."""
    derive: dict[Name, Name] = {}
    """New columns by SQL expressions; later ones see earlier ones."""


class Allocation(_Part):
    """What the sample ratio counts per row of a block, and the planned shares."""

    count: Name | None = None
    """Column of integer counts; by default the weight or the ratio's denominator."""
    shares: Name = "equal"
    """'equal', or the column of planned shares."""


class Parties(_Part):
    """The columns that say who: the privacy gate and two-way clusters need them."""

    user: Name | None = None
    """Column that names the user."""
    creator: Name | None = None
    """Column that names the creator."""
    item: Name | None = None
    """Column that names the item."""


class Settings(_Part):
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


class Study(_Part):
    """A study of ``kind: attributes``: what content attributes cause, for whom.

    ``text`` is the file as it was written and ``path`` where it lies; both are empty for a study
    made in Python. Read one with :func:`causal.read_study`.

    Raises
    ------
    pydantic.ValidationError
        When made directly from wrong values; :func:`causal.read_study` raises a
        :class:`~causal.base.errors.StudyError` in words instead.
    """

    study: Name = Field(max_length=100)
    """Short name of the study; it names the output folder."""
    kind: Literal["attributes"] = "attributes"
    """What is asked."""
    question: str = ""
    """The question in words; the page's title."""
    data: Source
    """Where the table is."""
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

    _text: str = PrivateAttr(default="")
    _path: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Study:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    @property
    def text(self) -> str:
        """The study file as written."""
        return self._text

    @property
    def path(self) -> Path | None:
        """Where the study file lies."""
        return self._path

    def written(self, text: str, path: Path | None) -> Study:
        """Give the same study with the file it was read from."""
        copy = self.model_copy()
        copy._text, copy._path = text, path  # noqa: SLF001
        return copy

    def columns_by_role(self) -> dict[str, tuple[str, ...]]:
        """List the columns of every role, in study order, without repeats; a role may have none.

        The roles are attribute, outcome, confounder, modifier, mediator, negative_control,
        post_outcome, unit, cluster, block, weight, time, exploration, propensity, count, shares
        and party.
        """
        columns: dict[str, dict[str, None]] = {role: {} for role in ROLES}
        for role, _, column in named_columns(self):
            columns[role][column] = None
        return {role: tuple(names) for role, names in columns.items()}

    def key_of(self, column: str) -> str:
        """Name the first study key with this column, as ``attributes[0].name``; '' if none."""
        return next((key for _, key, named in named_columns(self) if named == column), "")

    def roles_of(self, column: str) -> tuple[str, ...]:
        """Name every role a column has, in the order of ``columns_by_role``."""
        return tuple(role for role, names in self.columns_by_role().items() if column in names)
