"""Study files of experiments on two sides."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from causal.base.errors import StudyError
from causal.design.document import read_document
from causal.design.reading import of_attributes, read_study
from causal.design.schema import schema
from causal.design.two_sided import TwoSided, pair_request

TEXT = """\
study: boost
kind: experiment
data: {source: pairs.parquet}
rows: pair
time: day
parties: {user: user_id, creator: creator_id}
arms:
  given: pairs
  user: {column: user_arm, control: A, shares: {A: 0.5, B: 0.5}}
  creator: {column: creator_arm, control: false, shares: {false: 0.5, true: 0.5}}
outcomes:
  - {name: impressions, column: impressions, role: success}
  - {name: click rate, numerator: clicks, denominator: impressions, role: guardrail, margin: 0.02}
analysis: {equivalence: {impressions: 0.01}, minimum_days: 14}
"""


def read(tmp_path: Path, text: str = TEXT):
    file = tmp_path / "boost.yaml"
    file.write_text(text)
    return read_study(file)


def test_a_study_with_arms_on_both_sides_is_read(tmp_path: Path):
    study = read(tmp_path)
    assert isinstance(study, TwoSided)
    assert study.arms.creator.control == "false"
    asked = pair_request(study)
    assert asked.columns == (
        "user_id", "user_arm", "creator_id", "creator_arm", "impressions", "clicks", "day",
    )  # fmt: skip
    assert asked.table.key_of("creator_arm") == "arms.creator.column"
    assert study.roles_of("impressions") == ("outcome",)


def test_it_is_no_study_of_attributes(tmp_path: Path):
    with pytest.raises(StudyError, match="of kind 'experiment'"):
        of_attributes(read(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("parties: {user: user_id, creator: creator_id}\n", "", "parties is missing. Name who"),
        (", creator: creator_id}", "}", "parties.creator is missing"),
        ("creator: creator_id}", "creator: user_id}", "parties.creator is 'user_id', as parties.u"),
        ("column: creator_arm", "column: user_arm", "arms.creator.column is 'user_arm', as arms.us"),
        ("  creator: {column: creator_arm, control: false, shares: {false: 0.5, true: 0.5}}\n", "",
         "arms.creator is missing"),
        ("control: A, ", "control: C, ", "arms.user.control is 'C', which arms.user.shares"),
        ("{A: 0.5, B: 0.5}", "{A: 0.5, B: 0.4}", "arms.user.shares add to 0.9"),
        ("{A: 0.5, B: 0.5}", "{A: 0.5, B: 0.3, C: 0.2}", "arms.user.shares name 3 arms"),
        ("{A: 0.5, B: 0.5}", "{A: 0, B: 1}", "arms.user.shares name fewer than two"),
        ("given: pairs", "given: users", "arms.given is 'users'. Allowed: 'pairs', 'sides'"),
        ("  given: pairs\n", "  given: pairs\n  column: arm\n", "'column' belongs under arms.user"),
        ("time: day\n", "time: day\nunit: user_id\n", "experiment with arms on one side"),
        ("rows: pair\n", "rows: unit\n", "rows is 'unit'. Allowed: 'pair', 'exposure'"),
        ("impressions, role: success}", "impressions, role: success, cap: 9}",
         "outcomes[0].cap is not available where users and creators are both assigned"),
        ("impressions, role: success}", "impressions, role: success, type: retention}",
         "outcomes[0].type is 'retention'"),
        ("impressions, role: success}", "impressions, role: secondary}", "name no success metric"),
        ("margin: 0.02", "goal: increase", "outcomes[1].margin is missing"),
        ("{impressions: 0.01}", "{impression: 0.01}", "Did you mean 'impressions'?"),
        ("{impressions: 0.01}", "{impressions: 0}", "Allowed: above 0"),
        ("name: click rate", "name: impressions", "as outcomes[0].name is"),
        ("minimum_days: 14", "looks: [1]", "analysis.looks is not a known key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_key(tmp_path: Path, old: str, new: str, words: str):
    assert old in TEXT
    with pytest.raises(StudyError) as told:
        read(tmp_path, TEXT.replace(old, new))
    assert words in str(told.value)


def test_an_experiment_on_one_side_is_told_where_sides_belong(tmp_path: Path):
    text = TEXT.replace("parties: {user: user_id, creator: creator_id}\n", "unit: u\nparties: {}\n")
    start = text.index("arms:\n")
    text = (
        text[:start] + "arms: {column: a, control: A}\ngiven: pairs\n" + text[text.index("out") :]
    )
    with pytest.raises(StudyError, match="given is not a known key"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [("", "", True), ("rows: pair", "rows: unit", False), ("rows: pair", "unit: u", False)],
)
def test_the_schema_accepts_what_is_read(tmp_path: Path, old: str, new: str, fits: bool):
    file = tmp_path / "boost.yaml"
    file.write_text(TEXT.replace(old, new) if old else TEXT)
    values = read_document(file).values
    assert jsonschema.Draft202012Validator(schema()).is_valid(values) == fits
