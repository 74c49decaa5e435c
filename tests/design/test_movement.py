"""The study of a move: read, its rules in words, its order of causes."""

from __future__ import annotations

import pytest

from causal.base.errors import StudyError
from causal.design.movement import Movement, movement_request, rows_request
from causal.design.reading import read_study
from causal.design.schema import schema

GOOD = """
study: clicks-moved
kind: movement
data: {source: t.parquet, where: spam = 0}
cluster: user
before: week = 3
after: week = 4
outcomes: [{name: click rate, numerator: clicks, denominator: impressions}]
segments: [topic, [topic, market]]
mechanisms: [[market, topic], [topic, position], [position, click rate], [topic, click rate]]
shipped: [{name: layout, node: position, effect: -0.01, std_error: 0.004}]
"""


@pytest.fixture
def said(tmp_path):
    def _said(text: str) -> str:
        file = tmp_path / "study.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(StudyError) as error:
            read_study(file)
        return str(error.value)

    return _said


def read(tmp_path, text: str = GOOD) -> Movement:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    found = read_study(file)
    assert isinstance(found, Movement)
    return found


def test_a_study_of_a_move_is_read(tmp_path) -> None:
    study = read(tmp_path)
    assert study.segments == (("topic",), ("topic", "market"))
    assert study.order == ("market", "topic", "position")
    assert study.parents("click rate") == ("topic", "position")
    assert study.key_of("market") == "segments[1][1]"


def test_what_is_read_names_both_periods(tmp_path) -> None:
    study = read(tmp_path)
    sums = movement_request(study)
    assert sums.table.flags == {"before": "week = 3", "after": "week = 4"}
    rows = rows_request(study, 7)
    assert rows.where == '(\nspam = 0\n) AND ("in before" OR "in after")'
    assert (rows.folds, rows.confounders[-1]) == (7, "in after")


def test_causes_come_before_effects_whatever_the_order_of_the_edges(tmp_path) -> None:
    edges = "[[b, c], [c, click rate], [a, b], [x, click rate]]"
    study = read(tmp_path, GOOD.replace("shipped:", "#").replace(
        "[[market, topic], [topic, position], [position, click rate], [topic, click rate]]", edges
    ))  # fmt: skip
    order = study.order
    assert order.index("a") < order.index("b") < order.index("c")
    assert set(order) == {"a", "b", "c", "x"}


BAD = {
    "nothing to split by": (
        GOOD.replace("segments:", "# ").replace("mechanisms:", "# ").replace("shipped:", "#"),
        "there is nothing to split the move by",
    ),
    "one period": (GOOD.replace("week = 4", "week = 3"), "after is the same predicate as before"),
    "no before": (GOOD.replace("before: week = 3\n", ""), "before is missing"),
    "circle": (GOOD.replace("[market, topic]]\n", "[market, topic]]\n").replace(
        "mechanisms: [", "mechanisms: [[position, topic], "), "run in a circle through"),
    "no outcome": (GOOD.replace("[position, click rate], [topic, click rate]", "[position, ctr]"),
                   "have no node 'click rate'"),
    "outcome first": (GOOD.replace("mechanisms: [", "mechanisms: [[click rate, topic], "),
                      "starts at 'click rate', the outcome"),
    "unknown node": (GOOD.replace("node: position", "node: positon"),
                     "Did you mean 'position'"),
    "measured segment": (GOOD.replace("segments: [topic,", "segments: [clicks,"),
                         "rows cannot be cut by what is measured"),
    "shapley": (
        GOOD.replace("mechanisms: [", "mechanisms: [[a, b], [b, c], [c, d], [d, e], [e, f], [f, g], [g, market], ")
        + "analysis: {form: shapley}\n",
        "is 'shapley' with 11 nodes",
    ),
    "unknown key": (GOOD + "segmnets: [a]\n", "segmnets"),
    "node is a cluster": (GOOD.replace("[[market, topic],", "[[user, topic],"),
                          "have a node 'user', which is a cluster already"),
    "another kind's key": (GOOD + "arms: {column: arm, control: A}\n", "kind 'experiment'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_broken_rule_is_said_at_its_key(said, name) -> None:
    text, words = BAD[name]
    assert words in said(text)


def test_before_belongs_to_kind_movement(said) -> None:
    text = said("study: s\ndata: {source: t}\nattributes: [a]\nbefore: week = 1\n"
                "outcomes: [{name: y, column: y}]\n")  # fmt: skip
    assert "It belongs to kind 'movement'" in text


@pytest.mark.parametrize(("text", "fits"), [(GOOD, True), (GOOD + "wieght: w\n", False)])
def test_an_editor_with_the_schema_agrees(tmp_path, text, fits) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    import yaml

    valid = jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(text))
    assert valid == fits
