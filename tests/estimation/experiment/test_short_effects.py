"""Effects on several metrics are those of the comparisons, with the covariance of their errors."""

from __future__ import annotations

import numpy as np
import pytest

from causal.data.moments.collected import Part, Reading
from causal.data.moments.moments import Moments
from causal.data.moments.rows import moments_of
from causal.estimation.experiment.effects import Asked, effects
from causal.estimation.experiment.short_effects import short_effects

ASKED = Asked(arm_column="arm")
READINGS = tuple(Reading(metric=name, level=Part(numerator=name)) for name in ("a", "b"))


def rows(shift: float = 5.0, n: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    arm = np.arange(n) % 2
    a = rng.standard_normal(n) + shift + 0.5 * arm
    return arm, np.column_stack([a, 0.6 * a + rng.standard_normal(n) + shift])


def made(arm: np.ndarray, y: np.ndarray) -> Moments:
    return moments_of(arm, y, arms=("A", "B"), columns=("a", "b"))


def test_absolute_effects_have_the_joint_covariance_of_differences_of_means() -> None:
    arm, y = rows()
    (found,) = short_effects(made(arm, y), READINGS, ASKED, relative=False)
    on, off = y[arm == 1], y[arm == 0]
    assert found.effects == pytest.approx(on.mean(axis=0) - off.mean(axis=0))
    assert found.covariance == pytest.approx(np.cov(on.T) / len(on) + np.cov(off.T) / len(off))
    like = effects(made(arm, y), READINGS, ASKED)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(like.std_errors)


def test_relative_effects_have_the_covariance_of_the_delta_method() -> None:
    arm, y = rows()
    (found,) = short_effects(made(arm, y), READINGS, ASKED, relative=True)
    on, off = y[arm == 1], y[arm == 0]
    t, c = on.mean(axis=0), off.mean(axis=0)
    expected = np.cov((on / c).T) / len(on) + np.cov((off * t / c**2).T) / len(off)
    assert found.effects == pytest.approx(t / c - 1)
    assert found.covariance == pytest.approx(expected)


def test_effects_relative_to_a_level_near_zero_are_refused() -> None:
    arm, y = rows(shift=0.0)
    (found,) = short_effects(made(arm, y), READINGS, ASKED, relative=True)
    assert "level of a is too near zero" in found.refusal
    (still,) = short_effects(made(arm, y), READINGS, ASKED, relative=False)
    assert not still.refusal


def test_a_metric_that_does_not_vary_is_refused() -> None:
    arm, y = rows()
    y[:, 1] = 3.0
    (found,) = short_effects(made(arm, y), READINGS, ASKED, relative=False)
    assert "b: its values do not vary" in found.refusal
