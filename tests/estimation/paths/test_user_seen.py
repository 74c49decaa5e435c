"""What users see, by traffic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.data.read import read_frame
from causal.design.identification import exploration_within, within
from causal.design.reading import study_from
from causal.design.request import request
from causal.estimation._fit import fit_design
from causal.estimation.paths.user_seen import _so_far, to_production, user_seen
from tests.estimation.paths import _log

BEFORE = ("times", "match")


@pytest.fixture(scope="module")
def log():
    return _log.read(_log.drawn(0))


@pytest.fixture(scope="module")
def seen(log):
    study, panel = log
    design = exploration_within.identify(study, panel)
    return user_seen(study, panel, {design.name: fit_design(study, panel, design)})


def test_weights_bring_exploration_to_the_mean_of_production(log) -> None:
    study, panel = log
    weights, explored = to_production(study, panel), panel.exploration
    taste = panel.columns["taste"].values
    before = taste[explored].mean() - taste[~explored].mean()
    after = np.average(taste[explored], weights=weights[explored]) - taste[~explored].mean()
    assert abs(after) < 0.35 * abs(before)
    assert weights[explored].mean() == pytest.approx(1)
    assert (weights[~explored] == 0).all()


def test_each_traffic_has_a_row_of_its_own(seen) -> None:
    labels = seen.estimates.labels
    assert [label.design for label in labels] == ["exploration traffic", "weighted to production"]
    assert {label.path for label in labels} == {"user"}
    assert [label.estimand for label in labels] == [
        "per impression, exploration traffic",
        "per impression, production traffic",
    ]
    assert seen.weighted[0].effective < 1


def test_without_exploration_it_is_said_of_the_logged_traffic(log) -> None:
    study, panel = log
    design = within.identify(study, panel)
    found = user_seen(study, panel, {design.name: fit_design(study, panel, design)})
    assert [label.design for label in found.estimates.labels] == ["logged traffic"]
    assert found.weights is None


def test_what_an_item_had_so_far_leaves_out_the_present(log) -> None:
    study, panel = log
    past = _so_far(study, panel)
    item, time = panel.paths.item, panel.time
    y = panel.outcomes["click rate"].value
    for row in np.random.default_rng(0).integers(0, panel.rows, 20):
        before = (item == item[row]) & (time < time[row])
        if before.any():
            assert past[row] == pytest.approx(y[before].mean())
        else:
            assert np.isnan(past[row])


def tired(seed: int) -> pd.DataFrame:
    """Exploration rows of users who tire of what a ranker showed them by flag and match."""
    rng = np.random.default_rng(seed)
    rows, items = 12_000, 600
    creator = np.arange(items) % 60
    video = (rng.random(items) < 0.4).astype(int)
    item = rng.integers(0, items, rows)
    match = rng.normal(size=rows)
    times = np.minimum(rng.poisson(np.exp(0.8 * video[item] + 0.5 * match)), 6)
    chance = 0.45 + _log.TAU * video[item] + 0.08 * match - 0.04 * times
    return pd.DataFrame(
        {
            "row": np.arange(rows),
            "user": rng.integers(0, 300, rows),
            "creator": creator[item],
            "item": item,
            "at": pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(rows), "s"),
            "slot": 1 + np.arange(rows) % 2,
            "explored": True,
            "video": video[item],
            "times": times,
            "match": match,
            "clicked": (rng.random(rows) < np.clip(chance, 0, 1)).astype(int),
        }
    )


@pytest.mark.parametrize(("held", "holds"), [(BEFORE, True), ((), False), (("times",), False)])
def test_exposure_before_is_no_part_of_what_users_see_once_both_are_held(held, holds) -> None:
    study = study_from(
        _log.STUDY
        | {
            "exposure": {"position": "slot", "item": "item"},
            "confounders": list(held),
            "mediators": [name for name in BEFORE if name not in held],
        }
    )
    panel = read_frame(tired(1), request(study))
    fit = fit_design(study, panel, exploration_within.identify(study, panel))
    error = float(fit.whole.std_errors[0])
    off = float(fit.whole.values[0]) - _log.TAU
    assert (abs(off) < 3 * error) is holds
