"""Exploration as an instrument for what an item received."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.estimation.exposure.anderson_rubin import from_rows, worth
from causal.estimation.exposure.dose import (
    Items,
    Windows,
    effects,
    goes_with,
    items_of,
    settled,
    within,
)

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
    """Three items a stratum: without the correction for their means it holds in 89%."""
    runs, hits = 100, 0
    for seed in range(runs):
        found = summed(log(100 + seed, items=300))
        hits += WORTH in worth(effects(found, "clicks"), level=0.95)
    assert hits / runs >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)


def test_a_trait_goes_with_the_instrument_as_by_a_regression() -> None:
    import statsmodels.api as sm

    frame = log(5)
    found = summed(frame)
    rng = np.random.default_rng(6)
    trait = rng.normal(size=int(frame.item.max()) + 1)
    trait[found.code] += 0.2 * found.instrument
    slope, error, p = goes_with(found, trait)
    x = np.column_stack([found.instrument, np.eye(int(found.stratum.max()) + 1)[found.stratum]])
    fit = sm.OLS(trait[found.code], x).fit(
        cov_type="cluster", cov_kwds={"groups": found.cluster, "use_correction": False}
    )
    groups = len(np.unique(found.cluster))
    assert slope == pytest.approx(fit.params[0])
    assert error == pytest.approx(fit.bse[0] * np.sqrt(groups / (groups - 1)), rel=0.12)
    assert error > fit.bse[0]
    assert p < 0.001
    assert np.isnan(goes_with(found, np.ones(trait.size))[2])
    assert np.isnan(goes_with(found, np.full(trait.size, np.nan))[2])


def test_a_trait_of_chance_is_refused_as_seldom_as_it_should() -> None:
    found = summed(log(7, items=3_000))
    rng = np.random.default_rng(8)
    p = [goes_with(found, rng.normal(size=3_000))[2] for _ in range(300)]
    assert abs(np.mean(np.array(p) < 0.1) - 0.1) <= 3 * np.sqrt(0.1 * 0.9 / 300)


def test_only_what_an_item_keeps_is_a_trait_of_it() -> None:
    item = np.array([0, 0, 1])
    assert settled(item, np.array([1.0, np.nan, 2.0])).tolist() == [1.0, 2.0]
    assert settled(item, np.array([1.0, 3.0, 2.0])) is None


def test_with_large_strata_effects_are_those_of_rows_given_strata() -> None:
    found = summed(log(9))
    one = replace(found, stratum=found.stratum * 0)
    ours = effects(one, "clicks")
    rows = from_rows(
        one.outcomes["clicks"], one.exposure, one.instrument[:, None], one.cluster,
        strata=one.stratum,
    )  # fmt: skip
    n = one.exposure.size
    assert ours.y == pytest.approx(rows.y)
    assert ours.cross == pytest.approx(rows.cross)
    for part in ("yy", "yd", "dd"):
        assert getattr(ours, part) == pytest.approx(getattr(rows, part) * n / (n - 1))


def test_strata_of_single_items_are_an_error() -> None:
    found = summed(log(10))
    alone = replace(found, stratum=np.arange(found.exposure.size))
    with pytest.raises(DataError, match="Name coarser strata"):
        effects(alone, "clicks")


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
