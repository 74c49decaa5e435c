"""The study of what exposure itself is worth: what moved it, what was received, what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, model_validator

from causal.content.outcome import Outcome
from causal.design._common import CommonStudy, Name, Names, OneOrSeveral, Part, Parties
from causal.design.experiment import Arms
from causal.design.exposure_rules import broken_rules
from causal.design.rules import BrokenRulesError

EXPOSURE_ROLES = (
    "unit",
    "instrument",
    "exposure",
    "cluster",
    "block",
    "covariate",
    "modifier",
    "slate",
    "negative_control",
    "strata",
    "exploration",
    "position",
    "propensity",
    "item",
    "period",
    "born",
    "score",
    "party",
    "outcome",
)


def _column_alone(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Received(Part):
    """What is received: the exposure, in amounts or not at all."""

    column: Name | None = None
    """Column of the amount; exploration counts rows in its place."""
    name: Name | None = None
    """What one unit of it is called, for instance impression."""


class ExposureAnalysis(Part):
    """How the worth of exposure is read."""

    adjustment: Literal["none", "cuped", "lin"] = "cuped"
    """Experiment: how covariates take noise out."""
    monotone: StrictBool = True
    """Whether the instrument moves nobody's exposure the other way; needed to say who was moved."""
    had: StrictFloat = 0.0
    """Above this an amount counts as exposure had, where those moved are described."""
    exclusion: Literal["report", "adjust"] = "report"
    """Experiment: say what else the arms changed, or hold it (several arms, one column of slate)."""
    first: StrictInt = Field(default=3, ge=1)
    """Exploration: periods of an item's life whose explored impressions move its exposure."""
    window: StrictInt = Field(default=7, ge=1)
    """Exploration: periods of an item's life whose impressions are its exposure."""
    later: StrictInt = Field(default=7, ge=1)
    """Exploration: periods after these in which outcomes count."""
    bandwidth: StrictFloat | None = Field(default=None, gt=0)
    """Threshold: distance from the cutoff within which rows count; not given: read off the data."""


class ExposureSettings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the sets and intervals."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""
    minimum_cell: StrictInt = Field(default=50, ge=1)
    """Fewest units of a published segment."""


class Exposure(CommonStudy):
    """A study of ``kind: exposure``: what one more unit of exposure is worth.

    Read one with :func:`causal.read_study`.

    Examples
    --------
    >>> asked = Exposure.model_validate({
    ...     "study": "worth", "kind": "exposure", "data": {"source": "t.parquet"},
    ...     "design": "experiment", "unit": "item", "instrument": {"column": "cell", "control": 0},
    ...     "exposure": "impressions", "outcomes": [{"name": "clicks", "column": "clicks"}],
    ... })
    >>> asked.instrument.control, asked.label
    ('0', 'impressions')
    """

    kind: Literal["exposure"]
    """What is asked."""
    design: Literal["experiment", "exploration", "threshold"] = "experiment"
    """What moved exposure: an experiment, exploration traffic, or a threshold of a score."""
    unit: Name | None = None
    """Column that says what a row stands for; experiment: what was counted."""
    exposure: (
        Annotated[
            Received, BeforeValidator(_column_alone, json_schema_input_type=Name | Received | None)
        ]
        | None
    ) = None
    """What is received."""
    instrument: Arms | None = None
    """Experiment: who was assigned to what."""
    cluster: OneOrSeveral = ()
    """Independent sources of variation; experiment: what was randomised when that is coarser."""
    block: OneOrSeveral = ()
    """Experiment: strata of the randomisation."""
    covariates: Names = ()
    """Known before exposure: they take noise out, and describe those whose exposure was moved."""
    modifiers: Names = ()
    """Experiment: segments in which the instrument should move exposure the same way."""
    slate: Names = ()
    """What else the instrument may have changed on the way to the outcome."""
    negative_controls: Names = ()
    """What exposure cannot have changed, such as outcomes before."""
    exploration: Name | None = None
    """Exploration: column that says which rows were placed by chance."""
    position: Name | None = None
    """Exploration: column of the place of a row, 1 first: for the examination curve."""
    propensity: Name | None = None
    """Exploration: column of the probability of a place."""
    item: Name | None = None
    """Exploration: column of the item of a row: for what exposure is worth to it."""
    period: Name | None = None
    """Exploration: column of the period of a row, a whole number."""
    born: Name | None = None
    """Exploration: column of the period in which the item came; not given: that of its first row."""
    strata: OneOrSeveral = ()
    """Exploration: items are compared within these, and within the period in which they came."""
    score: Name | None = None
    """Threshold: column of the score that decides."""
    cutoff: StrictFloat = 0.0
    """Threshold: from which score on exposure is given."""
    parties: Parties = Parties()
    """Columns that say who."""
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    """What exposure may be worth; the first leads."""
    analysis: ExposureAnalysis = ExposureAnalysis()
    """How the worth is read."""
    settings: ExposureSettings = ExposureSettings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Exposure:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    @property
    def label(self) -> str:
        """What one unit of exposure is called."""
        given = self.exposure or Received()
        return given.name or given.column or "impression"

    @property
    def received(self) -> str:
        """The column of the exposure; '' where rows are counted or nothing is received."""
        return (self.exposure.column if self.exposure else None) or ""

    @property
    def ways(self) -> tuple[str, ...]:
        """Columns of independent sources of variation; of exploration those of the parties."""
        named = (self.parties.user, self.parties.creator)
        parties = tuple(each for each in named if each is not None)
        return self.cluster or (parties if self.design == "exploration" else ())

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        arms = self.instrument.column if self.instrument else None
        given: list[tuple[str, str, str | None]] = [
            ("unit", "unit", self.unit),
            ("instrument", "instrument.column", arms),
            ("exposure", "exposure.column", self.received or None),
        ]
        for role, key in _LISTS.items():
            given += [(role, f"{key}[{i}]", name) for i, name in enumerate(getattr(self, key))]
        given += [(key, key, getattr(self, key)) for key in _SINGLE]
        for party in ("user", "creator", "item"):
            given.append(("party", f"parties.{party}", getattr(self.parties, party)))
        for i, outcome in enumerate(self.outcomes):
            given += [
                ("outcome", f"outcomes[{i}].{part}", getattr(outcome, part))
                for part in ("column", "numerator", "denominator")
            ]
        for role, key, column in given:
            if column is not None:
                yield role, key, column

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return EXPOSURE_ROLES


_LISTS = {
    "cluster": "cluster",
    "block": "block",
    "covariate": "covariates",
    "modifier": "modifiers",
    "slate": "slate",
    "negative_control": "negative_controls",
    "strata": "strata",
}
_SINGLE = ("exploration", "position", "propensity", "item", "period", "born", "score")
