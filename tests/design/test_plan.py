"""A locked plan says what was agreed, whatever way it is written, and finds what departs from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from causal.base.errors import StudyError
from causal.design.experiment import Experiment
from causal.design.plan import agreed, canonical, deviations, lock, locked, plan_hash
from causal.design.reading import study_from

ASKED: dict[str, Any] = {
    "study": "ads",
    "kind": "experiment",
    "data": {"source": "users.parquet"},
    "unit": "user",
    "arms": {"column": "arm", "control": "A", "shares": {"A": 0.5, "B": 0.5}},
    "covariates": ["before"],
    "outcomes": [
        {"name": "visits", "column": "visits"},
        {"name": "hides", "column": "hid", "role": "guardrail", "goal": "decrease", "margin": 0.1},
    ],
}
FOUND = [{"metric": "visits", "smallest": 0.05}]


def made(folder: Path | None = None, **more: Any) -> Experiment:
    study = study_from(ASKED | more)
    assert isinstance(study, Experiment)
    return study if folder is None else study.written("", folder / "ads.yaml")


def test_the_hash_is_of_the_canonical_text_and_the_same_however_the_study_is_written() -> None:
    plan = agreed(made())
    assert json.loads(canonical(plan)) == plan
    same = [
        made(outcomes=list(reversed(ASKED["outcomes"]))),
        made(analysis={"interval": "fixed", "minimum_days": 7}),
        made(question="Ads?", cluster=None, settings={"seed": 5, "minimum_cell": 10}),
        made(data={"source": "elsewhere.csv"}, observed_until="2026-02-01"),
        made(study="renamed", plan="locked"),
    ]
    assert {plan_hash(agreed(each)) for each in same} == {plan_hash(plan)}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"unit": "device"}, "unit was user and is device"),
        ({"settings": {"level": 0.9}}, "settings.level was 0.95 and is 0.9"),
        ({"analysis": {"adjustment": "lin"}}, "analysis.adjustment was cuped and is lin"),
        ({"analysis": {"pool": "shared"}}, "analysis.pool was separate and is shared"),
        ({"covariates": []}, "covariates.before was every outcome and is not given"),
        ({"data": {"source": "users.parquet", "where": "visits > 0"}},
         "data.where was not given and is visits > 0"),
        ({"outcomes": [ASKED["outcomes"][0], {**ASKED["outcomes"][1], "margin": 0.3}]},
         "outcomes.hides.margin was 0.1 and is 0.3"),
    ],
)  # fmt: skip
def test_a_change_is_told_by_its_key_from_what_to_what(
    tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    lock(made(tmp_path), FOUND, outcomes_seen=False)
    assert deviations(made(tmp_path, plan="locked", **more)) == (said,)
    assert deviations(made(tmp_path, **more)) == ()


def test_a_change_of_role_is_a_deviation_and_an_unchanged_study_has_none(tmp_path: Path) -> None:
    lock(made(tmp_path), FOUND, outcomes_seen=False)
    assert deviations(made(tmp_path, plan="locked")) == ()
    other = [{**ASKED["outcomes"][0], "role": "secondary"},
             {**ASKED["outcomes"][1], "role": "success", "margin": None}]  # fmt: skip
    found = deviations(made(tmp_path, plan="locked", outcomes=other))
    assert found == (
        "outcomes.hides.margin was 0.1 and is not given",
        "outcomes.hides.role was guardrail and is success",
        "outcomes.visits.role was success and is secondary",
    )


def test_what_is_locked_is_read_back(tmp_path: Path) -> None:
    written = lock(made(tmp_path), FOUND, outcomes_seen=True)
    assert written == locked(made(tmp_path))
    assert (written.file, written.outcomes_seen) == ("ads.yaml.plan.json", True)
    assert written.precision == ({"metric": "visits", "smallest": 0.05},)
    assert [each.name for each in tmp_path.iterdir()] == ["ads.yaml.plan.json"]


def test_a_plan_is_locked_once(tmp_path: Path) -> None:
    lock(made(tmp_path), FOUND, outcomes_seen=False)
    before = (tmp_path / "ads.yaml.plan.json").read_bytes()
    lock(made(tmp_path, plan="locked"), [], outcomes_seen=True)
    assert (tmp_path / "ads.yaml.plan.json").read_bytes() == before
    with pytest.raises(StudyError, match="unit was user and is device"):
        lock(made(tmp_path, unit="device"), FOUND, outcomes_seen=False)
    assert (tmp_path / "ads.yaml.plan.json").read_bytes() == before


def test_the_same_plan_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        lock(made(tmp_path / name), FOUND, outcomes_seen=False)
    one, two = ((tmp_path / name / "ads.yaml.plan.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_study_without_its_locked_plan_says_which_command_makes_it(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"causal plan .*ads\.yaml --lock"):
        deviations(made(tmp_path, plan="locked"))
    with pytest.raises(StudyError, match="was not read from one"):
        deviations(made(plan="locked"))


@pytest.mark.parametrize(
    ("old", "new"), [('"margin": 0.1', '"margin": 0.5'), ('"schema"', '"schema'), ('"plan"', '"p"')]
)
def test_a_plan_that_was_changed_is_refused(tmp_path: Path, old: str, new: str) -> None:
    lock(made(tmp_path), FOUND, outcomes_seen=False)
    file = tmp_path / "ads.yaml.plan.json"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(StudyError, match=r"ads\.yaml\.plan\.json"):
        locked(made(tmp_path))
