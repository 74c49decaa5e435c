"""The study of an experiment: arms, metrics, and how it was agreed to be analysed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, model_validator

from causal.content.metric import Metric
from causal.design._common import CommonStudy, Name, Names, OneOrSeveral, Part, Parties
from causal.design.experiment_rules import broken_rules
from causal.design.projection import Projection
from causal.design.roles import EXPERIMENT_ROLES, columns_of_experiment
from causal.design.rules import BrokenRulesError

Side = Literal["user", "creator", "advertiser", "item"]
SHARED = ("creator", "advertiser", "item")


def _label(value: Any) -> Any:
    """Take an arm that is written as a number or as true or false for its text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _name_alone(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


Arm = Annotated[
    Name, BeforeValidator(_label, json_schema_input_type=Name | int | float | bool | None)
]


class Arms(Part):
    """Who was given what, and in which shares."""

    column: Name
    """Column with the arm of a row."""
    control: Arm
    """The arm that others are compared with."""
    shares: dict[Name, StrictFloat] = Field(default={})
    """Planned share of each arm, adding to 1; empty: equal over the arms found."""


class Covariate(Part):
    """Something known before exposure that takes noise out of metrics."""

    name: Name
    """The column."""
    metrics: OneOrSeveral = Field(default=(), alias="for")
    """Outcomes it serves; empty: all."""


class Prior(Part):
    """What is believed of effects before; for display only."""

    relative_sd: StrictFloat = Field(default=0.3, gt=0)
    """Standard deviation of relative effects around zero."""


class Demand(Part):
    """Demand measured outside the outcome, such as requests: what growth is read off."""

    before: StrictFloat = Field(gt=0)
    """In the time before the experiment."""
    during: StrictFloat = Field(gt=0)
    """In an equally long time of the experiment."""


class Analysis(Part):
    """What was agreed before outcomes were read."""

    adjustment: Literal["none", "cuped", "lin"] = "cuped"
    """How covariates take noise out."""
    interval: Literal["fixed", "sequential", "group sequential"] = "fixed"
    """When it may be decided: once, at any time, or at the planned looks."""
    sequential: StrictBool | None = None
    """Short for ``interval: sequential``."""
    planned_units: StrictInt | None = Field(default=None, ge=2)
    """Units of randomisation, all arms together."""
    looks: tuple[StrictFloat, ...] = ()
    """Group sequential: planned shares of the units at each look, the last 1."""
    spending: Literal["obrien-fleming", "pocock"] = "obrien-fleming"
    """How the looks share the error."""
    minimum_days: StrictInt = Field(default=7, ge=0)
    """Fewest days of exposure."""
    full_weeks: StrictBool = True
    """Whether only full weeks count as complete."""
    power: StrictFloat = Field(default=0.8, gt=0, lt=1)
    """Chance to find the smallest effect worth finding."""
    smallest: dict[Name, StrictFloat] = Field(default={})
    """Outcome to the smallest relative effect worth finding; the planned precision."""
    otherwise: Literal["hold", "ship", "roll back"] = "hold"
    """What follows at planned precision when nothing is clear."""
    equivalence: dict[Name, StrictFloat] = Field(default={})
    """Outcome to the relative margin within which arms count as equal."""
    prior: Prior | None = None
    """For the Bayesian view; display only."""
    demand: Demand | None = None
    """Shared pool: demand before and during the experiment."""
    totals: dict[Name, StrictFloat] = Field(default={})
    """Outcome to its total over everybody, in the experiment or not, in the same time."""
    holdout: Arm | None = None
    """An arm that is a baseline and in no verdict."""
    pool: Literal["shared", "separate"] | None = None
    """Whether arms draw on one pool of exposure; read off the side when not given."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, values: Any) -> Any:
        short = isinstance(values, dict) and values.get("interval") is None
        if short and values.get("sequential") is True:
            return {**values, "interval": "sequential"}
        return values


class ExperimentSettings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""
    minimum_cell: StrictInt = Field(default=50, ge=1)
    """Fewest units of a published slice."""
    dominance: StrictFloat = Field(default=0.8, gt=0, le=1)
    """Largest share of a published slice that one creator may have."""
    heterogeneity: StrictBool = False
    """Learn who gains from the first treatment arm, by modifiers."""


class Experiment(CommonStudy):
    """A study of ``kind: experiment``: ship, hold or roll back.

    Read one with :func:`causal.read_study`.

    Raises
    ------
    pydantic.ValidationError
        When made directly from wrong values; :func:`causal.read_study` raises a
        :class:`~causal.base.errors.StudyError` in words instead.

    Examples
    --------
    >>> asked = Experiment.model_validate({
    ...     "study": "ads", "kind": "experiment", "data": {"source": "users.parquet"},
    ...     "unit": "user", "arms": {"column": "arm", "control": "A"},
    ...     "outcomes": [{"name": "visits", "column": "visits"}],
    ... })
    >>> asked.analysis.interval, asked.pool
    ('fixed', 'separate')
    """

    kind: Literal["experiment"]
    """What is asked."""
    unit: Name
    """Column that says what was counted: the unit of analysis."""
    cluster: Name | None = None
    """Column that says what was randomised, when that is coarser than the unit."""
    block: OneOrSeveral = ()
    """Strata: the randomisation was within these, or estimates are weighted by them."""
    rows: Literal["unit", "exposure"] = "unit"
    """What a row stands for; exposures are summed by unit first."""
    exposed_at: Name | None = None
    """Date or time of a unit's first exposure."""
    time: Name | None = None
    """With ``rows: exposure``: when the row happened."""
    observed_until: Name | None = None
    """Last day that outcomes cover, as 2026-01-31; by default the last day any time shows."""
    side: Side = "user"
    """Whose experience was changed."""
    arms: Arms
    """Who was given what."""
    covariates: tuple[
        Annotated[Covariate, BeforeValidator(_name_alone, json_schema_input_type=Name | Covariate)],
        ...,
    ] = ()
    """Known before exposure; they take noise out."""
    outcomes: tuple[Metric, ...] = Field(min_length=1)
    """What success, or harm, is measured by."""
    modifiers: Names = ()
    """For whom: segments known before assignment."""
    parties: Parties = Parties()
    """Columns that name user, creator and item."""
    analysis: Analysis = Analysis()
    """What was agreed before outcomes were read."""
    projection: Projection | None = Field(default=None, exclude_if=lambda value: value is None)
    """A long-term effect projected from past experiments; for display only."""
    plan: Literal["locked"] | None = None
    """``locked``: the plan beside the study file is what deviations are told from."""
    settings: ExperimentSettings = ExperimentSettings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Experiment:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    @property
    def pool(self) -> Literal["shared", "separate"]:
        """Whether arms draw on one pool of exposure: creators, advertisers and items do."""
        by_side: Literal["shared", "separate"] = "shared" if self.side in SHARED else "separate"
        return self.analysis.pool or by_side

    @property
    def last_day(self) -> date | None:
        """Last day that outcomes cover, where the study says it."""
        return date.fromisoformat(self.observed_until) if self.observed_until else None

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column) of the assignment table, in the order of the roles."""
        return columns_of_experiment(self)

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return EXPERIMENT_ROLES
