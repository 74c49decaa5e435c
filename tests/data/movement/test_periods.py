"""Sums of two periods: right, the same from every engine, and clear where they cannot be."""

from __future__ import annotations

import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.content.outcome import Outcome
from causal.data.movement import collect as module
from causal.data.movement.collect import collect_periods
from causal.data.movement.request import MovementRequest
from causal.data.request import Request

RATE = Outcome(name="click rate", numerator="clicks", denominator="impressions")


def drawn(rows: int = 600, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    shown = rng.integers(0, 5, rows)
    return pd.DataFrame(
        {
            "week": rng.integers(1, 4, rows),
            "user": [f"u{k}" for k in rng.integers(0, 40, rows)],
            "item": rng.integers(0, 30, rows),
            "topic": rng.choice(["art", "cars", None, "o'clock"], rows),
            "new": rng.random(rows) < 0.3,
            "impressions": shown,
            "clicks": rng.binomial(shown, 0.2).astype(float),
            "w": rng.integers(1, 4, rows),
        }
    )


def asked(**changed) -> MovementRequest:
    given = {
        "table": table(),
        "outcomes": (RATE,),
        "segments": (("topic",), ("topic", "new")),
        "cluster": ("user",),
    } | changed
    return MovementRequest(**given)


def table(**changed) -> Request:
    flags = {"before": "week = 1", "after": "week = 2"}
    return Request(**({"flags": flags, "keys": {"topic": "segments[0]"}} | changed))


def test_sums_are_those_of_pandas() -> None:
    frame = drawn()
    found = collect_periods(asked(weight="w"), frame=frame)
    frame["top"], frame["bottom"] = frame.clicks * frame.w, frame.impressions * frame.w
    by = frame.assign(topic=frame.topic.fillna("")).groupby(["week", "topic"])[["top", "bottom"]]
    sums = found.cut[0]
    for s, (topic,) in enumerate(sums.values):
        for p in (0, 1):
            row = by.sum().loc[(p + 1, topic)]
            assert (sums.top[p, s], sums.bottom[p, s]) == (row["top"], row["bottom"])
    assert found.rows == ((frame.week == 1).sum(), (frame.week == 2).sum())
    assert [each.reason for each in found.provenance.dropped] == ["in neither period"]
    assert sums.clusters == (frame[frame.week < 3].user.nunique(),)


def test_groups_add_up_to_the_whole() -> None:
    found = collect_periods(asked(cluster=("user", "item")), frame=drawn())
    for sums in (*found.whole, *found.cut):
        assert [each.sign for each in sums.spread] == [1, 1, -1]
        for each in sums.spread:
            np.testing.assert_allclose(each.top.sum(axis=0), sums.top)
            np.testing.assert_allclose(each.bottom.sum(axis=0), sums.bottom)


def test_independent_rows_keep_their_second_moments() -> None:
    frame = drawn()
    (spread,) = collect_periods(asked(cluster=(), segments=()), frame=frame).whole[0].spread
    after = frame[frame.week == 2]
    moved = spread.top[:, 1, 0] @ spread.bottom[:, 1, 0]
    assert moved == pytest.approx((after.clicks * after.impressions).sum())
    assert spread.top[:, 1, 0] @ spread.top[:, 1, 0] == pytest.approx((after.clicks**2).sum())


def test_many_clusters_are_added_up_by_a_hash(monkeypatch) -> None:
    frame = drawn(20_000)
    frame["user"] = np.arange(len(frame)) % 6_000
    plain = collect_periods(asked(segments=()), frame=frame).whole[0]
    monkeypatch.setattr(module, "MOST_GROUPS", 500)
    grouped = collect_periods(asked(segments=()), frame=frame).whole[0]
    assert grouped.spread[0].groups == 500 < plain.spread[0].groups == grouped.clusters[0]
    np.testing.assert_allclose(grouped.spread[0].top.sum(axis=0), plain.top)


@pytest.mark.parametrize("cluster", [(), ("user",)])
def test_how_evenly_what_is_independent_deviates_is_that_of_pandas(cluster) -> None:
    frame = drawn()
    found = collect_periods(asked(cluster=cluster), frame=frame)
    by = ["week", "topic", *cluster] if cluster else ["week", frame.index]
    sums = frame.fillna({"topic": ""}).groupby(by)[["clicks", "impressions"]].sum()
    cut, (even,) = (
        found.cut[0],
        [each.evenness(found.whole[0].means) for each in found.cut[0].spread],
    )
    for p in (0, 1):
        own = sums.loc[p + 1]
        off = own.clicks - found.whole[0].means[p] * own.impressions
        there = (own.impressions > 0) | (not cluster)
        assert even[p] == pytest.approx(off.abs().sum() ** 2 / (off**2).sum() / there.sum())
    counts = cut.counts[1, cut.values.index(("art",))]
    after = frame[(frame.week == 2) & (frame.topic == "art")]
    shown = after[after.groupby("user").impressions.transform("sum") > 0]
    assert counts == (shown.user.nunique() if cluster else len(after))


def test_even_is_what_normal_numbers_and_rare_events_are() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"week": rng.integers(1, 3, 40_000), "topic": "a"})
    frame["normal"], frame["rare"] = rng.normal(size=40_000), rng.random(40_000) < 0.01
    found = collect_periods(
        asked(
            outcomes=tuple(Outcome(name=name, column=name) for name in ("normal", "rare")),
            segments=(("topic",),),
            cluster=(),
        ),
        frame=frame,
    )
    normal, rare = (each.spread[0].evenness(each.means) for each in found.cut)
    assert normal == pytest.approx(2 / np.pi, abs=0.01)
    assert rare == pytest.approx(4 * 0.01 * 0.99, abs=0.01)
    assert [each.binary for each in found.whole] == [False, True]


def test_values_are_known_to_be_0_or_1_whatever_rows_weigh() -> None:
    frame = drawn().assign(hit=lambda f: f.clicks > 0, w=lambda f: f.w / 7, part=0.4)
    outcomes = tuple(Outcome(name=name, column=name) for name in ("hit", "part"))
    found = collect_periods(asked(outcomes=outcomes, weight="w"), frame=frame)
    assert [each.binary for each in found.whole] == [True, False]


def test_one_row_that_outweighs_all_is_worth_one() -> None:
    frame = drawn()
    assert collect_periods(asked(segments=()), frame=frame).whole[0].worth > 30
    frame["w"] = np.where(frame.index == frame.index[frame.week == 1][0], 1e9, 1.0)
    for cluster in ((), ("user",)):
        outcomes = (Outcome(name="clicks", column="clicks"),)
        request = asked(segments=(), cluster=cluster, weight="w", outcomes=outcomes)
        assert collect_periods(request, frame=frame).whole[0].worth == pytest.approx(1, abs=1e-4)


def test_empty_text_and_a_missing_value_are_told_apart() -> None:
    frame = drawn().replace({"topic": {"art": ""}})
    values = collect_periods(asked(), frame=frame).cut[0].values
    assert {("",), ("(empty)",)} <= set(values)


@pytest.mark.parametrize("kind", ["parquet", "csv", "sqlite", "duckdb"])
def test_every_source_gives_the_same_sums(kind, tmp_path) -> None:
    frame = drawn(200).astype({"new": int})  # SQLite has no true and false
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
    found = collect_periods(asked(table=table(source=str(file), **named)))
    expected = collect_periods(asked(), frame=frame)
    assert found.provenance.fingerprint == expected.provenance.fingerprint
    for one, other in zip(found.cut, expected.cut, strict=True):
        assert (one.values, one.clusters) == (other.values, other.clusters)
        np.testing.assert_allclose(one.spread[0].top, other.spread[0].top)


def test_rare_values_stand_together(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_SEGMENTS", 5)
    found = collect_periods(asked(segments=(("item",),)), frame=drawn()).cut[0]
    assert found.values[-1] == ("all others",)
    assert (len(found.values), found.other) == (6, 25)
    assert found.top.sum() == collect_periods(asked(), frame=drawn()).whole[0].top.sum()


def test_users_and_the_largest_creator_of_a_segment_are_counted() -> None:
    frame = drawn()
    found = collect_periods(asked(user="user", creator="item"), frame=frame).cut[0]
    inside = frame[(frame.week < 3) & (frame.topic == "art")]
    at = found.values.index(("art",))
    assert found.users[at] == inside.user.nunique()
    assert found.largest[at] == pytest.approx(inside.item.value_counts().max() / len(inside))


BAD = {
    "none before": ({"flags": {"before": "week = 9", "after": "week = 2"}}, "before: `week = 9`"),
    "both": ({"flags": {"before": "week < 3", "after": "week > 1"}}, "rows are in both periods"),
    "no sql": ({"flags": {"before": "week =", "after": "week = 2"}}, "before: "),
    "no column": ({"flags": {"before": "weak = 1", "after": "week = 2"}}, "before: `weak = 1`"),
    "text": ({"flags": {"before": "topic", "after": "week = 2"}}, "before: `topic` gives text"),
}


@pytest.mark.parametrize("name", BAD)
def test_periods_that_cannot_be_compared_are_refused_by_their_key(name) -> None:
    changed, words = BAD[name]
    with pytest.raises(DataError, match="^" + words.replace("`", ".") if "`" in words else words):
        collect_periods(asked(table=table(**changed)), frame=drawn())


def test_values_that_cannot_be_summed_are_refused() -> None:
    frame = drawn()
    for column, value, words in (
        ("impressions", -1, "negative values"),
        ("clicks", np.inf, "infinite numbers"),
        ("user", None, "is missing in"),
    ):
        wrong = frame.astype({column: object if value is None else float})
        wrong.loc[wrong.index[wrong.week == 1][0], column] = value
        with pytest.raises(DataError, match=words):
            collect_periods(asked(), frame=wrong)
    empty = frame.assign(impressions=np.where(frame.week == 2, 0, frame.impressions))
    with pytest.raises(DataError, match="no row with a denominator above zero in after"):
        collect_periods(asked(), frame=empty)
    with pytest.raises(DataError, match="is not cut into segments"):
        collect_periods(asked(segments=(("clicks",),)), frame=frame)


def test_a_missing_outcome_counts_for_nothing() -> None:
    frame = drawn()
    frame.loc[::3, "clicks"] = np.nan
    found = collect_periods(asked(segments=()), frame=frame).whole[0]
    after = frame[(frame.week == 2) & frame.clicks.notna()]
    assert found.bottom[1, 0] == after.impressions.sum()
    assert found.rows[1, 0] == len(after)
