"""A projection names metrics of the study, and what is long; a study without one is as it was."""

from __future__ import annotations

from typing import Any

import pytest

from causal.base.errors import StudyError
from causal.content.outcome import Goal
from causal.design.experiment import Experiment
from causal.design.experiment_request import experiment_request
from causal.design.projection import goal_of
from causal.design.reading import study_from
from causal.design.schema import schema

BASE: dict[str, Any] = {
    "study": "s", "kind": "experiment", "data": {"source": "t.csv"}, "unit": "id",
    "arms": {"column": "arm", "control": "A"},
    "outcomes": [
        {"name": "clicks", "column": "clicks"},
        {"name": "hides", "column": "hides", "role": "secondary", "goal": "decrease"},
        {"name": "large", "column": "clicks", "type": "quantile", "quantile": 0.9,
         "role": "secondary"},
    ],
}  # fmt: skip


def study(**projection: Any) -> Experiment:
    given = {"target": "late", "from": ["clicks", "hides"], "past": "past.csv"} | projection
    made = study_from({**BASE, "projection": given})
    assert isinstance(made, Experiment)
    return made


def test_the_metrics_it_is_projected_from_are_read_together() -> None:
    assert experiment_request(study()).together == ("clicks", "hides")
    assert study(**{"from": "clicks"}).projection.sources == ("clicks",)  # type: ignore[union-attr]


def test_a_study_without_one_keeps_its_hash() -> None:
    assert "projection" not in study_from(BASE).model_dump()
    assert "projection" in study().model_dump()
    assert "Projection" in schema()["$defs"]


def test_good_is_what_the_outcome_says_then_the_projection_then_up() -> None:
    for asked, goal in (
        (study(), Goal.INCREASE),
        (study(goal="decrease"), Goal.DECREASE),
        (study(target="hides", **{"from": "clicks"}), Goal.DECREASE),
    ):
        assert asked.projection is not None
        assert goal_of(asked, asked.projection) is goal


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"from": ["click"]}, "projection.from.0. names 'click', which is no outcome. Did you"),
        ({"from": ["large"]}, "is 'large', a quantile"),
        ({"from": ["clicks", "clicks"]}, "is 'clicks', as projection.from.0. is"),
        ({"from": ["clicks"], "target": "clicks"}, "which is the target"),
        ({"from": []}, "projection.from is empty"),
        ({"from": ["clicks"], "target": "hides", "goal": "increase"}, "has 'decrease'. Keep one"),
        ({"scale": "percent"}, "projection.scale"),
    ],
)
def test_what_it_may_not_be_is_refused_in_words(given: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        study(**given)
