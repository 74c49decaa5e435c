"""The shipped studies of exposure, in worlds whose truth is known."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import causal
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.change_tables import RANKED_SHARE
from causal.data.platform.item_tables import exposed, path_impressions, ranking_items

PLATFORM = Path(__file__).resolve().parent.parent / "datasets" / "platform"
WORTH = 0.245
"""Clicks per impression that the ranker adds, over many worlds."""
CURVE = (0.72, 0.55, 0.43, 0.35, 0.29)


def test_what_an_impression_brings_is_within_the_set() -> None:
    world = simulate(Settings(seed=2, size=TESTS), exposed(RANKED_SHARE))
    table = pd.DataFrame(dict(ranking_items(world)))
    found = causal.run(PLATFORM / "worth-of-an-impression.yaml", table=table).content
    clicks = found["sets"][0]
    assert clicks["kind"] == "bounded"
    assert clicks["low"] < WORTH < clicks["high"]
    # What clicks and impressions have in common beyond that is how good an item is.
    names = {each["name"]: each["status"] for each in found["findings"]}
    assert names["exclusion"] == "WARN"
    assert names["sample ratio"] == "PASS"


def test_early_exploration_tells_what_places_do_and_not_what_exposure_is_worth() -> None:
    table = pd.DataFrame(dict(path_impressions(simulate(Settings(seed=0, size=TESTS)))))
    found = causal.run(PLATFORM / "exploration-dose.yaml", table=table)
    (worth,) = found.content["sets"]
    assert worth["kind"] == "rays"
    assert worth["point"] is None
    assert worth["intervals"][0][0] is None
    assert "too little to tell" in found.title
    for each, truth in zip(found.content["examination"][1:], CURVE, strict=True):
        assert each["simultaneous_low"] < truth < each["simultaneous_high"]


def test_the_studies_of_the_documentation_are_read(tmp_path) -> None:
    page = (PLATFORM.parents[1] / "docs" / "exposure.md").read_text("utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert len(shown) == 3
    for number, text in enumerate(shown):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, "utf-8")
        assert causal.read_study(file).kind == "exposure"
