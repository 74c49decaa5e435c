"""Whether an effect fades with days since exposure is said, drawn, and never decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.reporting._result import Result
from tests.reporting.experiment.conftest import study

UNITS, DAYS = 2_000, 7


def exposures(*, fades: bool, seed: int = 5) -> pd.DataFrame:
    """A row for each day of each user; activity falls off, and a lift of 60% lasts or fades."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, UNITS)
    first = rng.integers(0, 7, UNITS)
    day = np.arange(DAYS)
    lift = 0.6 * (np.exp(-day) if fades else np.ones(DAYS))
    spent = rng.gamma(2.0, 2.0 / np.sqrt(1 + day), (UNITS, DAYS)) * (1 + lift * arm[:, None])
    unit = np.repeat(np.arange(UNITS), DAYS)
    return pd.DataFrame({
        "user": unit, "arm": np.array(["A", "B"])[arm][unit], "spent": spent.ravel().round(4),
        "when": pd.Timestamp("2026-03-02 08:00")
        + pd.to_timedelta((first[:, None] + day).ravel(), "D"),
    })  # fmt: skip


def run(table: pd.DataFrame, **more: Any) -> Result:
    asked = study(
        rows="exposure", exposed_at="when", time="when", block=None, modifiers=None,
        outcomes=[{"name": "spent", "column": "spent", "days": DAYS}], analysis={"minimum_days": 7}, **more,
    )  # fmt: skip
    return causal.run(asked, table=table)


@pytest.fixture(scope="module")
def fading() -> Result:
    return run(exposures(fades=True))


def section(result: Result) -> Any:
    from causal.reporting.experiment.by_day import section

    return section(result.content)


def test_an_effect_that_wears_off_is_said_to_fade(fading: Result) -> None:
    (found,) = fading.content["by_day"]
    assert (found["reading"], found["relative"], len(found["days"])) == ("fades", True, DAYS)
    assert found["days"][0]["value"] == pytest.approx(0.6, abs=0.15)
    made = section(fading)
    assert made.title == "The effect fades with days since exposure"
    assert "on day 1 and" in made.blocks[0].title
    assert len(made.blocks[0].table.rows) == DAYS


def test_days_are_said_to_be_without_the_cap(fading: Result) -> None:
    said = "Without the metric's cap"
    (outcome,) = fading.content["outcomes"]
    capped = {**fading.content, "outcomes": [{**outcome, "cap": 9.0}]}
    assert said not in section(fading).blocks[0].footnote
    assert said in section(Result(content=capped, manifest={}, log="")).blocks[0].footnote


def test_an_effect_that_lasts_is_not(fading: Result) -> None:
    result = run(exposures(fades=False))
    assert result.content["by_day"][0]["reading"] == "no sign"
    assert section(result).title == "No sign that the effect changes with days since exposure"
    assert result.content["decision"]["word"] == fading.content["decision"]["word"]


def test_an_invalid_experiment_and_a_shared_pool_show_no_days(fading: Result) -> None:
    table = exposures(fades=True)
    lost = run(table[~((table["arm"] == "B") & (table["user"] % 5 == 0))])
    assert lost.content["decision"]["greyed"]
    assert not lost.content["by_day"]
    assert section(lost) is None
    pool = {**fading.content, "analysis": {**fading.content["analysis"], "pool": "shared"}}
    assert section(Result(content=pool, manifest={}, log="")) is None


def test_the_first_day_has_a_point_and_no_interval(fading: Result) -> None:
    first, second = fading.content["so_far"][:2]
    assert first["day"] == fading.content["data"]["starts"]
    assert first["estimate"] is not None
    assert first["low"] is None
    assert second["low"] is not None


def test_that_only_a_part_of_the_units_was_looked_at_is_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.reporting.experiment.conftest import frame

    monkeypatch.setattr("causal.data.moments.reader.EXACT", 100)
    table = frame(units=1_000)
    result = causal.run(study(), table=table.assign(user="u" + table["user"].astype(str)))
    assert result.content["data"]["notes"] == [
        "Repeated units were looked for in one unit of 16."
    ]  # fmt: skip
    assert "Repeated units were looked for in one unit of 16." in result.html()
