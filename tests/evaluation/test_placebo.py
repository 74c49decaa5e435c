"""Placebo: the column changes where it may, wrong errors are caught, right ones pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.evaluation import placebo
from causal.evaluation._exchange import Exchange, constant_in, exchange
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import blocks, confounded

QUICK = Boosting(rounds=20, leaves=8)


def creators(seed: int = 0, *, groups: int = 100, size: int = 20) -> pd.DataFrame:
    """An attribute that is the same for all items of a creator, whose quality moves the outcome."""
    rng = np.random.default_rng([3, seed])
    g = np.repeat(np.arange(groups), size)
    a = (rng.random(groups) < 0.5)[g].astype(int)
    x1, x2 = rng.normal(size=(2, g.size))
    y = a + x1 + rng.normal(size=groups)[g] + rng.normal(size=g.size)
    return pd.DataFrame({"g": g, "a": a, "x1": x1, "x2": x2, "y": y})


def swap(evaluated: object) -> tuple[Exchange, np.ndarray]:
    fit = evaluated.leading  # type: ignore[attr-defined]
    attribute = fit.setting.study.attributes[0]
    column = fit.setting.panel.columns[attribute.name]
    rows = np.flatnonzero(~column.missing)
    return exchange(fit, attribute, rows), column.values[rows]


def test_rows_are_exchanged_when_the_attribute_varies_in_every_group(evaluate: Evaluate):
    own, before = swap(evaluate(confounded(500), QUICK))
    drawn = own.draw(np.random.default_rng(1))
    assert own.level == "row"
    assert np.mean(drawn != before) > 0.2
    assert drawn.sum() == before.sum()


def test_the_exchange_stays_inside_blocks_and_changes_the_column(evaluate: Evaluate):
    evaluated = evaluate(blocks(hidden=0.5), QUICK, block=["k"], cluster="k")
    own, before = swap(evaluated)
    drawn = own.draw(np.random.default_rng(1))
    block = evaluated.panel.block
    assert np.mean(drawn != before) > 0.2
    np.testing.assert_array_equal(
        np.bincount(block, weights=drawn), np.bincount(block, weights=before)
    )


def test_whole_clusters_are_exchanged_when_the_attribute_is_constant_in_them(evaluate: Evaluate):
    evaluated = evaluate(creators(), QUICK, cluster=["g"])
    own, before = swap(evaluated)
    drawn = own.draw(np.random.default_rng(1))
    codes = evaluated.panel.clusters[0]
    assert own.level == "g"
    assert np.mean(drawn != before) > 0.2
    assert all(np.ptp(drawn[codes == g]) == 0 for g in range(100))


def test_clusters_nested_in_strata_are_exchanged_within_them(evaluate: Evaluate):
    frame = creators()
    frame["stratum"] = frame["g"] // 10
    evaluated = evaluate(frame, QUICK, cluster=["g"], block=["stratum"])
    own, before = swap(evaluated)
    drawn = own.draw(np.random.default_rng(1))
    block = evaluated.panel.block
    assert own.level == "g"
    assert np.mean(drawn != before) > 0.1
    np.testing.assert_array_equal(
        np.bincount(block, weights=drawn), np.bincount(block, weights=before)
    )


def test_an_undeclared_cluster_is_caught_and_stops_the_effects(evaluate: Evaluate):
    evaluated = evaluate(creators(), QUICK, parties={"creator": "g"})
    (finding,) = placebo.check(evaluated)
    assert finding.status is Status.FAIL
    assert (finding.blocks, finding.designs, finding.attributes) == (
        "design",
        ("adjusted",),
        ("a",),
    )
    assert finding.statistic is not None
    assert finding.statistic > 2
    assert "too narrow" in finding.meaning
    assert finding.remedy == "Name 'creator' in cluster, so that errors count whole groups."


def test_the_same_cluster_declared_passes(evaluate: Evaluate):
    (finding,) = placebo.check(evaluate(creators(), QUICK, cluster=["g"]))
    assert (finding.status, finding.blocks) == (Status.PASS, "none")


def test_small_blocks_with_rows_as_clusters_are_caught(evaluate: Evaluate):
    """Demeaning two rows halves what is left of both: their errors are too small by root two."""
    frame = blocks(hidden=0.0, count=600, size=2)
    frame["row"] = np.arange(len(frame))
    (finding,) = placebo.check(evaluate(frame, QUICK, block=["k"], cluster=["row"]))
    (fixed,) = placebo.check(evaluate(frame, QUICK, block=["k"]))
    assert finding.status is Status.FAIL
    assert "name it in cluster" in finding.remedy
    assert fixed.status is Status.PASS


def test_too_few_groups_have_no_valid_placebo(evaluate: Evaluate):
    evaluated = evaluate(creators(groups=40), QUICK, cluster=["g"])
    fit = evaluated.leading
    own = exchange(fit, fit.setting.study.attributes[0], np.arange(evaluated.panel.rows))
    few = Exchange(level="g", declared=True, unit=own.unit, value=np.arange(40) < 3.0, stratum=None)
    assert few.refusal == "too few groups of 'g' could have had another value"
    assert own.refusal == ""
    inside = Exchange(
        level="g", declared=True, unit=own.unit, value=own.value, stratum=np.arange(40)
    )
    assert inside.refusal


def test_an_attribute_that_cannot_be_exchanged_is_said_to_have_no_placebo(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
):
    evaluated = evaluate(confounded(400), QUICK)
    monkeypatch.setattr("causal.evaluation._exchange.LEAST_GROUPS", 1_000)
    (finding,) = placebo.check(evaluated)
    assert finding.status is Status.WARN
    assert finding.meaning.startswith("No valid placebo in the adjusted design for 'a': ")
    assert finding.blocks == "none"


def test_small_groups_are_not_taken_for_clusters_by_chance():
    a = (np.arange(40) % 2).astype(float)
    assert not constant_in(a, np.arange(40))
    assert not constant_in(a, np.repeat(np.arange(20), 2))
    assert not constant_in(np.r_[np.ones(2), np.zeros(200)], np.repeat(np.arange(101), 2))


@pytest.mark.parametrize(
    "kind", ["rare", "heavy", "weighted", "continuous", "categorical", "ratio"]
)
def test_right_errors_pass_for_every_kind_of_column(kind: str, evaluate: Evaluate):
    frame = confounded(2_000, seed=5)
    rng = np.random.default_rng(6)
    changes: dict[str, object] = {}
    if kind == "rare":
        frame["a"] = (rng.random(2_000) < 0.03).astype(int)
    elif kind == "heavy":
        frame["y"] += 0.3 * np.exp(1.5 * rng.normal(size=2_000))
    elif kind == "weighted":
        frame["w"] = rng.exponential(size=2_000) + 0.1
        changes["weight"] = "w"
    elif kind == "continuous":
        frame["a"] = frame["a"] + rng.normal(size=2_000)
    elif kind == "categorical":
        frame["a"] = rng.choice(["p", "q", "r"], size=2_000)
    else:
        frame["d"] = rng.integers(1, 9, size=2_000)
        frame["n"] = frame["d"] * 0.2 + frame["y"] * 0.1
        changes["outcomes"] = [{"name": "y", "numerator": "n", "denominator": "d"}]
    found = placebo.verdicts(evaluate(frame, QUICK, **changes).leading)
    assert found
    for verdict in found.values():
        assert verdict.status == "PASS", verdict
        assert verdict.numbers["draws"] == placebo.DRAWS


def test_false_alarms_are_as_rare_as_stated(evaluate: Evaluate):
    """A FAIL in one comparison has the chance of 3 standard errors; none is due in 25 worlds."""
    for seed in range(25):
        frame = confounded(300, seed=seed) if seed % 2 else creators(seed, groups=40, size=5)
        changes = {} if seed % 2 else {"cluster": ["g"]}
        evaluated = evaluate(frame, Boosting(rounds=3, leaves=4), **changes)
        assert all(each.status is not Status.FAIL for each in placebo.check(evaluated))


def test_the_draws_do_not_depend_on_other_effects(evaluate: Evaluate):
    frame = confounded(500)
    frame["b"] = (np.random.default_rng(1).random(500) < 0.5).astype(int)
    frame["z"] = frame["y"] ** 2
    one = placebo.verdicts(evaluate(frame, QUICK).leading)
    outcomes = [{"name": n, "column": n} for n in ("y", "z")]
    two = placebo.verdicts(evaluate(frame, QUICK, outcomes=outcomes).leading)
    key = ("a", "1 - 0", "y")
    assert one[key].statistic == two[key].statistic
