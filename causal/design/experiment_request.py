"""From the study of an experiment to what the data stage must collect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.content.metric import Type
from causal.data.moments.request import ExperimentRequest
from causal.design._common import table_request

if TYPE_CHECKING:
    from causal.design.experiment import Experiment


def experiment_request(study: Experiment) -> ExperimentRequest:
    """Say what to collect for an experiment.

    Examples
    --------
    >>> from causal.design.experiment import Experiment
    >>> asked = Experiment.model_validate({
    ...     "study": "s", "kind": "experiment", "data": {"source": "t.csv"}, "unit": "id",
    ...     "arms": {"column": "arm", "control": "A"},
    ...     "outcomes": [{"name": "y", "column": "clicks", "before": "clicks_before"}],
    ... })
    >>> experiment_request(asked).columns
    ('id', 'arm', 'clicks_before', 'clicks')
    """
    table = table_request(study)
    keys = dict(table.keys)
    for i, metric in enumerate(study.outcomes):
        named = (*metric.columns, *([metric.at] if metric.at else []))
        for column in named:
            keys.setdefault(column, f"outcomes[{i}]")
    return ExperimentRequest(
        table=replace(table, keys=keys),
        unit=study.unit,
        arm=study.arms.column,
        control=study.arms.control,
        metrics=study.outcomes,
        shares=study.arms.shares,
        holdout=study.analysis.holdout,
        cluster=study.cluster,
        block=study.block,
        modifiers=study.modifiers,
        rows=study.rows,
        exposed_at=study.exposed_at,
        time=study.time,
        observed_until=study.last_day,
        covariates=_covariates(study),
        together=study.projection.sources if study.projection else (),
    )


def _covariates(study: Experiment) -> dict[str, tuple[str, ...]]:
    """For each column known before exposure the metrics it serves, in the order of the study."""
    every = [metric.name for metric in study.outcomes if metric.type is not Type.QUANTILE]
    found = {each.name: list(each.metrics or every) for each in study.covariates}
    for metric in study.outcomes:
        if metric.before is not None and metric.type is not Type.QUANTILE:
            found.setdefault(metric.before, [])
            found[metric.before] += [metric.name]
    return {column: tuple(dict.fromkeys(names)) for column, names in found.items()}
