"""The unit table of an experiment as a study of one attribute: the arm, assigned with known shares."""

from __future__ import annotations

from causal.content.attribute import Attribute, Kind
from causal.content.metric import Metric
from causal.content.outcome import Outcome
from causal.design._common import Source
from causal.design.experiment import Experiment
from causal.design.study import Settings, Study

VALUE, SHARE = "causal value", "causal share"


def study_of_units(experiment: Experiment, metric: Metric, features: tuple[str, ...]) -> Study:
    """Ask of a table of units for whom an arm moves a metric.

    Its rows have the metric's value in the column ``VALUE``, the planned share of the arm among the
    two compared in ``SHARE``, and in the arm's column the arm's name.

    Parameters
    ----------
    features
        Columns known before assignment; what differs with them is looked at.
    """
    asked = experiment.settings
    return Study(
        study=experiment.study,
        data=Source(source="units"),
        unit=(experiment.unit,),
        cluster=() if experiment.cluster is None else (experiment.cluster,),
        attributes=(
            Attribute(
                name=experiment.arms.column,
                kind=Kind.BINARY,
                reference=experiment.arms.control,
            ),
        ),
        assignment="randomized",
        propensity=SHARE,
        outcomes=(Outcome(name=metric.name, column=VALUE, role=metric.role, goal=metric.goal),),
        modifiers=features,
        settings=Settings(
            level=asked.level,
            seed=asked.seed,
            minimum_cell=asked.minimum_cell,
            dominance=asked.dominance,
        ),
    )
