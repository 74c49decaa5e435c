"""What to collect of an experiment that has not started: pre-period values in place of outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.request import ExperimentRequest
from causal.data.sources._connection import literal

if TYPE_CHECKING:
    from causal.data.moments.values_there import There
    from causal.design.experiment import Experiment

EVERYBODY = "every unit as control"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What to read for a plan.

    Attributes
    ----------
    request
        Of the metrics that can be planned; None when none can.
    twins
        Metrics whose values before stand in for them, and the column.
    refused
        Metrics that cannot be planned, and why.
    split
        Whether units are in arms and outcomes are there: the control arm is then what is read.
    """

    request: ExperimentRequest | None
    twins: Mapping[str, str]
    refused: Mapping[str, str]
    split: bool


def before_experiment(study: Experiment, whole: ExperimentRequest, there: There) -> Before:
    """Say what to read to plan an experiment, from what a table holds already.

    An outcome that is there is read itself, in the control arm once there are arms. One that is not
    is read off its values before (``before``), over every unit.

    Parameters
    ----------
    whole
        What the experiment asks for, with the further tables that are there.
    there
        Values of the columns that it names.
    """
    exposed_at = _exposed_at(study, there)
    metrics: list[Metric] = []
    twins, refused = {}, {}
    own = False
    for metric in study.outcomes:
        if metric.role not in (Role.SUCCESS, Role.GUARDRAIL):
            continue
        why = _not_there(metric, there, exposed_at)
        if metric.type is Type.QUANTILE:
            refused[metric.name] = "a quantile is not planned"
        elif not why:
            metrics.append(metric)
            own = True
        elif metric.before is None or metric.is_ratio or not there.holds([metric.before]):
            refused[metric.name] = f"{why}{_remedy(metric)}"
        else:
            metrics.append(_twin(metric, metric.before))
            twins[metric.name] = metric.before
    split = own and there.arms > 1
    if not metrics:
        return Before(request=None, twins=twins, refused=refused, split=split)
    request = replace(
        whole,
        metrics=tuple(metrics),
        modifiers=(),
        exposed_at=exposed_at,
        covariates=_covariates(whole, metrics, twins, there),
    )
    found = request if split else _undivided(request)
    return Before(request=found, twins=twins, refused=refused, split=split)


def _exposed_at(study: Experiment, there: There) -> str | None:
    """When units come: first exposure, or before there is one the first row of a unit."""
    if study.exposed_at is not None and there.holds([study.exposed_at]):
        return study.exposed_at
    rows = study.rows == "exposure" and study.time is not None and there.holds([study.time])
    return study.time if rows else None


def _not_there(metric: Metric, there: There, exposed_at: str | None) -> str:
    """Why an outcome cannot be read itself; empty when it can."""
    if not there.holds(metric.columns, metric.table):
        return f"there is no value of {' and '.join(metric.columns)} yet"
    timed = metric.days is not None or metric.at is not None
    return "nobody was exposed yet" if timed and exposed_at is None else ""


def _remedy(metric: Metric) -> str:
    if metric.is_ratio:
        return "; plan it from a table that has numerator and denominator of an earlier period"
    if metric.before is None:
        return "; name the same measure before exposure with 'before'"
    return f", nor of '{metric.before}'"


def _twin(metric: Metric, before: str) -> Metric:
    """The metric as it was before: one known number of each unit, whatever rows are."""
    return Metric(
        name=metric.name,
        column=before,
        role=metric.role,
        goal=metric.goal,
        margin=metric.margin,
        absolute_margin=metric.absolute_margin,
        cap=metric.cap,
        aggregate="max",
    )


def _covariates(
    whole: ExperimentRequest, metrics: list[Metric], twins: Mapping[str, str], there: There
) -> dict[str, tuple[str, ...]]:
    names = [metric.name for metric in metrics]
    found = {
        column: tuple(name for name in served if name in names and twins.get(name) != column)
        for column, served in whole.covariates.items()
        if there.holds([column])
    }
    return {column: served for column, served in found.items() if served}


def _undivided(request: ExperimentRequest) -> ExperimentRequest:
    """Everybody in one arm, under a column that the table does not have."""
    derive = {**request.table.derive, EVERYBODY: literal(request.control)}
    return replace(
        request,
        table=replace(request.table, derive=derive),
        arm=EVERYBODY,
        shares={request.control: 1.0, NOBODY: 0.0},
        holdout=None,
    )
