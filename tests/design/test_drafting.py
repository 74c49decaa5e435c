"""Drafts: every column is accounted for, every guess is marked, and the draft reads back."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from causal.base.errors import DataError
from causal.data.describe import ColumnSummary, TableSummary
from causal.design.drafting import draft, draft_of, slug
from causal.design.guessing import guess
from causal.design.reading import read_study


def column(name, kind="float", distinct=50, low=None, high=None, missing=0):
    """A column's summary."""
    return ColumnSummary(
        name=name, type=kind, distinct=distinct, missing=missing, minimum=low, maximum=high
    )


def table(*columns, rows=100):
    """A table's summary."""
    return TableSummary(rows=rows, columns=columns)


PACKAGES = table(
    column("package_id", "text", 100),
    column("test_id", "text", 20),
    column("created_at", "time", 30),
    column("headline", "text", 90),
    column("tone", "text", 4),
    column("impressions", "integer", 80, 0, 900),
    column("clicks", "integer", 40, 0, 60),
    column("hides", "integer", 5, 0, 4),
    column("ctr", "float", 80, 0.0, 0.2),
    column("weekday", "text", 7),
    column("position", "integer", 3, 1, 3),
    column("winner", "boolean", 2),
    column("explored", "boolean", 2),
    column("empty", "text", 0, missing=100),
    column("lede", "text", 95),
)


def test_roles_are_guessed_from_names_types_and_counts():
    found = guess(PACKAGES)
    assert found.unit.column == "package_id"
    assert found.cluster.column == found.block.column == "test_id"
    assert found.time.column == "created_at"
    assert found.exploration.column == "explored"
    assert [each.columns for each in found.outcomes] == [
        ("clicks", "impressions"),
        ("hides", "impressions"),
    ]
    assert [each.role for each in found.outcomes] == ["success", "guardrail"]
    assert [each.goal for each in found.outcomes] == ["increase", "decrease"]
    assert found.where == "impressions > 0"
    assert [each.name for each in found.derive] == ["question_mark", "digit", "words"]
    assert [each.column for each in found.attributes] == ["tone"]
    assert [each.column for each in found.modifiers] == ["weekday"]
    assert [each.column for each in found.mediators] == ["position"]
    assert [each.column for each in found.post_outcome] == ["ctr", "winner"]
    assert [each.column for each in found.left_out] == ["empty", "headline", "lede"]


def test_the_draft_reads_back_and_names_every_column(tmp_path):
    text = draft_of(PACKAGES, source="packages.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(text)
    study = read_study(file)
    assert study.study == "packages"
    assert study.assignment == "observational"
    for each in PACKAGES.columns:
        assert each.name in text


def test_every_role_in_the_draft_is_marked_as_a_guess_with_its_reason():
    lines = draft_of(PACKAGES, source="packages.parquet").splitlines()
    guessed = [line for line in lines if re.match(r"  - |unit|cluster|block|time|    \w+:", line)]
    assert len(guessed) >= 15
    for line in guessed:
        assert re.search(r"# guess: .+ because .+", line), line


def test_a_count_larger_than_its_trials_is_no_rate():
    found = guess(table(column("video", distinct=2), column("views", "integer", 50, 1, 10),
                        column("likes", "integer", 50, 0, 99)))  # fmt: skip
    assert all(len(each.columns) == 1 for each in found.outcomes)


def test_earlier_results_are_not_taken_for_the_outcome():
    found = guess(table(column("avg_past_shares"), column("shares"), column("video", distinct=2)))
    assert [each.name for each in found.outcomes] == ["shares"]
    assert "avg_past_shares" in [each.column for each in found.attributes]


def test_without_a_telling_name_the_last_numbers_are_the_outcome():
    found = guess(table(column("a", distinct=2), column("b"), column("c")))
    assert found.outcomes[0].name == "c"
    assert "no name says outcome" in found.outcomes[0].because


def test_a_wide_table_gets_a_short_list_and_the_rest_is_named():
    found = guess(table(*(column(f"x{i}") for i in range(40)), column("shares")))
    assert len(found.attributes) == 12
    assert len(found.left_out) == 28


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (table(column("a"), rows=0), "no rows"),
        (table(), "No column could be an outcome"),
        (table(column("a", "text", 50)), "No column could be an outcome"),
        (table(column("shares")), "No column is left that could be an attribute"),
        (table(column("shares"), column("flat", distinct=1)), "No column is left"),
    ],
)
def test_a_table_of_which_no_study_can_be_made_is_refused(summary, words):
    with pytest.raises(DataError, match=words):
        guess(summary)


AWKWARD = ["select", "on", "null", "a b", "größe", "表", "x: y", "- z", "#", "'", '"', "{}", "[", "*a",
           "&b", "!c", "1", "1e3", "true", "line\nbreak", "tab\t", "back\\slash", "😀", "a\u2028b", "%",
           "@d", "`", "~", "2020-01-01", "\x85\u202e"]  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_column_names_survive_the_draft(tmp_path, name):
    summary = table(column(name, distinct=2), column("shares"), column(name + "?", distinct=1))
    text = draft_of(summary, source=f"dir/{name}.csv", table=name)
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    study = read_study(file)
    assert study.attributes[0].name == name
    assert study.data.source == f"dir/{name}.csv"
    assert study.data.table == name


@pytest.mark.parametrize("name", AWKWARD)
def test_any_yaml_reader_reads_the_same(name):
    text = draft_of(table(column(name, distinct=2), column("shares")), source="t.csv")
    assert yaml.safe_load(text)["attributes"] == [name]


def test_a_column_without_a_name_is_left_out():
    found = guess(table(column(" ", distinct=2), column("video", distinct=2), column("shares")))
    assert [each.column for each in found.left_out] == [" "]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("a/Packages v2.parquet", "packages-v2"),
        ("a/b/*.csv.gz", "study"),
        ("postgresql://u:p@h/shop?x=1", "shop"),
        ("con.csv", "con-study"),
        ("größe.csv", "größe"),
        ("..", "study"),
        ("x" * 90 + ".csv", "x" * 40),
    ],
)
def test_the_table_names_the_study(source, name):
    assert slug(source) == name


def test_the_path_to_the_table_is_relative_to_the_study(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "studies").mkdir()
    frame = pa.table({"video": [0, 1] * 20, "shares": list(range(40))})
    pq.write_table(frame, tmp_path / "data" / "items.parquet")
    monkeypatch.chdir(tmp_path)
    text = draft("data/items.parquet", folder=tmp_path / "studies")
    assert yaml.safe_load(text)["data"]["source"] == "../data/items.parquet"


def test_the_same_table_gives_the_same_draft():
    assert draft_of(PACKAGES, source="t") == draft_of(PACKAGES, source="t")


def test_the_demo_data_are_understood(test_data):
    text = draft(str(test_data / "upworthy" / "packages.parquet"))
    study = yaml.safe_load(text)
    assert (study["unit"], study["cluster"], study["block"]) == ("package_id", "test_id", "test_id")
    assert study["outcomes"][0]["denominator"] == "impressions"
    assert {"winner", "significance", "first_place"} <= set(study["post_outcome"])
