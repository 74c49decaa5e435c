"""Who gains is looked at when asked, apart from the verdict, and claimed only where it is so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded
from causal.workflow import _gains
from tests.reporting.experiment.conftest import frame, study

UNITS = 1_200
LOOK = {"settings": {"heterogeneity": True}, "analysis": {"planned_units": UNITS}}
ONE = [{"name": "revenue", "column": "revenue", "before": "before"}]


def world(*, varies: bool) -> pd.DataFrame:
    """Everybody gains 2, or those of one market 5 and the others nothing."""
    table = frame(3, units=UNITS, lift=0.0)
    treated = table["arm"] == "B"
    gain = 5.0 * (table["market"] == "de") if varies else 2.0
    return table.assign(revenue=table["revenue"] + gain * treated)


def run(table: pd.DataFrame, **more: Any) -> Result:
    return causal.run(study(**{"outcomes": ONE, **LOOK, **more}), table=table)


def shown(result: Result) -> dict[str, Any]:
    return {each.id: each for each in sections(rounded(result.content))}


@pytest.fixture(scope="module")
def varied() -> Result:
    return run(world(varies=True))


def test_an_effect_on_one_market_is_found_and_named(varied: Result) -> None:
    (entry,) = varied.content["heterogeneity"]
    assert entry["found"]
    assert (entry["attribute"], entry["outcome"]) == ("B", "revenue")
    assert entry["columns"] == ["market", "before"]
    assert entry["characteristics"][0]["column"] == "market"
    low, high = entry["top_bottom"]["ci_low"], entry["top_bottom"]["ci_high"]
    assert 0 < low < 5 < high
    page = shown(varied)["exploratory"]
    assert page.title == "Exploratory: who gains"
    assert page.blocks[0].title == "Exploratory: the verdict does not read it"
    text = " ".join(varied.text().split())
    assert "Market \u201cde\u201d" in text
    assert "with the planned shares as probabilities" in text


def test_the_probabilities_of_the_arm_are_the_planned_shares_and_not_estimated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from causal.estimation import _fit

    seen: list[Any] = []
    fit_design = _fit.fit_design

    def watched(*given: Any, **more: Any) -> Any:
        seen.append(fit_design(*given, **more))
        raise InterruptedError

    monkeypatch.setattr(_fit, "fit_design", watched)
    arms = {"column": "arm", "control": "A", "shares": {"A": 0.45, "B": 0.45, "C": 0.1}}
    table = world(varies=False)
    table["arm"] = np.where(table["user"] % 10 == 0, "C", table["arm"])
    with pytest.raises(InterruptedError):
        run(table, arms=arms)
    (fit,) = seen
    (propensity,) = fit.nuisances.propensity.values()
    assert np.unique(propensity).tolist() == [0.5]
    assert fit.setting.panel.rows == (table["arm"] != "C").sum()


def test_a_constant_effect_is_not_claimed_to_vary() -> None:
    found = run(world(varies=False))
    (entry,) = found.content["heterogeneity"]
    assert not entry["found"]
    assert shown(found)["exploratory"].title == "Exploratory: no heterogeneity found"
    assert "No heterogeneity found for the effect of B on revenue" in " ".join(found.text().split())


def test_a_declared_segment_that_differs_is_not_taken_back_by_a_search_in_vain(
    varied: Result,
) -> None:
    (entry,) = varied.content["heterogeneity"]
    unfound = {**varied.content, "heterogeneity": [{**entry, "found": False}]}
    said = "Declared segments differ by market, and this does not take it back"
    notes = [
        [each.text for each in section.blocks if each.kind == "text"]
        for content in (unfound, varied.content)
        for section in sections(rounded(content))
        if section.id == "exploratory"
    ]
    assert notes[0][-1].startswith(said)
    assert not any(text.startswith(said) for text in notes[1])


def test_the_verdict_and_every_other_number_stay_as_they_are(varied: Result) -> None:
    plain = run(world(varies=True), settings={})
    one, other = (rounded(each.content) for each in (varied, plain))
    assert other["heterogeneity"] == []
    assert "exploratory" not in shown(plain)
    assert [each["name"] for each in one["sql"]][-1] == "rows of revenue"
    for content in (one, other):
        del content["heterogeneity"], content["study"], content["sql"]
    assert one == other


def test_without_being_asked_for_nothing_is_read_row_by_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("causal.data.moments.unit_rows.unit_rows", refused)
    assert run(world(varies=True), settings={}).content["heterogeneity"] == []
    with pytest.raises(AssertionError):
        run(world(varies=True))


def test_an_invalid_experiment_shows_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("causal.data.moments.unit_rows.unit_rows")
    table = world(varies=True)
    found = run(table.drop(table.index[(table["arm"] == "B") & (table["user"] % 3 == 0)]))
    assert found.content["decision"]["reason"] == "invalid"
    assert found.content["heterogeneity"] == []
    assert "exploratory" not in shown(found)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"side": "creator"}, "arms share one pool of exposure"),
        (
            {"outcomes": [{"name": "l", "column": "revenue", "type": "quantile", "quantile": 0.9}]},
            "a quantile is no mean over units",
        ),
        (
            {"outcomes": [{"name": "revenue", "column": "revenue"}], "block": [], "modifiers": []},
            "no column that was known before",
        ),
    ],
)
def test_where_it_cannot_be_told_the_page_says_why(more: dict[str, Any], words: str) -> None:
    found = run(world(varies=True), **more)
    (entry,) = found.content["heterogeneity"]
    assert words in entry["reason"]
    assert shown(found)["exploratory"].title == "Exploratory: who gains is not known"


def test_clusters_are_drawn_whole_when_there_are_too_many_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from causal.data.moments.unit_rows import UnitRows

    monkeypatch.setattr(_gains, "LEARNED", 300)
    known = pd.DataFrame({"user": np.arange(1_000), "class": np.arange(1_000) // 10})
    rows = UnitRows(
        arm=np.zeros(1_000, dtype=np.int64), value=np.zeros(1_000), below=None, known=known
    )
    drawn = _gains.drawn(study(cluster="class", block=[]), rows)
    assert 290 < drawn.size <= 300
    assert np.bincount(drawn // 10).max() == 10
    assert set(np.bincount(drawn // 10)) <= {0, 10}


def test_the_same_numbers_for_any_number_of_workers_and_order_of_rows(varied: Result) -> None:
    table = world(varies=True).sample(frac=1, random_state=2)
    again = causal.run(study(**{"outcomes": ONE, **LOOK}), table=table, workers=3)
    one, other = (rounded(each.content)["heterogeneity"] for each in (varied, again))
    assert one == other
