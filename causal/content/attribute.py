"""An attribute of content: what could be different about an item."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Kind(StrEnum):
    """How a column is read."""

    BINARY = "binary"
    CATEGORICAL = "categorical"
    CONTINUOUS = "continuous"


class Attribute(BaseModel):
    """One attribute whose effect is asked for.

    ``kind`` None is read off the data. ``contrast`` is (from, to) of a continuous attribute, by
    default the median and the 75th percentile. ``tier`` orders attributes by when they are
    decided: a later tier is never held fixed for an earlier one. ``propensity`` names the column
    of known assignment probabilities, or one column for each level. ``estimand`` asks for the
    average over all units (ATE), the treated (ATT) or the overlap population (ATO).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind | None = None
    contrast: tuple[float, float] | None = None
    reference: Any = None
    tier: int = Field(default=1, ge=1)
    propensity: str | dict[str, str] | None = None
    estimand: str = "ATE"

    @field_validator("estimand")
    @classmethod
    def _known_estimand(cls, value: str) -> str:
        if value not in ("ATE", "ATT", "ATO"):
            raise ValueError("estimand must be 'ATE', 'ATT' or 'ATO'")
        return value
