"""Paths from tables that are not as they should be: constants, one creator, gaps, missing cells."""

from __future__ import annotations

import numpy as np
import pytest

import causal
from causal.estimation.paths.replay import RATIO
from causal.policy.paths import LOG_BLOCK, LOG_CELLS, LOG_EXPLORATION, STOPPED, support
from tests.estimation.paths import _log
from tests.estimation.paths.test_separable import STUDY, drawn

CELLS = STUDY | {"settings": {"heterogeneity": False}}
QUESTIONS = ("user", "direct", "full", "everyone")


def parts_of(found: causal.Result, design: str) -> dict[str, dict]:
    return {each["part"]: each for each in found.content["paths"]["parts"]
            if each["design"] == design}  # fmt: skip


def answers(found: causal.Result) -> dict[str, dict]:
    return dict(zip(QUESTIONS, found.content["paths"]["support"], strict=True))


def test_an_outcome_that_nothing_moves_has_a_page() -> None:
    outcomes = [*STUDY["outcomes"], {"name": "saves", "column": "saves"}]
    table = drawn(0).assign(saves=3.0)
    found = causal.run(CELLS | {"outcomes": outcomes}, table=table, workers=1)
    words = [each["words"] for each in found.content["paths"]["sentences"]]
    assert words[1] == (
        "Video moves saves by 0.000 per item: 0.000 by what users see and 0.000 by what the "
        "ranker does with it."
    )
    assert "What the ranker does" in found.html()


def test_an_outcome_alone_that_nothing_moves_is_no_matter_of_what_to_log() -> None:
    found = causal.run(CELLS, table=drawn(0).assign(clicks=3.0), workers=1)
    assert {each["log"] for each in parts_of(found, "separable cells").values()} == {None}
    words = found.content["paths"]["sentences"][0]["words"]
    assert words.endswith("is the same in every row: nothing moved it.")


def test_a_ranker_that_does_not_read_the_attribute_has_a_part_of_zero_on_the_page() -> None:
    frame = _log.drawn(3, factor=1.0)
    found = causal.run(_log.STUDY, table=frame[frame.user < 60], workers=1)
    parts = parts_of(found, "replay")
    assert (parts["ranker"]["value"], parts["ranker"]["low"]) == (0.0, None)
    assert parts["total"]["value"] == parts["user"]["value"]
    assert "What the ranker does" in found.html()


def test_one_creator_tells_nothing_and_does_not_break() -> None:
    frame = _log.drawn(0)
    found = causal.run(_log.STUDY, table=frame[frame.creator == 3], workers=1)
    parts = found.content["paths"]["parts"]
    assert {each["identification"] for each in parts} == {"not estimable"}
    assert all(each["why"] for each in parts)


def test_a_log_of_exploration_alone_has_no_other_traffic() -> None:
    frame = _log.drawn(0)
    frame = frame[frame.explored & (frame.user < 150)]
    found = causal.run(_log.STUDY, table=frame, workers=1)
    designs = [each["design"] for each in found.content["paths"]["parts"]]
    assert designs == ["exploration traffic", "replay", "replay", "replay"]
    assert parts_of(found, "replay")["ranker"]["value"] == 0


def test_cells_may_be_said_in_words() -> None:
    frame = drawn(0)
    said = {"ranked": np.where(frame.ranked == 1, "True", "false"), "shown": frame.shown == 1}
    derive = {"video": "CASE WHEN ranked::BOOLEAN = shown THEN shown END"}
    study = CELLS | {"data": {"source": "t.csv", "derive": derive}}
    found = causal.run(study, table=frame.assign(**said), workers=1)
    plain = causal.run(CELLS, table=frame, workers=1)
    assert parts_of(found, "separable cells") == parts_of(plain, "separable cells")


def test_a_missing_cell_is_what_to_make_and_nothing_is_promised() -> None:
    frame = drawn(1)
    found = causal.run(CELLS, table=frame[frame.ranked == frame.shown], workers=1)
    parts = parts_of(found, "separable cells")
    assert {each["log"] for each in parts.values()} == {LOG_CELLS}
    assert (answers(found)["full"]["answer"], answers(found)["full"]["log"]) == ("no", STOPPED)


def test_a_ratio_has_no_amount_of_an_item_and_needs_no_log() -> None:
    outcome = {"name": "rate", "numerator": "clicked", "denominator": "one"}
    study = _log.STUDY | {"outcomes": [outcome]}
    frame = _log.drawn(0).assign(one=1)
    found = causal.run(study, table=frame[frame.user < 60], workers=1)
    for part in parts_of(found, "replay").values():
        assert (part["why"], part["log"]) == (RATIO, None)
    assert answers(found)["direct"]["answer"] == "no"


@pytest.mark.parametrize(
    ("given", "answer", "log"),
    [
        ({"exploration": True, "block": True}, "yes", ""),
        # Lot orders the items; who makes videos is another matter.
        ({"exploration": True, "block": False}, "adjusted", LOG_BLOCK),
        ({"exploration": False, "block": True}, "adjusted", LOG_EXPLORATION),
        ({"exploration": False, "block": False}, "adjusted", LOG_EXPLORATION),
    ],
)
def test_what_users_see_is_told_by_lot_and_within_creators_together(given, answer, log) -> None:
    row = support({"flipped": False, "cells": False, "monotone": False, **given})[0]
    assert (row["answer"], row["log"]) == (answer, log)


def test_a_replay_says_where_slots_are_taken_to_be_looked_at_alike() -> None:
    given = {"flipped": True, "cells": False, "monotone": False, "exploration": True, "block": True}
    known, not_known = (support({**given, "examined": each})[1]["by"] for each in (True, False))
    assert "looked at alike" not in known
    assert not_known.startswith(known)
    assert "looked at alike" in not_known
