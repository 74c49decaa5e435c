"""Effects of segments, and the test that they differ, hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import kstest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment.effects import Asked
from causal.estimation.experiment.segments import interaction, segment_effects

MEAN = Reading(metric="y", level=Part(numerator="y"))
ASKED = Asked(arm_column="arm", adjustment=Adjustment.NONE)
LEVELS = (("new",), ("old",), ("dormant",))


def world(seed: int, differ: float = 0.0, n: int = 900) -> tuple[Moments, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arm, level = rng.integers(0, 2, n), rng.choice(3, n, p=[0.5, 0.3, 0.2])
    y = level + arm * (1 + differ * level) + rng.normal(size=n) * (1 + 0.5 * level)
    moments = moments_of(
        arm, y[:, None], arms=("A", "B"), columns=("y",), stratum=level, strata=LEVELS
    )
    return moments, np.column_stack([arm, level]), y


def run(moments: Moments, clusters: int | None = None):
    found = segment_effects(moments, MEAN, ASKED, segment="age", arm=1)
    return found, interaction(found, moments, clusters=clusters)


def test_each_level_is_a_comparison_of_its_own() -> None:
    moments, columns, y = world(1)
    found, _ = run(moments)
    for at, (name,) in enumerate(LEVELS):
        rows = columns[:, 1] == at
        fit = sm.OLS(y[rows], sm.add_constant(columns[rows, 0])).fit(cov_type="HC2")
        assert found.values[at] == pytest.approx(fit.params[1])
        assert found.std_errors[at] == pytest.approx(fit.bse[1])
        assert (found.labels[at].segment, found.labels[at].segment_value) == ("age", name)


def test_equal_segments_give_uniform_p_values() -> None:
    p = [run(world(seed)[0])[1].test.p_value for seed in range(200)]
    assert kstest(p, "uniform").pvalue > 1e-3


def test_segments_that_differ_are_found() -> None:
    found = run(world(2, differ=1.0)[0])[1]
    assert found.test.p_value < 1e-4
    assert found.test.df == 2
    assert found.difference[0] < 0 < found.difference[2]


def test_differences_weighted_by_their_units_add_up_to_nothing() -> None:
    moments, _, _ = world(3, differ=0.5)
    found = run(moments)[1]
    assert moments.n.sum(axis=0) @ found.difference == pytest.approx(0.0, abs=1e-9)


def test_a_level_without_an_arm_is_refused_and_the_rest_is_tested() -> None:
    arm, level = np.tile([0, 1], 60), np.repeat([0, 1, 2], 40)
    arm[level == 2] = 0
    y = np.random.default_rng(4).normal(size=(120, 1))
    moments = moments_of(arm, y, arms=("A", "B"), columns=("y",), stratum=level, strata=LEVELS)
    found, differs = run(moments)
    assert [bool(text) for text in found.refusal] == [False, False, True]
    assert differs.test.df == 1
    assert np.isnan(differs.difference[2])


def test_a_level_that_does_not_vary_is_refused_and_the_rest_is_tested() -> None:
    """Nobody in it bought: its effect of 0 is not known without error."""
    arm, level = np.tile([0, 1], 60), np.repeat([0, 1, 2], 40)
    y = np.random.default_rng(4).normal(size=(120, 1)) + 1
    y[level == 2] = 0.0
    moments = moments_of(arm, y, arms=("A", "B"), columns=("y",), stratum=level, strata=LEVELS)
    found, differs = run(moments)
    assert found.refusal == ("", "", "its values do not vary within the arms")
    assert differs.test.df == 1
    assert 0 < differs.test.p_value < 1


def test_clusters_in_several_segments_give_no_test() -> None:
    moments, _, _ = world(5)
    assert "several segments" in run(moments, clusters=100)[1].reason
    assert not run(moments, clusters=int(moments.n.sum()))[1].reason


def test_one_level_gives_no_test() -> None:
    arm = np.tile([0, 1], 10)
    y = np.random.default_rng(6).normal(size=(20, 1))
    moments = moments_of(arm, y, arms=("A", "B"), columns=("y",), strata=(("all",),))
    assert "fewer than two" in run(moments)[1].reason
