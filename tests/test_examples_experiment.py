"""A published experiment read as ``kind: experiment``: the Pennsylvania reemployment bonus.

Claimants were offered a bonus for finding work soon (Bilias 2000). Treatment 4 against control, on
weeks of benefits; expected values were computed outside the project.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import causal
from causal.base.finding import Status
from causal.design.experiment import Experiment
from causal.reporting._result import Result

STUDY = """\
study: bonus
kind: experiment
question: Does the offer of a bonus shorten unemployment?
data:
  source: {source}
  derive: {{person: row_number() OVER ()}}
  where: tg IN (0, 4)
unit: person
arms: {{column: tg, control: 0, shares: {shares}}}
outcomes:
  - {{name: weeks, column: inuidur1, role: success, goal: decrease}}
analysis: {{adjustment: none, minimum_days: 0, full_weeks: false}}
"""
SEEN = '{"0": 0.66, "4": 0.34}'
"""About the shares seen: the planned ones do not come with the data."""


@pytest.fixture(scope="module")
def source(test_data: Path) -> Path:
    return next((test_data / "penn_bonus").glob("*.parquet"))


def read(folder: Path, source: Path, shares: str) -> Experiment:
    file = folder / "bonus.yaml"
    file.write_text(STUDY.format(source=source, shares=shares), "utf-8")
    study = causal.read_study(file)
    assert isinstance(study, Experiment)
    return study


@pytest.fixture(scope="module")
def bonus(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return causal.run(read(tmp_path_factory.mktemp("bonus"), source, SEEN), workers=1)


def test_the_offer_shortens_unemployment_by_what_was_published(bonus):
    (row,) = bonus.content["effects"]
    assert row["estimate"] == pytest.approx(-0.8323614791729668, rel=1e-9)
    assert row["std_error"] == pytest.approx(0.31058796795717425, rel=1e-9)
    assert bonus.content["comparisons"][0]["df"] == pytest.approx(3567.615895786499, rel=1e-9)
    assert row["p_value"] == pytest.approx(0.007397060892835548, rel=1e-6)
    assert row["relative"] == pytest.approx(-0.0624062, abs=1e-6)
    assert row["relative_low"] == pytest.approx(-0.1064356, abs=1e-6)
    assert row["relative_high"] == pytest.approx(-0.0170187, abs=1e-6)


def test_fewer_weeks_are_better_so_the_offer_is_shipped(bonus):
    assert bonus.content["decision"]["word"] == "SHIP"
    assert bonus.title.startswith("Ship 4: weeks")


def test_against_equal_shares_the_same_experiment_has_no_verdict(source, tmp_path):
    found = causal.run(read(tmp_path, source, "{}"), workers=1)
    failed = [each["name"] for each in found.content["findings"] if each["status"] == "FAIL"]
    assert failed == ["sample ratio"]
    assert found.content["decision"]["word"] == "CANNOT DECIDE"
    assert "weeks" not in found.title


def test_the_checks_of_the_gate_pass(source, tmp_path):
    findings = causal.check(read(tmp_path, source, SEEN))
    assert not [each.name for each in findings if each.status is Status.FAIL]
