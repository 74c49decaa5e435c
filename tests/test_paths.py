"""Studies of the paths of an attribute, from the file to the page."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

import causal
from causal.base.finding import Finding, Status
from causal.design.reading import study_from
from causal.estimation.paths._found import Weighted
from causal.policy.decision import decide
from causal.policy.paths import decided
from causal.reporting._view import Figure, Group
from causal.reporting.paths import section
from tests.estimation.paths import _log
from tests.estimation.paths.test_separable import STUDY, drawn

CELLS = STUDY | {"settings": {"heterogeneity": False}}


@pytest.fixture(scope="module")
def split() -> causal.Result:
    return causal.run(CELLS, table=drawn(0), workers=1)


def rows_of(result: causal.Result, design: str) -> dict[str, dict]:
    return {row["path"]: row for row in result.content["effects"] if row["design"] == design}


def status(result: causal.Result, name: str) -> list[str]:
    return [each.status.value for each in result.findings if each.name == name]


def test_an_effect_is_split_into_what_users_see_and_what_the_ranker_does(split) -> None:
    rows = rows_of(split, "separable cells")
    assert list(rows) == ["user", "ranker", "total"]
    assert rows["total"]["estimate"] == pytest.approx(
        rows["user"]["estimate"] + rows["ranker"]["estimate"], abs=1e-12
    )
    assert rows["ranker"]["verdict"] == "raises"
    assert {row["identification"] for row in rows.values()} == {"randomized"}


def test_the_page_shows_the_split_the_warning_and_what_to_log(split) -> None:
    page = split.html()
    for words in (
        "What users see, and what the ranker does",
        "For a few items, not for all",
        "it is a fixed sum",
        "Change all items in some test markets",
        "The second bar starts where the first one ends",
    ):
        assert words in page
    assert 'id="paths"' in page


def test_the_answer_itself_is_read_from_the_designs_of_the_whole(split) -> None:
    assert split.content["headline"] in ("naive", "adjusted")
    assert [card["estimate"] for card in split.content["decision"]["cards"]] == [
        row["estimate"]
        for row in split.content["effects"]
        if row["design"] == split.content["headline"]
    ]


@pytest.mark.parametrize(
    ("value", "verdict", "speaks"),
    [(1.2, "raises", True), (1.2, "no clear effect", False), (-1.2, "lowers", False)],
)
def test_only_what_users_see_speaks_for_making_more_of_it(split, value, verdict, speaks) -> None:
    content = copy.deepcopy(split.content)
    content["decision"] = decide(content)
    user = next(each for each in content["paths"]["parts"] if each["part"] == "user")
    user |= {"value": value, "verdict": verdict}
    found = decided(content)
    assert bool(found["do"]) is speaks
    assert any("Whether users take to" in each for each in found["test_next"]) is not speaks
    assert (found["cards"][0]["good"] is None) is not speaks
    assert found["subtitle"].endswith("of it by what users see")
    assert "with exposure that other items lose" in found["caution"]


def test_exposure_that_others_lose_is_not_called_good(split) -> None:
    made = section(split.content)
    table = next(block for group in made.blocks if isinstance(group, Group)
                 for block in group.blocks if isinstance(block, Figure)).table  # fmt: skip
    cells = [row[-1] for row in table.rows]
    assert [cell.tone for cell in cells[1:]] == ["plain", "plain"]
    assert not any("good" in cell.text for cell in cells[1:])


def test_a_total_needs_both_of_its_parts() -> None:
    frame = drawn(1)
    found = causal.run(CELLS, table=frame[frame.ranked == frame.shown], workers=1)
    total = rows_of(found, "separable cells")["total"]
    assert total["estimate"] is None
    assert total["identification"] == "not estimable"
    assert total["why"] == "its user and ranker parts cannot be told"
    assert "No total is given" in found.text()


def test_cells_that_share_much_of_the_pool_are_warned_of() -> None:
    exposure = {"ranked": "ranked", "shown": "shown"}
    many = CELLS | {"exposure": exposure | {"pool_share": 0.4}}
    few = CELLS | {"exposure": exposure | {"pool_share": 0.1}}
    statuses = {}
    for name, study in (("many", many), ("few", few), ("unknown", CELLS | {"exposure": exposure})):
        findings = causal.check(study, table=drawn(2))
        statuses[name] = next(each.status for each in findings if each.name == "pool share")
    assert statuses == {"many": Status.WARN, "few": Status.PASS, "unknown": Status.WARN}


def test_items_of_the_middle_cell_are_not_missing(split) -> None:
    assert status(split, "missing values") == ["PASS"]


def test_nothing_is_said_of_paths_without_exposure_columns() -> None:
    plain = {key: value for key, value in CELLS.items() if key != "exposure"}
    found = causal.run(plain, table=drawn(3), workers=1)
    assert "paths" not in found.content
    assert {row["path"] for row in found.content["effects"]} == {"total"}
    # Nor does the hash of the study know of the part.
    assert "exposure" not in json.loads(study_from(plain).model_dump_json())


def test_the_same_bytes_for_any_order_of_rows_and_workers(split) -> None:
    again = causal.run(CELLS, table=drawn(0).sample(frac=1, random_state=1), workers=2)
    assert again.html() == split.html()


@pytest.mark.parametrize(
    ("exposure", "words"),
    [
        ({"ranked": "ranked"}, "is given without exposure.shown"),
        ({"ranked": "ranked", "shown": "ranked"}, "as exposure.ranked is"),
        ({"ranked": "ranked", "shown": "shown", "position": "item"}, "rows that are impressions"),
        ({"propensity": "p"}, "needs exposure.position"),
        ({"position": "p", "flipped": "q"}, "needs exposure.propensity"),
        ({"position": "p", "propensity": "p1", "item": "i", "period": "d", "flipped": {"vido": "q"}},
         "is no attribute of the study: 'video'. Did you mean 'video'?"),
        ({}, "names neither position"),
        ({"positon": "p"}, "positon"),
    ],
)  # fmt: skip
def test_a_broken_part_is_one_message(exposure, words) -> None:
    with pytest.raises(causal.StudyError) as error:
        causal.run(CELLS | {"exposure": exposure}, table=drawn(0))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"weight": "p"}, "parts count every impression of an item once"),
        ({"attributes": [{"name": "video", "kind": "categorical"}],
          "exposure": _log.STUDY["exposure"] | {"flipped": {"video": "p_flipped"}}},
         "Only an attribute that is had or not can be flipped"),
    ],
)  # fmt: skip
def test_what_a_replay_cannot_be_asked_is_one_message(changed, words) -> None:
    with pytest.raises(causal.StudyError, match=words):
        study_from(_log.STUDY | changed)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("slot", lambda n: np.arange(n) % 3, "start at 0; the first place must be 1"),
        ("slot", lambda n: np.full(n, np.nan), "must be a whole number"),
        ("p", np.zeros, "above 0 and at most 1"),
        ("p", lambda n: np.full(n, 1.2), "above 0 and at most 1"),
    ],
)
def test_a_log_that_cannot_be_is_one_message(column, values, words) -> None:
    frame = drawn(0).assign(slot=1, p=0.5)
    frame[column] = values(len(frame))
    study = CELLS | {"exposure": {"position": "slot", "propensity": "p"}}
    with pytest.raises(causal.DataError, match=words):
        causal.run(study, table=frame, workers=1)


LOG = _log.STUDY


@pytest.fixture(scope="module")
def replayed() -> causal.Result:
    return causal.run(LOG, table=_log.drawn(0), workers=1)


def test_a_log_with_flipped_propensities_is_split(replayed) -> None:
    rows = rows_of(replayed, "replay")
    assert list(rows) == ["user", "ranker", "total"]
    assert rows["ranker"]["verdict"] == "raises"
    assert rows["total"]["estimate"] == pytest.approx(
        rows["user"]["estimate"] + rows["ranker"]["estimate"], abs=1e-12
    )
    traffic = [row["design"] for row in replayed.content["effects"] if row["path"] == "user"]
    assert traffic == ["exploration traffic", "weighted to production", "replay"]


def test_the_page_of_a_log_says_what_is_counted_and_what_to_log(replayed) -> None:
    words = replayed.text()
    for said in (
        "clicked impressions per item and day",
        "What users see: click rate per impression",
        "the ranker adds",
        "Slot 3",
        "Randomise items to three cells",
    ):
        assert said in words
    assert "multiplies the weight of an item with" in " ".join(
        each.meaning for each in replayed.findings
    )


def test_checks_of_a_sound_log_pass(replayed) -> None:
    for name in ("replay", "uniform exploration", "path weights"):
        assert set(status(replayed, name)) == {"PASS"}, name


def found_by(frame, name: str, **exposure) -> Finding:
    study = LOG | {"exposure": LOG["exposure"] | exposure}
    return next(each for each in causal.check(study, table=frame) if each.name == name)


def test_exploration_that_was_ordered_is_found() -> None:
    frame = _log.drawn(1)
    first = frame.explored & (frame.slot == 1)
    frame.loc[first & (frame.row % 9 != 0), "video"] = 1
    finding = found_by(frame, "uniform exploration")
    assert (finding.status, finding.columns) == (Status.FAIL, ("video",))
    assert "replay" in finding.designs


def test_flipped_propensities_that_move_exploration_are_found() -> None:
    frame = _log.drawn(2)
    frame["p_flipped"] *= 1.1
    finding = found_by(frame, "replay")
    assert finding.status is Status.FAIL
    assert (finding.blocks, finding.designs) == ("design", ("replay",))


def test_a_ranker_that_does_not_read_the_attribute_is_said_to() -> None:
    finding = found_by(_log.drawn(3, factor=1.0), "replay")
    assert finding.status is Status.PASS
    assert "does not read" in finding.meaning


def test_a_factor_that_depends_on_the_context_is_warned_of() -> None:
    frame = _log.drawn(4)
    frame["p_flipped"] = np.where(~frame.explored & (frame.item % 2 == 0), frame.p, frame.p_flipped)
    assert found_by(frame, "replay").status is Status.WARN


def test_few_rows_that_speak_for_the_rest_stop_the_parts() -> None:
    from causal.evaluation.path_weights import _of

    good = Weighted(of="weights", attribute="video", largest=0.01, effective=0.4)
    heavy = Weighted(of="weights", attribute="video", largest=0.2, effective=0.4)
    thin = Weighted(of="weights", attribute="", largest=0.01, effective=0.05)
    assert _of(good).status is Status.PASS
    assert (_of(heavy).status, _of(heavy).designs) == (Status.FAIL, ("replay",))
    assert (_of(thin).status, _of(thin).designs) == (
        Status.FAIL,
        ("weighted to production", "replay", "bounds"),
    )


def test_without_a_replay_a_monotone_ranker_has_bounds_and_no_total() -> None:
    exposure = {key: value for key, value in LOG["exposure"].items() if key != "flipped"}
    study = LOG | {"exposure": exposure | {"monotone": True}}
    found = causal.run(study, table=_log.drawn(0), workers=1)
    row = rows_of(found, "bounds")["ranker"]
    assert row["estimate"] is None
    assert row["ci_low"] == 0
    assert row["ci_high"] > 0
    assert row["identification"] == "bounds"
    assert not rows_of(found, "replay")
    words = found.text()
    assert "Bounds of what the ranker does" in words
    assert "Log each place\u2019s propensity" in words or "Log each place's propensity" in words
