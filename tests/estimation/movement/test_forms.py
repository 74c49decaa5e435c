"""Forms of sharing out a move: weights of coalitions, drawn orders, merged nodes, other orders."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from benchmarks.changes import movement as worlds
from causal.base.errors import DesignError
from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import Column
from causal.estimation._boosting import Boosting
from causal.estimation.movement import _attribution, order, sampled, shapley
from causal.estimation.movement._moved import Moved
from causal.estimation.movement.mechanisms import Mechanisms
from causal.estimation.movement.placebo import halves, split
from causal.estimation.movement.turned import other_order, turned

QUICK = Boosting(rounds=10)
WORLD = worlds.World(kind="linear", clustered=True, rows=700)


@pytest.fixture(scope="module")
def moved() -> Moved:
    made = worlds.draw(WORLD, stream(1, "forms"))
    return replace(made, folds=made.folds % 2)


@pytest.fixture(scope="module")
def fitted(moved: Moved) -> Mechanisms:
    return Mechanisms.of(moved, boosting=QUICK)


def test_shapley_weights_are_the_mean_over_all_orders() -> None:
    exact = shapley.coefficients(4)
    every = sampled.coefficients(np.array(list(permutations(range(4)))))
    assert exact.keys() == every.keys()
    for coalition, counted in exact.items():
        np.testing.assert_allclose(counted, every[coalition], atol=1e-15)


def test_drawn_orders_come_with_their_reverse_and_depend_on_the_seed_alone() -> None:
    orders = sampled.drawn(6, 10, seed=3)
    np.testing.assert_array_equal(orders[::2], orders[1::2, ::-1])
    assert np.all(np.sort(orders, axis=1) == np.arange(6))
    np.testing.assert_array_equal(orders, sampled.drawn(6, 10, seed=3))
    assert np.any(orders != sampled.drawn(6, 10, seed=4))


def test_drawn_shares_add_up_and_differ_from_exact_ones_by_their_monte_carlo_error(
    moved: Moved, fitted: Mechanisms
) -> None:
    exact = shapley.shapley(moved, fitted=fitted)
    off, errors = [], []
    for seed in range(30):
        found = sampled.sampled(moved, permutations=20, seed=seed, fitted=fitted)
        assert found.estimates.values.sum() == pytest.approx(found.move.values[0], abs=1e-9)
        assert found.monte_carlo is not None
        off.append(found.estimates.values - exact.estimates.values)
        errors.append(found.monte_carlo)
    ratio = np.sqrt(np.mean(np.square(errors)) / np.mean(np.square(off)))
    assert 0.7 < ratio < 1.4


def test_the_monte_carlo_error_is_added_to_the_covariance_and_to_nothing_else(
    moved: Moved, fitted: Mechanisms
) -> None:
    found = sampled.sampled(moved, permutations=8, seed=1, fitted=fitted)
    orders = sampled.drawn(3, 8, seed=1)
    counted = sampled.coefficients(orders)
    influence = sum(np.outer(fitted.theta(key).influence, own) for key, own in counted.items())
    clusters = influence.shape[0]
    alone = np.diag(influence.T @ influence) * clusters / (clusters - 1)
    assert found.monte_carlo is not None
    added = found.estimates.std_errors**2 - alone
    np.testing.assert_allclose(added, found.monte_carlo**2, rtol=1e-6)
    exact = order.in_order(moved, fitted=fitted)
    np.testing.assert_allclose(found.move.std_errors, exact.move.std_errors, rtol=1e-9)


@pytest.mark.parametrize("number", [2, 7])
def test_too_few_or_an_odd_number_of_orders_is_refused(moved: Moved, number: int) -> None:
    with pytest.raises(DesignError, match=f"permutations is {number}. Give an even number"):
        sampled.sampled(moved, permutations=number, seed=1)


def test_orders_that_would_take_hours_are_refused_before_a_model_is_fitted(
    moved: Moved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_attribution, "MOST", 1_000)
    blank = Mechanisms.of(moved)
    with pytest.raises(DesignError, match=r"8 orders of 3 nodes need \d+ models over [\d,]+ rows"):
        sampled.sampled(moved, permutations=8, seed=1, fitted=blank)
    assert blank.fits == 0


def test_the_models_that_coalitions_need_are_counted_ahead(moved: Moved) -> None:
    blank = Mechanisms.of(moved)
    needed = list(shapley.coefficients(blank.nodes))
    ahead = blank.models(needed)
    for coalition in needed:
        blank.theta(coalition)
    assert blank.fits == ahead * np.unique(moved.folds[blank.rows]).size


def test_exact_shapley_is_for_ten_nodes_that_act(moved: Moved) -> None:
    names = tuple("abcdefghij")
    column = moved.columns["x"]
    wide = replace(
        moved,
        nodes=names,
        columns={name: replace(column, name=name) for name in names},
        parents={"y": names},
    )
    with pytest.raises(DesignError, match=r"2\^11 = 2,048 mixes .* Use form: order"):
        shapley.shapley(wide)


SLOPES = np.array([[0.0, 0.8, 0.6, 0.7, 0.9, 0.5], [0.0, 0.6, 0.6, 0.9, 0.7, 0.5]])
LEVELS = np.array([[0.0] * 6, [0.4, 0.0, -0.3, 0.0, 0.2, 0.1]])


def line(moved: Moved) -> Moved:
    """Six nodes, each of which follows from the one before it alone."""
    draws, after = stream(2, "line"), moved.after.astype(int)
    made = np.zeros((after.size, 6))
    for at in range(6):
        before = made[:, at - 1] if at else 0.0
        made[:, at] = LEVELS[after, at] + SLOPES[after, at] * before + draws.normal(size=after.size)
    names = tuple("abcde")
    return replace(
        moved,
        nodes=names,
        columns={
            name: Column(name=name, kind=Kind.CONTINUOUS, values=made[:, at])
            for at, name in enumerate(names)
        },
        parents={after: (before,) for before, after in zip(names, (*names[1:], "y"), strict=True)},
        outcome=replace(moved.outcome, value=made[:, 5]),
    )


def mean_of(coalition: tuple[int, ...]) -> float:
    """The outcome's mean on the line, in closed form."""
    mean = 0.0
    for at, period in enumerate(coalition):
        mean = LEVELS[period, at] + SLOPES[period, at] * mean
    return mean


def test_exact_shapley_of_six_nodes_with_sparse_parents_finds_the_closed_form(moved: Moved) -> None:
    found = shapley.shapley(line(moved), boosting=QUICK)
    truth = sum(
        counted * mean_of(coalition) for coalition, counted in shapley.coefficients(6).items()
    )
    z = (found.estimates.values - truth) / found.estimates.std_errors
    assert np.max(np.abs(z)) < 3.5, z
    assert found.estimates.values.sum() == pytest.approx(found.move.values[0], abs=1e-9)


def test_exact_shapley_of_many_nodes_is_refused_before_a_model_is_fitted_where_it_costs_hours(
    moved: Moved, fitted: Mechanisms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_attribution, "MOST", 1_000)
    blank = Mechanisms.of(line(moved))
    with pytest.raises(DesignError, match=r"2\^6 = 64 mixes .* of 6 nodes need 93 models"):
        shapley.shapley(blank.moved, fitted=blank)
    assert blank.fits == 0
    assert shapley.shapley(moved, fitted=fitted).form == "shapley"


def apart(moved: Moved) -> Moved:
    """Rows of which one node tells the period for certain."""
    shifted = moved.columns["x"].values + np.where(moved.after, 20.0, 0.0)
    column = Column(name="x", kind=Kind.CONTINUOUS, values=shifted)
    return replace(moved, columns={**moved.columns, "x": column})


def test_nodes_that_periods_do_not_share_are_told_together(moved: Moved) -> None:
    found = order.in_order(apart(moved), boosting=QUICK)
    assert found.groups == (("x", "z", "y"),)
    assert found.nodes == ("x and z and y",)
    assert found.estimates.values == pytest.approx(found.move.values, abs=1e-9)
    assert found.estimates.std_errors == pytest.approx(found.move.std_errors, rel=1e-9)
    assert found.estimates.labels[0].segment_value == "x and z and y"


def test_forms_over_all_orders_refuse_where_periods_do_not_share(moved: Moved) -> None:
    found = shapley.shapley(apart(moved), boosting=QUICK)
    assert all("hardly any rows to learn" in each for each in found.estimates.refusal)


def test_merging_adds_shares_and_keeps_the_sum(moved: Moved, fitted: Mechanisms) -> None:
    found = order.in_order(moved, fitted=fitted)
    two = order.merged(found, ["z"])
    assert two.groups == (("x",), ("z", "y"))
    np.testing.assert_allclose(
        two.estimates.values, [found.estimates.values[0], found.estimates.values[1:].sum()]
    )
    v = found.estimates.covariance()
    assert two.estimates.std_errors[1] == pytest.approx(np.sqrt(v[1:, 1:].sum()))


def test_the_other_order_turns_what_the_graph_leaves_open(moved: Moved) -> None:
    free = replace(moved, parents={"y": ("x", "z")})
    assert other_order(free) == ("z", "x")
    assert other_order(moved) == ("x", "z")
    assert turned(moved, seed=1) is None


def test_an_order_that_does_not_matter_is_found_not_to() -> None:
    made = worlds.draw(WORLD, stream(2, "additive"))
    draws = stream(3, "additive")
    x, z, e = draws.normal(size=(3, made.after.size)) + 0.3 * made.after
    columns = {n: Column(name=n, kind=Kind.CONTINUOUS, values=v) for n, v in (("x", x), ("z", z))}
    free = replace(
        made,
        columns=columns,
        parents={"y": ("x", "z")},
        outcome=replace(made.outcome, value=x + z + e),
        folds=made.folds % 2,
    )
    found = turned(free, seed=1, boosting=QUICK)
    assert found is not None
    assert found.order == ("z", "x")
    assert found.nodes == ("x", "z", "y")
    assert np.all(np.abs(found.difference) <= 3.5 * found.std_error)


def test_halves_of_the_period_before_share_no_cluster_and_lie_in_every_fold(moved: Moved) -> None:
    made = split(moved, seed=1)
    assert made.after.size == (~moved.after).sum()
    late, early = (set(made.clusters[0][own].tolist()) for own in (made.after, ~made.after))
    assert not late & early
    assert abs(len(late) - len(early)) <= 1
    for fold in np.unique(made.folds):
        assert np.unique(made.after[made.folds == fold]).size == 2
    np.testing.assert_array_equal(made.after, split(moved, seed=1).after)


def test_between_halves_of_one_period_no_mechanism_moves(moved: Moved) -> None:
    found = halves(moved, level=0.999, seed=1, boosting=QUICK)
    assert found is not None
    assert found.nodes == ("x", "z", "y")
    assert np.all((found.low < 0) & (found.high > 0))


def test_a_period_with_few_clusters_is_not_halved(moved: Moved) -> None:
    few = replace(moved, clusters=(moved.clusters[0] % 9,))
    assert halves(few, level=0.95, seed=1) is None
