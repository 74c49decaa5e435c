"""A small experiment with everything in it, and a way to collect it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.streams import stream
from causal.data.moments.collect import collect
from causal.data.moments.collected import Collected
from causal.design.experiment import Experiment
from causal.design.experiment_request import experiment_request

Collect = Callable[..., Collected]


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """600 users of two arms, 40 schools within arms, two markets within schools."""
    draw = stream(2, "tests", "people")
    rows = 600
    school = draw.integers(40, size=rows)
    before = draw.gamma(2.0, 3.0, size=rows).round(3)
    return pd.DataFrame(
        {
            "user": draw.permutation(rows) + 5000,
            "school": [f"s{each:02d}" for each in school],
            "arm": np.where(school % 2 == 0, "A", "B"),
            "market": np.where(school < 20, "de", "fr"),
            "power": draw.integers(0, 2, size=rows),
            "seen": [f"2026-01-{day:02d}" for day in draw.integers(1, 29, size=rows)],
            "before": before,
            "revenue": (before + draw.normal(size=rows)).round(4),
            "visits": draw.poisson(4, size=rows),
            "clicks": draw.poisson(3, size=rows),
            "impressions": draw.poisson(30, size=rows) + 1,
            "active": draw.integers(0, 2, size=rows),
        }
    )


@pytest.fixture(scope="session")
def outcomes() -> list[dict[str, Any]]:
    """A mean, a count and a ratio; two of them decide together."""
    return [
        {"name": "revenue", "column": "revenue"},
        {"name": "visits", "column": "visits"},
        {
            "name": "ctr",
            "numerator": "clicks",
            "denominator": "impressions",
            "role": "guardrail",
            "margin": 0.05,
        },
    ]


@pytest.fixture(scope="session")
def asked(outcomes: list[dict[str, Any]]) -> Callable[..., Any]:
    """Make a request of a study that only says what is special; ``data`` is merged in."""

    def made(source: object = "memory", data: dict[str, Any] | None = None, **given: Any) -> Any:
        study = {
            "study": "test",
            "kind": "experiment",
            "unit": "user",
            "arms": {"column": "arm", "control": "A", "shares": {"A": 0.5, "B": 0.5}},
            "outcomes": outcomes,
            **given,
            "data": {"source": str(source), **(data or {})},
        }
        return experiment_request(
            Experiment.model_validate({k: v for k, v in study.items() if v is not None})
        )

    return made


@pytest.fixture(scope="session")
def collected(asked: Callable[..., Any]) -> Collect:
    """Collect a frame."""

    def made(frame: pd.DataFrame, workers: int = 1, **given: Any) -> Collected:
        return collect(asked(**given), frame=frame, workers=workers)

    return made
