"""What single sections say, and when they keep silent."""

from __future__ import annotations

from typing import Any

import pytest

from causal.reporting import effects, header, ladder, methods, segments, trade_offs
from causal.reporting._text import text
from causal.reporting._view import Details, Figure, Section, Table

Content = dict[str, Any]


def shown(section: Section | None) -> Section:
    assert section is not None
    return section


def said(section: Section | None) -> str:
    return " ".join(text([shown(section)]).split())


def pair(name: str, z: float, second: str = "naive", **more: Any) -> Content:
    made = {
        "attribute": name,
        "contrast": "1 - 0",
        "outcome": "ctr",
        "first": "within",
        "second": second,
        "first_estimate": 0.0001,
        "second_estimate": -0.0013,
        "difference": -0.0014,
        "std_error": 0.0014 / abs(z),
        "z": z,
        "status": None,
        "compared": "each on its own rows",
        "words": "naive makes no claim to be the effect here; it differs",
    }
    return made | more


def test_the_ladder_says_what_randomisation_bought_by_the_largest_difference(content: Content):
    content["study"]["block"] = ["test_id"]
    content["agreement"] = [pair("digit", -3.1), pair("second_person", -4.5)]
    words = said(ladder.section(content))
    assert (
        "without it the raw gap of second person would have read \u22120.13 pp; within test_id it "
        "is +0.01 pp, 4.5 standard errors away. This is the largest of 2 such differences."
    ) in words


def test_a_small_difference_is_no_gain_from_randomisation(content: Content):
    content["agreement"] = [pair("digit", -1.1)]
    words = said(ladder.section(content))
    assert "Randomisation did not change the reading here" in words
    assert "would have read" not in words


@pytest.mark.parametrize("doubt", ["adjusted headline", "failed check", "claiming pairs"])
def test_nothing_is_said_of_randomisation_that_is_not_there(
    doubt: str, content: Content, failed: Content
):
    given = failed if doubt == "failed check" else content
    given["agreement"] = [pair("digit", -4.5)]
    if doubt == "adjusted headline":
        given["headline"] = "adjusted"
    if doubt == "claiming pairs":
        given["agreement"] = [pair("digit", -4.5, "adjusted", status="FAIL")]
    assert "andomisation" not in said(ladder.section(given))


def test_pairs_with_a_design_that_makes_no_claim_wait_behind_a_line(content: Content):
    claimed = [pair("digit", 3.3, "adjusted", status="FAIL")]
    content["agreement"] = [pair("digit", -9.0), *claimed, pair("quotation", 0.5)]
    blocks = shown(ladder.section(content)).blocks
    tables = [each for each in blocks if isinstance(each, Table)]
    folded = next(each for each in blocks if isinstance(each, Details))
    assert [len(each.rows) for each in tables] == [1]
    assert not folded.open
    assert isinstance(folded.blocks[0], Table)
    assert len(folded.blocks[0].rows) == 2
    assert folded.blocks[0].columns == tables[0].columns


def test_a_design_that_makes_no_claim_has_no_colour_in_the_ladder(content: Content):
    figure = next(b for b in shown(ladder.section(content)).blocks if isinstance(b, Figure))
    rows = figure.draw.args[0]  # type: ignore[attr-defined]
    naive = [row for row in rows if row["label"].endswith("naive")]
    assert naive
    assert all(row["tone"] == "quiet" and not row["filled"] for row in naive)
    assert any(row["filled"] for row in rows)


def test_a_guardrail_is_drawn_with_the_range_that_its_margin_does_not_allow(content: Content):
    figures = [b for b in shown(trade_offs.section(content)).blocks if isinstance(b, Figure)]
    assert [each.title for each in figures] == ["Hides and its guardrail"]
    rows = figures[0].draw.args[0]  # type: ignore[attr-defined]
    low, high = figures[0].draw.keywords["domain"]  # type: ignore[attr-defined]
    for row in rows:
        assert row["zone_low"] == pytest.approx(100 * 0.05 * 0.0210)  # fewer hides are better
        assert row["zone_high"] == high
        assert low <= row["wide_low"] <= row["wide_high"] <= high


def test_the_range_lies_on_the_other_side_where_more_is_better(content: Content):
    content["outcomes"][1]["goal"] = "increase"
    figure = next(b for b in shown(trade_offs.section(content)).blocks if isinstance(b, Figure))
    low, _ = figure.draw.keywords["domain"]  # type: ignore[attr-defined]
    for row in figure.draw.args[0]:  # type: ignore[attr-defined]
        assert (row["zone_low"], row["zone_high"]) == (low, pytest.approx(-0.105))


def test_where_adjusted_p_decides_it_stands_beside_the_interval(content: Content):
    joint = said(effects.section(content))
    assert "Interval, all 27 at once (pp)" in joint
    content["study"]["multiplicity"] = "bh"
    words = said(effects.section(content))
    assert "verdicts are read from p, adjusted for all 27 by the method of Benjamini" in words
    assert "at once" not in words
    assert words.count("p, adjusted") == 9  # two tables and one subtitle for each outcome
    content["study"]["multiplicity"] = "none"
    words = said(effects.section(content))
    assert "95% intervals that hold for each comparison alone Attribute" in words


@pytest.mark.parametrize(
    ("identification", "status"),
    [("randomized", "EXPERIMENT"), ("adjusted", "OBSERVATIONAL"), ("descriptive", "OBSERVATIONAL")],
)
def test_the_status_is_that_of_the_design_the_answer_is_read_from(
    identification: str, status: str, content: Content
):
    for design in content["designs"]:
        if design["headline"]:
            design["identification"] = identification
    assert said(header.section(content)).count(status) == 1


def test_rows_left_out_stand_in_the_header(content: Content):
    content["data"]["dropped"] = [{"reason": "left out by data.where", "rows": 4300}]
    assert "Left out: 4,300 rows by data.where" in said(header.section(content))


def test_many_tests_of_segments_are_folded_and_very_many_counted(content: Content):
    one = content["segments"][0]
    content["segments"] = [one | {"segment": f"s{place:02d}"} for place in range(21)]
    words = text([shown(segments.section(content))])
    assert "11 more tests, with larger p" in words
    assert all(f"s{place:02d}" in words for place in range(21))
    content["segments"] = [one | {"segment": f"s{place:02d}"} for place in range(61)]
    assert "51 more rows are in the result" in text([shown(segments.section(content))])


def test_that_no_segment_is_hidden_is_said_too(content: Content):
    content["hidden_cells"] = 0
    assert "No segment is hidden: each holds at least 50 units." in said(segments.section(content))


def test_the_graph_is_listed_by_its_causes(content: Content):
    content["study"]["graph"] = [["topic", "digit"], ["digit", "ctr"], ["topic", "ctr"]]
    words = said(methods.section(content))
    assert "Causal graph: - topic \u2192 digit, ctr - digit \u2192 ctr" in words
