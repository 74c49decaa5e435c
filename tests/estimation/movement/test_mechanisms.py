"""Means under mixed mechanisms: closed forms, a hand-made score, another package, exact sums."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks.changes import movement as worlds
from causal.base.errors import DataError, DesignError
from causal.base.streams import stream
from causal.content.attribute import Kind
from causal.data.panel import Column, Measured
from causal.estimation._boosting import Boosting
from causal.estimation.movement._moved import Moved, acting, frontier
from causal.estimation.movement._rows import taken
from causal.estimation.movement.mechanisms import Mechanisms
from causal.estimation.movement.order import in_order
from causal.estimation.movement.shapley import shapley

QUICK = Boosting(rounds=10)
LINEAR = worlds.World(kind="linear", clustered=False, rows=1_500)
CLUSTERED = worlds.World(kind="linear", clustered=True, rows=1_000)
RATIO = worlds.World(kind="ratio", clustered=True, rows=1_000)


def drawn(world: worlds.World, seed: int = 1, folds: int = 3) -> Moved:
    moved = worlds.draw(world, stream(seed, "test", world.name))
    return replace(moved, folds=moved.folds % folds)


def graph(parents: dict[str, tuple[str, ...]], nodes: tuple[str, ...], rows: int = 40) -> Moved:
    numbers = np.arange(rows, dtype=float)
    columns = {n: Column(name=n, kind=Kind.CONTINUOUS, values=numbers % 7) for n in nodes}
    return Moved(
        nodes=nodes,
        columns=columns,
        parents=parents,
        outcome=Measured(name="y", value=numbers, weight=np.ones(rows)),
        after=np.arange(rows) % 2 == 1,
        clusters=(np.arange(rows),),
        folds=np.arange(rows) // 2 % 2,
    )


def test_closed_forms_are_those_of_the_published_example() -> None:
    assert worlds.truth(LINEAR, "shapley") == pytest.approx([0.0543375, -0.2981625, -0.650775])
    assert worlds.truth(LINEAR, "order") == pytest.approx([0.065625, -0.416025, -0.5442])
    assert worlds.truth(LINEAR, "order").sum() == pytest.approx(-0.8946)


def test_shares_of_the_published_example_are_recovered() -> None:
    moved = drawn(replace(LINEAR, rows=4_000), seed=5)
    fitted = Mechanisms.of(moved)
    for form, found in (("order", in_order(moved, fitted=fitted)),
                        ("shapley", shapley(moved, fitted=fitted))):  # fmt: skip
        z = (found.estimates.values - worlds.truth(LINEAR, form)) / found.estimates.std_errors
        assert np.all(np.abs(z) < 3.3), (form, z)
        assert np.all(found.estimates.std_errors < 0.06)


@pytest.mark.parametrize("kind", ["linear", "ratio"])
def test_planted_means_are_those_of_a_large_draw(kind: str) -> None:
    world = worlds.World(kind=kind, clustered=False, rows=300_000)
    moved = worlds.draw(world, stream(3, "large"))
    outcome = moved.outcome
    bottom = np.ones(outcome.value.size) if outcome.denominator is None else outcome.denominator
    top = outcome.value * bottom
    means = [top[own].sum() / bottom[own].sum() for own in (~moved.after, moved.after)]
    planted = [worlds._MEANS[kind](ends) for ends in ((0, 0, 0), (1, 1, 1))]
    assert means == pytest.approx(planted, abs=0.02 if kind == "linear" else 0.003)


@pytest.mark.parametrize("world", [CLUSTERED, RATIO], ids=lambda world: world.kind)
@pytest.mark.parametrize("weighted", [False, True])
def test_shares_add_up_to_the_move_exactly(world: worlds.World, weighted: bool) -> None:
    moved = drawn(world)
    if weighted:
        w = stream(2, "weights").uniform(0.5, 2.0, moved.after.size)
        out = moved.outcome
        ratio = out.numerator is not None
        moved = replace(
            moved,
            weight=w,
            outcome=replace(
                out,
                weight=out.weight * w,
                numerator=out.numerator * w if ratio else None,
                denominator=out.denominator * w if ratio else None,
            ),
        )
    fitted = Mechanisms.of(moved, boosting=QUICK)
    kept = moved.outcome.weight
    value = [np.average(moved.outcome.value[own], weights=kept[own])
             for own in (moved.after, ~moved.after)]  # fmt: skip
    for found in (in_order(moved, fitted=fitted), shapley(moved, fitted=fitted)):
        assert found.estimates.values.sum() == pytest.approx(value[0] - value[1], abs=1e-9)
        assert found.move.values[0] == pytest.approx(value[0] - value[1], abs=1e-9)
        added = found.estimates.influence.sum(axis=1)
        np.testing.assert_allclose(added, found.move.influence[:, 0], atol=1e-12)


def test_one_change_is_the_doubly_robust_score() -> None:
    moved = drawn(CLUSTERED)
    fitted = Mechanisms.of(moved, boosting=QUICK)
    theta = fitted.theta((1, 0, 0))
    e = fitted._propensity[("x",)]
    m = fitted._mean[((0, ("x",)),)][:, 0]
    new, y = moved.after, moved.outcome.value
    w = e[~new] / (1 - e[~new])
    w = w / w.sum()
    rest = y[~new] - m[~new]
    assert theta.value == pytest.approx(m[new].mean() + w @ rest, abs=1e-12)
    by_row = np.zeros(y.size)
    by_row[new] = (m[new] - m[new].mean()) / new.sum()
    by_row[~new] = w * (rest - w @ rest)
    by_cluster = np.bincount(moved.clusters[0], weights=by_row)
    np.testing.assert_allclose(theta.influence, by_cluster, atol=1e-12)


class _Squares:
    """Ridge or logistic regression on squares and products, with the names DoWhy calls."""

    def __init__(self, *, logistic: bool) -> None:
        from sklearn.linear_model import LinearRegression, LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures

        last = LogisticRegression(C=1e6, max_iter=2_000) if logistic else LinearRegression()
        self.model = make_pipeline(PolynomialFeatures(4 if not logistic else 2), last)

    def fit(self, x, y):
        self.model.fit(x, y)

    def predict(self, x):
        return self.model.predict(x)

    def predict_probabilities(self, x):
        return self.model.predict_proba(x)


def test_every_mix_agrees_with_dowhy_on_the_same_rows() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dowhy.gcm.distribution_change_robust import ThetaC

    moved = drawn(LINEAR, seed=2, folds=5)
    x = np.column_stack([moved.columns[node].values for node in moved.nodes])
    y, t = moved.outcome.value, moved.after.astype(int)
    fitted = Mechanisms.of(moved)
    for coalition in product((0, 1), repeat=3):
        theirs = ThetaC(np.array(coalition)).est_scores(
            x, y, t, x, y, t, method="MR",
            regressor=lambda: _Squares(logistic=False),
            classifier=lambda: _Squares(logistic=True),
        ).mean()  # fmt: skip
        ours = fitted.theta(coalition)
        error = np.sqrt(np.sum(ours.influence**2))
        assert abs(ours.value - theirs) < 0.7 * error, (coalition, ours.value, theirs, error)


def test_intervals_cover_shares_when_rows_come_in_clusters() -> None:
    runs = 16
    z = []
    for seed in range(runs):
        found = in_order(drawn(CLUSTERED, seed=seed), boosting=QUICK)
        off = found.estimates.values - worlds.truth(CLUSTERED, "order")
        z.append(off / found.estimates.std_errors)
    held = np.mean(np.abs(z) <= 2.0, axis=0)
    assert np.all(held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)), held


def test_a_fit_is_made_once_and_shared() -> None:
    moved = drawn(CLUSTERED)
    fitted = Mechanisms.of(moved, boosting=QUICK)
    in_order(moved, fitted=fitted)
    assert fitted.fits == (2 + 2) * 3
    shapley(moved, fitted=fitted)
    assert fitted.fits == (2 + 6) * 3
    shapley(moved, fitted=fitted)
    assert fitted.fits == (2 + 6) * 3


def test_the_answer_does_not_depend_on_the_workers() -> None:
    moved = drawn(RATIO)
    one, two = (in_order(moved, boosting=QUICK, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.estimates.influence, two.estimates.influence)


def test_the_scale_of_weights_changes_nothing_and_rows_of_weight_zero_are_not_there() -> None:
    moved = drawn(CLUSTERED)
    w = stream(4, "weights").uniform(0.5, 2.0, moved.after.size)
    w[::5] = 0.0
    given = replace(moved, outcome=replace(moved.outcome, weight=w))
    found = in_order(given, boosting=QUICK)
    for scale in (2.0, 1e-12, 1e12):
        scaled = replace(moved, outcome=replace(moved.outcome, weight=scale * w))
        again = in_order(scaled, boosting=QUICK)
        np.testing.assert_allclose(found.estimates.values, again.estimates.values, rtol=1e-6)
    less = in_order(taken(given, w > 0), boosting=QUICK)
    np.testing.assert_array_equal(found.estimates.values, less.estimates.values)


def test_a_ratio_of_ones_is_the_mean() -> None:
    moved = drawn(CLUSTERED)
    y, ones = moved.outcome.value, np.ones(moved.after.size)
    ratio = replace(moved, outcome=replace(moved.outcome, numerator=y, denominator=ones))
    mean, other = (in_order(each, boosting=QUICK) for each in (moved, ratio))
    np.testing.assert_allclose(mean.estimates.values, other.estimates.values, atol=1e-9)
    np.testing.assert_allclose(mean.estimates.std_errors, other.estimates.std_errors, rtol=1e-6)


def test_only_nodes_that_later_ones_follow_from_are_conditioned_on() -> None:
    parents = {"b": ("a",), "c": ("b",), "idle": ("b",), "y": ("c", "a")}
    moved = graph(parents, ("a", "b", "idle", "c"))
    chain = acting(moved)
    assert chain == ("a", "b", "c")
    assert [frontier(moved, chain, reached) for reached in (1, 2, 3)] == [
        ("a",),
        ("a", "b"),
        ("a", "c"),
    ]


def test_a_node_that_leads_nowhere_counts_for_nothing() -> None:
    moved = drawn(CLUSTERED)
    idle = Column(name="idle", kind=Kind.CONTINUOUS, values=moved.after + 0.0)
    more = replace(
        moved,
        nodes=("x", "idle", "z"),
        columns={**moved.columns, "idle": idle},
        parents={**moved.parents, "idle": ("x",)},
    )
    found, without = (in_order(each, boosting=QUICK) for each in (more, moved))
    assert found.estimates.values[1] == 0
    assert "no path" in found.estimates.refusal[1]
    np.testing.assert_array_equal(found.estimates.values[[0, 2, 3]], without.estimates.values)


def test_a_sparse_graph_says_the_same_as_a_full_one_where_both_are_true() -> None:
    moved = drawn(CLUSTERED, folds=5)
    x, z = moved.columns["x"].values, moved.columns["z"].values
    y = z + 0.5 * moved.after + stream(6, "noise").normal(size=x.size)
    full = replace(moved, outcome=Measured(name="y", value=y, weight=np.ones(y.size)))
    sparse = replace(full, parents={"z": ("x",), "y": ("z",)})
    one, other = in_order(full), in_order(sparse)
    gap = one.estimates.influence - other.estimates.influence
    error = np.sqrt((gap**2).sum(axis=0)) + 0.1 * one.estimates.std_errors
    assert np.all(np.abs(one.estimates.values - other.estimates.values) < 3 * error)
    assert np.all(other.estimates.std_errors < 1.1 * one.estimates.std_errors)


def test_missing_values_categories_and_constants_are_taken_as_they_are() -> None:
    moved = drawn(RATIO)
    gaps = moved.columns["short"].values.copy()
    gaps[::9] = np.nan
    same = Column(name="same", kind=Kind.CONTINUOUS, values=np.ones(gaps.size))
    odd = replace(
        moved,
        nodes=("same", *moved.nodes),
        columns={
            **moved.columns,
            "short": replace(moved.columns["short"], values=gaps),
            "same": same,
        },
        parents={"topic": ("same",), "short": ("same", "topic"), "y": ("same", "topic", "short")},
    )
    found = in_order(odd, boosting=QUICK)
    assert np.all(np.isfinite(found.estimates.values))
    assert abs(found.estimates.values[0]) < 1e-3


def test_few_clusters_have_wider_errors_and_almost_none_are_refused() -> None:
    moved = drawn(CLUSTERED)
    ten = replace(moved, clusters=(moved.clusters[0] % 10,), folds=moved.clusters[0] % 10 % 2)
    found = in_order(ten, boosting=QUICK)
    assert np.all(found.estimates.df < 10)
    assert found.estimates.refusal == ("", "", "")
    four = replace(ten, clusters=(moved.clusters[0] % 4,))
    refusal = in_order(four, boosting=QUICK).estimates.refusal
    assert all("only 4 clusters" in each for each in refusal)


def test_two_ways_of_clustering_count_both() -> None:
    moved = drawn(CLUSTERED)
    second = np.arange(moved.after.size) % 40
    found = in_order(replace(moved, clusters=(*moved.clusters, second)), boosting=QUICK)
    assert len(found.estimates.ways) == 2
    assert np.all(found.estimates.std_errors > 0)
    assert np.all(found.estimates.df == 39)


def test_a_parent_that_comes_later_is_refused_by_name() -> None:
    with pytest.raises(DesignError, match="'a' follows from 'b', which is not a node before it"):
        graph({"a": ("b",)}, ("a", "b"))


def test_an_empty_period_and_a_single_fold_are_refused() -> None:
    moved = graph({"y": ("a",)}, ("a",))
    with pytest.raises(DataError, match="No row of the period before"):
        replace(moved, after=np.ones(40, dtype=bool))
    with pytest.raises(DataError, match="one fold"):
        replace(moved, folds=np.zeros(40, dtype=np.int64))


def test_without_a_graph_the_whole_move_is_the_outcomes() -> None:
    found = in_order(graph({}, ("a",)))
    assert found.estimates.values.tolist() == [0.0, found.move.values[0]]
    assert found.fits == 0
