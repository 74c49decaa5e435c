"""Tables of changes: who adopts when, what is counted, and the same bytes every time."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.data.platform import (
    UNIT,
    Do,
    Settings,
    World,
    simulate,
    tables,
    write_changes,
)
from causal.data.platform.cell_tables import (
    creator_cells,
    rollout_cells,
    single_market_days,
    switchback_cells,
)
from causal.data.platform.change_tables import (
    LAUNCHED,
    ROLLED,
    STAGGERED,
    SWITCHED,
    many_markets,
)
from causal.data.platform.entities import make_creators
from causal.data.platform.item_tables import (
    exposed,
    path_impressions,
    ranking_items,
    separable,
    separable_items,
)
from causal.data.platform.ranking import propensities, rank, reweighted
from causal.data.platform.scoring import creator_adoption

SETTINGS = Settings(seed=2, size=UNIT)


def made(table: object) -> pd.DataFrame:
    return pd.DataFrame(dict(table))  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def staggered() -> World:
    return simulate(SETTINGS, STAGGERED)


@pytest.mark.parametrize(
    ("do", "known"),
    [
        (Do(), "93d1069912512d9f"),
        (Do(rollout="staggered"), "9c58bc5e74ab167d"),
        (Do(creators="half"), "82e7fd94555f9ef9"),
        (Do(switchback="alternate"), "798a0a8d427e73ca"),
    ],
    ids=("nothing", "rollout", "creators", "switchback"),
)
def test_what_a_world_holds_does_not_change_when_there_is_more_that_can_be_done(do, known):
    """Numbers by six digits, since the last bit may differ between processors."""
    hasher = hashlib.sha256()
    for name, table in tables(simulate(Settings(seed=1, size=UNIT), do)).items():
        for column in table.columns:
            hasher.update(f"{name}.{column}".encode())
            values = table[column].to_numpy()
            floats = values.dtype.kind == "f"
            text = [f"{each:.6g}" if floats else str(each) for each in values.tolist()]
            hasher.update("\n".join(text).encode())
    assert hasher.hexdigest()[:16] == known


def test_the_same_settings_write_the_same_bytes(tmp_path):
    small = replace(SETTINGS, size=replace(UNIT, users=40, creators=20, days=21))
    one, other = (write_changes(tmp_path / name, small) for name in ("a", "b"))
    assert list(one) == [
        "moved_impressions", "rollout_cells", "switchback_cells", "single_market_days",
        "creator_cells", "ranking_items", "separable_items", "path_impressions",
    ]  # fmt: skip
    assert all(one[name].read_bytes() == other[name].read_bytes() for name in one)


def test_three_quarters_of_the_creators_adopt_in_even_topics_and_a_quarter_in_the_others():
    settings = replace(SETTINGS, size=replace(UNIT, creators=5000))
    creators = make_creators(settings)
    days = creator_adoption(settings, creators)
    adopts, even = days < UNIT.days, creators.topic % 2 == 0
    assert not adopts[-1]
    for chosen, share in ((even, 0.75), (~even, 0.25)):
        assert abs(adopts[chosen].mean() - share) < 4 * (0.1875 / chosen.sum()) ** 0.5
    assert set(days[adopts]) == set(UNIT.adoption)


def test_nothing_happens_before_the_first_creator_adopts(staggered):
    untouched = simulate(SETTINGS)
    day = STAGGERED.first_day(UNIT)
    assert day == UNIT.adoption[0]
    assert staggered.digest(before=day) == untouched.digest(before=day)
    assert staggered.digest(before=day + 1) != untouched.digest(before=day + 1)


def test_creators_who_adopt_gain_what_the_others_of_their_topic_lose(staggered):
    on, off = (made(creator_cells(each)) for each in (staggered, simulate(SETTINGS)))
    treated = on["week"] >= on["adopted_week"]
    later = (on["week"] >= 1) & ~treated
    gap = on["impressions"] - off["impressions"]
    assert gap[treated].mean() > 0 > gap[later].mean()
    crowded = later & (on["treated_share"] > 0.5)
    alone = later & (on["treated_share"] < 0.3)
    moved = on["impressions_relative"] - off["impressions_relative"]
    assert moved[crowded].mean() < moved[alone].mean()
    assert on["treated_share"].between(0, 1).all()
    assert (on.loc[on["week"] == 0, "treated_share"] == 0).all()
    assert crowded.any()
    assert alone.any()


def test_treated_share_leaves_the_creator_out():
    cells = made(creator_cells(simulate(SETTINGS, STAGGERED)))
    week = cells[cells["week"] == cells["week"].max()].assign(
        on=lambda each: each["adopted_week"].notna(),
        weight=lambda each: each["impressions_before"] + 1,
    )
    row = week.iloc[0]
    others = week[(week["topic"] == row["topic"]) & (week["creator_id"] != row["creator_id"])]
    expected = others.loc[others["on"], "weight"].sum() / others["weight"].sum()
    assert row["treated_share"] == pytest.approx(expected)


def test_neighbours_of_markets_say_next_to_nothing_beyond_the_week():
    cells = made(rollout_cells(simulate(many_markets(SETTINGS, (7, 14, 21), 28), ROLLED)))
    assert cells.groupby("market")["adopted_week"].nunique(dropna=False).eq(1).all()
    first = cells.drop_duplicates("market")
    assert first["adopted_week"].isna().sum() == 6
    untreated = cells[~(cells["week"] >= cells["adopted_week"])]
    within = untreated["treated_neighbours"] - untreated.groupby("week")[
        "treated_neighbours"
    ].transform("mean")
    assert within.abs().max() < 0.1
    last = cells[cells["week"] == 3]
    whole = (last["users"] * last["adopted_week"].notna()).sum()
    row = last.iloc[0]
    assert row["treated_neighbours"] == pytest.approx(
        (whole - row["users"]) / (last["users"].sum() - row["users"])
    )


def test_a_switchback_is_a_coin_for_each_cell_and_counts_every_impression():
    world = simulate(SETTINGS, SWITCHED)
    cells = made(switchback_cells(world))
    size = SETTINGS.size
    assert len(cells) == size.markets * 2 * (size.days - size.burn_in)
    error = 0.5 / np.sqrt(len(cells))
    assert abs(cells["on"].mean() - 0.5) < 4 * error
    assert cells["impressions"].sum() == (world.day() >= size.burn_in).sum()
    fresh = cells.groupby("on")[["new_creator_impressions", "impressions"]].sum()
    share = fresh["new_creator_impressions"] / fresh["impressions"]
    assert share[1] > share[0]


def test_one_market_launches_and_the_others_never_do():
    world = simulate(many_markets(SETTINGS, (21, 28, 28), 28), LAUNCHED)
    days = made(single_market_days(world))
    launched = days.groupby("market")["launched_on"].first()
    assert launched.notna().tolist() == [True] + 23 * [False]
    after = days["day"] >= launched.iloc[0]
    ours = days["market"] == launched.index[0]
    share = days["new_creator_share"]
    gap = (share[ours & after].mean() - share[~ours & after].mean()) - (
        share[ours & ~after].mean() - share[~ours & ~after].mean()
    )
    assert gap > 0


def test_the_ranker_alone_moves_exposure_and_users_alone_clicks():
    items = made(separable_items(simulate(SETTINGS, separable("video", 0.1))))
    cells = items.groupby(["ranked_video", "shown_video"])
    assert set(cells.groups) == {(0, 0), (1, 0), (1, 1)}
    shown = cells["impressions_first_week"].mean()
    assert shown[1, 0] > shown[0, 0]
    assert items["item_id"].is_unique


def test_a_cell_of_the_ranker_moves_impressions_and_not_what_was_before():
    items = made(ranking_items(simulate(SETTINGS, exposed(0.2))))
    cells = items.groupby("cell")
    shown = cells["impressions_first_week"].mean()
    assert shown["1"] > shown["0"]
    before = cells["creator_clicks_before"]
    error = np.sqrt((before.var() / before.size()).sum())
    assert abs(before.mean().diff().iloc[-1]) < 4 * error
    assert cells["position_mean"].mean().notna().all()


def test_the_replay_of_a_ranker_is_its_probability_with_one_flag_flipped():
    """Against the definition: the worth of one item multiplied, the whole slate ranked again."""
    draw = np.random.default_rng(3)
    worth, noise = draw.normal(size=(6, 9)), draw.gumbel(size=(6, 9))
    slates, slots = rank(worth, noise, 4), 4
    times = np.exp(draw.normal(size=(6, slots)))
    found = reweighted(slates.propensity, times)
    for row in range(6):
        for slot in range(slots):
            changed = worth[[row]].copy()
            changed[0, slates.place[row, slot]] += np.log(times[row, slot])
            new = propensities(changed, slates.place[[row]], slates.shown[[row]])[0]
            old = slates.propensity[row]
            expected = new[: slot + 1].prod() / old[: slot + 1].prod()
            assert found[row, slot] == pytest.approx(expected, rel=1e-10)


def test_a_replay_changes_no_probability_where_the_order_was_uniform():
    table = made(path_impressions(simulate(SETTINGS)))
    explored = table["explored"]
    same = table["propensity_flipped"] == table["propensity"]
    assert same[explored].all()
    assert not same[~explored & (table["position"] == 1) & (table["propensity"] < 1)].any()
    first = table[~explored & (table["position"] == 1) & (table["propensity"] < 0.999)]
    odds = first["propensity_flipped"] / (1 - first["propensity_flipped"])
    odds /= first["propensity"] / (1 - first["propensity"])
    factor = np.exp(0.35 / 0.35)
    expected = np.where(first["video"], 1 / factor, factor)
    np.testing.assert_allclose(odds, expected, rtol=1e-8)
