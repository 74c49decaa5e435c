"""From a study to what the data stage must read."""

from __future__ import annotations

from causal.data.request import Request
from causal.design.study import Study


def request(study: Study) -> Request:
    """Say what to read for a study.

    Examples
    --------
    >>> asked = Study(
    ...     study="s", data={"source": "t.csv"}, attributes=["a"], unit="id",
    ...     outcomes=[{"name": "y", "column": "clicks"}],
    ... )
    >>> request(asked).columns
    ('id', 'a', 'clicks')
    >>> request(asked).key_of("clicks")
    'outcomes.y.column'
    """
    data = study.data
    return Request(
        source=data.source,
        table=data.table,
        tables=data.tables,
        query=data.query,
        where=data.where,
        derive=data.derive,
        folder=study.path.parent if study.path else None,
        file=study.path,
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
        folds=study.settings.folds,
        seed=study.settings.seed,
        keys=_keys(study),
    )


def _parties(study: Study) -> dict[str, str]:
    named = {
        "user": study.parties.user,
        "creator": study.parties.creator,
        "item": study.parties.item,
    }
    return {party: column for party, column in named.items() if column is not None}


def _keys(study: Study) -> dict[str, str]:
    """Name, for each column, the first key of the study that names it."""
    pairs: list[tuple[str | None, str]] = []
    for key in ("unit", "cluster", "block"):
        pairs += [(column, key) for column in getattr(study, key)]
    pairs += [(study.weight, "weight"), (study.time, "time")]
    for attribute in study.attributes:
        pairs.append((attribute.name, "attributes"))
        given = attribute.propensity
        columns = given.values() if isinstance(given, dict) else (given,)
        pairs += [(column, f"attributes.{attribute.name}.propensity") for column in columns]
    for outcome in study.outcomes:
        for part in ("column", "numerator", "denominator"):
            pairs.append((getattr(outcome, part), f"outcomes.{outcome.name}.{part}"))
    for key in ("confounders", "modifiers", "mediators", "negative_controls", "post_outcome"):
        pairs += [(column, key) for column in getattr(study, key)]
    pairs += [(study.propensity, "propensity"), (study.exploration, "exploration")]
    pairs += [(study.allocation.count, "allocation.count")]
    pairs += [(study.allocation.shares, "allocation.shares")]
    pairs += [(column, f"parties.{party}") for party, column in _parties(study).items()]
    keys: dict[str, str] = {}
    for column, key in pairs:
        if column is not None:
            keys.setdefault(column, key)
    return keys
