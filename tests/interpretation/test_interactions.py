"""Pairs of columns that a success model uses together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.interpretation.boosting import Problem, SuccessModel
from causal.interpretation.features import Group
from causal.interpretation.interactions import interactions, ordered

pytest.importorskip("shap")


def _groups(*names):
    return [Group(name=name, members=(at,), kind="continuous") for at, name in enumerate(names)]


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2_000, 4))
    x[:, 2] = rng.integers(5, size=2_000)
    x[rng.random((2_000, 4)) < 0.05] = np.nan
    a, b = np.nan_to_num(x[:, 0]), np.nan_to_num(x[:, 1])
    y = a * b + (x[:, 2] == 1) + 0.3 * rng.normal(size=2_000)
    return Problem(
        name="y",
        objective="regression",
        x=x,
        y=y,
        weight=np.ones(2_000),
        folds=np.arange(2_000) % 4,
        clusters=(np.arange(2_000),),
        categorical=(2,),
        seed=1,
        model=SuccessModel(rounds=60, interactions=100),
    )


def test_the_product_leads_and_categories_add_up(problem):
    found = interactions(problem, _groups("a", "b", "tone", "noise"))
    assert (found[0]["first"], found[0]["second"]) == ("a", "b")
    assert found[0]["value"] > 4 * found[1]["value"]


def test_members_of_one_group_do_not_interact_with_each_other(problem):
    groups = [
        Group(name="ab", members=(0, 1), kind="several"),
        Group(name="tone", members=(2,), kind="categorical"),
    ]
    pairs = interactions(problem, groups)
    assert [(pair["first"], pair["second"]) for pair in pairs] == [("ab", "tone")]


def test_no_rows_asked_for_is_no_work(problem):
    off = replace(problem, model=replace(problem.model, interactions=0))
    assert interactions(off, _groups("a", "b", "tone", "noise")) == ()


def test_levels_are_ordered_by_their_outcome_and_unseen_ones_are_missing(problem):
    training = np.flatnonzero((problem.x[:, 2] != 4) & (problem.folds != 0))
    codes = ordered(problem, training)[:, 2]
    assert np.isnan(codes[problem.x[:, 2] == 4]).all()
    assert (codes[problem.x[:, 2] == 1] == 3).all()
    assert np.isnan(codes[np.isnan(problem.x[:, 2])]).all()
