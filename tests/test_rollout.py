"""Studies of a rollout, from the file to the page."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal

STUDY = {
    "study": "boost",
    "kind": "rollout",
    "question": "What did the boost do?",
    "data": {"source": "table.parquet"},
    "entity": "market",
    "period": "week",
    "adopted": "since",
    "outcomes": [{"name": "clicks", "column": "clicks", "goal": "increase"}],
}


def drawn(
    seed: int = 0,
    *,
    entities: int = 40,
    periods: int = 12,
    dates: tuple[float, ...] = (5.0, 8.0, np.nan),
    effect: float = 1.0,
) -> pd.DataFrame:
    """Markets that adopt by turns; from then on clicks are higher."""
    rng = np.random.default_rng(seed)
    market = np.repeat(np.arange(entities), periods)
    week = np.tile(np.arange(periods), entities)
    since = np.array(dates)[np.arange(entities) % len(dates)][market]
    level = rng.normal(10, 1, entities)[market] + 0.2 * week
    on = week >= np.nan_to_num(since, nan=np.inf)
    clicks = level + effect * on + rng.normal(0, 0.5, market.size)
    return pd.DataFrame(
        {"market": [f"m{k:03d}" for k in market], "week": week, "since": since, "clicks": clicks}
    )


@pytest.fixture(scope="module")
def answered() -> causal.Result:
    return causal.run(STUDY, table=drawn(), workers=1)


def test_the_effect_is_found(answered) -> None:
    overall = next(row for row in answered.content["effects"] if row["segment"] is None)
    assert overall["ci_low"] < 1.0 < overall["ci_high"]
    assert overall["verdict"] == "raises"


def test_the_page_is_the_same_to_the_byte(answered) -> None:
    again = causal.run(STUDY, table=drawn().sample(frac=1, random_state=1), workers=2)
    assert again.html() == answered.html()


def test_check_verify_and_render_work(tmp_path) -> None:
    drawn().to_parquet(tmp_path / "table.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(json.dumps(STUDY))
    assert "panel" in {each.name for each in causal.check(file)}
    out = causal.run(file).save(tmp_path / "out")
    assert causal.verify(out, study=file) is not None
    assert causal.load(out).html() == (out / "report.html").read_text()


@pytest.mark.parametrize("call", [causal.plan, causal.calibrate])
def test_other_commands_refuse_it_in_words(call) -> None:
    with pytest.raises(causal.StudyError, match="'rollout'"):
        call(STUDY)
