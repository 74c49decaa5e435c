"""Bad panels of a rollout: each ends with one message in words, or with one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.base.errors import CausalError

STUDY: dict[str, Any] = {
    "study": "the-boost",
    "kind": "rollout",
    "data": {"source": "table.parquet"},
    "entity": "market",
    "period": "week",
    "adopted": "since",
    "pool": "separate",
    "outcomes": [{"name": "clicks", "column": "clicks"}],
}
RATE = {"outcomes": [{"name": "rate", "numerator": "clicks", "denominator": "shown"}]}
Frame = pd.DataFrame
DATES = (3.0, 5.0, np.nan)


def panel(entities: int = 18, periods: int = 7, dates: tuple[float, ...] = DATES) -> Frame:
    rng = np.random.default_rng(5)
    since = np.array(dates)[np.arange(entities) % len(dates)]
    week = np.arange(periods)
    on = week >= np.nan_to_num(since, nan=np.inf)[:, None]
    clicks = 9 + rng.normal(0, 1, (entities, 1)) + on + rng.normal(0, 0.5, (entities, periods))
    return pd.DataFrame(
        {
            "market": np.repeat([f"m{k:02d}" for k in range(entities)], periods),
            "week": np.tile(week, entities),
            "since": np.repeat(since, periods),
            "region": np.repeat(np.arange(entities) // 3, periods),
            "clicks": clicks.ravel(),
            "shown": 100,
        }
    )


def switched(rows: Frame) -> Frame:
    """Two markets that switch adoption back."""
    odd = rows.market.isin(["m00", "m03", "m06"]) & (rows.week > 4)
    return rows.assign(since=rows.since.mask(odd))


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A panel that is refused, and words of the message."""

    words: tuple[str, ...]
    rows: Callable[[], Frame] = panel
    study: dict[str, Any] = field(default_factory=dict)


REFUSED = {
    "adoption reverses": Refused(
        rows=lambda: switched(panel()), words=("'m00'", "'m03'", "'m06'", "schedule: switchback")
    ),
    "a cell twice": Refused(
        rows=lambda: pd.concat([panel(), panel().head(3)]),
        words=("more than once", "rows: exposure"),
    ),
    "one cohort and nobody else": Refused(
        rows=lambda: panel(dates=(3.0,)), words=("schedule: single",)
    ),
    "all adopt in the first period": Refused(
        rows=lambda: panel(dates=(-1.0, -2.0)), words=("first period", "earlier periods")
    ),
    "nobody adopts": Refused(rows=lambda: panel(dates=(np.nan,)), words=("nobody adopts",)),
    "one entity": Refused(rows=lambda: panel(entities=1), words=("one entity",)),
    "never without anybody": Refused(
        rows=lambda: panel(dates=(3.0, 5.0)),
        study={"analysis": {"control": "never"}},
        words=("control: not yet",),
    ),
    "weights of zero": Refused(
        rows=lambda: panel().assign(users=0), study={"weight": "users"}, words=("weight", "users")
    ),
    "a share above one": Refused(
        rows=lambda: panel().assign(near=1.4),
        study={"spillover": "near"},
        words=("between 0 and 1",),
    ),
    "a period in words": Refused(
        rows=lambda: panel().assign(week=lambda f: "w" + f.week.astype(str)),
        words=("holds text", "Make both numbers"),
    ),
    "a broken period": Refused(
        rows=lambda: panel().assign(week=lambda f: f.week + 0.5), words=("whole numbers or dates",)
    ),
    "an outcome of words": Refused(
        rows=lambda: panel().assign(clicks="many"), words=("clicks", "number")
    ),
    "no value at all": Refused(
        rows=lambda: panel().assign(clicks=np.nan), words=("no cell with a value",)
    ),
    "negative denominators": Refused(
        rows=lambda: panel().assign(shown=-1), study=RATE, words=("negative denominators",)
    ),
    "too few periods before": Refused(
        rows=lambda: panel(dates=(1.0, np.nan)), words=("minimum_periods",)
    ),
    "numbers cut by week": Refused(study={"every": "week"}, words=("cuts dates and times",)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(name: str) -> None:
    bad = REFUSED[name]
    with pytest.raises(CausalError) as error:
        causal.run(STUDY | bad.study, table=bad.rows(), workers=1)
    for words in bad.words:
        assert words in str(error.value)


def found(rows: Frame, **study: Any) -> causal.Result:
    return causal.run(STUDY | study, table=rows, workers=1)


def finding(result: causal.Result, name: str) -> Any:
    return next(each for each in result.findings if each.name == name)


def test_missing_cells_are_counted() -> None:
    one = finding(found(panel().drop(index=[10, 40])), "panel")
    assert (one.status, "2 cells" in one.meaning) == ("WARN", True)


def test_one_cohort_beside_others_that_never_adopt_is_answered_and_said() -> None:
    result = found(panel(dates=(3.0, np.nan)))
    assert "averages coincide" in finding(result, "adoption").meaning
    assert result.content["staggered"]["outcomes"][0]["overall"]["value"] is not None


def test_a_period_nobody_has_is_a_gap() -> None:
    one = finding(found(panel(periods=8).query("week != 2")), "panel")
    assert "between 1 and 3" in one.meaning


def test_adoption_after_the_end_is_a_control_and_counted() -> None:
    one = finding(found(panel(dates=(3.0, 5.0, 50.0))), "adoption")
    assert "Adopting after the last period, and compared with until then: 6" in one.meaning


def test_those_treated_all_along_are_left_out_and_counted() -> None:
    result = found(
        panel(dates=(0.0, 3.0, 5.0, np.nan), entities=24).replace({"since": {0.0: -1.0}})
    )
    assert (
        "Treated from the first period on, and left out: 6" in finding(result, "adoption").meaning
    )
    assert result.content["data"]["entities"] == 18


def test_a_constant_outcome_has_no_effect_and_says_so() -> None:
    result = found(panel().assign(clicks=4.0))
    rows = result.content["effects"]
    assert {row["identification"] for row in rows} == {"not estimable"}
    assert "do not vary" in result.content["decision"]["subtitle"]


def test_a_cell_without_denominator_is_left_out() -> None:
    rows = panel()
    rows.loc[4, "shown"] = 0
    result = found(rows, **RATE)
    assert result.content["outcomes"][0]["units"] == len(rows) - 1


def test_two_periods_are_enough_only_when_one_before_is_allowed() -> None:
    rows = panel(periods=2, dates=(1.0, np.nan))
    result = found(rows, analysis={"minimum_periods": 1})
    assert "cannot be tested" in finding(result, "pre-trend").meaning
    assert result.content["staggered"]["outcomes"][0]["overall"]["value"] is not None


def test_three_entities_a_cohort_have_no_effect_of_their_own() -> None:
    result = found(panel(entities=9))
    cells = [row for row in result.content["effects"] if row["segment"] == "cohort"]
    assert all("are needed" in row["why"] for row in cells)


def test_a_cohort_of_one_market_is_named_and_left_out_of_averages() -> None:
    rows = panel()
    rows.loc[rows.market == "m01", "since"] = 4.0
    result = found(rows)
    assert "Those of '4' are one cluster each" in finding(result, "adoption").meaning
    assert "4" not in {
        row["cohort"] for row in result.content["staggered"]["outcomes"][0]["by_cohort"]
    }


def test_hostile_names_stay_text() -> None:
    hostile = "<script>alert(1)</script>"
    page = found(panel().assign(market=lambda f: f.market.replace("m00", hostile))).html()
    assert hostile not in page


def test_an_empty_market_is_left_out() -> None:
    result = found(panel().assign(market=lambda f: f.market.replace("m00", None)))
    assert {each["reason"] for each in result.content["data"]["dropped"]} == {"without entity"}
