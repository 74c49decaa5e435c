"""From the study of a rollout to what the data stage must collect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.data.cells.request import CellsRequest
from causal.design._common import table_request

if TYPE_CHECKING:
    from causal.design.rollout import Rollout

DONORS = "in donors"


def cells_request(study: Rollout) -> CellsRequest:
    """Say what to collect for a rollout: outcomes first, then those it cannot have moved.

    ``in donors`` is a further column where ``single.donors`` is given.

    Examples
    --------
    >>> from causal.design.rollout import Rollout
    >>> asked = Rollout.model_validate({
    ...     "study": "s", "kind": "rollout", "data": {"source": "t.csv"}, "entity": "market",
    ...     "period": "week", "adopted": "since", "outcomes": [{"name": "y", "column": "clicks"}],
    ... })
    >>> cells_request(asked).columns
    ('market', 'week', 'since', 'clicks')
    """
    table = table_request(study)
    further = [
        name for name in (study.carry.probability, study.carry.block_of) if isinstance(name, str)
    ]
    if study.single.donors is not None:
        table = replace(table, flags={"donors": study.single.donors})
        further.append(DONORS)
    return CellsRequest(
        table=table,
        entity=study.entity,
        period=study.period,
        outcomes=(*study.outcomes, *study.negative_controls),
        adopted=study.adopted,
        treated=study.treated,
        summed=study.rows == "exposure",
        every=study.every,
        cluster=study.cluster,
        block=study.block,
        weight=study.weight,
        covariates=study.covariates,
        spillover=study.spillover,
        neighbours=study.analysis.neighbours,
        further=tuple(further),
        user=study.parties.user,
        creator=study.parties.creator,
    )
