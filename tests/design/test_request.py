"""From a study to a request: every column with its key, none twice."""

from __future__ import annotations

from causal.design.request import request
from causal.design.study import Study


def test_every_role_is_asked_for_once_with_the_key_that_named_it_first():
    study = Study.model_validate({
        "study": "s", "data": {"source": "t.parquet", "derive": {"a": "1"}, "where": "a > 0"},
        "unit": ["u", "v"], "cluster": "c", "block": ["c", "b"], "weight": "w", "time": "t",
        "attributes": ["a", {"name": "k", "propensity": {"x": "p1", "y": "p2"}}],
        "outcomes": [{"name": "o", "numerator": "n", "denominator": "w"}],
        "confounders": ["z"], "modifiers": ["m"], "mediators": ["d"],
        "negative_controls": ["nc"], "post_outcome": ["po"], "exploration": "e",
        "allocation": {"count": "w", "shares": "sh"}, "parties": {"creator": "c", "user": "us"},
        "settings": {"folds": 3, "seed": 9},
    })  # fmt: skip
    asked = request(study)
    assert asked.columns == (
        "u", "v", "c", "b", "w", "t", "a", "k", "p1", "p2", "n", "z", "m", "d", "nc", "po", "sh",
        "e", "us",
    )  # fmt: skip
    assert (asked.folds, asked.seed, asked.count, asked.shares) == (3, 9, "w", "sh")
    assert asked.parties == {"user": "us", "creator": "c"}
    assert {name: asked.key_of(name) for name in ("c", "w", "p2", "n", "us", "a")} == {
        "c": "cluster",
        "w": "outcomes[0].denominator",
        "p2": "attributes[1].propensity.y",
        "n": "outcomes[0].numerator",
        "us": "parties.user",
        "a": "attributes[0].name",
    }


def test_equal_shares_are_no_column():
    study = Study.model_validate({
        "study": "s", "data": {"source": "t.parquet"}, "attributes": ["a"],
        "outcomes": [{"name": "o", "column": "y"}],
    })  # fmt: skip
    assert request(study).shares is None
    assert request(study).columns == ("a", "y")
    assert request(study).folder is None
