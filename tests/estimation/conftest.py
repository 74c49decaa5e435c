"""Small worlds with known truth, as frames, and panels made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.data.panel import Panel
from causal.data.read import read_frame
from causal.design.request import request
from causal.design.study import Study

Made = tuple[Study, Panel]


def study_of(**changes: Any) -> Study:
    """Make a study of binary attribute ``a``, outcome ``y`` and confounders ``x1``, ``x2``."""
    given = {
        "study": "world",
        "data": {"source": "memory"},
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": ["x1", "x2"],
    }
    return Study(**(given | changes))


def panel_of(frame: pd.DataFrame, study: Study) -> Panel:
    """Read a frame as a study wants it."""
    return read_frame(frame, request(study))


@pytest.fixture
def make() -> Callable[..., Made]:
    """Make a study and its panel from a frame."""

    def made(frame: pd.DataFrame, **changes: Any) -> Made:
        study = study_of(**changes)
        return study, panel_of(frame, study)

    return made


def clustered(seed: int, clusters: int = 100, size: int = 20, effect: float = 1.0) -> pd.DataFrame:
    """Attribute assigned mostly by cluster, outcome with a cluster effect, linear confounding."""
    rng = np.random.default_rng([7, seed])
    g = np.repeat(np.arange(clusters), size)
    x1 = rng.normal(size=clusters)[g]
    x2 = rng.normal(size=g.size)
    lean = 0.5 * x1 + rng.normal(scale=0.8, size=clusters)[g]
    a = rng.random(g.size) < 1 / (1 + np.exp(-(lean + 0.5 * x2)))
    y = effect * a + x1 + 0.5 * x2 + rng.normal(scale=0.5, size=clusters)[g]
    return pd.DataFrame(
        {"g": g, "x1": x1, "x2": x2, "a": a.astype(int), "y": y + rng.normal(size=g.size)}
    )
