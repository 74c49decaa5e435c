"""The study of a rollout: what adopts, when, and what is measured in each period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, model_validator

from causal.content.outcome import Outcome
from causal.design._common import CommonStudy, Name, Names, Part, Parties
from causal.design.rollout_rules import broken_rules
from causal.design.rules import BrokenRulesError

ROLLOUT_ROLES = (
    "entity",
    "period",
    "adoption",
    "cluster",
    "block",
    "weight",
    "party",
    "outcome",
    "covariate",
    "spillover",
    "negative control",
    "switching",
)


def _plain(value: Any) -> Any:
    return {"name": value, "column": value} if isinstance(value, str) else value


Unmoved = Annotated[Outcome, BeforeValidator(_plain, json_schema_input_type=Name | Outcome)]


class Carry(Part):
    """How a switchback acts beyond its period."""

    periods: StrictInt = Field(default=1, ge=0, le=100)
    """Periods after which a period switched on still acts."""
    washout: StrictInt = Field(default=0, ge=0, le=100)
    """Periods left out after each switch; in place of ``periods``."""
    probability: StrictFloat | Name = 0.5
    """Probability of being on: a number, or a column."""
    block_of: Name | None = None
    """Column of what is switched as one, as a day; not given: each period."""

    @property
    def lags(self) -> int:
        """Periods after which a period still acts, none of which is left out."""
        return 0 if self.washout else self.periods


class Single(Part):
    """How a change at one date is compared."""

    season: StrictInt | None = Field(default=None, ge=2)
    """Periods after which a season repeats, as 7 for days."""
    donors: Name | None = None
    """SQL predicate: the entities that may stand for the one that adopts; not given: all others."""
    methods: tuple[Literal["series", "synthetic"], ...] = Field(
        default=("series", "synthetic"), min_length=1
    )
    """What is shown: its own course continued, a blend of others."""


class RolloutAnalysis(Part):
    """What adopters are compared with."""

    control: Literal["not yet", "never"] = "not yet"
    """Who is compared with: who has not yet adopted, or who never does."""
    anticipation: StrictInt = Field(default=0, ge=0, le=100)
    """Periods before adoption in which it may already act."""
    pre: StrictInt | None = Field(default=None, ge=1)
    """Event times before adoption that are shown; not given: all."""
    post: StrictInt | None = Field(default=None, ge=0)
    """Event times after adoption that are shown; not given: all."""
    minimum_periods: StrictInt = Field(default=2, ge=1)
    """Fewest periods before the first adoption."""
    neighbours: Names = ()
    """Columns that say which entities share a pool: the share of treated neighbours is counted."""


class RolloutSettings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""
    minimum_cell: StrictInt = Field(default=50, ge=1)
    """Fewest users of a published cohort in a period; rows, where they are exposures without users."""
    dominance: StrictFloat = Field(default=0.8, gt=0, le=1)
    """Largest share of a published cohort in a period that one creator may have."""
    multiplicity: Literal["simultaneous", "holm", "bh", "none"] = "simultaneous"
    """How intervals and p-values of one family are adjusted."""


class Rollout(CommonStudy):
    """A study of ``kind: rollout``: what a rollout did to those it was given to.

    Examples
    --------
    >>> asked = Rollout.model_validate({
    ...     "study": "boost", "kind": "rollout", "data": {"source": "t.parquet"},
    ...     "entity": "market", "period": "week", "adopted": "adopted_week",
    ...     "outcomes": [{"name": "rate", "numerator": "clicks", "denominator": "impressions"}],
    ... })
    >>> asked.schedule, asked.analysis.control
    ('staggered', 'not yet')
    """

    kind: Literal["rollout"]
    """What is asked."""
    entity: Name
    """Column of what adopts, as a market."""
    period: Name
    """Column of the period: a whole number, a date or a time."""
    adopted: Name | None = None
    """Column of the period of adoption; empty, 0 or infinite: never."""
    treated: Name | None = None
    """Column that is 1 where a cell is switched on; for ``schedule: switchback``."""
    schedule: Literal["staggered", "switchback", "single"] = "staggered"
    """Dates that differ, switching on and off, or one date."""
    rows: Literal["cell", "exposure"] = "cell"
    """What a row is: an entity in a period, or one of several to be added up."""
    every: Literal["day", "week", "month"] | None = None
    """Cut times into periods; not given: each value is a period."""
    cluster: Name | None = None
    """Column of what is independent, coarser than the entity; not given: the entity."""
    block: Name | None = None
    """Column within which adopters are compared only."""
    weight: Name | None = None
    """Column of the size of an entity; not given: all count alike."""
    pool: Literal["shared", "separate"] | None = None
    """Whether entities share what is given out, as attention; not given: not said."""
    spillover: Name | None = None
    """Column of the share of treated neighbours, between 0 and 1."""
    parties: Parties = Parties()
    """Columns that say who."""
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    """What is measured; the first leads."""
    covariates: Names = ()
    """Columns that trends may follow, as they were before any adoption."""
    negative_controls: tuple[Unmoved, ...] = ()
    """Outcomes that the rollout cannot have moved."""
    assignment: Literal["observational", "randomized"] = "observational"
    """Whether dates were drawn by lot."""
    analysis: RolloutAnalysis = RolloutAnalysis()
    """What adopters are compared with."""
    carry: Carry = Carry()
    """How a switchback acts beyond its period."""
    single: Single = Single()
    """How a change at one date is compared."""
    settings: RolloutSettings = RolloutSettings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Rollout:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        single = {
            "entity": ("entity", self.entity),
            "period": ("period", self.period),
            "adopted": ("adoption", self.adopted),
            "treated": ("adoption", self.treated),
            "cluster": ("cluster", self.cluster),
            "block": ("block", self.block),
            "weight": ("weight", self.weight),
        }
        for key, (role, column) in single.items():
            if column is not None:
                yield role, key, column
        for party in ("user", "creator", "item"):
            column = getattr(self.parties, party)
            if column is not None:
                yield "party", f"parties.{party}", column
        yield from self._of_outcomes("outcome", "outcomes", self.outcomes)
        for i, column in enumerate(self.covariates):
            yield "covariate", f"covariates[{i}]", column
        if self.spillover is not None:
            yield "spillover", "spillover", self.spillover
        for i, column in enumerate(self.analysis.neighbours):
            yield "spillover", f"analysis.neighbours[{i}]", column
        yield from self._of_outcomes(
            "negative control", "negative_controls", self.negative_controls
        )
        if isinstance(self.carry.probability, str):
            yield "switching", "carry.probability", self.carry.probability
        if self.carry.block_of is not None:
            yield "switching", "carry.block_of", self.carry.block_of

    def _of_outcomes(
        self, role: str, key: str, outcomes: tuple[Outcome, ...]
    ) -> Iterator[tuple[str, str, str]]:
        for i, outcome in enumerate(outcomes):
            for part in ("column", "numerator", "denominator"):
                column = getattr(outcome, part)
                if column is not None:
                    yield role, f"{key}[{i}].{part}", column

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return ROLLOUT_ROLES
