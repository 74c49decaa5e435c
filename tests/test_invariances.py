"""What a whole readout must not hang on: signs, units of measurement, names, orders, files, parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.data.moments.parts import heads as parts
from causal.reporting._result import Result
from tests._readouts import AWAY, OUTCOMES, SHARES, differences, same, study, users, visits

PEOPLE = users()
VISITS = visits(PEOPLE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The visits, as a file."""
    made = tmp_path_factory.mktemp("invariances")
    VISITS.to_parquet(made / "visits.parquet")
    return made


Read = Callable[..., Result]


@pytest.fixture(scope="module")
def read(folder: Path) -> Read:
    """Read a table that is made of the users."""

    def run(table: pd.DataFrame = PEOPLE, *, workers: int = 1, **more: Any) -> Result:
        asked = study("users.parquet", {"visits": str(folder / "visits.parquet")}, **more)
        return causal.run(asked, table=table, workers=workers)

    return run


@pytest.fixture(scope="module")
def plain(read: Read) -> Result:
    """The readout that others are held against."""
    return read()


def comparison(result: Result, outcome: str, arm: str = "B") -> dict[str, Any]:
    rows = result.content["comparisons"]
    return next(each for each in rows if (each["outcome"], each["arm"]) == (outcome, arm))


def mirrored(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return one | {"value": -one["value"], "low": -one["high"], "high": -one["low"]}


def test_a_negated_outcome_with_its_goal_turned_mirrors_every_effect_and_keeps_the_verdict(
    read: Read, plain: Result
) -> None:
    turned = ("revenue", "orders", "spent", "wait")
    columns = ("revenue", "orders", "spent", "wait", "before")
    other = {"increase": "decrease", "decrease": "increase"}
    outcomes = [dict(each) for each in OUTCOMES]
    outcomes[0].pop("cap")
    base = read(outcomes=outcomes)
    for each in outcomes:
        if each["name"] in turned:
            each["goal"] = other[each.get("goal", "increase")]
            each["type"] = "quantile" if each["name"] == "wait" else "mean"
    outcomes[-1]["quantile"] = 0.1
    found = read(PEOPLE.assign(**{name: -PEOPLE[name] for name in columns}), outcomes=outcomes)
    for one, negated in zip(base.content["comparisons"], found.content["comparisons"], strict=True):
        if one["outcome"] in turned:
            expected = one | {
                "control": -one["control"],
                "treated": -one["treated"],
                "goal": other[one["goal"]],
                "corrected": None if one["corrected"] is None else -one["corrected"],
            }
            relative = ("relative", "relative_decided", "relative_always")
            for name in ("effect", "decided", "raw", "always", *relative):
                expected[name] = mirrored(one[name])
        else:
            expected = one
        assert not list(differences(expected, negated))
    words = {"raises": "lowers", "lowers": "raises"}
    for one, negated in zip(base.content["effects"], found.content["effects"], strict=True):
        turn = one["outcome"] in turned
        verdict = words.get(one["verdict"], one["verdict"]) if turn else one["verdict"]
        assert negated["verdict"] == verdict
    for name in ("word", "reason", "arm", "until"):
        assert found.content["decision"][name] == base.content["decision"][name]
    clauses = [[each["holds"] for each in r.content["decision"]["clauses"]] for r in (base, found)]
    assert clauses[0] == clauses[1]
    assert {each["verdict"] for each in base.content["effects"]} >= {"raises", "no clear effect"}


def test_another_unit_of_measurement_changes_only_absolute_numbers(
    read: Read, plain: Result
) -> None:
    factor = 1e-9
    columns = ("revenue", "before", "spent", "wait")
    outcomes = [dict(each) for each in OUTCOMES]
    outcomes[4]["absolute_margin"] = factor
    found = read(
        PEOPLE.assign(**{name: PEOPLE[name] * factor for name in columns}), outcomes=outcomes
    )
    for one, scaled in zip(plain.content["comparisons"], found.content["comparisons"], strict=True):
        by = factor if one["outcome"] in columns else 1.0
        expected = dict(one)
        for name in ("control", "control_error", "treated", "std_error", "corrected"):
            expected[name] = None if one[name] is None else one[name] * by
        for name in ("effect", "decided", "raw", "always", "gap"):
            expected[name] = one[name] and {k: v * by for k, v in one[name].items()}
        assert not list(differences(expected, scaled))
    assert not list(differences(plain.content["precision"], found.content["precision"]))
    for name in ("word", "reason", "arm", "title"):
        assert found.content["decision"][name] == plain.content["decision"][name]


def test_names_of_strata_and_segments_change_only_their_names(read: Read, plain: Result) -> None:
    names = {"de": "z", "fr": "a b", "it": "42"}
    devices = {"app": "zzz", "web": "aaa"}
    found = read(
        PEOPLE.assign(market=PEOPLE["market"].map(names), device=PEOPLE["device"].map(devices))
    )
    away = (*AWAY, "segments", "findings")
    same(plain, found, away=away)
    one, other = (result.content["segments"] for result in (plain, found))
    for mine, theirs in zip(one, other, strict=True):
        for value in mine["values"]:
            renamed = value | {"level": devices[value["level"]]}
            (own,) = [each for each in theirs["values"] if each["level"] == renamed["level"]]
            assert not list(differences(renamed, own))
        assert theirs["p_value"] == pytest.approx(mine["p_value"])
    status = [[(each.name, each.status) for each in result.findings] for result in (plain, found)]
    assert status[0] == status[1]


def test_the_order_of_rows_changes_nothing(read: Read, plain: Result) -> None:
    order = np.random.default_rng(8).permutation(len(PEOPLE))
    same(plain, read(PEOPLE.iloc[order].reset_index(drop=True)))


def test_names_of_arms_change_only_their_names(read: Read, plain: Result) -> None:
    names = {"A": "old", "B": "z new", "C": "a new"}
    arms = {"column": "arm", "control": "old", "shares": {names[k]: v for k, v in SHARES.items()}}
    found = read(PEOPLE.assign(arm=PEOPLE["arm"].map(names)), arms=arms)
    for one, renamed in zip(
        plain.content["comparisons"], found.content["comparisons"], strict=True
    ):
        assert not list(differences(one | {"arm": names[one["arm"]]}, renamed))
    assert found.content["decision"]["word"] == plain.content["decision"]["word"]


def test_the_order_of_arms_and_of_metrics_changes_no_number(read: Read, plain: Result) -> None:
    shares = {name: SHARES[name] for name in ("C", "A", "B")}
    arms = {"column": "arm", "control": "A", "shares": shares}
    outcomes = [dict(each) for each in reversed(OUTCOMES)]
    found = read(arms=arms, outcomes=outcomes)
    for one in plain.content["comparisons"]:
        assert not list(differences(one, comparison(found, one["outcome"], one["arm"])))
    assert found.content["decision"]["word"] == plain.content["decision"]["word"]
    assert found.content["decision"]["arm"] == plain.content["decision"]["arm"]


def test_five_files_are_one(plain: Result, folder: Path, tmp_path: Path) -> None:
    for part in range(5):
        PEOPLE.iloc[part::5].to_parquet(tmp_path / f"part-{part}.parquet")
    asked = study(str(tmp_path / "*.parquet"), {"visits": str(folder / "visits.parquet")})
    same(plain, causal.run(asked))


@pytest.mark.parametrize("rows", ["unit", "exposure"])
def test_a_query_in_parts_is_one_query(
    plain: Result, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    source = tmp_path / "users.parquet"
    repeated = PEOPLE if rows == "unit" else pd.concat([PEOPLE, PEOPLE.iloc[::3]])
    repeated.to_parquet(source, row_group_size=200)
    more = {} if rows == "unit" else {"rows": "exposure", "time": "first"}
    asked = study(str(source), {"visits": str(folder / "visits.parquet")}, **more)
    whole = plain if rows == "unit" else causal.run(asked)
    for name in ("PART", "RANGE", "HELD"):
        monkeypatch.setattr(f"causal.data.moments.parts.{name}", 300)
    counted = []

    def heads(*args: Any, **named: Any) -> Any:
        counted.append(parts(*args, **named))
        return counted[-1]

    monkeypatch.setattr("causal.data.moments.collect.heads", heads)
    same(whole, causal.run(asked, workers=2))
    assert len(counted[0][0]) > 4
