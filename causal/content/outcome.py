"""An outcome: what success, or harm, is measured by."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Role(StrEnum):
    """What an outcome decides."""

    SUCCESS = "success"
    GUARDRAIL = "guardrail"
    SECONDARY = "secondary"
    LONG_TERM = "long-term"


class Goal(StrEnum):
    """Which direction is good."""

    INCREASE = "increase"
    DECREASE = "decrease"


class Outcome(BaseModel):
    """One outcome: a ``column``, or the ratio ``numerator`` / ``denominator``.

    ``margin`` is relative to the mean at the reference (0.01: one per cent).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    column: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    role: Role = Role.SUCCESS
    goal: Goal = Goal.INCREASE
    margin: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _column_or_ratio(self) -> Outcome:
        ratio = self.numerator is not None and self.denominator is not None
        half = (self.numerator is None) != (self.denominator is None)
        if half or ratio == (self.column is not None):
            raise ValueError("give either 'column', or both 'numerator' and 'denominator'")
        return self

    @property
    def is_ratio(self) -> bool:
        """Whether the outcome is a ratio of two columns."""
        return self.denominator is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is made of."""
        named = (self.column, self.numerator, self.denominator)
        return tuple(name for name in named if name is not None)
