"""From a study to what the data stage must read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causal.data.path_rows import PathNames
from causal.data.request import Request
from causal.design._common import table_request
from causal.design.reading import of_attributes

if TYPE_CHECKING:
    from causal.design.study import Study


def request(study: Study) -> Request:
    """Say what to read for a study.

    Examples
    --------
    >>> from causal.design.study import Study
    >>> asked = Study(
    ...     study="s", data={"source": "t.csv"}, attributes=["a"], unit="id",
    ...     outcomes=[{"name": "y", "column": "clicks"}],
    ... )
    >>> request(asked).columns
    ('id', 'a', 'clicks')
    >>> request(asked).key_of("clicks")
    'outcomes[0].column'
    """
    return replace(
        table_request(of_attributes(study)),
        unit=study.unit,
        cluster=study.cluster,
        block=study.block,
        weight=study.weight,
        time=study.time,
        attributes=study.attributes,
        outcomes=study.outcomes,
        confounders=study.confounders,
        modifiers=study.modifiers,
        mediators=study.mediators,
        negative_controls=study.negative_controls,
        post_outcome=study.post_outcome,
        propensity=study.propensity,
        count=study.allocation.count,
        shares=None if study.allocation.shares == "equal" else study.allocation.shares,
        exploration=study.exploration,
        parties=_parties(study),
        paths=_paths(study),
        folds=study.settings.folds,
        seed=study.settings.seed,
    )


def _parties(study: Study) -> dict[str, str]:
    named = {
        "user": study.parties.user,
        "creator": study.parties.creator,
        "item": study.parties.item,
    }
    return {party: column for party, column in named.items() if column is not None}


def _paths(study: Study) -> PathNames | None:
    given = study.exposure
    if given is None:
        return None
    alone = len(study.attributes) == 1
    columns = {each.name: given.flipped_of(each.name, alone=alone) for each in study.attributes}
    return PathNames(
        position=given.position,
        propensity=given.propensity,
        flipped={name: column for name, column in columns.items() if column is not None},
        item=given.item,
        period=given.period,
        ranked=given.ranked,
        shown=given.shown,
    )
