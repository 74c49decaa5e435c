"""Study files: what they say becomes a Study, or one message that lists all that is wrong."""

from __future__ import annotations

import pytest

from causal.base.errors import StudyError
from causal.design.document import read_document
from causal.design.kinds import AVAILABLE, PLANNED
from causal.design.reading import read_study
from causal.design.schema import schema

GOOD = """\
study: demo
data:
  source: table.parquet
attributes: [video]
outcomes:
  - {name: ctr, numerator: clicks, denominator: impressions}
"""


@pytest.fixture
def said(tmp_path):
    """Write a study file; say what its error says."""

    def write(text, *, encoding="utf-8"):
        file = tmp_path / "study.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        with pytest.raises(StudyError) as caught:
            read_study(file)
        assert str(file) in str(caught.value)
        return str(caught.value)

    return write


@pytest.fixture
def study(tmp_path):
    """Write a study file and read it."""

    def write(text):
        file = tmp_path / "study.yaml"
        file.write_text(text, encoding="utf-8")
        return read_study(file)

    return write


def test_a_study_keeps_its_text_and_path(tmp_path, study):
    read = study(GOOD)
    assert read.text == GOOD
    assert read.path == tmp_path / "study.yaml"


def test_names_that_yaml_takes_for_something_else_stay_names(study):
    read = study(GOOD.replace("[video]", "[on, yes, n, 2020-01-01, 12:30, 007]"))
    assert [each.name for each in read.attributes] == [
        "on",
        "yes",
        "n",
        "2020-01-01",
        "12:30",
        "007",
    ]


def test_numbers_are_read_as_people_write_them(study):
    text = GOOD.replace("impressions}", "impressions, margin: 1e-2}") + "settings: {level: .9}\n"
    read = study(text)
    assert read.outcomes[0].margin == 0.01
    assert read.settings.level == 0.9


def test_levels_of_a_propensity_are_text_whatever_they_look_like(study):
    read = study(GOOD.replace("[video]", "[{name: v, propensity: {0: p0, true: p1}}]"))
    assert read.attributes[0].propensity == {"0": "p0", "true": "p1"}


def test_an_empty_key_is_a_key_not_given(study):
    read = study(GOOD + "unit:\nconfounders:\nsettings:\nweight: null\n")
    assert (read.unit, read.confounders, read.weight) == ((), (), None)


def test_a_byte_order_mark_and_windows_lines_do_not_matter(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_study(file).study == "demo"


def test_every_error_is_listed_with_its_line(said):
    text = said(GOOD + "settings: {folds: 1, level: 2}\nwieght: w\nassignment: random\n")
    assert "4 things are wrong" in text
    assert "line 7: settings.folds is 1. Allowed: at least 2." in text
    assert "line 7: settings.level is 2. Allowed: below 1." in text
    assert "line 8: wieght is not a known key." in text
    assert "Did you mean 'weight'?" in text
    assert "line 9: assignment is 'random'. Allowed: 'randomized', 'observational'." in text
    assert "Did you mean 'randomized'?" in text


def test_wrong_values_do_not_hide_broken_rules(said):
    text = said(GOOD + "settings: {folds: 1}\nconfounders: [video]\nmodifiers: topic\n")
    assert "3 things are wrong" in text
    assert "line 8: confounders is 'video', which has two roles" in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("study: demo\n", "", "study is missing. Give the study a short name"),
        ("study: demo", "study:", "study is missing"),
        ("study: demo", "study: 7", "study is 7, which is a number. Allowed: one text. If it is a"),
        ("study: demo", "study: ''", "study is empty"),
        ("data:\n  source: table.parquet\n", "", "data is missing. Name the table"),
        ("source: table.parquet", "table: t", "data.source is missing"),
        ("source: table.parquet", "sorce: t", "Did you mean 'source'?"),
        ("source: table.parquet", "source: [a, b]", "data.source is ['a', 'b'], which is a list"),
        ("source: table.parquet", "source: t\n  where: true", "data.where is true"),
        ("source: table.parquet", "source: t\n  derive: x > 1", "data.derive is 'x > 1'"),
        ("source: table.parquet", "source: t\n  derive: {a: }", "data.derive.a is empty"),
        ("data:\n  source: table.parquet", "data: table.parquet", "data is 'table.parquet'"),
        ("attributes: [video]\n", "", "attributes is missing"),
        ("[video]", "[]", "attributes is empty. Name at least one."),
        (
            "[video]",
            "video",
            "attributes is 'video', which is text. Allowed: a list of names. Write",
        ),
        ("[video]", "[true]", "attributes[0] is true"),
        ("[video]", "[{nam: video}]", "Did you mean 'name'?"),
        ("[video]", "[{name: v, kind: binry}]", "attributes[0].kind is 'binry'. Allowed: 'binary'"),
        ("[video]", "[{name: v, tier: 0}]", "attributes[0].tier is 0. Allowed: at least 1."),
        ("[video]", "[{name: v, contrast: [1]}]", "attributes[0].contrast"),
        ("[video]", "[{name: v, contrast: [1, 2, 3]}]", "attributes[0].contrast"),
        ("[video]", "[{name: v, contrast: [low, high]}]", "attributes[0].contrast[0] is 'low'"),
        ("[video]", "[{name: v, estimand: ATX}]", "Allowed: 'ATE', 'ATT', 'ATO'."),
        ("[video]", "[{name: v, propensity: [p]}]", "a column for each level"),
        ("name: ctr, ", "", "outcomes[0].name is missing"),
        (", denominator: impressions", "", "give either 'column', or both 'numerator'"),
        ("impressions}", "impressions, column: c}", "give either 'column', or both"),
        ("impressions}", "impressions, goal: increse}", "Did you mean 'increase'?"),
        ("impressions}", "impressions, role: succes}", "Did you mean 'success'?"),
        ("impressions}", "impressions, margin: -1}", "outcomes[0].margin is -1. Allowed: above 0."),
        ("impressions}", "impressions, margin: big}", "outcomes[0].margin is 'big', which is text"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(said, old, new, words):
    assert old in GOOD
    assert words in said(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("confounders: topic", "confounders is 'topic', which is text. Allowed: a list of names."),
        ("confounders: [1]", 'If it is a name, write it in quotes: "1".'),
        ("unit: 3", "unit is 3"),
        ("unit: {a: b}", "unit is {'a': 'b'}, which is a mapping"),
        ("exploration: [a]", "exploration is ['a'], which is a list. Allowed: one text."),
        ("graph: [a, b]", "graph[0] is 'a', which is text"),
        ("graph: [[a]]", "graph[0]"),
        ("graph: [[a, b, c]]", "graph[0]"),
        ("graph: {a: b}", "graph is {'a': 'b'}"),
        ("settings: {folds: 2.5}", "settings.folds is 2.5"),
        (
            "settings: {folds: '5'}",
            "settings.folds is '5', which is text. Allowed: a whole number.",
        ),
        ("settings: {seed: true}", "settings.seed is true"),
        ("settings: {level: .nan}", "settings.level is nan"),
        ("settings: {multiplicity: bonferoni}", "Allowed: 'simultaneous', 'holm', 'bh', 'none'."),
        ("settings: 5", "settings is 5"),
        ("level: 0.9", "'level' belongs under 'settings'."),
        ("where: x > 1", "'where' belongs under 'data'."),
        ("data2: x", "Did you mean 'data'?"),
        ("arms: {column: a}", "It belongs to kind 'experiment'"),
        ("parties: {usr: u}", "parties.usr is not a known key. Allowed here: 'user', 'creator'"),
        ("allocation: {shares: [1]}", "allocation.shares is [1]"),
        ("settings: {seed: " + "9" * 30 + "}", "settings.seed is"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_allowed(said, line, words):
    text = said(GOOD + line + "\n")
    assert words in text
    assert "line 7: " in text


@pytest.mark.parametrize("kind", [kind for kind in PLANNED if kind not in AVAILABLE])
def test_kinds_of_later_versions_are_named_honestly(said, kind):
    text = said(f"study: demo\nkind: {kind}\narms: {{}}\n")
    assert f"kind '{kind}' is not available in this version; available: 'attributes'" in text
    assert "arms" not in text


def test_an_unknown_kind_has_a_nearest_match(said):
    assert "Did you mean 'attributes'?" in said(GOOD + "kind: atributes\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n  \n# only a comment\n", "holds nothing"),
        ("- a\n- b\n", "holds a list"),
        ("just words\n", "holds a single text"),
        ("a: 1\na: 2\n", "line 2: the key 'a' is given twice, first on line 1"),
        ("a: {b: 1, b: 2}\n", "the key 'a.b' is given twice"),
        ("a: [{b: 1, 'b': 2}]\n", "the key 'a[0].b' is given twice"),
        ("a:\n\t- b\n", "indented with a tab"),
        ("a: b: c\n", "needs quotes"),
        ("a: [1, 2\nb: 3\n", "this is not YAML"),
        ("a: 'open\n", "this is not YAML"),
        ("a: @b\n", "this is not YAML"),
        ("a: &x [1]\nb: *x\n", "line 2: '*x' repeats another part"),
        ("a: !!python/object/apply:os.system [ls]\n", "without a tag"),
        ("!!python/dict {a: 1}\n", "without a tag"),
        ("a: !!int x\n", "is 'x', which is no int"),
        ("a: !!python/name:os.system x\n", "without a tag"),
        ("a: !!binary aGk=\n", "without a tag"),
        ("? [a, b]\n: c\n", "stands where a key is expected"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: " + "[" * 30 + "]" * 30, "nested more than"),
        ("[" * 5000, "nested more than"),
        ("a: \x07\n", "control character"),
        (b"a: \xff\xfe\n", "not UTF-8 text: line 1"),
        (b"PAR1\x15\x04\x15", "It may be the table"),
        (b"a\0b", "is not text"),
        (b"x: 1\n" * 300_000, "larger than 1,000,000 bytes"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_study_is_refused_in_words(said, text, words):
    assert words in said(text)


def test_a_text_in_another_encoding_is_refused(said):
    assert "is not text" in said(GOOD, encoding="utf-16")


def test_an_alias_bomb_is_refused_at_once(said):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    assert "repeats another part of the file" in said(bomb)


def test_a_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "headline.yaml").write_text(GOOD)
    with pytest.raises(
        StudyError, match=r"There is no file .*headlin\.yaml\. Did you mean 'headline"
    ):
        read_study(tmp_path / "headlin.yaml")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StudyError, match="is a folder"):
        read_study(tmp_path)


@pytest.mark.parametrize("source", ["study.yaml", "./study.yaml", "../{folder}/study.yaml"])
def test_a_study_that_points_at_itself_is_refused(said, tmp_path, source):
    text = said(GOOD.replace("table.parquet", source.format(folder=tmp_path.name)))
    assert "the study file itself" in text


def test_a_joined_table_that_is_the_study_is_refused(said):
    text = said(GOOD.replace("table.parquet", "t\n  tables: {more: study.yaml}"))
    assert "data.tables.more" in text


def of_attributes():
    """The schema of a file that names no kind: the last of the chain."""
    described = schema()
    while "else" in described:
        described = described["else"]
    return described


def test_the_schema_names_every_key_and_accepts_the_short_forms():
    described = of_attributes()
    assert described["additionalProperties"] is False
    assert {"study", "data", "attributes", "outcomes", "settings"} <= set(described["properties"])
    kinds = {each.get("type") for each in described["properties"]["unit"]["anyOf"]}
    assert kinds == {"string", "array", "null"}
    items = described["properties"]["attributes"]["items"]["anyOf"]
    assert {"string"} <= {each.get("type") for each in items}
    assert of_attributes() == described


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (GOOD, True),
        (GOOD + "unit: [a, b]\ncluster: c\nblock:\n", True),
        (GOOD.replace("[video]", "[{name: video, kind: binary, propensity: {'0': p}}]"), True),
        (GOOD + "wieght: w\n", False),
        (GOOD + "settings: {level: 95}\n", False),
        (GOOD.replace("study: demo\n", ""), False),
        (GOOD.replace("impressions}", "impressions, goal: up}"), False),
    ],
)
def test_an_editor_with_the_schema_agrees_with_the_reader(tmp_path, text, fits):
    jsonschema = pytest.importorskip("jsonschema")
    file = tmp_path / "study.yaml"
    file.write_text(text)
    valid = jsonschema.Draft202012Validator(schema()).is_valid(read_document(file).values)
    assert valid == fits
    try:
        read_study(file)
    except StudyError:
        assert not fits
