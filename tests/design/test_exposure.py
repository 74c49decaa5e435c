"""The study of exposure: read, its rules in words, what it asks the data for."""

from __future__ import annotations

import pytest

from causal.base.errors import StudyError
from causal.design.exposure import Exposure
from causal.design.exposure_request import experiment_request, products, rows_request
from causal.design.reading import read_study
from causal.design.schema import schema

EXPERIMENT = """
study: worth
kind: exposure
data: {source: t.parquet}
unit: item
design: experiment
exposure: {column: impressions, name: impression}
instrument: {column: cell, control: 0, shares: {"0": 0.5, "1": 0.5}}
covariates: [hour]
slate: [above]
outcomes: [{name: clicks, column: clicked}]
"""
EXPLORATION = """
study: places
kind: exposure
data: {source: t.parquet}
unit: impression
design: exploration
exploration: explored
position: place
item: item
period: day
strata: topic
parties: {user: user, creator: creator}
outcomes: [{name: click, column: clicked}]
"""
THRESHOLD = """
study: gate
kind: exposure
data: {source: t.parquet}
design: threshold
score: gap
outcomes: [{name: clicks, column: clicked}]
"""


def read(tmp_path, text: str) -> Exposure:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    found = read_study(file)
    assert isinstance(found, Exposure)
    return found


def test_a_study_by_experiment_asks_for_one_query(tmp_path) -> None:
    study = read(tmp_path, EXPERIMENT)
    asked = experiment_request(study)
    assert study.instrument is not None
    assert study.instrument.control == "0"
    assert [each.name for each in asked.metrics][:3] == ["clicks", "impressions", "above"]
    assert asked.covariates == {"hour": ("clicks", "impressions", "above")}
    assert set(asked.together) == {each.name for each in asked.metrics}
    assert products(study) == {"hour": "hour where impressions had"}
    assert '"impressions" > 0.0' in asked.table.derive["impressions had"]


def test_a_study_by_exploration_reads_rows_with_both_ways_of_clusters(tmp_path) -> None:
    study = read(tmp_path, EXPLORATION)
    asked = rows_request(study)
    assert asked.cluster == ("user", "creator")
    assert asked.exploration == "explored"
    assert asked.negative_controls == ("place", "day")
    assert (asked.modifiers, asked.parties) == (("topic",), {"item": "item"})
    assert study.label == "impression"


def test_a_study_by_threshold_is_read(tmp_path) -> None:
    assert rows_request(read(tmp_path, THRESHOLD)).negative_controls == ("gap",)


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        (EXPERIMENT, ("unit: item", ""), "unit is missing"),
        (EXPERIMENT, ("exposure: {column: impressions, name: impression}", ""),
         "exposure is missing. Name the column"),
        (EXPERIMENT, ("slate: [above]", "slate: [impressions]"), "which has two roles"),
        (EXPERIMENT, ("column: clicked", "column: impressions"), "which has two roles"),
        (EXPERIMENT, ('"1": 0.5', '"1": 0.4'), "instrument.shares add to 0.9"),
        (EXPERIMENT, ("slate: [above]", "position: place"), "belongs to 'design: exploration'"),
        (EXPERIMENT, ("slate: [above]", "cluster: [a, b]"), "Name the one that was randomised"),
        (EXPERIMENT, ("column: clicked", "numerator: a, denominator: b"), "is the ratio 'clicks'"),
        (EXPERIMENT, ("slate: [above]", "slats: [above]"), "Did you mean 'slate'?"),
        (EXPERIMENT, ("design: experiment", "design: lottery"), "Allowed: 'experiment'"),
        (EXPLORATION, ("position: place\nitem: item\n", ""), "position is missing, and so is item"),
        (EXPLORATION, ("period: day", ""), "period is missing"),
        (EXPLORATION, ("exploration: explored", ""), "exploration is missing"),
        (EXPLORATION, ("item: item\n", ""), "is given without item"),
        (EXPLORATION, ("strata: topic", "exposure: shown"), "exploration counts rows"),
        (EXPLORATION, ("strata: topic", "analysis: {first: 9}"), "analysis.first is 9, beyond"),
        (THRESHOLD, ("score: gap", ""), "score is missing"),
        (THRESHOLD, ("score: gap", "score: gap\ncluster: [a, b]"), "cluster names 2 columns"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_told_by_its_key(tmp_path, text, change, words) -> None:
    assert change[0] in text
    with pytest.raises(StudyError) as error:
        read(tmp_path, text.replace(*change))
    assert words in str(error.value)


def test_editors_know_the_kind() -> None:
    made = schema()
    while made.get("if", {}).get("properties", {}).get("kind") != {"const": "exposure"}:
        made = made["else"]
    assert {"design", "instrument", "slate"} <= set(made["then"]["properties"])
