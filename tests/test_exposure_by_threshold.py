"""Studies of exposure by a threshold, from the file to the page."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import causal

NEEDED = "the extra threshold is not installed"
STUDY = {
    "study": "gate",
    "kind": "exposure",
    "data": {"source": "items.parquet"},
    "unit": "item",
    "design": "threshold",
    "exposure": {"column": "impressions", "name": "impression"},
    "score": "quality",
    "cutoff": 0.5,
    "cluster": "creator",
    "covariates": ["followers"],
    "outcomes": [{"name": "clicks", "column": "clicks"}],
}


def drawn(seed: int = 0, rows: int = 1_500, *, given: float = 3.0) -> pd.DataFrame:
    """Items with a quality of a half on are promoted."""
    rng = np.random.default_rng(seed)
    quality = rng.uniform(0, 1, rows)
    promoted = quality >= 0.5
    return pd.DataFrame(
        {
            "item": np.arange(rows),
            "quality": quality,
            "creator": rng.integers(0, 300, rows),
            "followers": 10 + 3 * quality + rng.normal(size=rows),
            "impressions": 20 + 10 * promoted + 5 * quality + rng.normal(size=rows),
            "clicks": 4 + given * promoted + 2 * quality + rng.normal(size=rows),
        }
    )


def test_without_the_packages_the_study_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rdrobust", None)
    monkeypatch.setitem(sys.modules, "rddensity", None)
    with pytest.raises(causal.DesignError, match=r"causal-content\[threshold\]"):
        causal.run(STUDY, table=drawn(), workers=1)


def test_a_known_jump_is_named() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    pytest.importorskip("rddensity", reason=NEEDED)
    found = causal.run(STUDY, table=drawn(1), workers=1)
    clicks, impressions = found.content["threshold"]
    assert clicks["low"] < 3 < clicks["high"]
    assert impressions["low"] < 10 < impressions["high"]
    assert found.title == f"Crossing the threshold brings {clicks['estimate']:.1f} clicks"
    assert "at the threshold only" in found.text()
    assert {"rdrobust", "rddensity"} <= set(found.content["versions"])
    assert {each.name: each.status for each in found.findings} == {
        "density": "PASS",
        "continuity": "PASS",
        "exposure at the cutoff": "PASS",
        "placebo cutoffs": "PASS",
    }
    assert found.html() == causal.run(STUDY, table=drawn(1), workers=2).html()


def test_an_exposure_that_does_not_jump_and_rows_left_out_are_told() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    pytest.importorskip("rddensity", reason=NEEDED)
    frame = drawn(3).assign(impressions=lambda f: 20.0 + f["item"] % 7)
    frame["clicks"] = frame.clicks.where(frame["item"] > 9)
    found = causal.run(STUDY | {"covariates": []}, table=frame, workers=1)
    status = {each.name: each.status for each in found.findings}
    assert status["exposure at the cutoff"] == "WARN"
    assert "10 rows have no 'clicks' and are left out." in found.text()


def test_rows_that_heap_at_the_cutoff_stop_the_page() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    pytest.importorskip("rddensity", reason=NEEDED)
    frame = drawn(4)
    near = (frame.quality < 0.5) & (frame.quality > 0.48)
    frame["quality"] = frame.quality.mask(near, 0.5)
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.content["decision"]["reason"] == "rows at the cutoff"
    assert "are like those just below" not in found.html()
    assert found.title == "What happens to clicks at the threshold cannot be told"


def test_what_was_settled_before_may_not_jump() -> None:
    pytest.importorskip("rdrobust", reason=NEEDED)
    pytest.importorskip("rddensity", reason=NEEDED)
    frame = drawn(2)
    frame["followers"] += 4 * (frame.quality >= 0.5)
    found = causal.run(STUDY, table=frame, workers=1)
    assert found.content["decision"]["reason"] == "continuity"
    assert found.effects.verdict.isna().all()
