"""Planted worlds keep what the table has, and hold the effects that were planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.data.panel import Panel
from causal.design.design import headline
from causal.estimation._fit import fit_design
from causal.evaluation._planted import Draw, Effect, World, draw, world
from causal.evaluation._recovery import anchored
from causal.workflow import identify
from tests.estimation.conftest import panel_of, study_of


def frame_of(seed: int = 0, groups: int = 80, size: int = 6) -> pd.DataFrame:
    """Items of creators with every kind of attribute and outcome, and gaps."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(groups), size)
    n = g.size
    x1, x2 = rng.normal(size=groups)[g], rng.normal(size=n)
    frame = pd.DataFrame({"g": g, "x1": x1, "x2": x2})
    frame["a"] = (rng.random(n) < 1 / (1 + np.exp(-x1 - 0.5 * x2))).astype(int)
    frame["b"] = np.where(rng.random(n) < 0.7, frame.a, rng.integers(2, size=n))
    frame["whole"] = rng.integers(2, size=groups)[g]
    frame["tone"] = rng.choice(["happy", "sad", "neutral"], size=n, p=[0.3, 0.2, 0.5])
    frame["words"] = np.round(10 + x1 + rng.normal(size=n))
    frame["y"] = frame.a + x1 + 0.5 * x2 + rng.normal(size=groups)[g] + rng.normal(size=n)
    frame["hit"] = (rng.random(n) < 0.2).astype(int)
    frame["shown"] = rng.integers(5, 40, size=n)
    frame["clicks"] = rng.binomial(frame.shown, 0.1)
    frame.loc[rng.random(n) < 0.1, "y"] = np.nan
    frame["gaps"] = frame.a.where(rng.random(n) > 0.1)
    return frame


def made(**changes: Any) -> tuple[World, Panel]:
    """Fit the world of the frame for a study."""
    study = study_of(**changes)
    panel = panel_of(frame_of(), study)
    study = anchored(study, panel)
    designs = identify(study, panel)
    name = headline(designs, randomized=study.assignment == "randomized")
    return world(study, panel, next(each for each in designs if each.name == name)), panel


def planted(size: float, **given: Any) -> Effect:
    """An effect of attribute a on y unless told otherwise."""
    usual = {"attribute": "a", "contrast": "1 - 0", "outcome": "y", "high": 1.0, "low": 0.0}
    return Effect(**{**usual, **given}, size=size)


RATIO = [{"name": "ctr", "numerator": "clicks", "denominator": "shown"}]


def test_gaps_stay_where_they_are_and_the_rest_is_kept():
    of, panel = made(attributes=["gaps"], cluster="g")
    drawn = draw(of, (), 0).panel
    assert np.array_equal(np.isnan(drawn.outcomes["y"].value), np.isnan(panel.outcomes["y"].value))
    assert np.array_equal(drawn.columns["gaps"].missing, panel.columns["gaps"].missing)
    assert drawn.columns["x1"] is panel.columns["x1"]
    assert drawn.folds is panel.folds
    assert not np.array_equal(drawn.columns["gaps"].values, panel.columns["gaps"].values)


def test_the_panel_is_not_changed():
    of, panel = made(cluster="g")
    before = panel.columns["a"].values.copy(), panel.outcomes["y"].value.copy()
    draw(of, (planted(1.0),), 0)
    assert np.array_equal(panel.columns["a"].values, before[0])
    assert np.array_equal(panel.outcomes["y"].value, before[1], equal_nan=True)


def test_counts_stay_whole_and_below_their_denominator():
    of, panel = made(outcomes=RATIO)
    drawn = draw(of, (planted(0.1, outcome="ctr"),), 0).panel.outcomes["ctr"]
    assert of.outcomes["ctr"].kind == "counts"
    assert drawn.numerator is not None
    assert drawn.denominator is panel.outcomes["ctr"].denominator
    assert np.array_equal(drawn.numerator, np.round(drawn.numerator))
    assert np.all((drawn.numerator >= 0) & (drawn.numerator <= drawn.denominator))


def test_a_binary_outcome_stays_binary():
    of, _ = made(outcomes=[{"name": "hit", "column": "hit"}])
    drawn = draw(of, (planted(0.1, outcome="hit"),), 0).panel.outcomes["hit"].value
    assert set(np.unique(drawn)) == {0.0, 1.0}


def test_an_attribute_of_the_creator_is_drawn_by_creator():
    of, _ = made(attributes=["whole"], cluster="g")
    drawn = draw(of, (), 1).panel
    by_creator = pd.Series(drawn.columns["whole"].values).groupby(drawn.clusters[0]).nunique()
    assert by_creator.max() == 1
    assert of.levels["whole"] == "drawn by g"


def test_within_blocks_an_attribute_changes_places_only_inside_its_block():
    of, panel = made(block="g", cluster="g", assignment="randomized")
    drawn = draw(of, (), 0).panel
    assert panel.block is not None
    before = np.bincount(panel.block, weights=panel.columns["a"].values)
    after = np.bincount(panel.block, weights=drawn.columns["a"].values)
    assert np.array_equal(before, after)


def test_attributes_keep_their_correlation_and_their_shares():
    of, panel = made(attributes=["a", "b", "tone"], cluster="g")
    seen = [draw(of, (), run).panel.columns for run in range(30)]

    def together(columns: Any) -> float:
        return float(np.corrcoef(columns["a"].values, columns["b"].values)[0, 1])

    drawn = np.array([together(each) for each in seen])
    assert abs(drawn.mean() - together(panel.columns)) <= 3 * drawn.std(ddof=1)
    for name in ("a", "b", "tone"):
        shares = np.array([np.bincount(each[name].values.astype(int)) for each in seen])
        wanted = np.bincount(panel.columns[name].values.astype(int))
        # A draw's share spreads like the table's own does about its expectation.
        assert np.all(np.abs(shares.mean(axis=0) - wanted) <= 3 * shares.std(axis=0, ddof=1))


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ({}, planted(2.0)),
        (
            {"attributes": ["words"]},
            planted(1.5, attribute="words", contrast="w", high=12.0, low=10.0),
        ),
        (
            {"attributes": ["tone"]},
            planted(1.0, attribute="tone", contrast="sad", high=2.0, low=1.0),
        ),
    ],
)
def test_rows_hold_what_was_planted(changes: dict[str, Any], effect: Effect):
    of, _ = made(**changes)
    without, with_it = draw(of, (), 0), draw(of, (effect,), 0)
    added = with_it.panel.outcomes["y"].value - without.panel.outcomes["y"].value
    a = with_it.panel.columns[effect.attribute].values
    slope = effect.size / (effect.high - effect.low)
    wanted = slope * a if effect.attribute == "words" else effect.size * (a == effect.high)
    known = ~np.isnan(added)
    assert np.ptp((added - wanted)[known]) < 1e-9
    assert np.all(with_it.moved[effect.key] == effect.size)


def test_a_rate_at_its_end_is_moved_by_less_than_planted():
    of, _ = made(outcomes=[{"name": "hit", "column": "hit"}])
    effect = planted(0.9, outcome="hit")
    drawn = draw(of, (effect,), 0)
    assert drawn.clipped > 0
    assert drawn.moved[effect.key].mean() < 0.9


def test_a_run_is_the_same_however_often_it_is_drawn():
    of, _ = made(cluster="g")

    def numbers(drawn: Draw) -> tuple[bytes, bytes]:
        panel = drawn.panel
        return panel.columns["a"].values.tobytes(), panel.outcomes["y"].value.tobytes()

    assert numbers(draw(of, (), 3)) == numbers(draw(of, (), 3))
    assert numbers(draw(of, (), 3)) != numbers(draw(of, (), 4))


def test_the_worlds_are_as_noisy_as_the_table():
    """The naive standard error, which needs no model, is that of the table."""
    of, panel = made(cluster="g")
    naive = next(each for each in identify(of.study, panel) if each.name == "naive")
    own = float(fit_design(of.study, panel, naive).whole.std_errors[0])
    drawn = np.array(
        [
            float(fit_design(of.study, draw(of, (), run).panel, naive).whole.std_errors[0])
            for run in range(20)
        ]
    )
    assert abs(drawn.mean() / own - 1) <= 3 * np.sqrt(1 / (2 * 80)) + 0.05  # 80 clusters; 5% of fit
