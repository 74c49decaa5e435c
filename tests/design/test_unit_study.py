"""The unit table of an experiment is a study of one attribute with known probabilities."""

from __future__ import annotations

from causal.design.experiment import Experiment
from causal.design.unit_study import SHARE, VALUE, study_of_units


def test_the_arm_is_a_randomised_attribute_whose_clusters_and_goal_are_kept() -> None:
    experiment = Experiment.model_validate({
        "study": "s", "kind": "experiment", "data": {"source": "t.csv"}, "unit": "user",
        "cluster": "school", "arms": {"column": "arm", "control": "A"},
        "outcomes": [{"name": "hides", "numerator": "h", "denominator": "d", "goal": "decrease"}],
        "settings": {"seed": 7, "minimum_cell": 20},
    })  # fmt: skip
    found = study_of_units(experiment, experiment.outcomes[0], ("market", "before"))
    assert (found.assignment, found.propensity) == ("randomized", SHARE)
    assert (found.unit, found.cluster, found.block) == (("user",), ("school",), ())
    assert found.attributes[0].reference == "A"
    assert (found.outcomes[0].column, found.outcomes[0].goal) == (VALUE, "decrease")
    assert found.modifiers == ("market", "before")
    assert (found.settings.seed, found.settings.minimum_cell) == (7, 20)
