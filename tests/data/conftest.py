"""A small table with everything in it, and a way to ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from causal.base.streams import stream
from causal.data.request import Request
from causal.design.request import request
from causal.design.study import Study

if TYPE_CHECKING:
    from pathlib import Path

Ask = Callable[..., Request]


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """120 packages of 30 stories; types that every engine has."""
    draw = stream(1, "tests", "frame")
    rows = 120
    return pd.DataFrame(
        {
            "id": draw.permutation(rows) + 1000,
            "story": [f"s{number:02d}" for number in draw.integers(30, size=rows)],
            "headline": ["Why?" if each else "Because" for each in draw.integers(2, size=rows)],
            "tone": draw.choice(["sad", "happy", "neutral"], size=rows),
            "words": draw.integers(4, 20, size=rows),
            "length": draw.normal(size=rows).round(4),
            "impressions": draw.integers(50, 900, size=rows),
            "clicks": draw.integers(0, 40, size=rows),
            "day": draw.choice(["2024-05-30", "2024-05-31", "2024-06-01T10:00:00"], size=rows),
        }
    )


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Make a request from a study that only says what is special; ``data`` is merged in."""

    def made(path: Path | None = None, data: dict[str, Any] | None = None, **given: Any) -> Request:
        study = {
            "study": "test",
            "unit": "id",
            "attributes": ["tone"],
            "outcomes": [{"name": "ctr", "numerator": "clicks", "denominator": "impressions"}],
            **given,
            "data": {"source": str(path or "memory"), **(data or {})},
        }
        return request(Study.model_validate({k: v for k, v in study.items() if v is not None}))

    return made


@pytest.fixture
def parquet(frame: pd.DataFrame, tmp_path: Path) -> Path:
    """The table as a parquet file."""
    path = tmp_path / "packages.parquet"
    frame.to_parquet(path)
    return path


@pytest.fixture
def simple() -> pd.DataFrame:
    """Six rows, to break one at a time."""
    return pd.DataFrame(
        {
            "id": np.arange(6),
            "tone": ["a", "b", "a", "b", "a", "b"],
            "clicks": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "impressions": [10, 20, 30, 40, 50, 60],
        }
    )
