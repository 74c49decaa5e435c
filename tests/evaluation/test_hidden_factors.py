"""Leave one out, omitted variables and E-values: what they catch and what passes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.finding import Status
from causal.estimation._boosting import Boosting
from causal.estimation.within_block import demean, partial_out
from causal.evaluation import e_values, leave_one_out, omitted_variables
from causal.evaluation._bounds import strength
from causal.evaluation._short import omissions
from tests.evaluation.conftest import Evaluate
from tests.evaluation.worlds import blocks, confounded, logistic

QUICK = Boosting(rounds=30, leaves=8)
KEY = ("a", "1 - 0", "y")


def carried(*, effect: float, lean: float = 1.2, seed: int = 0, rows: int = 1_500) -> pd.DataFrame:
    """An effect, and two confounders of which the first matters far more."""
    rng = np.random.default_rng([9, seed])
    x1, x2 = rng.normal(size=(2, rows))
    a = (rng.random(rows) < logistic(lean * x1 + 0.1 * x2)).astype(int)
    y = effect * a - x1 + 0.1 * x2 + rng.normal(size=rows)
    return pd.DataFrame({"a": a, "x1": x1, "x2": x2, "y": y})


def test_an_effect_that_hangs_on_one_column_is_seen(evaluate: Evaluate):
    (finding,) = leave_one_out.check(evaluate(carried(effect=0.4), QUICK))
    assert finding.status is Status.WARN
    assert "Without 'x1', which moves it most" in finding.meaning
    assert finding.columns == ("a",)


def test_one_that_would_keep_its_direction_passes(evaluate: Evaluate):
    (finding,) = leave_one_out.check(evaluate(carried(effect=3.0), QUICK))
    assert finding.status is Status.PASS
    assert "keep its direction" in finding.meaning


def test_an_idle_column_moves_nothing_beyond_chance(evaluate: Evaluate):
    for seed in range(5):
        frame = carried(effect=1.0, lean=0.0, seed=seed)
        moves = omissions(evaluate(frame.assign(x1=0.0), QUICK).leading)[KEY]
        idle = next(move for move in moves if move.column == "x2")
        assert abs(idle.moved) < 4 * idle.error + 0.02


def test_within_blocks_leaving_out_is_the_designs_own_regression(evaluate: Evaluate):
    evaluated = evaluate(blocks(hidden=0.5), QUICK, block=["k"], cluster=["k"])
    fit, frame = evaluated.leading, evaluated.panel
    moves = {move.column: move for move in omissions(fit)[KEY]}
    columns = [frame.columns[name].values for name in ("a", "x2")]
    ones = np.ones(frame.rows)
    inside = demean(np.column_stack([*columns, frame.outcomes["y"].value]), ones, frame.block)
    r_a, r_y = partial_out(inside[:, :2], 0, inside[:, 2], ones).T
    short = float(r_a @ r_y / (r_a @ r_a))
    assert moves["x1"].moved == pytest.approx(short - fit.whole.values[0], rel=1e-6)
    assert abs(moves["x1"].gain.rho) == pytest.approx(1.0)


def test_the_error_of_a_move_covers_it(evaluate: Evaluate):
    """The move of the linear world is known: with x1 left out its share of y goes to a."""
    hits, runs = 0, 40
    truth = np.mean(
        [
            omissions(
                evaluate(carried(effect=1.0, seed=s, rows=4_000), Boosting(rounds=1)).leading
            )[KEY][0].moved
            for s in range(100, 106)
        ]
    )
    for seed in range(runs):
        move = omissions(
            evaluate(carried(effect=1.0, seed=seed, rows=400), Boosting(rounds=1)).leading
        )[KEY][0]
        hits += abs(move.moved - truth) < 1.96 * move.error
    spread = np.sqrt(0.05 * 0.95 / runs)
    assert (
        hits / runs > 0.95 - 3 * spread - 0.02
    )  # the truth itself is known to a tenth of an error


def test_an_effect_weaker_than_its_confounding_is_doubtful(evaluate: Evaluate):
    (finding,) = omitted_variables.check(evaluate(carried(effect=0.4), QUICK))
    assert finding.status is Status.WARN
    assert "times as strong as 'x1' would erase it" in finding.meaning
    assert finding.blocks == "none"


def test_a_large_effect_beside_weak_confounding_passes(evaluate: Evaluate):
    frame = carried(effect=2.0, lean=0.2)
    (finding,) = omitted_variables.check(evaluate(frame, QUICK))
    assert finding.status is Status.PASS


def test_a_random_assignment_needs_no_bounds(evaluate: Evaluate):
    frame = confounded(600, lean=0.0)
    evaluated = evaluate(frame, QUICK, assignment="randomized")
    (finding,) = omitted_variables.check(evaluated)
    assert finding.status is Status.PASS
    assert "assigned at random" in finding.meaning
    assert finding.statistic is None
    assert leave_one_out.check(evaluated) == ()


def test_an_unclear_effect_has_nothing_to_erase(evaluate: Evaluate):
    found = omitted_variables.verdicts(evaluate(carried(effect=0.0, lean=0.0), QUICK).leading)
    assert found[KEY].status is None
    assert found[KEY].statistic == 0
    assert "nothing to erase" in found[KEY].words


@pytest.mark.parametrize("kind", ["adjusted", "within", "slope", "ratio", "ATT"])
def test_bounds_of_every_estimator_start_at_its_interval(kind: str, evaluate: Evaluate):
    frame = blocks(hidden=0.0)
    changes: dict[str, object] = {"cluster": ["k"]}
    if kind == "within":
        changes["block"] = ["k"]
    elif kind == "slope":
        frame["a"] = frame["a"] + np.random.default_rng(0).normal(size=len(frame))
    elif kind == "ratio":
        frame["d"] = np.random.default_rng(0).integers(1, 5, size=len(frame))
        frame["n"] = frame["d"] * 2 + frame["y"]
        changes["outcomes"] = [{"name": "y", "numerator": "n", "denominator": "d"}]
    elif kind == "ATT":
        changes["attributes"] = [{"name": "a", "estimand": "ATT"}]
    fit = evaluate(frame, QUICK, **changes).leading
    bias = omitted_variables.bias_of(fit, 0)
    half = bias.critical * fit.whole.std_errors[0]
    low, high = bias.confidence(0.0)
    assert low == pytest.approx(fit.whole.values[0] - half)
    assert high == pytest.approx(fit.whole.values[0] + half)
    wide = bias.confidence(strength(0.1, 0.1))
    assert wide[0] < low < high < wide[1]


def test_linear_bounds_hold_what_a_hidden_column_really_does(evaluate: Evaluate):
    """Within blocks, with x1 hidden, the bound of x1's own strength holds the full estimate.

    The strength is that of x1 in the long regression turned into shares of the short one, as the
    bounds have it: cf_y of what the short leaves, 1 - cf_d the share of the representer kept.
    """
    frame = blocks(hidden=0.0, count=200)
    full = evaluate(frame, QUICK, block=["k"], cluster=["k"]).leading
    hidden = evaluate(frame, QUICK, block=["k"], cluster=["k"], confounders=["x2"]).leading
    like = next(m for m in omissions(full)[KEY] if m.column == "x1").gain
    cf_y, cf_d = like.cf_y / (1 + like.cf_y), like.cf_d / (1 + like.cf_d)
    low, high = omitted_variables.bias_of(hidden, 0).bounds(strength(cf_y, cf_d))
    nearest = min(abs(full.whole.values[0] - end) for end in (low, high))
    assert nearest == pytest.approx(0, abs=1e-6)


def test_confidence_limits_of_the_bounds_cover(evaluate: Evaluate):
    """The lower limit lies above the true bound in at most 2.5% of runs, and so the upper."""
    runs, sides = 100, np.zeros(2)
    size = strength(0.1, 0.1)
    for seed in range(runs):
        rng = np.random.default_rng([11, seed])
        k = np.repeat(np.arange(60), 5)
        a = rng.normal(size=300) + 0.3 * rng.normal(size=60)[k]
        y = a + rng.normal(size=300) + rng.normal(size=60)[k]
        x1, x2 = rng.normal(size=(2, 300))
        frame = pd.DataFrame({"k": k, "a": a, "y": y, "x1": x1, "x2": x2})
        attributes = [{"name": "a", "contrast": [0, 1]}]
        evaluated = evaluate(frame, Boosting(rounds=1), cluster=["k"], attributes=attributes)
        low, high = omitted_variables.bias_of(evaluated.leading, 0).confidence(size)
        true = size * np.sqrt(2 / 1.09)  # sigma2 = 2, nu2 = 1 / 1.09
        sides += (low > 1 - true, high < 1 + true)
    error = np.sqrt(0.025 * 0.975 / runs)
    assert np.all(sides / runs <= 0.025 + 3 * error)


def test_published_e_values():
    """VanderWeele and Ding (2017): smoking-like example, 3.9 (1.8, 8.7) gives 7.26 and 3.0."""
    assert e_values.e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_values.of_interval(1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert e_values.e_value(1 / 3.9) == pytest.approx(e_values.e_value(3.9))
    assert e_values.of_interval(0.8, 1.3) == 1.0


def test_e_values_are_for_clear_effects_on_proportions(evaluate: Evaluate):
    frame = confounded(2_000)
    rng = np.random.default_rng(3)
    frame["y"] = (rng.random(2_000) < logistic(-1 + 0.8 * frame["a"] + 0.3 * frame["x1"])).astype(
        int
    )
    evaluated = evaluate(frame, QUICK)
    (finding,) = e_values.check(evaluated)
    verdict = e_values.verdicts(evaluated.leading)[KEY]
    numbers = verdict.numbers
    whole = evaluated.leading.whole
    ratio = 1 + whole.values[0] / whole.baseline[0]
    assert finding.status is Status.PASS
    assert numbers["e_value"] == pytest.approx(e_values.e_value(ratio))
    assert 1 < float(numbers["e_value_interval"] or 0) < float(numbers["e_value"] or 0)
    assert e_values.check(evaluate(confounded(300), QUICK)) == ()
    flat = frame.assign(y=rng.integers(2, size=2_000))
    assert e_values.check(evaluate(flat, QUICK)) == ()
