"""What to collect of an experiment, without the study around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from causal.base.errors import DataError
from causal.content.metric import Cap, Metric
from causal.data.request import Request

ROWS, UNITS = "causal rows", "causal units"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRequest:
    """One reading of an experiment; made from a study by ``causal.design.experiment_request``.

    Attributes
    ----------
    table
        The assignment table, further tables and the study's SQL.
    unit, cluster
        Columns of the unit of analysis, and of what was randomised when that is coarser.
    arm, control, shares, holdout
        Column of the arm, the arm that others are compared with, the planned shares (empty: equal
        over the arms found), and an arm that goes last.
    block, modifiers
        Columns that make strata, and declared segments.
    rows
        Whether a row is a unit or an exposure.
    exposed_at, time, observed_until
        Columns with the time of first exposure and of a row; the last day outcomes cover.
    metrics
        What is measured.
    covariates
        For each column known before exposure the metrics it serves.
    together
        Metrics whose errors must be known jointly, whatever their roles.
    arms_key
        The study key that says who was assigned to what, for messages.
    """

    table: Request
    unit: str
    arm: str
    control: str
    metrics: tuple[Metric, ...]
    shares: Mapping[str, float] = field(default_factory=dict)
    holdout: str | None = None
    cluster: str | None = None
    block: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    rows: Literal["unit", "exposure"] = "unit"
    exposed_at: str | None = None
    time: str | None = None
    observed_until: date | None = None
    covariates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    together: tuple[str, ...] = ()
    arms_key: str = "arms"

    def __post_init__(self) -> None:
        steps = (ROWS, UNITS, "last_step", *map(place_of, self.tables))
        for name in self.table.tables:
            if name in steps:
                raise DataError(
                    f"data.tables.{name}: this name is taken by a step of the query. Give the "
                    "table another name."
                )

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that split units: blocks, then modifiers that are no block."""
        return tuple(dict.fromkeys((*self.block, *self.modifiers)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the assignment table, each once."""
        named: list[str | None] = [self.unit, self.arm, self.cluster, *self.keys]
        named += [self.exposed_at, self.time, *self.covariates]
        for metric in self.metrics:
            named += metric.columns if metric.table is None else ()
            named.append(metric.cap.column if isinstance(metric.cap, Cap) else None)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def columns_of(self, table: str) -> tuple[str, ...]:
        """Every column of a further table, each once."""
        named: list[str | None] = [self.unit]
        for metric in self.metrics:
            named += [*metric.columns, metric.at] if metric.table == table else ()
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def tables(self) -> tuple[str, ...]:
        """Further tables that hold outcomes."""
        named = (metric.table for metric in self.metrics)
        return tuple(dict.fromkeys(name for name in named if name is not None))


def place_of(table: str) -> str:
    """The name under which a query knows a table; '' is the assignment table."""
    return f"rows of {table}" if table else ROWS
