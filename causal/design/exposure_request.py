"""From the study of exposure to what the data stage must collect or read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from causal.base.errors import StudyError
from causal.content.metric import Metric
from causal.data.moments.request import ExperimentRequest
from causal.data.request import Request
from causal.data.sources._connection import identifier
from causal.design._common import table_request

if TYPE_CHECKING:
    from causal.design.exposure import Exposure


def had_column(study: Exposure) -> str:
    """The derived column of whether exposure was had."""
    return f"{study.received} had"


def products(study: Exposure) -> Mapping[str, str]:
    """For each covariate the derived column that is it where exposure was had, else zero."""
    if not study.analysis.monotone:
        return {}
    return {name: f"{name} where {had_column(study)}" for name in study.covariates}


def described(study: Exposure) -> Mapping[str, str]:
    """For each covariate the metric of its own mean, apart from its role in taking noise out."""
    return {name: f"{name} itself" for name in products(study)}


def experiment_request(study: Exposure) -> ExperimentRequest:
    """Say what to collect where an experiment moved exposure: one query, jointly.

    Outcomes, the exposure, the slate and negative controls are metrics of one experiment, and so
    are the products that describe those whose exposure was moved.
    """
    if study.instrument is None or study.unit is None:
        raise StudyError("A study of exposure by an experiment names its unit and its instrument.")
    table = table_request(study)
    made = products(study)
    derive = dict(table.derive)
    above = f"{identifier(study.received)} > {study.analysis.had!r}"
    if made:
        derive[had_column(study)] = f"CASE WHEN {above} THEN 1.0 ELSE 0.0 END"
    for name, product in made.items():
        own = f"CAST({identifier(name)} AS DOUBLE)"
        derive[product] = f"CASE WHEN {above} THEN {own} ELSE 0.0 END"
    served = [*(each.name for each in study.outcomes), study.received, *study.slate]
    metrics = [Metric(name=each.name, column=each.column) for each in study.outcomes]
    metrics += [
        Metric(name=column, column=column)
        for column in (study.received, *study.slate, *study.negative_controls)
    ]
    if made:
        metrics.append(Metric(name=had_column(study), column=had_column(study)))
        metrics += [Metric(name=product, column=product) for product in made.values()]
        metrics += [Metric(name=own, column=name) for name, own in described(study).items()]
    return ExperimentRequest(
        table=replace(table, derive=derive),
        unit=study.unit,
        arm=study.instrument.column,
        control=study.instrument.control,
        metrics=tuple(metrics),
        shares=study.instrument.shares,
        cluster=study.cluster[0] if study.cluster else None,
        block=study.block,
        modifiers=study.modifiers,
        covariates={name: tuple(served) for name in study.covariates},
        together=tuple(each.name for each in metrics),
        arms_key="instrument",
    )


def rows_request(study: Exposure) -> Request:
    """Say what rows to read where exploration traffic or a threshold moved exposure."""
    table = table_request(study)
    numbers = (
        *((study.received,) if study.received else ()),
        *((study.position,) if study.position else ()),
        *((study.propensity,) if study.propensity else ()),
        *((study.period,) if study.period else ()),
        *((study.born,) if study.born else ()),
        *((study.score,) if study.score else ()),
        *study.covariates,
        *study.negative_controls,
    )
    parties = {"item": study.item} if study.item else {}
    return replace(
        table,
        unit=(study.unit,) if study.unit else (),
        cluster=study.ways,
        outcomes=study.outcomes,
        negative_controls=tuple(dict.fromkeys(numbers)),
        modifiers=study.strata,
        exploration=study.exploration,
        parties=parties,
        folds=1,
        seed=study.settings.seed,
    )
