"""Which designs the data allow, what each holds fixed and claims, and what is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DesignError
from causal.data.read import read_frame
from causal.design.design import Design, headline
from causal.design.identification._adjustment import reasons
from causal.design.request import request
from causal.design.study import Study
from causal.workflow import identify

RNG = np.random.default_rng(0)
N = 60
FRAME = pd.DataFrame(RNG.integers(2, size=(N, 6)), columns=["a", "b", "x", "m", "s", "e"]).assign(
    y=RNG.normal(size=N), z=RNG.normal(size=N), late=RNG.normal(size=N), k=np.arange(N) // 4
)


def study_of(**changes: Any) -> Study:
    given: dict[str, Any] = {
        "study": "w",
        "data": {"source": "memory"},
        "attributes": ["a"],
        "outcomes": [{"name": "y", "column": "y"}],
        "confounders": ["x"],
    }
    return Study(**(given | changes))


def designs(**changes: Any) -> dict[str, Design]:
    study = study_of(**changes)
    found = identify(study, read_frame(FRAME, request(study)))
    return {design.name: design for design in found}


def test_the_ladder_has_the_rungs_the_data_allow() -> None:
    assert list(designs()) == ["naive", "adjusted"]
    assert list(designs(block=["k"])) == ["naive", "adjusted", "within"]
    assert list(designs(block=["k"], exploration="e")) == [
        "naive", "adjusted", "within", "exploration", "exploration x within",
    ]  # fmt: skip


def test_confounders_and_modifiers_are_held_fixed_and_mediators_never() -> None:
    found = designs(
        modifiers=["s"], mediators=["m"], post_outcome=["late"], negative_controls=["z"]
    )
    assert found["adjusted"].adjustment["a"] == ("x", "s")
    assert found["naive"].adjustment["a"] == ()


def test_other_attributes_are_held_fixed_unless_decided_later() -> None:
    tiers = [{"name": "a"}, {"name": "b", "tier": 2}]
    held = designs(attributes=tiers)["adjusted"].adjustment
    assert held == {"a": ("x",), "b": ("a", "x")}
    held = designs(attributes=["a", "b"])["adjusted"].adjustment
    assert held == {"a": ("b", "x"), "b": ("a", "x")}


@pytest.mark.parametrize("role", ["mediators", "post_outcome"])
def test_a_modifier_that_comes_after_is_refused_by_name(role: str) -> None:
    if role == "post_outcome":
        with pytest.raises(ValueError, match="'s', which is listed in post_outcome"):
            study_of(modifiers=["s"], post_outcome=["s"])
        return
    with pytest.raises(DesignError, match="'s' cannot be a modifier: it is a mediator"):
        designs(modifiers=["s"], mediators=["s"])


@pytest.mark.parametrize(
    ("changes", "claims", "leading"),
    [
        ({}, {"naive": False, "adjusted": True}, "adjusted"),
        ({"confounders": []}, {"naive": False, "adjusted": False}, "adjusted"),
        ({"assignment": "randomized"}, {"naive": True, "adjusted": True}, "adjusted"),
        (
            {"assignment": "randomized", "block": ["k"]},
            {"naive": False, "adjusted": False, "within": True},
            "within",
        ),
        ({"block": ["k"]}, {"naive": False, "adjusted": True, "within": True}, "within"),
        (
            {"assignment": "randomized", "exploration": "e"},
            {"naive": True, "adjusted": True, "exploration": True},
            "adjusted",
        ),
        (
            {"block": ["k"], "exploration": "e"},
            {
                "naive": False, "adjusted": True, "within": True, "exploration": True,
                "exploration x within": True,
            },
            "exploration x within",
        ),
    ],
)  # fmt: skip
def test_a_design_claims_the_effect_only_where_its_assignment_allows(
    changes: dict[str, Any], claims: dict[str, bool], leading: str
) -> None:
    found = designs(**changes)
    assert {name: design.claims for name, design in found.items()} == claims
    assert (
        headline(tuple(found.values()), randomized=changes.get("assignment") == "randomized")
        == leading
    )


def test_exploration_uses_only_its_rows_and_an_empty_slice_is_no_design() -> None:
    found = designs(exploration="e")
    assert found["exploration"].mask(N).sum() == FRAME.e.sum()
    study = study_of(exploration="e")
    empty = read_frame(FRAME.assign(e=0), request(study))
    assert [design.name for design in identify(study, empty)] == ["naive", "adjusted"]


def test_a_graph_gives_the_confounders() -> None:
    edges = [["x", "a"], ["x", "y"], ["a", "y"]]
    found = designs(graph=edges, confounders=["x", "s"])
    assert found["adjusted"].adjustment["a"] == ("x",)
    assert not found["adjusted"].refused


def test_a_descendant_among_the_confounders_is_refused_by_name() -> None:
    with pytest.raises(DesignError, match=r"'x' descends from the attribute 'a'"):
        designs(graph=[["a", "x"], ["x", "y"]])


def test_an_unobserved_confounder_in_the_graph_makes_it_not_estimable() -> None:
    found = designs(graph=[["u", "a"], ["u", "y"], ["a", "y"], ["x", "a"]])
    assert "no set of the observed columns" in found["adjusted"].refused["a"]


def test_a_collider_of_unobserved_causes_is_not_held_fixed() -> None:
    edges = [["u", "a"], ["u", "x"], ["v", "x"], ["v", "y"], ["a", "y"]]
    found = designs(graph=edges)
    assert found["adjusted"].adjustment["a"] == ()
    assert not found["adjusted"].refused


def test_another_attribute_that_would_open_a_path_is_not_held_fixed() -> None:
    edges = [["u", "a"], ["u", "b"], ["v", "b"], ["v", "y"], ["a", "y"]]
    found = designs(attributes=["a", "b"], graph=edges)
    assert found["adjusted"].adjustment["a"] == ()
    assert "b" in found["adjusted"].refused


def test_sets_of_several_outcomes_must_hold_together() -> None:
    """The confounder of y is a collider on the way to z, where nothing else can be held fixed."""
    edges = [
        ["u", "a"], ["u", "x"], ["v", "x"], ["v", "z"], ["a", "z"], ["x", "y"], ["a", "y"],
    ]  # fmt: skip
    outcomes = [{"name": "y", "column": "y"}, {"name": "z", "column": "z"}]
    assert not designs(graph=edges)["adjusted"].refused
    assert "a" in designs(graph=edges, outcomes=outcomes)["adjusted"].refused


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([["x", "y"]], "the attribute 'a' is not in the graph"),
        ([["x", "a"]], "the outcome 'y' is not"),
    ],
)
def test_a_graph_that_leaves_out_what_is_asked_is_refused(
    edges: list[list[str]], words: str
) -> None:
    with pytest.raises(DesignError, match=words):
        designs(graph=edges)


def test_every_column_has_a_reason() -> None:
    study = study_of(
        modifiers=["s"], mediators=["m"], negative_controls=["z"], post_outcome=["late"]
    )
    said = {reason.column: reason for reason in reasons(study, {"a": ("x", "s")})}
    assert [name for name, reason in said.items() if reason.used] == ["x", "s"]
    assert all(reason.why for reason in said.values())
    assert said["m"].role == "mediator"
