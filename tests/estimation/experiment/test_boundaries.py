"""Boundaries are the published ones, and spend exactly what they say."""

from __future__ import annotations

import numpy as np
import pytest

from causal.estimation.experiment.boundaries import (
    Spending,
    boundaries,
    crossing,
    smallest_alpha,
    spent,
)

OBF, POCOCK = Spending.OBRIEN_FLEMING, Spending.POCOCK


def equal(looks: int) -> np.ndarray:
    return np.arange(1, looks + 1) / looks


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        (OBF, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        (POCOCK, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_five_looks_are_those_of_the_published_program(
    spending: Spending, published: list[float]
) -> None:
    """Reboussin, DeMets, Kim, Lan (2000), Controlled Clinical Trials 21, two-sided 5%."""
    found = boundaries(equal(5), 0.05, spending)
    assert found == pytest.approx(published, abs=1e-3)


@pytest.mark.parametrize(
    ("looks", "pocock", "obrien_fleming"),
    [(2, 2.178, 1.977), (3, 2.289, 2.004), (4, 2.361, 2.024), (5, 2.413, 2.040)],
)
def test_the_recursion_gives_the_classic_constants(
    looks: int, pocock: float, obrien_fleming: float
) -> None:
    """Jennison, Turnbull (2000), tables 2.1 and 2.3: chances of 5% to within their rounding."""
    t = equal(looks)
    assert crossing(t, np.full(looks, pocock)) == pytest.approx(0.05, abs=1e-4)
    assert crossing(t, obrien_fleming / np.sqrt(t)) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize("spending", list(Spending))
@pytest.mark.parametrize("t", [[1.0], [0.3, 0.65, 1.0], [0.1, 0.11, 0.5, 0.9, 1.0]])
def test_what_is_spent_is_what_may_be(spending: Spending, t: list[float]) -> None:
    at = np.array(t)
    found = boundaries(at, 0.05, spending)
    assert crossing(at, found) == pytest.approx(0.05, abs=1e-9)
    for look in range(1, at.size):
        own = spent(at[:look], 0.05, spending)[-1]
        assert crossing(at[:look], found[:look]) == pytest.approx(own, abs=1e-9)


def test_one_look_is_the_fixed_test() -> None:
    for spending in Spending:
        assert boundaries(np.ones(1), 0.05, spending) == pytest.approx([1.959964], abs=1e-6)


def test_simulated_paths_cross_as_often_as_they_should() -> None:
    rng = np.random.default_rng(1)
    t = np.array([0.25, 0.6, 1.0])
    steps = rng.normal(size=(200_000, 3)) * np.sqrt(np.diff(np.append(0.0, t)))
    z = np.cumsum(steps, axis=1) / np.sqrt(t)
    crossed = (np.abs(z) > boundaries(t, 0.05, POCOCK)).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 200_000))


@pytest.mark.parametrize("spending", list(Spending))
@pytest.mark.parametrize("looks", [(1.0,), (0.5, 1.0), (0.25, 0.5, 0.75), (0.2, 0.3, 0.9, 1.0)])
def test_the_boundary_at_the_p_value_is_what_was_seen(
    looks: tuple[float, ...], spending: Spending
) -> None:
    t = np.array(looks)
    for alpha in (1e-6, 0.004, 0.05, 0.4):
        z = float(boundaries(t, alpha, spending)[-1])
        assert smallest_alpha(z, t, spending) == pytest.approx(alpha, rel=1e-7)
    assert smallest_alpha(40.0, t, spending) == 1e-12
    assert np.isnan(smallest_alpha(float("nan"), t, spending))
