"""The page keeps the wording rules: what it may say, and what it may not."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from typing import Any

import pytest

from causal.content.wording import Scale, fixed, percent, signed
from causal.policy.decision import decide
from causal.reporting._page import html, sections
from causal.reporting._result import Result, rounded
from causal.reporting._text import markdown, text

Content = dict[str, Any]
CAUSAL = re.compile(r"\b(drives?|causes?|causal|impacts?|lifts?|because)\b", re.IGNORECASE)
VARIANTS = ["content", "failed", "small", "refused"]


def said(content: Content) -> str:
    """The words of the page; a page is drawn once."""
    return _said(json.dumps(rounded(content)))


@cache
def _said(content: str) -> str:
    page = html(json.loads(content))
    page = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", page))


def test_the_section_on_the_success_model_uses_no_causal_word(content: Content):
    chapter = [each for each in sections(rounded(content)) if each.id == "success-model"]
    written = text(chapter)
    assert "Prediction, not effect" in written
    assert CAUSAL.findall(written) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_unclear_effect_is_never_no_effect_and_an_interval_no_probability(
    variant: str, request: pytest.FixtureRequest
):
    words = said(request.getfixturevalue(variant)).lower()
    assert not re.search(r"\bno effect\b", words)
    assert not re.search(r"\d% (probability|chance|likely|certain)", words)
    assert "values consistent with the data" in words


@pytest.mark.parametrize("variant", VARIANTS)
def test_minus_signs_are_true_and_no_raw_number_slips_through(
    variant: str, request: pytest.FixtureRequest
):
    words = said(request.getfixturevalue(variant))
    assert not re.search(r"(?<![\w-])-\d+\.\d", words)
    assert not re.search(r"\d\.\d{7,}", words)
    assert not re.search(r"\b(nan|None|null|inf|True|False|undefined)\b", words)


def test_effects_under_a_failed_check_carry_no_verdict(failed: Content):
    words = said(failed)
    assert words.index("Read this first") < words.index("These numbers cannot be trusted yet")
    assert "Cannot decide" in words
    assert "no verdict" in words
    body = words.split("Glossary")[0]
    assert not re.search("[\u25b2\u25bc]|\\((good|bad)\\)|\\b(lowers|raises)\\b", body)
    assert "For debugging only" in words


def test_the_remedy_of_a_failed_check_is_ready_to_paste(failed: Content):
    page = html(rounded(failed))
    wanted = "where: created_at &lt; &#39;2013-06-25&#39; OR created_at &gt; &#39;2014-01-10&#39;"
    assert f"<code>{wanted}</code>" in page


def test_a_comparison_is_never_said_to_raise_or_lower(content: Content):
    content["headline"] = "naive"
    content["study"]["question"] = ""
    content["decision"] = decide(content)
    shown = [each for each in sections(rounded(content)) if each.id in ("top", "answer", "effects")]
    assert not re.search(r"\b(raises?|lowers)\b", text(shown))
    assert "not an effect" in text(shown)
    assert "(good)" not in text(shown)
    assert "Effect on" not in text(shown)


def test_adjusted_effects_are_associations_on_the_page(content: Content):
    content["headline"] = "adjusted"
    content["study"]["assignment"] = "observational"
    content["decision"] = decide(content)
    top, *_ = sections(rounded(content))
    assert "is associated with" in top.title
    assert "OBSERVATIONAL" in said(content)


def test_units_stand_in_the_headings_of_effects(content: Content):
    words = said(content)
    assert "Effect on CTR (percentage points)" in words
    assert "Effect on shares (shares)" in words
    assert "Mean |SHAP| (log-odds)" in words


def test_what_is_not_estimable_says_why(refused: Content):
    assert said(refused).count("Overlap: 3% of the rows could have had either value") >= 2


def test_hidden_segments_are_counted_and_show_no_number(content: Content):
    words = said(content)
    assert "4 segments are hidden" in words
    assert "hidden: too few" in words


def test_text_and_markdown_say_what_the_page_says(content: Content):
    result = Result(content=content)
    for written in (result.text(), result.markdown().replace("\\", "")):
        assert result.title in written
        assert "Marker or lever" in written
        assert "For the data scientist" in written


def test_hostile_text_is_inert_in_markdown(content: Content):
    written = markdown(sections(rounded(content)))
    outside = "\n".join(line for line in written.splitlines() if not line.startswith("    "))
    assert "<img" not in outside
    assert "</script" not in outside
    rows = [line for line in outside.splitlines() if line.startswith("| ")]
    assert rows
    assert all(line.endswith(" |") for line in rows)


@pytest.mark.parametrize("number", [0.0, -0.0, 1e-9, -1e-9, 0.0049, -0.0049])
def test_what_rounds_to_zero_has_no_sign_wherever_it_is_written(number):
    written = Scale(decimals=2)
    assert written.value(number) == written.effect(number) == signed(number, 2) == "0.00"
    assert fixed(number, 2) == "0.00"
    assert written.interval(number, number) == "0.00 to 0.00"
    assert written.interval(-1.0, number) == "−1.00 to 0.00"
    assert Scale(factor=100, unit="pp", decimals=1).effect(number / 100) == "0.0 pp"
    assert percent(number / 100, sign=True) in ("0%", "0.00%")
