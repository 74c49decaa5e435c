"""The kinds of study: for each, the model that reads it and the parts its file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from causal.content.attribute import Attribute
from causal.content.metric import Cap, Metric
from causal.content.outcome import Outcome
from causal.design.experiment import (
    Analysis,
    Arms,
    Covariate,
    Demand,
    Experiment,
    ExperimentSettings,
    Prior,
)
from causal.design.exposure import Exposure, ExposureAnalysis, ExposureSettings, Received
from causal.design.movement import (
    Movement,
    MovementAnalysis,
    MovementSettings,
    Shipped,
)
from causal.design.paths import PathColumns
from causal.design.rollout import Carry, Rollout, RolloutAnalysis, RolloutSettings, Single
from causal.design.study import Allocation, Parties, Settings, Source, Study
from causal.design.two_sided import (
    SIDES,
    PairAnalysis,
    PairParties,
    PairSettings,
    TwoSided,
    TwoSidedArms,
)

AnyStudy = Study | Experiment | TwoSided | Rollout | Movement | Exposure
PLANNED = (
    "attributes",
    "experiment",
    "rollout",
    "movement",
    "exposure",
    "policy",
    "scorecard",
    "gaps",
)
TWO_SIDED = "experiment on two sides"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of study.

    Attributes
    ----------
    model
        What reads and checks its file.
    parts
        The model of each top-level key that has keys of its own, and of each ``inner`` one.
    inner
        Keys below those that have keys of their own.
    """

    model: type[AnyStudy]
    parts: Mapping[str, type[BaseModel]]
    inner: tuple[str, ...] = ()


MODELS: Mapping[str, Kind] = {
    "attributes": Kind(
        model=Study,
        parts={
            "data": Source,
            "attributes": Attribute,
            "allocation": Allocation,
            "parties": Parties,
            "exposure": PathColumns,
            "outcomes": Outcome,
            "settings": Settings,
        },
    ),
    "experiment": Kind(
        model=Experiment,
        parts={
            "data": Source,
            "arms": Arms,
            "covariates": Covariate,
            "outcomes": Metric,
            "parties": Parties,
            "analysis": Analysis,
            "settings": ExperimentSettings,
            "cap": Cap,
            "prior": Prior,
            "demand": Demand,
        },
        inner=("cap", "prior", "demand"),
    ),
    TWO_SIDED: Kind(
        model=TwoSided,
        parts={
            "data": Source,
            "arms": TwoSidedArms,
            "outcomes": Metric,
            "parties": PairParties,
            "analysis": PairAnalysis,
            "settings": PairSettings,
            "user": Arms,
            "creator": Arms,
        },
        inner=SIDES,
    ),
    "rollout": Kind(
        model=Rollout,
        parts={
            "data": Source,
            "parties": Parties,
            "outcomes": Outcome,
            "negative_controls": Outcome,
            "analysis": RolloutAnalysis,
            "carry": Carry,
            "single": Single,
            "settings": RolloutSettings,
        },
    ),
    "movement": Kind(
        model=Movement,
        parts={
            "data": Source,
            "parties": Parties,
            "outcomes": Outcome,
            "shipped": Shipped,
            "analysis": MovementAnalysis,
            "settings": MovementSettings,
        },
    ),
    "exposure": Kind(
        model=Exposure,
        parts={
            "data": Source,
            "exposure": Received,
            "instrument": Arms,
            "parties": Parties,
            "outcomes": Outcome,
            "analysis": ExposureAnalysis,
            "settings": ExposureSettings,
        },
    ),
}
AVAILABLE = tuple(kind for kind in MODELS if kind != TWO_SIDED)


def model_name(kind: str, values: Mapping[str, Any]) -> str:
    """Name the model of a study: an experiment whose arms are by side is on two sides.

    >>> model_name("experiment", {"arms": {"user": {}, "creator": {}}})
    'experiment on two sides'
    """
    arms = values.get("arms")
    sided = isinstance(arms, Mapping) and any(side in arms for side in SIDES)
    return TWO_SIDED if kind == "experiment" and sided else kind
