"""Every cell of the table, and every way into the undecided one."""

from __future__ import annotations

import re

import pytest

from causal.interpretation.marker_or_lever import marker_or_lever, smallest_detectable

MARGINS = {"ctr": 0.05}


def _effect(**changes):
    row = {
        "attribute": "question",
        "contrast": "1 - 0",
        "outcome": "ctr",
        "design": "within",
        "path": "total",
        "segment": None,
        "identification": "randomized",
        "verdict": "lowers",
        "estimate": -0.10,
        "std_error": 0.02,
        "simultaneous_low": -0.15,
        "simultaneous_high": -0.05,
        "baseline": 1.0,
        "why": None,
    }
    return row | changes


RULED_OUT = {
    "verdict": "ruled out",
    "estimate": 0.0,
    "simultaneous_low": -0.04,
    "simultaneous_high": 0.04,
}


def _model(rank, *, above=True, groups=10, members=("question",)):
    others = [
        {"group": f"x{at}", "members": [f"x{at}"], "above_floor": True} for at in range(groups - 1)
    ]
    row = {"group": "g", "members": list(members), "above_floor": above}
    row |= {"rank_low": rank, "rank_high": rank + 1}
    return {"outcome": "ctr", "importance": [*others[: rank - 1], row, *others[rank - 1 :]]}


def _cell(effect, model, margins=None):
    margins = MARGINS if margins is None else margins
    models = [] if model is None else [model]
    (row,) = marker_or_lever([effect], models, headline="within", margins=margins)
    return row


@pytest.mark.parametrize(
    ("effect", "model", "cell"),
    [
        ({}, _model(2), "act and monitor"),
        ({"verdict": "raises"}, _model(5), "act and monitor"),
        ({}, _model(6), "lever the model does not see"),
        ({}, _model(2, above=False), "lever the model does not see"),
        (RULED_OUT, _model(1), "marker, not lever"),
        (RULED_OUT, _model(9), "drop"),
        (RULED_OUT, _model(1, above=False), "drop"),
    ],
)
def test_effect_and_use_decide_the_cell(effect, model, cell):
    assert _cell(_effect(**effect), model)["cell"] == cell


@pytest.mark.parametrize(
    ("effect", "model", "margins", "words"),
    [
        ({"verdict": "no clear effect"}, _model(1), None, "too imprecise"),
        ({"verdict": "no clear effect"}, _model(9), {}, "without a margin"),
        (RULED_OUT | {"simultaneous_high": 0.06}, _model(1), None, "too imprecise"),
        ({"identification": "descriptive"}, _model(1), None, "descriptive"),
        (RULED_OUT | {"identification": "descriptive"}, _model(1), None, "descriptive"),
        ({"verdict": None}, _model(1), None, "failed check"),
        (
            {"verdict": "not estimable", "estimate": None, "std_error": None, "why": "overlap 3%"},
            _model(1),
            None,
            "overlap 3%",
        ),
        ({}, None, None, "no success model"),
        ({}, _model(1, above=None), None, "noise floor"),
        ({}, {"outcome": "ctr", "importance": [], "reason": "Flat"}, None, "Flat"),
    ],
)
def test_everything_else_is_undecided_and_says_why(effect, model, margins, words):
    row = _cell(_effect(**effect), model, margins)
    assert row["cell"] == "undecided"
    assert words in row["words"]


def test_a_correlated_attribute_is_placed_with_its_group():
    row = _cell(_effect(), _model(3, members=("other", "question")))
    assert (row["shap_rank"], row["shap_groups"], row["shap_group"]) == (3, 10, "g")
    assert "rank 3 of 10, 3 to 4 over refits, listed with correlated columns" in row["words"]


def test_only_the_headline_of_the_whole_population_is_placed():
    rows = [
        _effect(),
        _effect(design="naive"),
        _effect(segment="weekday"),
        _effect(path="ranker"),
    ]
    assert len(marker_or_lever(rows, [_model(1)], headline="within", margins=MARGINS)) == 1


def test_the_detectable_effect_uses_the_interval_that_decides():
    # half-width .05 = 2.5 standard errors of .02; z of 80% power is .8416212
    assert smallest_detectable(_effect()) == pytest.approx((2.5 + 0.8416212) * 0.02, rel=1e-6)
    pointwise = _effect(simultaneous_high=None)
    assert smallest_detectable(pointwise) == pytest.approx((1.959964 + 0.8416212) * 0.02, rel=1e-6)
    assert smallest_detectable(_effect(std_error=None)) is None


def test_words_claim_nothing_for_importance():
    verdicts = [_effect(), _effect(**RULED_OUT), _effect(verdict="no clear effect")]
    for model in (_model(1), _model(10)):
        for row in marker_or_lever(verdicts, [model], headline="within", margins=MARGINS):
            assert not re.search(r"\b(driv\w+|caus\w+|impact\w*|lift\w*|because)\b", row["words"])
            assert row["words"].endswith(".")
