"""The study of a rollout: its defaults, its rules in words, and what is collected for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from causal.data.cells.collect import collect_cells
from causal.design.rollout import ROLLOUT_ROLES, Rollout
from causal.design.rollout_request import cells_request

GOOD = {
    "study": "boost",
    "kind": "rollout",
    "data": {"source": "t.parquet"},
    "entity": "market",
    "period": "week",
    "adopted": "since",
    "outcomes": [{"name": "rate", "numerator": "clicks", "denominator": "shown"}],
}
SWITCHED = {**GOOD, "schedule": "switchback", "treated": "on", "adopted": None}


def study(**changed) -> Rollout:
    return Rollout.model_validate({**GOOD, **changed})


def test_every_column_has_a_key_and_a_role() -> None:
    asked = study(
        cluster="region",
        block="size",
        weight="users",
        covariates=["age"],
        spillover="neighbours",
        negative_controls=["pings"],
        parties={"user": "user_id"},
    )
    named = list(asked.named_columns())
    assert {role for role, _, _ in named} == set(ROLLOUT_ROLES) - {"switching"}
    assert asked.key_of("shown") == "outcomes[0].denominator"
    assert asked.key_of("pings") == "negative_controls[0].column"
    assert asked.negative_controls[0].name == "pings"


def test_what_is_collected_is_what_the_study_names() -> None:
    asked = cells_request(
        study(covariates=["age"], rows="exposure", every="week", negative_controls=["pings"])
    )
    assert (asked.summed, asked.every) == (True, "week")
    assert [each.name for each in asked.outcomes] == ["rate", "pings"]
    assert asked.table.key_of("since") == "adopted"
    switched = Rollout.model_validate(
        {**SWITCHED, "carry": {"probability": "chance", "block_of": "day"}}
    )
    assert cells_request(switched).further == ("chance", "day")
    single = study(schedule="single", single={"donors": "market <> 'a'"})
    assert cells_request(single).table.flags == {"donors": "market <> 'a'"}


def test_cells_are_collected_from_a_study() -> None:
    weeks, markets = np.tile(np.arange(1, 5), 3), np.repeat(["a", "b", "c"], 4)
    frame = pd.DataFrame(
        {
            "market": markets,
            "week": weeks,
            "since": np.where(markets == "a", 3.0, np.nan),
            "clicks": weeks,
            "shown": 10,
        }
    )
    asked = cells_request(study(schedule="single", single={"donors": "market <> 'b'"}))
    found = collect_cells(asked, frame=frame)
    np.testing.assert_allclose(found.y["rate"][0], [0.1, 0.2, 0.3, 0.4])
    assert found.adopted.tolist() == [2, np.inf, np.inf]
    assert found.further["in donors"][:, 0].tolist() == [1, 0, 1]


BROKEN = {
    "no adoption": ({"adopted": None}, "adopted is missing: 'schedule: staggered' needs"),
    "both": ({"treated": "on"}, "treated is for 'schedule: switchback'"),
    "no switch": ({"schedule": "switchback", "adopted": None}, "treated is missing"),
    "adoption of a switch": (
        {"schedule": "switchback", "treated": "on"},
        "adopted is for 'schedule: staggered'",
    ),
    "carry": ({"carry": {"periods": 2}}, "carry is for 'schedule: switchback'"),
    "single": ({"single": {"season": 7}}, "single is for 'schedule: single'"),
    "lot of one": ({"schedule": "single", "assignment": "randomized"}, "not drawn by lot"),
    "entity is period": ({"period": "market"}, "period is 'market', as entity is"),
    "covariate is adoption": ({"covariates": ["since"]}, "which is the adopted already"),
    "covariate is measured": ({"covariates": ["clicks"]}, "cannot explain its own trend"),
    "covariate twice": ({"covariates": ["a", "a"]}, "as covariates[0] is"),
    "two shares": (
        {"spillover": "s", "analysis": {"neighbours": ["region"]}},
        "analysis.neighbours has it counted",
    ),
    "name twice": ({"negative_controls": [{"name": "rate", "column": "x"}]}, "as outcomes[0].name"),
    "ratio of one": (
        {"outcomes": [{"name": "y", "numerator": "c", "denominator": "c"}]},
        "the ratio is always 1",
    ),
    "no folder": ({"study": "a/b"}, "study"),
    "both washout and lags": (
        {**SWITCHED, "carry": {"periods": 2, "washout": 1}},
        "one or the other",
    ),
    "probability": ({**SWITCHED, "carry": {"probability": 1.0}}, "between 0 and 1"),
    "share of a switch": ({**SWITCHED, "spillover": "s"}, "adoption that stays"),
    "covariate of a switch": ({**SWITCHED, "covariates": ["a"]}, "are for 'schedule: staggered'"),
    "unknown key": ({"postt": 3}, "postt"),
    "unknown control": ({"analysis": {"control": "later"}}, "control"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_said_by_its_key(name) -> None:
    changed, words = BROKEN[name]
    with pytest.raises(ValidationError) as error:
        study(**changed)
    assert words in str(error.value)


def test_good_studies_of_every_schedule_are_read() -> None:
    assert study(cluster="market").cluster == "market"
    assert Rollout.model_validate({**SWITCHED, "carry": {"washout": 1}}).carry.washout == 1
    assert study(schedule="single", single={"methods": ["series"]}).single.methods == ("series",)


def test_what_is_washed_out_is_not_carried_over() -> None:
    washed = Rollout.model_validate({**SWITCHED, "carry": {"washout": 2}})
    assert (washed.carry.lags, Rollout.model_validate(SWITCHED).carry.lags) == (0, 1)
