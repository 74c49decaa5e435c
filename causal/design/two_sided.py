"""The study of an experiment on two sides: users and creators are both assigned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, model_validator

from causal.content.metric import Metric
from causal.data.pairs.request import PairRequest, SideRequest
from causal.design._common import CommonStudy, Name, Part, table_request
from causal.design.experiment import Arms
from causal.design.rules import BrokenRulesError
from causal.design.two_sided_rules import broken_rules

PAIR_ROLES = ("party", "arm", "outcome", "time")
SIDES = ("user", "creator")


class TwoSidedArms(Part):
    """Who was given what on each side."""

    given: Literal["pairs", "sides"] = "pairs"
    """What is treated: only pairs with both sides treated, or each side by a treatment of its own."""
    user: Arms
    """Arms of users: a control and one other."""
    creator: Arms
    """Arms of creators: a control and one other."""


class PairParties(Part):
    """The columns that say who."""

    user: Name
    """Column that names the user."""
    creator: Name
    """Column that names the creator."""


class PairAnalysis(Part):
    """What was agreed before outcomes were read."""

    minimum_days: StrictInt = Field(default=7, ge=0)
    """Fewest days of exposure."""
    full_weeks: StrictBool = True
    """Whether only full weeks count as complete."""
    otherwise: Literal["hold", "ship", "roll back"] = "hold"
    """What follows when nothing is clear."""
    equivalence: dict[Name, StrictFloat] = Field(default={})
    """Outcome to the relative margin within which a spillover counts as none."""
    pool: Literal["shared", "separate"] | None = None
    """Whether creators share one pool of exposure; not given: read off the four cells."""


class PairSettings(Part):
    """How the numbers are made; the defaults serve."""

    level: StrictFloat = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level of the intervals."""
    seed: StrictInt = Field(default=20261122, ge=0, lt=2**63)
    """Seed of every random draw."""


class TwoSided(CommonStudy):
    """A study of ``kind: experiment`` whose arms are of users and of creators.

    Read one with :func:`causal.read_study`.

    Examples
    --------
    >>> arms = {"column": "arm", "control": "A"}
    >>> asked = TwoSided.model_validate({
    ...     "study": "boost", "kind": "experiment", "data": {"source": "pairs.parquet"},
    ...     "arms": {"user": arms, "creator": {**arms, "column": "creator_arm"}},
    ...     "parties": {"user": "user_id", "creator": "creator_id"},
    ...     "outcomes": [{"name": "clicks", "column": "clicks"}],
    ... })
    >>> asked.arms.given, asked.rows
    ('pairs', 'pair')
    """

    kind: Literal["experiment"]
    """What is asked."""
    rows: Literal["pair", "exposure"] = "pair"
    """What a row stands for; exposures are summed by pair first."""
    time: Name | None = None
    """Day or time of a row."""
    arms: TwoSidedArms
    """Who was given what, on each side."""
    parties: PairParties
    """Columns that name user and creator."""
    outcomes: tuple[Metric, ...] = Field(min_length=1)
    """What success, or harm, is measured by: sums over pairs, or ratios of two."""
    analysis: PairAnalysis = PairAnalysis()
    """What was agreed before outcomes were read."""
    settings: PairSettings = PairSettings()
    """How the numbers are made."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> TwoSided:
        broken = broken_rules(self)
        if broken:
            raise BrokenRulesError(broken)
        return self

    def named_columns(self) -> Iterator[tuple[str, str, str]]:
        """Every (role, key, column), in the order of the roles."""
        for side in SIDES:
            yield "party", f"parties.{side}", getattr(self.parties, side)
        for side in SIDES:
            yield "arm", f"arms.{side}.column", getattr(self.arms, side).column
        for i, metric in enumerate(self.outcomes):
            for part in ("column", "numerator", "denominator"):
                column = getattr(metric, part)
                if column is not None:
                    yield "outcome", f"outcomes[{i}].{part}", column
        if self.time is not None:
            yield "time", "time", self.time

    def roles(self) -> tuple[str, ...]:
        """Every role a column may have, in order."""
        return PAIR_ROLES


def pair_request(study: TwoSided) -> PairRequest:
    """Say what to collect for an experiment on two sides."""
    return PairRequest(
        table=table_request(study),
        user=_side(study, "user", study.arms.user),
        creator=_side(study, "creator", study.arms.creator),
        metrics=study.outcomes,
        rows=study.rows,
        time=study.time,
    )


def _side(study: TwoSided, key: str, arms: Arms) -> SideRequest:
    return SideRequest(
        key=key,
        party=getattr(study.parties, key),
        arm=arms.column,
        control=arms.control,
        shares=arms.shares,
    )
