"""The study model: roles of columns, rules between parts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from causal.base.errors import StudyError
from causal.design.reading import study_from
from causal.design.study import Study

RATIO = {"name": "ctr", "numerator": "clicks", "denominator": "impressions"}


def values(**changes: Any) -> dict[str, Any]:
    """A small valid study, with changes."""
    plain = {
        "study": "demo",
        "data": {"source": "table.parquet"},
        "attributes": ["video"],
        "outcomes": [RATIO],
    }
    return {**plain, **changes}


def message(**changes: Any) -> str:
    """What the error says about a changed study."""
    with pytest.raises(StudyError) as caught:
        study_from(values(**changes))
    return str(caught.value)


def test_columns_by_role_names_every_column_once_under_its_role():
    study = study_from(
        values(
            unit=["day", "item"],
            cluster="creator",
            weight="w",
            attributes=[
                "video",
                {"name": "tone", "propensity": {"sad": "p_sad", "calm": "p_calm"}},
            ],
            outcomes=[RATIO, {"name": "cpm", "numerator": "cost", "denominator": "impressions"}],
            confounders=["topic"],
            allocation={"count": "impressions", "shares": "planned"},
            parties={"user": "user", "creator": "creator"},
            exploration="explored",
        )
    )
    roles = study.columns_by_role()
    assert roles["unit"] == ("day", "item")
    assert roles["outcome"] == ("clicks", "impressions", "cost")
    assert roles["propensity"] == ("p_sad", "p_calm")
    assert roles["count"] == ("impressions",)
    assert roles["shares"] == ("planned",)
    assert roles["party"] == ("user", "creator")
    assert roles["exploration"] == ("explored",)
    assert roles["mediator"] == ()


def test_equal_shares_are_no_column():
    assert study_from(values()).columns_by_role()["shares"] == ()


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("video", "attributes[0].name"),
        ("impressions", "outcomes[0].denominator"),
        ("b", "modifiers[1]"),
        ("creator", "cluster"),
        ("p", "propensity"),
        ("nowhere", ""),
    ],
)
def test_key_of_names_the_study_key_of_a_column(column, key):
    study = study_from(values(modifiers=["a", "b"], cluster="creator", propensity="p"))
    assert study.key_of(column) == key


def test_a_denominator_may_also_be_weight_and_mediator():
    study = study_from(values(weight="impressions", mediators=["impressions"]))
    assert study.roles_of("impressions") == ("outcome", "mediator", "weight")


@pytest.mark.parametrize("role", ["cluster", "block", "unit", "weight", "time", "modifiers"])
def test_a_confounder_may_also_serve_another_use(role):
    given = ["topic"] if role == "modifiers" else "topic"
    assert study_from(values(confounders=["topic"], **{role: given}))


EXCLUSIVE = {
    "confounders": "a confounder",
    "mediators": "a mediator",
    "negative_controls": "a negative control",
    "post_outcome": "after the outcome",
}


@pytest.mark.parametrize("role", EXCLUSIVE)
@pytest.mark.parametrize(("column", "other"), [("video", "an attribute"), ("clicks", "an outcome")])
def test_two_roles_of_one_column_are_refused_by_name(role, column, other):
    said = message(**{role: [column]})
    assert f"'{column}', which has two roles: {other}" in said
    assert EXCLUSIVE[role] in said


@pytest.mark.parametrize("first", EXCLUSIVE)
@pytest.mark.parametrize("second", EXCLUSIVE)
def test_lists_of_roles_exclude_each_other(first, second):
    if first < second:
        assert "two roles" in message(**{first: ["x"], second: ["x"]})


def test_what_comes_after_the_outcome_cannot_segment_or_block():
    assert "modifiers is 'winner'" in message(modifiers=["winner"], post_outcome=["winner"])
    assert "block is 'clicks', which is an outcome" in message(block="clicks")


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/b",
        "a\\b",
        "..",
        ".hidden",
        "x.",
        "con",
        "NUL.txt",
        "a b",
        "a..b",
        "x:y",
        "-x",
        "a\n",
    ],
)
def test_a_study_name_that_is_no_safe_folder_is_refused(name):
    assert "cannot name the output folder" in message(study=name)


@pytest.mark.parametrize("name", ["headline-style", "A1", "v1.2_b", "überschrift", "標題"])
def test_a_study_name_of_letters_of_any_script_serves(name):
    assert study_from(values(study=name)).study == name


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([["a", "b"], ["b", "c"], ["c", "a"]], "a -> b -> c -> a"),
        ([["a", "a"]], "leads from 'a' to itself"),
        ([["a", "b"], ["a", "b"]], "a -> b, as graph[0] is"),
        ([["a", "b"], ["b", "c"], ["c", "d"], ["d", "b"]], "b -> c -> d -> b"),
    ],
)
def test_a_graph_that_is_no_causal_graph_is_refused(edges, words):
    assert words in message(graph=edges)


def test_a_diamond_is_no_circle():
    assert study_from(values(graph=[["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"]]))


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        ({"contrast": [3, 3]}, "both ends are equal"),
        ({"contrast": [0, float("inf")]}, "must be finite"),
        ({"contrast": [0, 1], "kind": "binary"}, "Only a continuous attribute has a contrast"),
        ({"reference": 1, "kind": "continuous"}, "Give 'contrast: [from, to]' instead"),
        ({"reference": 1, "contrast": [0, 1]}, "are both given"),
        ({"reference": ["a"]}, "Give one level"),
        ({"propensity": "p", "kind": "continuous"}, "only binary and categorical".capitalize()),
        ({"propensity": "p", "kind": "categorical"}, "a column for each level"),
        ({"propensity": {}}, "is empty"),
        ({"estimand": "ATT", "kind": "continuous"}, "the slope"),
    ],
)
def test_an_attribute_that_contradicts_itself_is_refused(attribute, words):
    assert words in message(attributes=[{"name": "video", **attribute}])


def test_one_propensity_column_serves_one_binary_attribute_only():
    assert "there are 2 attributes" in message(attributes=["a", "b"], propensity="p")
    given = {"name": "a", "propensity": "q"}
    assert "both given" in message(attributes=[given], propensity="p")
    tone = {"name": "a", "kind": "categorical"}
    assert "serves a binary attribute only" in message(attributes=[tone], propensity="p")
    assert study_from(values(propensity="p")).propensity == "p"


def test_names_given_twice_are_refused():
    assert "attributes[1].name is 'video', as attributes[0].name" in message(
        attributes=["video", "video"]
    )
    assert "outcomes[1].name is 'ctr'" in message(outcomes=[RATIO, RATIO])
    assert "confounders[1] is 'x', as confounders[0] is" in message(confounders=["x", "x"])


def test_three_ways_of_clustering_are_refused():
    assert "cluster names 3 columns" in message(cluster=["a", "b", "c"])


def test_a_ratio_of_a_column_to_itself_is_refused():
    outcome = {"name": "one", "numerator": "n", "denominator": "n"}
    assert "always 1" in message(outcomes=[outcome])


def test_an_infinite_margin_is_refused():
    assert "finite" in message(outcomes=[{**RATIO, "margin": float("inf")}])


def test_an_unknown_estimator_is_refused_with_the_nearest():
    said = message(settings={"estimators": ["naive_bayes"]})
    assert "settings.estimators[0] is 'naive_bayes'. Allowed: '" in said


def test_an_exploration_column_that_is_an_attribute_is_refused():
    assert "exploration is 'video'" in message(exploration="video")


def test_a_study_made_in_python_keeps_the_same_rules():
    with pytest.raises(ValidationError, match="two roles"):
        Study(**values(confounders=["video"]))


def test_a_study_is_frozen_and_remembers_its_file(tmp_path):
    study = study_from(values())
    kept = study.written("text", tmp_path)
    assert (study.text, study.path) == ("", None)
    assert (kept.text, kept.path) == ("text", tmp_path)
    assert kept == study or kept.model_dump() == study.model_dump()
    with pytest.raises(ValidationError):
        kept.weight = "x"
