"""Exploration as an instrument for what an item received."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.exposure.dose import Items, Windows, items_of, within

WINDOWS = Windows(first=2, window=4, later=3)
WORTH = 0.4


def log(seed: int, items: int = 900, days: int = 30) -> pd.DataFrame:
    """Rows of items that come day by day; chance shows some early, which moves what comes after."""
    rng = np.random.default_rng(seed)
    born = rng.integers(-4, days, items)
    early = rng.poisson(3.0, items)
    quality = rng.gamma(2.0, size=items)
    shown = early + rng.poisson(2 * quality + 1.5 * early)
    later = rng.poisson(WORTH * shown + quality)
    rows = [
        (item, born[item] + age, explored, clicked)
        for item in range(items)
        for count, ages, explored, clicked in (
            (early[item], 2, True, 0.0),
            (shown[item] - early[item], 4, False, 0.0),
            (later[item], 3, False, 1.0),
        )
        for age in rng.integers(0, ages, count) + (4 if clicked else 0)
    ]
    frame = pd.DataFrame(rows, columns=["item", "day", "explored", "clicked"])
    frame = frame[frame.day.between(0, days - 1)]
    return frame.assign(born=born[frame.item], topic=frame.item % 3, creator=frame.item // 4)


def summed(frame: pd.DataFrame, born: bool = True, windows: Windows = WINDOWS) -> Items:
    return items_of(
        frame.item.to_numpy(),
        frame.day.to_numpy(float),
        frame.explored.to_numpy(bool),
        {"clicks": frame.clicked.to_numpy(float)},
        windows,
        cluster=frame.creator.to_numpy(),
        strata=(frame.topic.to_numpy(),),
        born=frame.born.to_numpy(float) if born else None,
    )


def test_sums_are_those_of_a_group_by() -> None:
    frame = log(1)
    found = summed(frame)
    age = frame.day - frame.born
    whole = frame.groupby("item").born.first()
    whole = whole[(whole >= 0) & (whole + 7 <= 30)].index
    for got, rows in (
        (found.instrument, frame.explored & (age < 2)),
        (found.exposure, age < 4),
        (found.outcomes["clicks"], (frame.clicked == 1) & age.between(4, 6)),
    ):
        want = rows.groupby(frame.item).sum().reindex(whole, fill_value=0)
        assert got == pytest.approx(want.to_numpy(float))


def test_items_outside_the_log_are_left_out_and_counted() -> None:
    frame = log(2)
    found = summed(frame)
    assert {reason: n > 0 for reason, n in found.left_out} == {
        "items that came before the log began": True,
        "items whose periods end after the log": True,
    }
    left = sum(n for _, n in found.left_out)
    assert left + found.exposure.size == frame.item.nunique()
    assert len(np.unique(found.stratum)) <= 3 * 24


def test_without_a_birth_the_first_row_is_it_and_the_first_day_is_left_out() -> None:
    frame = log(3)
    found = summed(frame, born=False)
    first = frame.groupby("item").day.min()
    assert found.exposure.size == int(((first > 0) & (first + 7 <= 30)).sum())


def test_the_set_covers_the_worth_as_often_as_it_says() -> None:
    runs, hits = 60, 0
    for seed in range(runs):
        found = summed(log(100 + seed, items=300))
        effects = from_rows(
            found.outcomes["clicks"], found.exposure, found.instrument[:, None], found.cluster,
            strata=found.stratum,
        )  # fmt: skip
        hits += WORTH in worth(effects, level=0.95)
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_clusters_are_the_last_way_that_holds_items_whole() -> None:
    item = np.array([0, 0, 1, 1, 2])
    user, creator = np.array([0, 1, 0, 1, 1]), np.array([7, 7, 7, 7, 8])
    assert within(item, (user, creator)).tolist() == creator.tolist()
    assert within(item, (creator, user)).tolist() == creator.tolist()
    assert within(item, (user,)).tolist() == item.tolist()
    assert within(item, ()).tolist() == item.tolist()


def test_periods_outcomes_and_logs_that_cannot_serve_are_errors() -> None:
    frame = log(4, items=60)
    with pytest.raises(DataError, match="period: some rows have no whole number"):
        summed(frame.assign(day=frame.day + 0.5))
    with pytest.raises(DataError, match="born: some rows"):
        summed(frame.assign(born=np.nan))
    with pytest.raises(DataError, match="'clicks' is missing in"):
        summed(frame.assign(clicked=np.nan))
    with pytest.raises(DataError, match="No item came after the log's first period and has 47"):
        summed(frame, windows=Windows(first=2, window=40, later=7))
