"""The section on belief: one table an effect, in words, few, and silent without checks."""

from __future__ import annotations

from typing import Any

import pytest

from causal.reporting import belief, methods
from causal.reporting._page import html
from causal.reporting._result import rounded
from causal.reporting._text import text
from causal.reporting._view import Group, Section, Table
from tests.reporting.test_page import HOSTILE, Elements

Content = dict[str, Any]


def check(name: str, status: str | None, words: str, **numbers: Any) -> Content:
    return {
        "check": name,
        "asks": "Chance is larger than the interval says",
        "status": status,
        "statistic": 1.5,
        "words": words,
        "numbers": numbers,
    }


def entry(attribute: str, outcome: str = "ctr") -> Content:
    bounds = {"benchmark": "topic", "low": -0.002, "high": 0.001, "robustness_value": 0.0123}
    return {
        "attribute": attribute,
        "contrast": "1 - 0",
        "outcome": outcome,
        "design": "within",
        "clear": True,
        "checks": [
            check("placebo", "PASS", "As chance allows."),
            check("subsample", "WARN", "Parts differ."),
            check("omitted variables", "FAIL", "A hidden factor would.", **bounds),
            check("agreement of designs", None, HOSTILE),
        ],
    }


@pytest.fixture
def believed(content: Content) -> Content:
    content["belief"] = [entry(name) for name in ("select", "quotation", "digit", "question_mark")]
    return content


def boxes(result: Content) -> list[Group]:
    section = belief.section(rounded(result))
    assert isinstance(section, Section)
    return [block for block in section.blocks if isinstance(block, Group)]


def test_the_effects_of_the_answer_come_in_its_order(believed: Content):
    cards = [card["attribute"] for card in believed["decision"]["cards"]]
    known = {each["attribute"] for each in believed["belief"]}
    wanted = [name for name in cards if name in known][: belief.MOST]
    assert wanted
    titles = [box.title.split(",")[0].lower().replace(" ", "_") for box in boxes(believed)]
    assert titles == wanted


def test_without_cards_the_clearest_effects_are_shown(believed: Content):
    believed["decision"]["cards"] = []
    assert boxes(believed)[0].title == "Select, CTR"
    assert len(boxes(believed)) == belief.MOST


def test_verdicts_are_words_and_not_only_colours(believed: Content):
    table = boxes(believed)[0].blocks[0]
    assert isinstance(table, Table)
    assert [row[2].text for row in table.rows] == [
        "\u2713 no sign of it",
        "! possible",
        "\u2717 likely",
        "not asked",
    ]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (check("omitted variables", "PASS", "w", times=3.0), "\u2713 it must be strong"),
        (check("omitted variables", "PASS", "Assigned at random."), "\u2713 ruled out"),
        (check("E-value", "PASS", "w", e_value=2.0), "yours to judge"),
    ],
)
def test_what_no_data_can_show_is_not_called_absent(believed: Content, made: Content, said: str):
    believed["decision"]["cards"] = []
    believed["belief"][0]["checks"] = [made]
    table = boxes(believed)[0].blocks[0]
    assert isinstance(table, Table)
    assert table.rows[0][2].text == said


def test_the_interval_beyond_a_hidden_factor_has_its_unit(believed: Content):
    section = belief.section(rounded(believed))
    assert section is not None
    words = " ".join(text([section]).split())
    assert (
        "exactly as strong as topic, the data would be consistent with \u22120.20 to +0.10 pp"
        in words
    )
    assert "explaining 1.2% of what the other columns leave open" in words


def test_it_is_silent_without_checks(content: Content):
    content.pop("belief", None)
    assert belief.section(content) is None


def test_text_from_data_stays_text(believed: Content):
    page = html(rounded(believed))
    assert "<img src=x" not in page
    assert len(Elements(page).found) < 5_000


def test_it_takes_the_place_of_most_of_the_estimators_table(believed: Content):
    one = believed["estimators"][:3]
    believed["estimators"] = [each | {"attribute": f"a{k}"} for k in range(9) for each in one]
    shown = " ".join(text([methods.section(rounded(believed))]).split())  # type: ignore[list-item]
    believed.pop("belief")
    before = " ".join(text([methods.section(rounded(believed))]).split())  # type: ignore[list-item]
    assert len(shown) < len(before)
