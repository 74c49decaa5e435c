"""All that one outcome is looked at for: its parts belong together, and bounds are of the effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DesignError
from causal.content.outcome import Outcome
from causal.data.cells.cells import Cells, cells_of
from causal.design.rollout import Rollout
from causal.estimation.rollout._checked import made, panel_of, scale_for
from causal.estimation.rollout.drift import _path
from causal.estimation.rollout.honest import relative_magnitudes
from causal.estimation.rollout.staggered import of_one_cluster, staggered, too_young

OUTCOME = Outcome(name="y", column="y")


def study(**changed: object) -> Rollout:
    given = {
        "study": "s",
        "kind": "rollout",
        "data": {"source": "t.csv"},
        "entity": "market_id",
        "period": "week",
        "adopted": "since",
        "outcomes": [{"name": "y", "column": "y"}],
    }
    return Rollout.model_validate(given | changed)


def cells(
    entities: int = 40, periods: int = 8, starts: tuple[float, ...] = (3, 5, np.inf)
) -> Cells:
    rng = np.random.default_rng(1)
    adopted = np.array(starts)[np.arange(entities) % len(starts)]
    time = np.arange(periods)
    y = rng.normal(size=(entities, 1)) + 0.3 * time + rng.normal(size=(entities, periods))
    y = y + np.where(time >= adopted[:, None], 2.0, 0.0)
    return cells_of(
        pd.DataFrame(
            {
                "entity": np.repeat([f"e{i:03d}" for i in range(entities)], periods),
                "period": np.tile(time, entities),
                "adopted": np.repeat(adopted, periods),
                "y": y.ravel(),
            }
        )
    )


def test_event_times_weighted_by_their_cells_are_the_overall_effect() -> None:
    panel = cells()
    found = staggered(study(), panel, OUTCOME)
    at = {e: k for k, e in enumerate(found.events)}
    sizes = {
        e: sum((panel.adopted == g).sum() for g in panel.cohorts if e >= 0 and g + e < 8)
        for e in at
    }
    total = sum(sizes.values())
    mean = sum(sizes[e] * found.event.values[at[e]] for e in at) / total
    assert found.overall.values[0] == pytest.approx(mean, abs=1e-12)
    assert found.drift.reach == pytest.approx(sum(sizes[e] * (e + 1) for e in at) / total)


def test_straight_trends_move_the_effect_by_their_slope_and_bounds_see_it() -> None:
    panel = cells()
    drift = np.where(np.isfinite(panel.adopted), 0.5, 0.0)[:, None] * np.arange(8)
    moved = replace(panel, y={"y": panel.y["y"] + drift})
    plain, apart = (staggered(study(), each, OUTCOME) for each in (panel, moved))
    gap = apart.overall.values[0] - plain.overall.values[0]
    assert 0.5 < gap < 0.5 * plain.drift.reach * 1.5
    straight = [
        next(each for each in found.drift.overall.bounds if each.restriction == "smooth")
        for found in (plain, apart)
    ]
    assert all(each.size == 0 for each in straight)
    assert straight[0].low < 2.0 < straight[0].high
    assert apart.drift.joint.p_value < plain.drift.joint.p_value


def test_bounds_grow_with_what_they_allow() -> None:
    found = staggered(study(), cells(), OUTCOME).drift.overall
    relative = [each for each in found.bounds if each.restriction == "relative"]
    widths = [each.high - each.low for each in relative]
    assert widths == sorted(widths)
    least = next(each for each in relative if each.size == 0.5)
    assert (found.breakdown < 0.5) == (least.low <= 0)


def test_the_period_of_adoption_is_bounded_by_its_own_steps() -> None:
    found = staggered(study(), cells(), OUTCOME)
    event, at = found.event, found.events.index(0)
    before = [place for place, e in enumerate(found.events) if e < -1]
    part = event.select(np.array([*before, at]))
    low, high = relative_magnitudes(
        part.values, part.covariance(), len(before), np.ones(1), 1.0, level=0.95,
        df=float(event.df.min()),
    )  # fmt: skip
    ours = next(each for each in found.drift.first.bounds if each.size == 1.0)
    assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-6)
    assert found.drift.first.breakdown >= found.drift.overall.breakdown


def test_the_period_of_adoption_has_bounds_where_later_ones_have_no_estimate() -> None:
    found = staggered(study(), cells(starts=(3, 4, 5, 6)), OUTCOME).drift
    assert found.first.bounds
    assert found.first.breakdown is not None


def test_a_path_stops_at_a_gap() -> None:
    events = np.array([-4, -3, -2, 0, 1, 2])
    usable = np.array([True, False, True, True, False, True])
    assert _path(events, usable, -1).tolist() == [2, 3]


def test_one_period_before_cannot_be_tested() -> None:
    panel = cells(periods=4, starts=(1, np.inf))
    found = staggered(study(analysis={"minimum_periods": 1}), panel, OUTCOME)
    assert found.drift.joint is None
    assert found.drift.overall.bounds == found.drift.first.bounds == ()
    assert made(study(), panel, (found,)).looked[0].trend is None


def test_cohorts_with_few_periods_before_are_left_out_or_refused() -> None:
    panel = cells(starts=(1, 5, np.inf))
    asked = study()
    assert too_young(asked, panel).tolist() == [1]
    assert {g for g, _ in staggered(asked, panel, OUTCOME).cells_at} == {5}
    with pytest.raises(DesignError, match="minimum_periods"):
        staggered(study(analysis={"minimum_periods": 6}), panel, OUTCOME)


def test_a_cohort_of_one_cluster_is_in_the_cells_and_not_in_averages() -> None:
    panel = cells()
    adopted = panel.adopted.copy()
    adopted[2] = 4.0
    alone = replace(panel, adopted=adopted)
    assert of_one_cluster(alone).tolist() == [4]
    found = staggered(study(), alone, OUTCOME)
    assert {g for g, _ in found.cells_at} == {3, 4, 5}
    assert [label.segment_value for label in found.cohorts.labels] == ["3", "5"]
    assert not panel_of(study(), alone).cohorts[1].averaged


def test_what_is_shown_is_cut_and_the_overall_effect_is_not() -> None:
    panel = cells()
    cut = staggered(study(analysis={"pre": 2, "post": 1}), panel, OUTCOME)
    assert cut.events == (-2, 0, 1)
    whole = staggered(study(), panel, OUTCOME)
    assert cut.overall.values[0] == whole.overall.values[0]
    assert cut.drift.reach == whole.drift.reach


def test_a_count_that_jumps_at_adoption_is_found() -> None:
    panel = cells()
    rng = np.random.default_rng(2)
    size = 100 + rng.integers(0, 5, panel.rows.shape).astype(float)
    quiet = replace(panel, size={"y": size})
    loud = replace(panel, size={"y": np.where(panel.treated, 2 * size, size)})
    assert staggered(study(), panel, OUTCOME).jump is None
    assert staggered(study(), quiet, OUTCOME).jump < 4
    assert staggered(study(), loud, OUTCOME).jump > 4


def test_periods_in_which_it_may_already_act_are_neither_before_nor_after() -> None:
    panel = cells(starts=(4, 6, np.inf), periods=9)
    early = np.arange(9) == panel.adopted[:, None] - 1
    acted = replace(panel, y={"y": panel.y["y"] + 2.0 * early})
    blind, told = (staggered(study(analysis={"anticipation": a}), acted, OUTCOME) for a in (0, 1))
    assert abs(told.overall.values[0] - 2.0) < 0.6 < 1.4 < 2.0 - blind.overall.values[0]
    assert -2 not in told.events
    assert abs(told.apart.z) < 2
    again = staggered(study(analysis={"anticipation": 1}), panel, OUTCOME)
    assert told.filled.values[0] == pytest.approx(again.filled.values[0])


def test_longest_seen_cohorts_are_shown_beside() -> None:
    found = staggered(study(), cells(starts=(3, 4, 6, np.inf)), OUTCOME)
    assert max(found.same_events) == 3
    assert {len(each) for each in found.made_of} == {1, 2, 3}


def test_numbers_are_written_by_the_scale_of_the_outcome() -> None:
    panel = cells()
    found = staggered(study(), panel, OUTCOME)
    looked = made(study(pool="separate"), panel, (found,)).looked[0]
    assert looked.clear
    assert looked.trend.found_words == f"{looked.trend.found:.2g}"
    assert looked.spill.declared
    share = replace(panel, y={"y": np.clip(panel.y["y"] / 20 + 0.4, 0, 1)})
    overall = staggered(study(), share, OUTCOME).overall
    assert scale_for(share, "y", overall, ratio=False).unit == "pp"
