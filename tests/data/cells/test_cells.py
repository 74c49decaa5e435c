"""Cells of entities and periods: right, the same from every engine, and clear where they cannot be."""

from __future__ import annotations

import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.content.outcome import Outcome
from causal.data.cells import collect as module
from causal.data.cells.cells import Cells, cells_of
from causal.data.cells.collect import collect_cells
from causal.data.cells.request import CellsRequest
from causal.data.request import Request

RATE = Outcome(name="click rate", numerator="clicks", denominator="impressions")
SCORE = Outcome(name="score", column="score")
START = {0: 3.0, 1: 5.0, 2: np.nan, 3: 4.0}


def drawn(entities: int = 8, periods: int = 6, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"m{i}", t) for i in range(entities) for t in range(1, periods + 1)],
        columns=["market", "week"],
    )
    number = frame.market.str[1:].astype(int)
    frame["adopted"] = (number % 4).map(START)
    frame["impressions"] = rng.integers(50, 90, len(frame))
    frame["clicks"] = rng.binomial(frame.impressions, 0.3).astype(float)
    frame["score"] = rng.normal(size=len(frame))
    frame["users"] = 10.0 + number
    frame["region"] = np.where(number < entities // 2, "north", "south")
    frame["shared"] = rng.random(len(frame))
    return frame


def asked(**changed) -> CellsRequest:
    given = {
        "table": Request(keys={"adopted": "adopted", "shared": "spillover", "clicks": "outcomes"}),
        "entity": "market",
        "period": "week",
        "adopted": "adopted",
        "outcomes": (RATE, SCORE),
    } | changed
    return CellsRequest(**given)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with weeks as Mondays."""
    monday = pd.Timestamp("2026-02-02")
    return frame.assign(
        adopted=monday + pd.to_timedelta(7 * (frame.adopted - 1), unit="D"),
        week=monday + pd.to_timedelta(7 * (frame.week - 1), unit="D"),
    )


def test_cells_are_those_of_pandas() -> None:
    frame = drawn().sample(frac=1, random_state=1)
    found = collect_cells(asked(covariates=("users",), cluster="region"), frame=frame)
    wide = frame.assign(rate=frame.clicks / frame.impressions).pivot(index="market", columns="week")
    np.testing.assert_allclose(found.y["click rate"], wide["rate"])
    np.testing.assert_allclose(found.y["score"], wide["score"])
    np.testing.assert_array_equal(found.size["click rate"], wide["impressions"])
    np.testing.assert_array_equal(found.covariates[:, 0], wide["users"][1])
    assert found.entities == tuple(f"m{i}" for i in range(8))
    assert found.periods == ("1", "2", "3", "4", "5", "6")
    assert found.adopted.tolist() == [2, 4, np.inf, 3] * 2
    assert found.cluster.tolist() == [0] * 4 + [1] * 4
    assert (found.missing, found.cohorts.tolist(), found.gaps) == (0, [2, 3, 4], ())
    assert found.treated.sum() == 2 * (4 + 2 + 3)


def test_rows_are_added_up_on_request() -> None:
    frame = drawn()
    rows = frame.loc[frame.index.repeat(3)].reset_index(drop=True)
    rows["clicks"] = np.arange(len(rows)) % 5
    found = collect_cells(asked(summed=True), frame=rows)
    by = rows.groupby(["market", "week"])[["clicks", "impressions"]].sum()
    rate = (by.clicks / by.impressions).to_numpy().reshape(8, 6)
    np.testing.assert_allclose(found.y["click rate"], rate)
    assert (found.rows == 3).all()


@pytest.mark.parametrize("kind", ["parquet", "csv", "sqlite", "duckdb"])
@pytest.mark.parametrize("dates", [False, True])
def test_every_source_gives_the_same_cells(kind, dates, tmp_path) -> None:
    frame = dated(drawn()) if dates else drawn()
    file = tmp_path / f"t.{kind}"
    if kind == "parquet":
        frame.to_parquet(file)
    elif kind == "csv":
        frame.to_csv(file, index=False)
    elif kind == "sqlite":
        with sqlite3.connect(file) as connection:
            frame.to_sql("t", connection, index=False)
    else:
        with duckdb.connect(str(file)) as connection:
            connection.execute("CREATE TABLE t AS SELECT * FROM frame")
    named = {} if kind in ("parquet", "csv") else {"table": "t"}
    table = Request(source=str(file), **named)
    given = {"covariates": ("users",), "spillover": "shared", "cluster": "region"}
    for every in (None, "month") if dates else (None,):
        given |= {"every": every, "summed": True}
        found = collect_cells(asked(table=table, **given), frame=None)
        expected = collect_cells(asked(**given), frame=frame)
        assert (found.entities, found.periods) == (expected.entities, expected.periods)
        np.testing.assert_array_equal(found.adopted, expected.adopted)
        for name in found.y:
            np.testing.assert_allclose(found.y[name], expected.y[name], rtol=1e-12)
        np.testing.assert_allclose(found.spillover, expected.spillover, rtol=1e-12)
        assert found.provenance.fingerprint == expected.provenance.fingerprint


@pytest.mark.parametrize("dates", [False, True])
def test_parties_are_counted_over_all_that_adopt_together(dates: bool) -> None:
    rng = np.random.default_rng(4)
    frame = drawn().loc[lambda f: f.index.repeat(9)]
    frame["user"] = rng.integers(0, 12, len(frame)).astype(str)
    frame["creator"] = rng.integers(0, 3, len(frame))
    frame.loc[frame.index[::50], "user"] = None
    frame = dated(frame) if dates else frame
    found = collect_cells(asked(summed=True, user="user", creator="creator"), frame=frame)
    weeks = np.sort(frame.week.unique())
    for i, name in enumerate(found.entities):
        since = frame[frame.market == name].adopted.iloc[0]
        if pd.isna(since):
            assert np.isnan(found.users[i]).all()
            continue
        own = frame[frame.adopted == since].groupby("week")
        np.testing.assert_array_equal(found.users[i], own.user.nunique()[weeks])
        largest = own.creator.agg(lambda one: one.value_counts().max() / len(one))
        np.testing.assert_allclose(found.largest[i], largest[weeks])
    alone = found.select(np.array([1]))
    np.testing.assert_array_equal(alone.users, found.users[[1]])
    assert collect_cells(asked(summed=True), frame=frame).users is None


def test_dates_are_cut_into_periods_as_pandas_cuts_them() -> None:
    days = pd.date_range("2023-12-25", "2025-03-02", freq="D")
    frame = pd.DataFrame({"market": "a", "week": days, "score": 1.0})
    names = {
        "day": days.strftime("%Y-%m-%d"),
        "week": (days - pd.to_timedelta(days.weekday, unit="D")).strftime("%Y-%m-%d"),
        "month": days.strftime("%Y-%m"),
    }
    for every, expected in names.items():
        request = asked(adopted=None, outcomes=(SCORE,), every=every, summed=True)
        found = collect_cells(request, frame=frame)
        counted = expected.value_counts().sort_index()
        assert found.periods == tuple(counted.index)
        assert found.rows[0].tolist() == counted.tolist()
        assert found.gaps == ()
        thin = frame[frame.week.dt.month != 6]
        gap = collect_cells(request, frame=thin).gaps
        assert len(gap) == 1
        assert gap[0].startswith("between 2024-05")


def test_adoption_within_a_cut_period_counts_from_that_period() -> None:
    frame = dated(drawn())
    frame["adopted"] += pd.Timedelta(days=2)
    cut = collect_cells(asked(every="week"), frame=frame)
    assert (cut.adopted[0], cut.between) == (2, ())
    point = collect_cells(asked(), frame=frame)
    assert (point.adopted[0], len(point.between)) == (3, 6)


def test_never_is_missing_zero_infinite_or_the_last_of_years() -> None:
    for never in (np.nan, 0.0, np.inf):
        frame = drawn().fillna({"adopted": never})
        assert np.isinf(collect_cells(asked(), frame=frame).adopted[2])
    frame = dated(drawn())
    frame["adopted"] = frame.adopted.dt.strftime("%Y-%m-%d").fillna("9999-12-31")
    assert np.isinf(collect_cells(asked(), frame=frame).adopted[2])
    frame["adopted"] = frame.adopted.replace("9999-12-31", " ")
    assert np.isinf(collect_cells(asked(), frame=frame).adopted[2])


def test_those_who_adopt_outside_the_table_are_named() -> None:
    frame = drawn()
    frame.loc[frame.market == "m0", "adopted"] = 1
    frame.loc[frame.market == "m4", "adopted"] = -3
    frame.loc[frame.market == "m1", "adopted"] = 9
    found = collect_cells(asked(), frame=frame)
    assert (found.always, found.late) == (("m0", "m4"), ("m1",))
    assert "m0" not in found.entities
    assert np.isinf(found.adopted[0])
    assert [(each.reason, each.rows) for each in found.left_out] == [
        ("treated from the first period on (2 entities)", 12)
    ]


def test_missing_cells_gaps_and_cells_without_denominator_are_counted() -> None:
    frame = drawn()
    frame = frame[(frame.week != 4) & ~((frame.market == "m2") & (frame.week == 5))]
    frame.loc[(frame.market == "m3") & (frame.week == 1), ["clicks", "impressions"]] = 0
    found = collect_cells(asked(), frame=frame)
    assert found.gaps == ("between 3 and 5",)
    assert found.missing == 1
    assert found.empty == {"click rate": 1, "score": 0}
    assert np.isnan(found.y["click rate"][2, 3])
    assert np.isnan(found.y["click rate"][3, 0])
    assert found.between == ("m3", "m7")  # they adopt in week 4, of which there is no row


def test_what_varies_within_an_entity_is_taken_before_the_first_adoption() -> None:
    frame = drawn()
    frame["users"] = frame.users + frame.week
    found = collect_cells(asked(covariates=("users",), weight="users"), frame=frame)
    wide = frame.pivot(index="market", columns="week", values="users")
    np.testing.assert_array_equal(found.covariates[:, 0], wide[2])
    np.testing.assert_array_equal(found.weight, wide[[1, 2]].mean(axis=1))
    assert len(found.notes) == 2
    frame.loc[(frame.market == "m1") & (frame.week < 3), "users"] = np.nan
    found = collect_cells(asked(covariates=("users",)), frame=frame)
    assert len(found.entities) == 7
    assert found.left_out[0].reason == "without covariates before any adoption (1 entities)"


def test_treated_neighbours_are_counted_without_the_entity_itself() -> None:
    found = collect_cells(asked(neighbours=("region",)), frame=drawn())
    treated = found.treated
    for i in range(8):
        own = [j for j in range(8) if j != i and (j < 4) == (i < 4)]
        np.testing.assert_allclose(found.spillover[i], treated[own].mean(axis=0))


def test_names_are_kept_as_they_are_and_numbers_sort_as_numbers() -> None:
    frame = drawn(12)
    frame["market"] = frame.market.str[1:].astype(int)
    assert collect_cells(asked(), frame=frame).entities == tuple(str(i) for i in range(12))
    hostile = frame.assign(market=frame.market.map(lambda i: f"<script>'{i}'; DROP TABLE t"))
    assert collect_cells(asked(), frame=hostile).entities[0] == "<script>'0'; DROP TABLE t"


def test_one_entity_and_two_periods_are_cells_too() -> None:
    found = collect_cells(asked(), frame=drawn(1, 2))
    assert found.y["score"].shape == (1, 2)


def test_rows_without_entity_or_period_are_left_out_and_counted() -> None:
    frame = drawn()
    frame.loc[0, "market"] = None
    frame["week"] = frame.week.astype(float)
    frame.loc[[8, 9], "week"] = np.nan
    found = collect_cells(asked(), frame=frame)
    assert {each.reason: each.rows for each in found.left_out} == {
        "without entity": 1,
        "without period": 2,
    }
    assert found.provenance.rows == len(frame) - 3


def test_switches_are_read_by_cell() -> None:
    frame = drawn()
    frame["on"] = frame.week % 2
    found = collect_cells(asked(adopted=None, treated="on", further=("users",)), frame=frame)
    assert found.on[0].tolist() == [1, 0, 1, 0, 1, 0]
    assert found.further["users"][3].tolist() == [13.0] * 6
    assert np.isinf(found.adopted).all()
    for value, words in ((0.5, "must be 0 or 1"), (np.nan, "is missing in 1 rows")):
        frame["on"] = frame["on"].astype(float)
        frame.loc[3, "on"] = value
        with pytest.raises(DataError, match=words):
            collect_cells(asked(adopted=None, treated="on"), frame=frame)


def _changed(column, value, at=slice(3, 3)):
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.astype({column: object}).assign(
            **{column: [value if k == at.start else v for k, v in enumerate(frame[column])]}
        )

    return change


BAD = {
    "adoption reverses": (_changed("adopted", 5.0), {}, "more than one value within 1 entities"),
    "adoption on some rows": (
        lambda frame: frame.assign(adopted=frame.adopted.where(frame.week >= frame.adopted)),
        {},
        "'m0', 'm1', 'm3' and 3 more",
    ),
    "cell twice": (lambda frame: pd.concat([frame, frame[:2]]), {}, "rows: exposure"),
    "no whole period": (lambda frame: frame.assign(week=frame.week + 0.5), {}, "whole numbers"),
    "text period": (
        lambda frame: frame.assign(week="w" + frame.week.astype(str)),
        {},
        "adoption is",
    ),
    "text for dates": (
        lambda frame: dated(frame).assign(week="w" + frame.week.astype(str)),
        {},
        "'w1', which is no date",
    ),
    "adoption of another kind": (
        lambda frame: frame.assign(adopted=pd.Timestamp("2026-01-01")),
        {},
        "holds time, and period 'week' holds integer",
    ),
    "numbers are not cut": (lambda frame: frame, {"every": "week"}, "every: cuts dates"),
    "share": (_changed("shared", 1.2), {"spillover": "shared"}, "between 0 and 1, and runs from"),
    "no share": (_changed("shared", None), {"spillover": "shared"}, "is missing in 1 rows"),
    "no size": (_changed("users", 0.0), {"weight": "users"}, "zero or negative"),
    "two clusters": (_changed("region", "east"), {"cluster": "region"}, "several values within 1"),
    "no cluster": (_changed("region", None), {"cluster": "region"}, "is missing in 1 rows"),
    "all treated": (lambda frame: frame.assign(adopted=1.0), {}, "in the first period"),
    "no value": (lambda frame: frame.assign(score=np.nan), {}, "has no cell with a value"),
    "negative": (_changed("impressions", -4), {}, "negative denominators"),
    "infinite": (_changed("clicks", np.inf), {}, "infinite numbers"),
    "no names": (lambda frame: frame, {"entity": "score"}, "names are needed"),
    "no column": (lambda frame: frame, {"entity": "markets"}, "'markets'"),
    "text as number": (lambda frame: frame, {"covariates": ("region",)}, "numbers are needed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_gives_no_cells_is_refused_in_words(name) -> None:
    change, given, words = BAD[name]
    frame = change(drawn()).infer_objects()
    with pytest.raises(DataError, match=words):
        collect_cells(asked(**given), frame=frame)


def test_too_many_cells_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 20)
    with pytest.raises(DataError, match="more than 20 cells"):
        collect_cells(asked(), frame=drawn())


def test_cells_of_a_drawn_panel_are_those_of_the_engine() -> None:
    frame = drawn()
    collected = collect_cells(
        asked(covariates=("users",), neighbours=("region",), cluster="region"), frame=frame
    )
    plain = frame.rename(columns={"market": "entity", "week": "period", "score": "y"})
    codes = plain.region.map({"north": 0, "south": 1})
    made = cells_of(plain.assign(pool=codes, cluster=codes, x1=plain.users))
    assert isinstance(made, Cells)
    np.testing.assert_array_equal(made.adopted, collected.adopted)
    np.testing.assert_allclose(made.y["y"], collected.y["score"])
    np.testing.assert_allclose(made.spillover, collected.spillover)
    np.testing.assert_array_equal(made.covariates, collected.covariates)
    with pytest.raises(DataError, match="a cell twice"):
        cells_of(pd.concat([plain, plain]))
    with pytest.raises(DataError, match="several values"):
        cells_of(plain.assign(adopted=plain.period))
