"""The same table in every kind of source."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from causal.data.panel import Panel

if TYPE_CHECKING:
    import pandas as pd

Same = Callable[[Panel, Panel], None]


def load_sqlite(frame: pd.DataFrame, path: Path) -> Path:
    """Write the table, and one of stories, to a SQLite file."""
    with sqlite3.connect(path) as database:
        frame.to_sql("packages", database, index=False)
        frame[["story"]].drop_duplicates().to_sql("stories", database, index=False)
    return path


@pytest.fixture
def sqlite(frame: pd.DataFrame, tmp_path: Path) -> Path:
    """The table in a SQLite file."""
    return load_sqlite(frame, tmp_path / "shop.sqlite")


@pytest.fixture
def same() -> Same:
    """Compare two panels of the same table by everything but the name of the source."""

    def compared(one: Panel, other: Panel) -> None:
        assert one.provenance.fingerprint == other.provenance.fingerprint
        assert one.provenance.dropped == other.provenance.dropped
        assert one.columns.keys() == other.columns.keys()
        for name, column in one.columns.items():
            assert column.levels == other.columns[name].levels
            np.testing.assert_array_equal(column.values, other.columns[name].values)
        for name in ("value", "weight", "numerator", "denominator"):
            for outcome in one.outcomes:
                np.testing.assert_array_equal(
                    getattr(one.outcomes[outcome], name), getattr(other.outcomes[outcome], name)
                )
        for name in ("folds", "block", "time", "counts", "unit"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_array_equal(one.clusters[0], other.clusters[0])

    return compared


@pytest.fixture
def study() -> dict[str, object]:
    """Roles that touch every type, with SQL that every engine understands."""
    return {
        "cluster": "story",
        "block": ["story", "tone"],
        "time": "day",
        "attributes": ["tone", "question", "words"],
        "confounders": ["length", "per_word"],
        "data": {
            "derive": {
                "question": "headline LIKE '%?%'",
                "per_word": "clicks / words",
                "shout": "headline LIKE 'WHY%'",
            },
            "where": "impressions > 100 AND tone IN ('sad', 'happy', 'neutral') AND NOT shout",
        },
    }
