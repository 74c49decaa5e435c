"""A result is kept whole, read back exactly, and refused in words when it is broken."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from causal.base.errors import ResultError
from causal.base.finding import Finding, Status
from causal.reporting._result import EFFECT_COLUMNS, FILES, Result, json_text, load, rounded

Content = dict[str, Any]


@pytest.fixture
def result(small: Content) -> Result:
    return Result(content=small, manifest={"study": "abc", "seed": 1}, log=("took 3 s",))


def test_effects_has_exactly_the_columns_of_the_contract_in_their_order(result: Result):
    wanted = [
        "attribute",
        "contrast",
        "outcome",
        "estimand",
        "path",
        "design",
        "estimator",
        "population",
        "segment",
        "segment_value",
        "estimate",
        "std_error",
        "ci_low",
        "ci_high",
        "simultaneous_low",
        "simultaneous_high",
        "p_value",
        "p_adjusted",
        "baseline",
        "relative",
        "relative_low",
        "relative_high",
        "units",
        "clusters",
        "treated",
        "effective_units",
        "identification",
        "verdict",
    ]
    assert list(result.effects.columns) == wanted == list(EFFECT_COLUMNS)
    assert len(result.effects) == len(result.content["effects"])


def test_save_writes_five_files_and_rendering_what_it_wrote_gives_the_page_to_the_byte(
    result: Result, tmp_path: Path
):
    folder = result.save(tmp_path / "reports" / "a")
    assert sorted(each.name for each in folder.iterdir()) == sorted(FILES)
    assert load(folder).html().encode() == (folder / "report.html").read_bytes()
    assert load(folder / "result.json").content == load(folder).content
    assert load(folder).manifest == {"study": "abc", "seed": 1}
    assert load(folder).log == ("took 3 s",)


def test_what_is_saved_again_has_the_same_bytes_and_files_of_others_stay(
    result: Result, tmp_path: Path
):
    first = result.save(tmp_path / "a")
    (first / "mine.txt").write_text("keep")
    before = {name: (first / name).read_bytes() for name in FILES}
    load(first).save(first)
    assert {name: (first / name).read_bytes() for name in FILES} == before
    assert (first / "mine.txt").read_text() == "keep"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_nothing_half_written_remains_when_writing_fails(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import pyarrow.parquet as parquet

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(ResultError, match="No space left"):
        result.save(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(result: Result, tmp_path: Path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(ResultError, match="is a file, not a folder"):
        result.save(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "x"


def test_numbers_are_rounded_to_six_digits_and_what_is_not_finite_is_null():
    import numpy as np

    given = {
        "b": 1.23456789e-7,
        "a": [float("inf"), np.float64(2.0), np.int64(3), True, None],
        "d": date(2020, 1, 2),
        "c": -0.0,
    }
    assert rounded(given) == {
        "a": [None, 2.0, 3, True, None],
        "b": 1.23457e-7,
        "c": 0.0,
        "d": "2020-01-02",
    }
    assert json_text(rounded(given)).startswith('{\n "a": [')
    assert json_text({}).endswith("\n")
    assert rounded(rounded(given)) == rounded(given)


def test_non_ascii_is_written_as_it_is(result: Result, tmp_path: Path):
    text = (result.save(tmp_path / "a") / "result.json").read_text("utf-8")
    assert "großschreibung" in text


def test_the_parquet_file_has_no_index_and_fixed_types(result: Result, tmp_path: Path):
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(result.save(tmp_path / "a") / "effects.parquet")
    assert file.schema_arrow.metadata is None
    assert {str(each.type) for each in file.schema_arrow} == {"string", "double", "int64"}
    assert file.schema_arrow.names == list(EFFECT_COLUMNS)


def test_a_table_of_nothing_but_nulls_keeps_its_types(small: Content, tmp_path: Path):
    import pyarrow.parquet as parquet

    for each in small["effects"]:
        each.update(dict.fromkeys(EFFECT_COLUMNS))
        each.update(attribute="digit", outcome="ctr", contrast="1 - 0", design="x")
    folder = Result(content=small).save(tmp_path / "a")
    schema = parquet.read_schema(folder / "effects.parquet")
    assert str(schema.field("units").type) == "int64"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a complete JSON file"),
        ('{"schema": 1, "effects": [', "not a complete JSON file"),
        ("[1, 2]", "holds no result"),
        ('{"schema": 2}', "has schema 2"),
        ("{}", "has schema None"),
        ('{"schema": 1, "study": {}}', "lacks outcomes, attributes, effects, findings, decision"),
    ],
)
def test_a_broken_result_is_refused_in_words(tmp_path: Path, text: str, said: str):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(ResultError, match=said):
        load(tmp_path)


def test_a_missing_result_and_a_binary_one_are_refused_in_words(tmp_path: Path):
    with pytest.raises(ResultError, match=r"no 'result\.json'"):
        load(tmp_path)
    (tmp_path / "result.json").write_bytes(b"\xff\xfe\x00PAR1")
    with pytest.raises(ResultError, match="not a complete JSON file"):
        load(tmp_path)


def test_a_value_that_cannot_be_written_is_refused():
    with pytest.raises(ResultError, match="type object"):
        rounded({"a": object()})


def test_findings_come_back_as_values(failed: Content):
    first = Result(content=failed).findings[0]
    assert isinstance(first, Finding)
    assert first.status is Status.FAIL
    assert first.starts == date(2013, 6, 25)
    assert first.blocks == "page"
    assert Result(content=failed).failed


def test_a_result_shows_itself_in_a_notebook_inside_a_sandbox(result: Result):
    bundle = result._repr_mimebundle_()
    assert bundle["text/html"].startswith('<iframe sandbox="allow-scripts allow-downloads"')
    assert "allow-same-origin" not in bundle["text/html"]
    inner = bundle["text/html"].split('srcdoc="', 1)[1]
    assert "<" not in inner.split('"', 1)[0]
    assert bundle["text/plain"].startswith(result.title)


def test_a_result_without_anything_optional_still_renders():
    bare = {
        "schema": 1,
        "study": {},
        "outcomes": [],
        "attributes": [],
        "effects": [],
        "findings": [],
        "decision": {"title": "Nothing"},
    }
    page = Result(content=json.loads(json.dumps(bare))).html()
    assert "<h1>Nothing</h1>" in page
