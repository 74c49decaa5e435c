"""Pieces: jumps and splines in one column, jumps in several, where they explain more than curves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from causal.estimation._joint import Joint, Looked, Sides, followed, none
from causal.estimation._pieces import (
    BUMP,
    JUMP,
    Factor,
    bumps_of,
    corners_of,
    cuts_of_one,
    cuts_of_several,
    gain,
    jumps_of,
    values_of,
)
from causal.estimation._start import joint_start, linear_start

N = 6_000


def standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def left(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What a line leaves."""
    basis = np.column_stack([np.ones(len(y)), x])
    return y - basis @ np.linalg.lstsq(basis, y, rcond=None)[0]


def found(x: np.ndarray, y: np.ndarray) -> Joint:
    sides = Sides.of(x, x.mean(axis=0), x.std(axis=0))
    return followed(Looked.at(sides, x), left(x, y), none(sides), triples=True)


def test_the_jumps_of_a_window_are_found_where_they_are() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=N)
    y = 1.0 * ((z > -0.4) & (z < 0.9)) + 0.5 * z + rng.normal(size=N)
    cuts = cuts_of_one(z, left(z[:, None], y), 5.2)
    # The error of a cut is of the order of one over the rows and the squared jump: 1e-3 here.
    np.testing.assert_allclose(cuts, [-0.4, 0.9], atol=0.03)


def test_no_cut_in_noise_nor_between_equal_values() -> None:
    rng = np.random.default_rng(2)
    z = standard(rng.integers(0, 3, N).astype(float))
    assert cuts_of_one(rng.normal(size=N), rng.normal(size=N), 5.2) == []
    y = 2.0 * (z > 0) + rng.normal(size=N)
    for cut in cuts_of_one(z, left(z[:, None], y), 5.2):
        assert not np.isclose(z, cut).any()


def test_a_column_without_a_place_to_cut_gives_none() -> None:
    assert cuts_of_one(np.zeros(N), np.random.default_rng(3).normal(size=N), 5.2) == []


@pytest.mark.parametrize("cuts", [(0.0, 0.0), (0.6, -0.3), (0.5, 0.5, -0.2)])
def test_cuts_of_several_columns_are_found_from_the_medians(cuts: tuple[float, ...]) -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(N, len(cuts)))
    y = 2.0 * (z > cuts).all(axis=1) + rng.normal(size=N)
    np.testing.assert_allclose(cuts_of_several(z, left(z, y)), cuts, atol=0.05)


def test_what_jumps_are_tried() -> None:
    assert [factor.cut for (factor,) in jumps_of([0.3])] == [0.3]
    assert len(corners_of([0.3, 0.5])) == 3**2 - 1 - 2
    assert len(corners_of([0.1, 0.2, 0.3])) == 3**3 - 1 - 3
    z = np.array([[0.0, 1.0], [1.0, 0.0]])
    corner = (Factor(0, JUMP, 0.3), Factor(1, JUMP, 0.5))
    np.testing.assert_array_equal(values_of(z, [corner]), [[-1.0], [-1.0]])


def test_bumps_are_the_cubic_splines_of_scipy() -> None:
    z = np.sort(np.random.default_rng(8).normal(size=500))
    low, high = np.quantile(z, [0.01, 0.99])
    step = (high - low) / 5
    knots = low + step * np.arange(-2, 8)
    whole = BSpline.design_matrix(z[(z >= low) & (z < high)], low + step * np.arange(-3, 9), 3)
    made = values_of(z[:, None], bumps_of(z, 6))
    inside = made[(z >= low) & (z < high)]
    np.testing.assert_allclose(inside, whole.toarray()[:, 1:-1], atol=1e-12)
    assert (made[(z < knots[0]) | (z > knots[-1])] == 0).all()
    assert bumps_of(np.zeros(500), 6) == []


def test_gain_is_what_a_regression_explains_less_what_its_columns_cost() -> None:
    rng = np.random.default_rng(5)
    z, made = rng.normal(size=(N, 1)), rng.normal(size=(N, 2))
    r = left(z, made[:, 0] + rng.normal(size=N))
    basis = np.hstack([np.ones((N, 1)), z, made])
    rest = r - basis @ np.linalg.lstsq(basis, r, rcond=None)[0]
    explained = (r @ r - rest @ rest) / (rest @ rest / N)
    expected = explained - 2 * np.log(N)
    assert gain(r, z, made) == pytest.approx(expected, rel=1e-4)
    assert gain(r, z, made, 3) == pytest.approx(expected - 3 * np.log(N), rel=1e-4)


SHAPES = {
    "step": lambda x: 1.0 * (x[:, 1] > 0.4),
    "both": lambda x: 2.0 * ((x[:, 1] > 0.5) & (x[:, 2] > -0.2)),
    "sign": lambda x: np.sign(x[:, 1] * x[:, 2]),
}
CURVES = {
    "bend": lambda x: np.abs(x[:, 1]),
    "product": lambda x: x[:, 1] * x[:, 2],
    "ring": lambda x: np.cos(np.hypot(x[:, 1], x[:, 2])),
}


@pytest.mark.parametrize("shape", [*SHAPES, *CURVES])
def test_jumps_take_the_place_of_curves_only_where_there_are_jumps(shape: str) -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(N, 5))
    y = (SHAPES | CURVES)[shape](x) + 0.5 * x[:, 0] + rng.normal(size=N)
    joint = found(x, y)
    shapes = joint.sides.shape[joint.groups[joint.groups >= 0]]
    assert (JUMP in shapes) == (shape in SHAPES)


@pytest.mark.parametrize("wave", [np.sin, np.cos])
def test_splines_come_nearer_than_curves_of_the_rank(wave: np.ufunc) -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(N, 5))
    truth = wave(2 * x[:, 1])
    y = truth + 0.5 * x[:, 0] + rng.normal(size=N)
    start = joint_start(linear_start, x, y, None, logistic=False)
    shapes = start.joint.sides.shape[start.joint.groups[start.joint.groups >= 0]]
    assert BUMP in shapes
    error = start.predict(x) - truth - 0.5 * x[:, 0]
    # Six to twelve coefficients, and a little that the splines cannot follow.
    assert np.sqrt(np.mean(error**2)) < 2 * np.sqrt(15 / N)


def test_jumps_are_the_same_whatever_the_unit_of_a_column() -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(N, 4))
    y = SHAPES["both"](x) + rng.normal(size=N)
    moved = x * [1.0, 1000.0, 0.01, 1.0] + [0.0, 5.0, -3.0, 0.0]
    one, other = found(x, y), found(moved, y)
    np.testing.assert_array_equal(one.groups, other.groups)
    np.testing.assert_allclose(one.terms(x), other.terms(moved), atol=1e-8)
