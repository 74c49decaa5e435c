"""A metric: an outcome of an experiment, with how it is made of each unit's rows."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from causal.content.outcome import Outcome


class Type(StrEnum):
    """What a metric averages."""

    MEAN = "mean"
    PROPORTION = "proportion"
    COUNT = "count"
    RATIO = "ratio"
    RETENTION = "retention"
    QUANTILE = "quantile"


class Cap(BaseModel):
    """The largest value that counts: a quantile of a column known before exposure, over all arms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    quantile: float = Field(default=0.999, gt=0.5, lt=1)


class Metric(Outcome):
    """An outcome of an experiment.

    ``type`` None is read off the data: a ratio when it has a denominator, a proportion when only 0
    and 1 occur, a count when only whole numbers from 0 on, else a mean. ``table`` names the table
    its rows are in, joined at the unit; ``aggregate`` says how a unit's rows become one number,
    ``at`` the column with the time of a row and ``days`` how many days after exposure count.
    ``margin`` is relative to the control; ``absolute_margin`` is in the metric's own units. ``before``
    is the same measure before exposure; ``side`` says whose outcome it is. ``competes`` says that
    units draw it from one pool, such as impressions: what one gets no other can have.
    """

    type: Type | None = None
    table: str | None = None
    aggregate: Literal["sum", "mean", "max", "count"] = "sum"
    at: str | None = None
    days: int | None = Field(default=None, ge=1)
    cap: float | Cap | None = None
    quantile: float | None = Field(default=None, gt=0, lt=1)
    absolute_margin: float | None = Field(default=None, gt=0)
    before: str | None = None
    side: Literal["user", "creator", "advertiser", "item"] | None = None
    competes: StrictBool | None = None
