"""Who gains, as the page says it."""

from __future__ import annotations

import pytest

from causal.reporting import heterogeneity
from causal.reporting._result import rounded
from causal.reporting._text import text
from tests.estimation.cate.worlds import NAMES, frame
from tests.estimation.conftest import study_of


def number(estimate, p=0.001):
    return {"estimate": estimate, "std_error": 0.1, "ci_low": estimate - 0.2,
            "ci_high": estimate + 0.2, "p_value": p, "df": 99.0}  # fmt: skip


@pytest.fixture
def entry():
    return {
        "attribute": "question_mark", "contrast": "1 - 0", "outcome": "ctr", "design": "within",
        "estimand": "ATO", "identification": "randomized", "columns": ["weekday", "length"],
        "rows": 900, "reason": None, "found": True, "varies": True, "alpha": 0.05,
        "learners": [], "linear": None, "calibration": number(1.0),
        "groups": [
            {"group": g, "predicted": 0.1 * g, "estimate": 0.1 * g, "std_error": 0.01,
             "ci_low": 0.1 * g - 0.02, "ci_high": 0.1 * g + 0.02,
             "simultaneous_low": 0.1 * g - 0.03, "simultaneous_high": 0.1 * g + 0.03}
            for g in range(1, 6)
        ],
        "top_bottom": number(0.4), "detectable": 0.02,
        "ranking": {
            "autoc": number(0.1), "qini": number(0.05),
            "curve": [{"share": 0.5, "toc": 0.1, "low": 0.0, "high": 0.2}],
        },
        "characteristics": [
            {"column": "weekday", "level": "<b>Sunday</b>", "top": 0.4, "bottom": 0.1,
             "difference": 0.3, "std_error": 0.01, "p_value": 1e-9, "p_adjusted": 1e-8},
            {"column": "length", "level": None, "top": 14.0, "bottom": 13.9, "difference": 0.1,
             "std_error": 0.2, "p_value": 0.6, "p_adjusted": 0.6},
        ],
        "rule": {
            "treated": 0.4, "over_none": number(0.3), "over_all": number(0.3),
            "ends": [
                {"treat": False, "conditions": [
                    {"column": "length", "level": None, "cut": 12.0, "above": False}]},
                {"treat": True, "conditions": [
                    {"column": "length", "level": None, "cut": 12.0, "above": True},
                    {"column": "weekday", "level": "Sunday", "cut": 0.5, "above": True}]},
            ],
        },
        "explanation": {"columns": ["length"], "values": [0.1], "fidelity": 0.9,
                        "kind": "association"},
    }  # fmt: skip


def said(content):
    found = heterogeneity.section(rounded(content))
    return None if found is None else " ".join(text([found]).split())


def test_who_gains_is_said_in_words(content, entry):
    page = said(content | {"heterogeneity": [entry]})
    assert "is not the same for all. On rows left out, the fifth predicted to gain most" in page
    assert "Weekday <b>Sunday</b>: 40% against 10% (adjusted p <0.001)." in page
    assert "Length" not in page.split("Effect by predicted")[0].split("gains least:")[1]
    assert "Do not use it where length is at most 12." in page
    assert "Use it where length is over 12 and weekday is Sunday." in page
    assert "association" in page.lower()


def test_nothing_found_is_said_with_what_could_have_been(content, entry):
    page = said(content | {"heterogeneity": [entry | {"found": False}]})
    assert page.count("No heterogeneity found for the effect of question mark on CTR") == 1
    assert "would have been found in four of five repetitions" in page
    assert "Sunday" not in page


def test_a_refusal_gives_its_reason(content, entry):
    short = {k: entry[k] for k in ("attribute", "contrast", "outcome", "found")}
    page = said(content | {"heterogeneity": [short | {"reason": "20 clusters are too few"}]})
    assert "cannot be told: 20 clusters are too few." in page


def test_a_rule_that_does_not_beat_one_for_all_is_not_shown(content, entry):
    entry["rule"]["over_all"] = number(0.1)
    page = said(content | {"heterogeneity": [entry]})
    assert "No short rule is clearly better than one for all" in page
    assert "Use it where" not in page


def test_an_adjusted_effect_is_hedged(content, entry):
    page = said(content | {"heterogeneity": [entry | {"identification": "adjusted"}]})
    assert "not the same for all, if nothing unmeasured differs." in page


def test_the_section_is_silent_without_entries_and_under_a_failed_check(content, failed, entry):
    assert said(content) is None
    assert said(failed | {"heterogeneity": [entry]}) is None


def test_the_page_escapes_and_draws_it(content, entry):
    from causal.reporting._page import html

    page = html(rounded(content | {"heterogeneity": [entry]}))
    assert "&lt;b&gt;Sunday" in page
    assert "<b>Sunday" not in page
    assert 'id="gains-2"' in page or 'aria-labelledby="gains-2-t' in page


@pytest.mark.parametrize("varies", [0.0, 1.0])
def test_a_run_claims_what_varies_and_not_what_does_not(varies):
    import causal

    study = study_of(unit="id", confounders=NAMES, settings={"folds": 4})
    table = frame(1_500, varies=varies).drop(columns=["g", "tau"])
    result = causal.run(study, table=table, workers=1)
    one = result.content["heterogeneity"][0]
    assert one["found"] is (varies > 0)
    if varies:
        assert {each["column"] for each in one["characteristics"][:2]} == {"x0", "x1"}
        assert one["explanation"]["columns"][0] in ("x0", "x1")
        assert one["rule"]["ends"]
    else:
        assert "No heterogeneity found" in result.text()


def test_it_can_be_switched_off():
    import causal

    study = study_of(unit="id", confounders=NAMES, settings={"folds": 3, "heterogeneity": False})
    table = frame(300).drop(columns=["g", "tau"])
    result = causal.run(study, table=table, workers=1)
    assert result.content["heterogeneity"] == []
