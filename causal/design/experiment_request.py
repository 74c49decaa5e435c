"""From the study of an experiment to what the data stage must collect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.content.metric import Type
from causal.data.moments.request import ExperimentRequest
from causal.data.request import Request

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
    data = study.data
    keys: dict[str, str] = {}
    for _, key, column in study.named_columns():
        keys.setdefault(column, key)
    for i, metric in enumerate(study.outcomes):
        named = (*metric.columns, *([metric.at] if metric.at else []))
        for column in named:
            keys.setdefault(column, f"outcomes[{i}]")
    table = Request(
        source=data.source,
        table=data.table,
        tables=data.tables,
        query=data.query,
        where=data.where,
        derive=data.derive,
        folder=study.path.parent if study.path else None,
        file=study.path,
        keys=keys,
    )
    return ExperimentRequest(
        table=table,
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
