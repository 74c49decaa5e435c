"""Which columns belong together."""

from __future__ import annotations

import numpy as np
import pytest

from causal.base.errors import DataError
from causal.interpretation.features import (
    correlation_ratio,
    correlations,
    cramers_v,
    features_of,
    mean_ranks,
)

ROWS = 800


@pytest.fixture
def group_names(builder, outcome_of):
    def names(values, categorical=()):
        y = (np.arange(ROWS) % 2).astype(float)
        study, panel = builder(values, {"y": outcome_of["binary"]("y", y)}, categorical=categorical)
        return [group.name for group in features_of(study, panel).groups]

    return names


def _rng():
    return np.random.default_rng(21)


def test_indicators_of_one_category_are_one_group_under_its_name(group_names):
    topic = _rng().integers(4, size=ROWS)
    values = {f"topic_is_{name}": (topic == at) for at, name in enumerate(("a", "b", "c"))}
    values["other"] = _rng().normal(size=ROWS)
    assert group_names(values) == ["topic", "other"]


def test_indicators_that_hold_together_are_apart(group_names):
    rng = _rng()
    values = {f"has_{name}": rng.random(ROWS) < 0.4 for name in ("image", "video", "sound")}
    assert group_names(values) == ["has_image", "has_video", "has_sound"]


def test_association_of_any_kind_joins_and_chance_does_not(group_names):
    rng = _rng()
    number, day = rng.normal(size=ROWS), rng.integers(7, size=ROWS).astype(float)
    values = {
        "number": number,
        "reversed": -np.exp(3 * number),
        "day": day,
        "weekend": (day > 4).astype(float),
        "name_of_day": (day + 3) % 7,
        "free": rng.integers(40, size=ROWS).astype(float),
        "loose": rng.normal(size=ROWS),
    }
    found = group_names(values, categorical=("day", "name_of_day", "free"))
    assert found == ["number (+1)", "day (+2)", "free", "loose"]


def test_correlation_uses_the_rows_where_both_are_present():
    rng = _rng()
    values = rng.normal(size=(ROWS, 3))
    values[:, 1] += values[:, 0]
    values[rng.random((ROWS, 3)) < 0.3] = np.nan
    both = ~np.isnan(values[:, :2]).any(axis=1)
    expected = np.corrcoef(values[both, 0], values[both, 1])[0, 1]
    assert correlations(values)[0, 1] == pytest.approx(expected, rel=1e-10)
    assert correlations(np.full((5, 2), 3.0)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_chance_association_of_many_levels_is_near_zero():
    rng = _rng()
    first, second = rng.integers(60, size=(2, ROWS)).astype(float)
    assert cramers_v(first, second) < 0.2
    assert correlation_ratio(first, rng.normal(size=ROWS)) < 0.3
    assert cramers_v(first, first) == pytest.approx(1.0, abs=1e-3)
    assert correlation_ratio(first, first) == pytest.approx(1.0)


def test_cramers_v_equals_its_definition_on_the_full_table():
    rng = _rng()
    first = rng.integers(3, size=ROWS)
    second = np.where(rng.random(ROWS) < 0.6, first, rng.integers(4, size=ROWS))
    table = np.zeros((3, 4))
    np.add.at(table, (first, second), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / ROWS
    phi = ((table - expected) ** 2 / expected).sum() / ROWS - 2 * 3 / (ROWS - 1)
    corrected = min(3 - 2**2 / (ROWS - 1), 4 - 3**2 / (ROWS - 1)) - 1
    v = cramers_v(first.astype(float), second.astype(float))
    assert v == pytest.approx((phi / corrected) ** 0.5, rel=1e-10)


def test_degenerate_columns_are_associated_with_nothing():
    same, empty = np.ones(10), np.full(10, np.nan)
    assert cramers_v(same, np.arange(10.0)) == 0.0
    assert cramers_v(empty, empty) == 0.0
    assert correlation_ratio(np.arange(10.0), np.arange(10.0)) == 0.0
    assert correlation_ratio(empty, same) == 0.0
    assert np.isnan(mean_ranks(empty)).all()


def test_a_column_that_was_not_read_is_named(world):
    study, panel = world
    wider = study.model_copy(update={"confounders": ("topic",)})
    with pytest.raises(DataError, match="'topic'"):
        features_of(wider, panel)
