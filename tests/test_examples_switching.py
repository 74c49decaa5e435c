"""The shipped switchback and the boost of one market, of which the truth is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import causal
from causal.data.platform import TESTS, Settings, simulate
from causal.data.platform.cell_tables import single_market_days, switchback_cells
from causal.data.platform.change_tables import LAUNCHED, SWITCHED, single_settings
from causal.data.platform.interventions import Do

PLATFORM = Path(__file__).resolve().parent.parent / "datasets" / "platform"
SHARE = "new creator share"


@pytest.fixture(scope="module")
def switched() -> causal.Result:
    frame = pd.DataFrame(dict(switchback_cells(simulate(Settings(seed=3, size=TESTS), SWITCHED))))
    return causal.run(PLATFORM / "switchback.yaml", table=frame, workers=1)


def everywhere(seed: int) -> float:
    """New creators' share with everything on, less that with nothing on: two worlds, no sampling."""
    shares = []
    for do in (Do(switchback="all"), Do()):
        cells = switchback_cells(simulate(Settings(seed=seed, size=TESTS), do))
        shares.append(cells["new_creator_impressions"].sum() / cells["impressions"].sum())
    return float(shares[0] - shares[1])


def test_what_is_on_beside_what_is_off_shows_most_of_what_everything_on_does(switched) -> None:
    truth = everywhere(3)
    rows = {(row["outcome"], row["estimand"]): row for row in switched.content["effects"]}
    total = rows[SHARE, "total"]
    assert truth / 2 < total["estimate"] < truth
    assert rows[SHARE, "immediate"]["ci_low"] > 0
    assert total["verdict"] == "raises"
    assert total["ci_low"] < truth < total["ci_high"]
    assert switched.content["switchback"]["outcomes"][0]["p_drawn_anew"] < 0.01


def test_its_title_says_what_it_is_compared_with(switched) -> None:
    assert switched.title.startswith("Switched on, new creator share rose by ")
    assert switched.title.endswith(
        " pp within 3 half days, against markets that were off and share the pool"
    )
    status = {each.name: str(each.status) for each in switched.findings}
    assert status["assignment"] == status["balance"] == "PASS"
    assert "FAIL" not in status.values()


def test_one_market_of_a_shared_pool_is_compared_with_its_own_course_only() -> None:
    world = simulate(single_settings(Settings(seed=3, size=TESTS)), LAUNCHED)
    frame = pd.DataFrame(dict(single_market_days(world)))
    found = causal.run(PLATFORM / "single-market.yaml", table=frame, workers=1)
    assert found.title == (
        "What the boost in one market did to new creator share cannot be told from markets that "
        "share its pool"
    )
    assert {row["verdict"] for row in found.content["effects"]} <= {None, "not estimable"}
    assert "something else happened" in found.content["decision"]["subtitle"]
