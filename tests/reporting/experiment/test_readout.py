"""A readout says its verdict on top, and none of it where the experiment is not valid."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import causal
from causal.design.experiment import SHARED
from causal.reporting._page import sections
from causal.reporting._result import Result, json_text, rounded
from tests.reporting.experiment.conftest import frame, on_a_pool, study

WORDS = ("SHIP", "ROLL BACK")


def shown(result: Result):
    return {each.id: each for each in sections(rounded(result.content))}


def test_a_healthy_experiment_is_shipped_with_its_effect_in_the_title(healthy: Result) -> None:
    assert re.match(r"Ship B: revenue \+\d", healthy.title)
    assert healthy.content["decision"]["word"] == "SHIP"
    assert list(shown(healthy))[:4] == ["top", "verdict", "validity", "design"]
    assert "who" in shown(healthy)


def test_the_readout_of_an_invalid_experiment_shows_no_verdict_and_no_colour(
    invalid: Result,
) -> None:
    assert invalid.failed
    assert invalid.content["decision"]["word"] == "CANNOT DECIDE"
    text = invalid.text()
    assert not any(word in text for word in WORDS)
    assert not any(word in invalid.html() for word in WORDS)
    assert {row["verdict"] for row in invalid.content["effects"]} == {None}
    found = shown(invalid)
    assert list(found)[:2] == ["top", "validity"]
    assert "who" not in found
    assert _tones(found["effects"].blocks) <= {"plain", "quiet", "bad"}
    banner = found["effects"].blocks[0]
    assert (banner.kind, banner.title) == ("banner", "For debugging only")
    assert "bad" not in _tones(found["effects"].blocks[1:])


def _tones(value: object) -> set[str]:
    """Every tone there is, in charts and tables too."""
    found: set[str] = set()
    if isinstance(value, tuple | list):
        for each in value:
            found |= _tones(each)
        return found
    if hasattr(value, "tone"):
        found.add(value.tone)
    for name in ("blocks", "rows", "items", "table"):
        if hasattr(value, name):
            found |= _tones(getattr(value, name))
    return found


@pytest.mark.parametrize("side", SHARED)
def test_a_shared_pool_gives_no_verdict_on_the_difference(side: str) -> None:
    shared = on_a_pool(side)
    decision = shared.content["decision"]
    assert (decision["word"], decision["reason"]) == ("CANNOT DECIDE", "not identified")
    assert "one pool" in shared.title
    found = shown(shared)
    assert "both-sides" in found
    own = {row["outcome"]: row for row in shared.content["displacement"]}["revenue"]
    assert own["naive"]["value"] > 0.5
    assert own["ratio"]["low"] < 1 < own["ratio"]["high"]
    assert own["total"]["low"] < 0 < own["total"]["high"]
    page = shared.text()
    assert f"{side.capitalize()}s compete for one pool of exposure" in page
    assert f"because treated and control {side}s share one pool" in decision["sentence"]
    others = [each for each in SHARED if each != side]
    assert not any(re.search(rf"\b{each}s?\b", page) for each in others)


def test_text_of_the_data_is_escaped(healthy: Result) -> None:
    page = healthy.html()
    assert "&lt;/script&gt;" in page
    assert "<b>advertisements</b>" not in page


def test_every_section_has_text_twins_of_its_charts(healthy: Result) -> None:
    for each in shown(healthy).values():
        for block in each.blocks:
            for inner in getattr(block, "blocks", ()):
                if inner.kind == "figure":
                    assert inner.table is not None


@pytest.mark.parametrize("workers", [1, 4])
def test_the_same_bytes_whatever_the_workers_and_the_order_of_rows(
    healthy: Result, workers: int
) -> None:
    again = causal.run(study(), table=frame().sample(frac=1, random_state=workers), workers=workers)
    old, new = (rounded(each.content) for each in (healthy, again))
    old["sql"] = new["sql"] = []
    assert json_text(old) == json_text(new)


def test_the_tidy_table_has_a_row_for_each_comparison(healthy: Result) -> None:
    table = healthy.effects
    assert table["outcome"].tolist() == ["revenue", "click_rate", "hides", "clicks", "large"]
    assert table["identification"].eq("randomized").all()
    assert table["verdict"].tolist()[0] == "raises"
    assert table["relative_low"].notna().all()
    assert table["estimand"].tolist()[-1] == "difference of quantiles 0.9"


def test_a_saved_readout_renders_again_to_the_same_page(healthy: Result, tmp_path) -> None:
    folder = healthy.save(tmp_path / "ad-load")
    assert causal.load(folder).html() == (folder / "report.html").read_text("utf-8")


def test_days_and_what_would_read_otherwise_are_shown_only_where_valid(
    healthy: Result, invalid: Result
) -> None:
    found, left = shown(healthy), shown(invalid)
    assert {"over-time", "change"} <= set(found)
    assert not {"over-time", "change"} & set(left)
    rows = healthy.content["so_far"]
    assert rows[-1]["units"] == 6_000
    assert rows[-1]["estimate"] == pytest.approx(
        healthy.content["comparisons"][0]["effect"]["value"], rel=0.05
    )
    assert "level 99%" in healthy.content["tried"]
    assert not invalid.content["verdicts"]
    assert not invalid.content["later"]
    reached = [each["reached"] for each in healthy.content["later"][0]["ahead"]]
    assert reached == sorted(reached, reverse=True)


def test_a_choice_that_changes_the_verdict_is_named() -> None:
    """The effect lies in values above the cap."""
    from causal.reporting.experiment.change import section

    table = frame(units=3_000, lift=0.0)
    top = table["arm"].eq("B") & table["revenue"].gt(20.0)
    table.loc[top, "revenue"] += 20.0
    capped = {"name": "revenue", "column": "revenue", "before": "before", "cap": 20.0}
    asked = study(outcomes=[capped], analysis={"planned_units": 2_500})
    result = causal.run(asked, table=table)
    words = {each["what"]: each["word"] for each in result.content["verdicts"]}
    assert result.content["decision"]["word"] == "HOLD"
    assert words["no cap"] == "SHIP"
    other = [each for each in result.content["verdicts"] if not each["same"]]
    made = section(result.content)
    assert made.title == f"{len(other)} of {len(words)} other choices would change the verdict"
    (row,) = [row for row in made.blocks[0].rows if row[0].text == "no cap"]
    assert (row[1].text, row[1].tone) == ("SHIP B", "warn")
    changed = [each for each in result.content["changes"] if each["what"] == "no cap"]
    assert changed[0]["then_low"] > 0 >= changed[0]["low"]


THREE = {"column": "arm", "control": "A", "shares": {"A": 0.4, "B": 0.4, "C": 0.2}}


@pytest.mark.parametrize(
    ("kept", "more", "compared"),
    [(["A"], {}, set()), (["B"], {}, set()), (["A", "B"], {"arms": THREE}, {"B"})],
)
def test_a_planned_arm_that_nobody_came_into_makes_an_invalid_page(
    kept: list[str], more: dict, compared: set[str]
) -> None:
    table = frame(units=1_000)
    found = causal.run(study(**more), table=table[table["arm"].isin(kept)])
    assert found.content["decision"]["reason"] == "invalid"
    assert "empty arms" in {each.name for each in found.findings if each.status == "FAIL"}
    assert {each["arm"] for each in found.content["comparisons"]} == compared
    assert not any(word in found.html() for word in WORDS)
    assert [each["control"] for each in found.content["arms"]][:2] == [True, False]


def test_an_arm_without_a_unit_early_on_is_not_compared_and_decides_nothing() -> None:
    table = frame(units=1_000)
    few = table[table["arm"] == "A"].head(5)
    found = causal.run(study(), table=few)
    assert found.content["decision"]["word"] == "HOLD"
    assert found.content["comparisons"] == []
    assert "empty arms" in {each.name for each in found.findings if each.status == "WARN"}
    assert "an arm is still empty" in found.html()


def test_of_what_the_verdict_does_not_read_nothing_is_said_to_decide(healthy: Result) -> None:
    told = healthy.text()
    assert "that decides" in told.partition("Secondary metrics")[0]
    assert "that decides" not in told.partition("Secondary metrics")[2].partition("What it")[0]


def test_a_holdout_is_counted_and_in_no_effect_and_no_verdict() -> None:
    """An arm that does far better, was it not held out, would be the one to ship."""
    table = frame(lift=0.0)
    held = table.index % 10 == 0
    table.loc[held, "arm"] = "H"
    table.loc[held, "revenue"] *= 2
    shares = {"A": 0.45, "B": 0.45, "H": 0.1}
    more = {"planned_units": len(table), "smallest": {"revenue": 0.05}}
    arms = {"column": "arm", "control": "A", "shares": shares}
    found = causal.run(study(arms=arms, analysis=more | {"holdout": "H"}), table=table)
    assert found.content["decision"]["word"] == "HOLD"
    labelled = {each["name"]: (each["control"], each["holdout"]) for each in found.content["arms"]}
    assert labelled == {"A": (True, False), "B": (False, False), "H": (False, True)}
    card = dict(shown(found)["design"].blocks[0].items)
    assert card["Arms"] == "A (control); B; H (holdout)"
    assert card["Holdout"] == "H: counted and checked, in no effect and no verdict"
    assert "H (holdout)" in found.text().partition("Effects")[0]
    content = rounded(found.content)
    told = {name for name, each in content.items() if '"H"' in json_text({name: each})}
    assert told == {"arms", "findings"}
    without = table[~held]
    alone = causal.run(study(arms=arms | {"shares": {"A": 0.5, "B": 0.5}}), table=without)
    for each, other in zip(found.content["comparisons"], alone.content["comparisons"], strict=True):
        assert each["decided"] == pytest.approx(other["decided"], rel=1e-9)
    assert causal.run(study(arms=arms, analysis=more), table=table).title.startswith("Ship H")


def test_an_outcome_that_does_not_vary_is_not_estimable_and_says_why() -> None:
    outcomes = [
        {"name": "revenue", "column": "revenue"},
        {"name": "crashes", "column": "crashed", "role": "guardrail", "goal": "decrease",
         "absolute_margin": 0.001},
    ]  # fmt: skip
    found = causal.run(study(outcomes=outcomes), table=frame().assign(crashed=0))
    revenue, crashes = found.content["comparisons"]
    assert revenue["why"] is None
    assert crashes["why"] == "its values do not vary within the arms"
    assert "not distinguishable" not in found.text().partition("Guardrails")[2].partition("What")[0]
    assert found.title == "Hold B: harm to crashes is not ruled out"


def test_numbers_too_small_to_square_are_refused_in_words() -> None:
    table = frame(units=1_000)
    outcomes = [{"name": "revenue", "column": "revenue"}]
    small = table.assign(revenue=table["revenue"] * 1e-300)
    asked = study(outcomes=outcomes, analysis={"planned_units": 1_000})
    found = causal.run(asked, table=small)
    why = found.content["comparisons"][0]["why"]
    assert why
    assert found.content["decision"]["word"] == "CANNOT DECIDE"
    assert found.title == "Cannot decide: revenue is not estimable"
    assert found.content["decision"]["sentence"].endswith(f"is not estimable: {why}.")
    assert "no clear effect" not in found.text().lower().partition("words on this page")[0]


def test_a_page_foretells_no_date_beyond_two_years() -> None:
    """A tenth of a per cent is worth finding, and three users came."""
    asked = study(modifiers=[], analysis={"planned_units": 10_000, "smallest": {"revenue": 1e-3}})
    found = causal.run(asked, table=frame(units=60))
    assert found.content["decision"]["until"] is None
    assert "not expected within two years at this pace" in found.content["decision"]["sentence"]
    assert "not within two years" in found.text()
    assert not re.search(r"20(2[89]|[3-9]\d)-", found.text())


def test_nothing_is_relative_to_a_control_that_may_be_zero() -> None:
    """Nobody did it before: the effect is shown in its own units, and the set it may lie in."""
    table = frame(units=2_000)
    table["shared"] = ((table["arm"] == "B") & (table["user"] % 3 == 0)).astype(int)
    table.loc[table.index[table["arm"] == "A"][0], "shared"] = 1
    outcomes = [{"name": "shared", "column": "shared"}]
    found = causal.run(study(outcomes=outcomes, analysis={"planned_units": 2_000}), table=table)
    (row,) = found.content["comparisons"]
    assert row["relative"]["shape"] == "two rays"
    assert found.title == "Ship B: shared is better"
    effects = json_text([repr(each) for each in shown(found)["effects"].blocks])
    assert "not distinguishable from zero (below " in effects
    assert f"{row['relative']['value'] * 100:,.0f}%" not in found.text()


def test_units_without_a_date_of_exposure_are_counted_on_the_page() -> None:
    table = frame(units=1_000)
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(table)) % 14, unit="D")
    dated = table.assign(came=day)
    asked = study(exposed_at="came")
    assert causal.run(asked, table=dated).content["data"]["notes"] == []
    dated.loc[dated.index[:30], "came"] = pd.NaT
    found = causal.run(asked, table=dated)
    (note,) = found.content["data"]["notes"]
    assert note.startswith("30 of 1,000 units have no date in 'came'")
    assert "30 of 1,000 units have no date" in found.html()
