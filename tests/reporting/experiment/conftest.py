"""Experiments whose readouts are looked at: a healthy one, an invalid one, and one on a shared pool."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.design.experiment import Experiment
from causal.design.reading import study_from
from causal.reporting._result import Result

UNITS = 6_000


def frame(seed: int = 1, *, lift: float = 0.1, lost: float = 0.0, units: int = UNITS) -> Any:
    rng = np.random.default_rng(seed)
    arm = rng.choice(["A", "B"], units)
    treated = arm == "B"
    before = rng.gamma(2.0, 5.0, units)
    table = pd.DataFrame({
        "user": np.arange(units), "arm": arm, "before": before.round(3),
        "market": rng.choice(["de", "fr", "</script>"], units),
        "first": pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, 14 * 24, units), "h"),
        "revenue": (before * rng.gamma(5.0, 0.2, units) * (1 + lift * treated)).round(3),
        "clicks": rng.poisson(3, units), "impressions": rng.poisson(30, units) + 3,
        "hid": (rng.random(units) < 0.1).astype(int),
    })  # fmt: skip
    return table.drop(table.index[treated & (rng.random(units) < lost)])


def study(**more: Any) -> Experiment:
    made = study_from({
        "study": "ad-load", "kind": "experiment", "question": "More <b>advertisements</b>?",
        "data": {"source": "users.parquet"}, "unit": "user", "exposed_at": "first",
        "block": ["market"], "modifiers": ["market"],
        "arms": {"column": "arm", "control": "A", "shares": {"A": 0.5, "B": 0.5}},
        "outcomes": [
            {"name": "revenue", "column": "revenue", "before": "before"},
            {"name": "click_rate", "numerator": "clicks", "denominator": "impressions",
             "role": "guardrail", "margin": 0.05},
            {"name": "hides", "column": "hid", "role": "guardrail", "goal": "decrease",
             "margin": 0.5},
            {"name": "clicks", "column": "clicks", "role": "secondary"},
            {"name": "large", "column": "revenue", "type": "quantile", "quantile": 0.9,
             "role": "secondary"},
        ],
        "analysis": {"planned_units": UNITS, "smallest": {"revenue": 0.05}},
    } | more)  # fmt: skip
    assert isinstance(made, Experiment)
    return made


@pytest.fixture(scope="session")
def healthy() -> Result:
    return causal.run(study(), table=frame())


@pytest.fixture(scope="session")
def invalid() -> Result:
    return causal.run(study(), table=frame(lost=0.2))


def on_a_pool(side: str) -> Result:
    """What the treated of a side gain the control loses."""
    table = frame(units=2_000)
    loss = np.where(table["arm"] == "B", 1.3, 0.7)
    table["revenue"] = table["before"] * loss
    revenue = {"name": "revenue", "column": "revenue", "before": "before", "competes": True}
    others = [each.model_dump(exclude_unset=True) for each in study().outcomes[1:]]
    asked = study(
        side=side,
        outcomes=[revenue, *others],
        analysis={"planned_units": 2_000, "demand": {"before": 1.0, "during": 1.0}},
    )
    return causal.run(asked, table=table)


@pytest.fixture(scope="session")
def shared() -> Result:
    return on_a_pool("creator")
