"""Experiments on a platform with known answers: one that is answered, one that must not be.

Boosting half of the creators moves impressions from the others. Boosting all of them changes nothing,
so the effect is exactly zero while the boosted have about twice the impressions of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import causal
from causal.data.platform import TESTS, Do, Settings, World, simulate
from causal.data.platform.experiment_tables import (
    CREATOR_BOOST,
    boosted_creators,
    demand,
    write_experiments,
)
from causal.design.experiment import Demand, Experiment
from causal.reporting._page import sections
from causal.reporting._result import Result, rounded

STUDIES = Path(__file__).resolve().parents[1] / "datasets" / "platform"
SEEDS = (11, 12, 13, 14)
DAYS = 2 * TESTS.burn_in


@dataclass(frozen=True, kw_only=True)
class Run:
    """A readout of creators, with what it was made of."""

    study: Experiment
    table: pd.DataFrame
    result: Result


def run(seed: int) -> Run:
    world = simulate(Settings(seed=seed, size=TESTS), CREATOR_BOOST, until=DAYS)
    before, during = demand(world)
    study = causal.read_study(STUDIES / "creator-boost.yaml")
    assert isinstance(study, Experiment)
    asked = Demand(before=float(before), during=float(during))
    study = study.model_copy(
        update={"analysis": study.analysis.model_copy(update={"demand": asked})}
    )
    table = pd.DataFrame(dict(boosted_creators(world)))
    return Run(study=study, table=table, result=causal.run(study, table=table, workers=1))


@pytest.fixture(scope="module")
def runs() -> tuple[Run, ...]:
    return tuple(run(seed) for seed in SEEDS)


def relative(result: Result, outcome: str) -> pd.Series:
    rows = result.effects
    return rows[(rows["outcome"] == outcome) & rows["segment"].isna()].iloc[0]


def test_a_boost_for_all_creators_gives_the_platform_nothing():
    def totals(do: Do) -> tuple[int, int, int]:
        world: World = simulate(Settings(seed=SEEDS[0], size=TESTS), do, until=DAYS)
        seen = world.impressions
        return seen.count, int(seen.click.sum()), int(world.posts.sum())

    assert totals(Do(creators="all")) == totals(Do())


def test_the_boosted_have_far_more_impressions_a_day_than_the_others(runs):
    lifts = np.array([relative(each.result, "impressions a day")["relative"] for each in runs])
    error = lifts.std(ddof=1) / np.sqrt(lifts.size)
    assert lifts.mean() - student.isf(0.025, lifts.size - 1) * error > 0.5


def test_what_the_boosted_gain_the_others_lose_to_the_last_impression(runs):
    for each in runs:
        found = {row["outcome"]: row for row in each.result.content["displacement"]}["impressions"]
        assert found["ratio"]["value"] == pytest.approx(1, abs=1e-6)
        assert found["total"]["value"] == pytest.approx(0, abs=1e-6)
        assert found["treated"]["value"] > 0 > found["control"]["value"]


def test_posts_are_a_creators_own_and_nobody_is_displaced_from_them(runs):
    for each in runs:
        found = [row["outcome"] for row in each.result.content["displacement"]]
        assert found == ["impressions", "clicks"]
        assert each.study.outcomes[3].before == "posts_before"


def test_no_title_and_no_verdict_shows_the_lift(runs):
    for each in runs:
        decision = each.result.content["decision"]
        assert not each.result.failed
        assert (decision["word"], decision["reason"]) == ("CANNOT DECIDE", "not identified")
        said = [each.result.title, decision["sentence"], decision["subtitle"]]
        said += [clause["words"] for clause in decision["clauses"]]
        assert not re.search(r"\d|raises|SHIP|Ship", " ".join(said))
        top = each.result.text().partition("Is the experiment valid")[0]
        assert "%" not in top
        assert "+" not in top
        assert each.result.effects["verdict"].isna().all()


def test_no_figure_or_table_praises_the_lift(runs):
    page = sections(rounded(runs[0].result.content))
    (effects,) = (section for section in page if section.id == "effects")
    found = list(pieces(effects.blocks))
    assert {piece.tone for piece in found if hasattr(piece, "tone")} <= {"plain", "quiet", "warn"}
    titles = [piece.title for piece in found if hasattr(piece, "title")]
    assert "Differences between arms" in titles
    assert not re.search(r"\d", " ".join(titles))


def pieces(value: object) -> Iterator[object]:
    """Every block of a section, with what it holds, down to the cells."""
    if isinstance(value, tuple | list):
        for each in value:
            yield from pieces(each)
        return
    yield value
    for name in ("blocks", "rows", "items", "table"):
        yield from pieces(getattr(value, name, ()))


def test_taken_for_separate_pools_the_same_table_would_be_shipped(runs):
    """What the refusal is for: nothing in the table itself tells of the shift."""
    for each in runs:
        naive = each.study.analysis.model_copy(update={"pool": "separate", "demand": None})
        found = causal.run(
            each.study.model_copy(update={"analysis": naive}), table=each.table, workers=1
        )
        assert found.content["decision"]["word"] == "SHIP"


def test_advertising_load_is_read_as_it_was_planted(tmp_path):
    """From 15% to 25% of the slots: two thirds more advertisements, and revenue with them."""
    write_experiments(tmp_path, Settings(seed=1, size=TESTS))
    study = tmp_path / "ad-load.yaml"
    study.write_bytes((STUDIES / "ad-load.yaml").read_bytes())
    found = causal.run(causal.read_study(study), workers=1)
    assert not found.failed
    assert found.content["decision"]["word"] == "SHIP"
    for outcome in ("ads per request", "revenue"):
        row = relative(found, outcome)
        assert row["relative_low"] < 2 / 3 < row["relative_high"]
    assert relative(found, "ads per request")["relative_low"] > 0.5


def test_nothing_is_called_an_effect_or_what_decides(runs):
    for each in runs:
        said = " ".join(each.result.text().partition("Success metrics:")[2].split())
        assert "clear effect" not in said.partition("Secondary metrics")[0]
        assert "that decides" not in said.partition("Methods")[0]
