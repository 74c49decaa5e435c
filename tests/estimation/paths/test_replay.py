"""Parts of an effect from a log in which the ranker was asked twice."""

from __future__ import annotations

import numpy as np
import pytest

from causal.design.identification import exploration_within
from causal.estimation._fit import fit_design
from causal.estimation._inference import infer
from causal.estimation.exposure.exploration import examination
from causal.estimation.paths.bounds import bound
from causal.estimation.paths.replay import Seen, added, looked, replay, units, views
from tests.estimation.paths import _log


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    return _log.truth()


def prepared(seed: int, **exposure):
    """What replay needs, with what users see from exploration within creators."""
    study, panel = _log.read(_log.drawn(seed), **exposure)
    fit = fit_design(study, panel, exploration_within.identify(study, panel))
    explored = panel.exploration
    curve = examination(
        panel.outcomes["click rate"].value[explored],
        panel.paths.slot[explored],
        tuple(way[explored] for way in panel.clusters),
        name="click rate",
    )
    seen = Seen(
        value=float(fit.whole.values[0]),
        influence=fit.whole.influence[:, 0],
        df=float(fit.whole.df[0]),
        refusal=fit.whole.refusal[0],
        identification="adjusted",
    )
    return study, panel, seen, looked(panel, curve, explored)


def test_weights_are_one_for_the_view_the_ranker_had() -> None:
    study, panel = _log.read(_log.drawn(0))
    view = views(panel, study.attributes[0])
    ratio = panel.paths.flipped["video"] / panel.paths.propensity
    assert np.array_equal(view.on[view.has], np.ones(view.has.sum()))
    assert np.array_equal(view.on[~view.has], ratio[~view.has])
    assert np.array_equal(view.off[view.has], ratio[view.has])
    assert (view.on[panel.exploration] == 1).all()


def test_a_ranker_that_does_not_read_the_attribute_has_no_part() -> None:
    study, panel = _log.read(_log.drawn(1, factor=1.0))
    none = Seen(value=0.1, influence=np.zeros(1), df=50.0, refusal="", identification="adjusted")
    cells = np.unique(np.stack(panel.clusters, axis=1), axis=0).shape[0]
    none = Seen(
        value=0.1, influence=np.zeros(cells), df=50.0, refusal="", identification="adjusted"
    )
    look = looked(panel, None, np.ones(panel.rows, dtype=bool))
    made = replay(study, panel, study.attributes[0], study.outcomes[0], none, look)
    assert made.values[1] == 0
    assert made.std_errors[1] == 0
    assert made.values[0] == pytest.approx(0.1 * panel.rows / _log.ITEMS)


def test_parts_add_up_and_influence_does_too() -> None:
    study, panel, seen, look = prepared(2)
    made = replay(study, panel, study.attributes[0], study.outcomes[0], seen, look)
    assert made.values[2] == pytest.approx(made.values[0] + made.values[1], abs=1e-12)
    assert made.influence[:, 2] == pytest.approx(made.influence[:, :2].sum(axis=1), abs=1e-12)


def test_intervals_cover_what_changing_one_item_at_a_time_brings(truth) -> None:
    runs = 60
    hits, values = np.zeros(4), []
    for seed in range(runs):
        study, panel, seen, look = prepared(100 + seed)
        made = replay(study, panel, study.attributes[0], study.outcomes[0], seen, look)
        more = added(study, panel, study.attributes[0])
        found = [infer(each, level=0.95, multiplicity="none", seed=1, family="f")
                 for each in (made, more)]  # fmt: skip
        low = np.concatenate([each.ci_low for each in found])
        high = np.concatenate([each.ci_high for each in found])
        target = np.array([truth[k] for k in ("user", "ranker", "total", "impressions")])
        hits += (low <= target) & (target <= high)
        values.append([*made.values, *more.values])
    slack = 3 * np.sqrt(0.95 * 0.05 / runs)
    assert (hits / runs > 0.95 - slack).all()
    off = np.mean(values, axis=0) - target
    assert (np.abs(off) < 4 * np.std(values, axis=0) / np.sqrt(runs)).all()


def test_bounds_hold_the_part_of_items_with_the_attribute(truth) -> None:
    study, panel, seen, look = prepared(3, flipped=None, monotone=True)
    found = bound(study, panel, study.attributes[0], study.outcomes[0], seen, look)
    has = panel.columns["video"].values == 1
    clicks = panel.outcomes["click rate"].value[has].sum() / np.unique(panel.paths.item[has]).size
    assert found.low == 0
    assert 0 < found.end < clicks
    assert found.end < found.high
    assert found.end > truth["ranker"] > found.low


def test_live_counts_items_that_were_not_shown() -> None:
    study, panel = _log.read(_log.drawn(4), live=600)
    assert units(study, panel).count == 600
    assert units(study, panel).share.sum() == pytest.approx(600)


def test_rows_of_which_something_is_missing_count_as_the_others_do() -> None:
    frame = _log.drawn(5)
    gone = np.random.default_rng(0).random(len(frame)) < 0.3
    study, panel = _log.read(frame)
    cells = np.unique(np.stack(panel.clusters, axis=1), axis=0).shape[0]
    seen = Seen(
        value=0.1, influence=np.zeros(cells), df=50.0, refusal="", identification="adjusted"
    )
    parts = []
    for column in (None, "video", "clicked"):
        each = frame if column is None else frame.assign(**{column: frame[column].mask(gone)})
        study, panel = _log.read(each)
        look = looked(panel, None, np.ones(panel.rows, dtype=bool))
        made = replay(study, panel, study.attributes[0], study.outcomes[0], seen, look)
        parts.append((made.values, made.std_errors))
    (whole, error), *partly = parts
    for values, errors in partly:
        assert (np.abs(values - whole)[1:] < 3 * (errors**2 - error**2)[1:] ** 0.5).all()
        assert values[0] == pytest.approx(whole[0], rel=0.03)


def test_bounds_do_not_shrink_where_outcomes_are_missing() -> None:
    frame = _log.drawn(3)
    gone = np.random.default_rng(0).random(len(frame)) < 0.3
    ends = []
    for clicked in (frame.clicked, frame.clicked.mask(gone)):
        study, panel = _log.read(frame.assign(clicked=clicked), flipped=None, monotone=True)
        cells = np.unique(np.stack(panel.clusters, axis=1), axis=0).shape[0]
        seen = Seen(
            value=0.1, influence=np.zeros(cells), df=50.0, refusal="", identification="adjusted"
        )
        look = looked(panel, None, np.ones(panel.rows, dtype=bool))
        ends.append(bound(study, panel, study.attributes[0], study.outcomes[0], seen, look).end)
    assert ends[1] == pytest.approx(ends[0], rel=0.15)
