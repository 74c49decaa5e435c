"""Closed-form effects: they are the difference of two worlds."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.data.platform import UNIT, Do, SetAttribute, Settings, World, simulate
from causal.data.platform.effects import click_effect
from causal.data.platform.entities import logistic

SETTINGS = Settings(seed=8, size=UNIT)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(SETTINGS)


def test_clicks_are_drawn_with_the_logged_probability(world):
    seen = world.impressions
    look = np.array(world.settings.feedback.examination)[seen.position]
    probability = look * logistic(seen.log_odds)
    gap = seen.click.sum() - probability.sum()
    assert abs(gap) < 4 * np.sqrt((probability * (1 - probability)).sum())


@pytest.mark.parametrize("attribute", ["video", "headline"])
def test_the_closed_form_is_the_difference_of_two_worlds(world, attribute):
    """On the first day users see the attribute changed, what they are shown is still the same."""
    day = 12
    on, off = (
        simulate(SETTINGS, Do(items=(SetAttribute(attribute=attribute, user=value, from_day=day),)))
        for value in (1.0, 0.0)
    )
    rows = [each.day() == day for each in (world, on, off)]
    assert np.array_equal(world.impressions.item[rows[0]], on.impressions.item[rows[1]])
    paired = on.impressions.click[rows[1]].astype(float) - off.impressions.click[rows[2]]
    expected = click_effect(world, attribute)[rows[0]]
    assert abs(paired.mean() - expected.mean()) < 4 * paired.std() / np.sqrt(paired.size)


def test_original_moves_no_click(world):
    assert not click_effect(world, "original").any()


def test_video_helps_and_harms_by_bandwidth(world):
    effect = click_effect(world, "video")
    slow = world.users.low_bandwidth[world.user()] == 1
    assert effect[slow].max() < 0 < effect[~slow].min()


def test_an_effect_that_the_log_does_not_hold_is_refused(world):
    with pytest.raises(DataError, match="Did you mean 'headline'"):
        click_effect(world, "headlines")
    moved = simulate(SETTINGS, Do(items=(SetAttribute(attribute="video", user=1.0),)))
    with pytest.raises(DataError, match="'video' was set"):
        click_effect(moved, "video")
