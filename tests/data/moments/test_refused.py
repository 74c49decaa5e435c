"""Experiments that cannot be read: each with a message that says where and what to do."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError

ONE = [{"name": "y", "column": "revenue"}]


def changed(people, column, values):
    return people.assign(**{column: values})


def first(people, column, value):
    rows = people.copy()
    rows[column] = rows[column].astype(object if isinstance(value, str) else rows[column].dtype)
    rows.loc[rows.index[0], column] = value
    return rows


@pytest.mark.parametrize(
    ("spoil", "given", "words"),
    [
        (lambda p: pd.concat([p, p.head(2)]), {}, r"unit: 2 of 602 rows repeat the unit \(user\)"),
        (lambda p: p.assign(user=p["user"].where(p.index > 2)), {}, "unit: column 'user' is missing in 3"),
        (lambda p: p.assign(school=None), {"cluster": "school"}, "cluster: column 'school' is missing"),
        (lambda p: p.head(0), {}, "the table has no rows"),
        (lambda p: p, {"data": {"where": "visits > 1000"}}, "data.where: `visits > 1000` leaves none"),
        (lambda p: p, {"unit": "usr"}, r"unit: there is no column 'usr'.*Did you mean 'user'\?"),
        (lambda p: p, {"arms": {"column": "arn", "control": "A"}}, "arms.column: there is no column"),
        (lambda p: p, {"covariates": ["befor"]}, r"covariates\[0\].name: there is no column"),
        (lambda p: p.replace({"arm": {"B": "b"}}), {}, "arms.shares.B: no unit is in the arm 'B'.*Did you mean 'b'"),
        (lambda p: p.assign(arm="A"), {"arms": {"column": "arm", "control": "A"}}, "nothing can be compared"),
        (lambda p: p.replace({"arm": {"A": "a"}}), {}, "arms.control: no unit is in the arm 'A'.*Did you mean 'a'"),
        (lambda p: first(p, "revenue", np.inf), {}, r"outcomes\[0\].column: column 'revenue' holds infinite"),
        (lambda p: first(first(p, "revenue", np.inf), "revenue", -np.inf), {}, "holds infinite"),
        (
            lambda p: first(p, "revenue", np.inf),
            {"outcomes": [{**ONE[0], "cap": 5}]},
            "column 'revenue' holds infinite",
        ),
        (lambda p: first(p, "before", -np.inf), {"covariates": ["before"]}, "column 'before' holds infinite"),
        (lambda p: p.assign(revenue="much"), {}, "column 'revenue' holds text, and numbers are needed"),
        (lambda p: p.assign(revenue=np.nan), {}, "every value of column 'revenue' is missing"),
        (lambda p: p.assign(revenue=[[1]] * len(p)), {}, "column 'revenue' holds list"),
        (lambda p: p.assign(before="x"), {"covariates": ["before"]}, "column 'before' holds text"),
        (lambda p: p, {"modifiers": ["before"]}, "modifiers: column 'before' has .* values.*data.derive"),
        (lambda p: p, {"cluster": "school", "block": "power"}, "block: .* clusters more.*lie in several blocks"),
        (lambda p: p, {"exposed_at": "visits"}, "exposed_at: column 'visits' holds integer, no dates"),
        (lambda p: p.assign(seen="soon"), {"exposed_at": "seen"}, "exposed_at: column 'seen' holds 'soon'"),
        (lambda p: first(p, "seen", "11.01.2026"), {"exposed_at": "seen"}, "holds '11.01.2026', .* as 2026-01-31"),
        (lambda p: p.assign(seen=pd.NaT), {"exposed_at": "seen"}, "exposed_at: column 'seen' holds no date"),
        (lambda p: p, {"exposed_at": "seen", "outcomes": [{**ONE[0], "days": 90}]}, "no unit was exposed long enough ago"),
        (
            lambda p: p.assign(before=np.nan),
            {"outcomes": [{**ONE[0], "cap": {"column": "before"}}]},
            "every value of column 'before' is missing, so no cap",
        ),
        (
            lambda p: pd.concat([p, p.head(3).assign(market="xx")]),
            {"rows": "exposure", "block": "market"},
            r"rows: what is known before exposure \(market\) differs between the rows of 3 units",
        ),
        (lambda p: p, {"data": {"derive": {"n": "wrong + 1"}}, "covariates": ["n"]}, "data.derive.n"),
        (lambda p: p.assign(n=1e200), {"covariates": ["n"]}, "'n' holds infinite numbers, or numbers too large"),
    ],
)  # fmt: skip
def test_the_message_says_where_and_what_to_do(people, collected, spoil, given, words):
    with pytest.raises(DataError, match=words):
        collected(spoil(people), **{"outcomes": ONE, **given})


@pytest.mark.parametrize(
    ("column", "unit", "words"),
    [
        ("amout", "user", "data.tables.orders: there is no column 'amout' in it. Did you mean 'amount'"),
        ("amount", "usr", "data.tables.orders: there is no column 'user'"),
        ("amount", "text", "holds text there and integer in the assignment table"),
        ("note", "user", "column 'note' holds text, and numbers are needed"),
    ],
)  # fmt: skip
def test_a_further_table_that_does_not_fit_is_named(people, asked, tmp_path, column, unit, words):
    from causal.data.moments.collect import collect

    name = "user" if unit == "text" else unit
    orders = pd.DataFrame({name: people["user"], "amount": 1.0, "note": "x"})
    if unit == "text":
        orders[name] = orders[name].astype(str)
    orders.to_parquet(tmp_path / "orders.parquet")
    request = asked(
        data={"tables": {"orders": str(tmp_path / "orders.parquet")}},
        outcomes=[{"name": "y", "table": "orders", "column": column}],
    )
    with pytest.raises(DataError, match=words):
        collect(request, frame=people)


def in_duckdb(rows, path):
    import duckdb

    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE people AS SELECT * FROM rows")
    return f"duckdb:///{path}"


def in_sqlite(rows, path):
    with sqlite3.connect(path) as database:
        rows.to_sql("people", database, index=False)
    return f"sqlite:///{path}"


def in_parquet(rows, path):
    rows.to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


@pytest.mark.parametrize("kept_in", [in_parquet, in_duckdb, in_sqlite])
@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("exposed_at", {"exposed_at": "seen"}),
        ("time", {"rows": "exposure", "exposed_at": "day", "time": "seen"}),
    ],
)
def test_a_date_in_another_form_is_refused_by_its_column_and_key_in_every_engine(
    people, asked, tmp_path, kept_in, key, given
):
    from causal.data.moments.collect import collect

    rows = first(people.assign(day=people["seen"]), "seen", "11.01.2026")
    place = kept_in(rows, tmp_path / "people")
    table = {"table": "people"} if "://" in str(place) else {}
    with pytest.raises(DataError) as caught:
        collect(asked(place, data=table, outcomes=ONE, **given))
    said = str(caught.value)
    assert said.startswith(f"{key}: column 'seen' holds '11.01.2026', which is no date or time")
    assert "2026-01-31T12:00:00" in said


def test_a_server_that_would_take_the_month_for_the_day_is_not_asked_to(people, asked, postgres):
    """PostgreSQL reads 11.01.2026 as the first of November."""
    import psycopg

    from causal.data.moments.collect import collect

    rows = first(people, "seen", "11.01.2026")[["user", "arm", "seen", "revenue"]]
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute('CREATE TABLE german ("user" int, arm text, seen text, revenue float8)')
        with server.cursor() as cursor:
            cursor.executemany("INSERT INTO german VALUES (%s, %s, %s, %s)", rows.values.tolist())
    request = asked(postgres, data={"table": "german"}, exposed_at="seen", outcomes=ONE)
    with pytest.raises(DataError, match=r"^exposed_at: column 'seen' holds '11.01.2026'"):
        collect(request)


def test_how_a_date_in_another_form_is_made_one_works_as_it_is_said(people, asked, tmp_path):
    from causal.data.moments.collect import collect

    german = people.assign(seen=[".".join(reversed(each.split("-"))) for each in people["seen"]])
    right = collect(asked(exposed_at="seen", outcomes=ONE), frame=people)
    for kept_in in (in_duckdb, in_sqlite):
        place = kept_in(german, tmp_path / "german")
        with pytest.raises(DataError) as caught:
            collect(asked(place, data={"table": "people"}, exposed_at="seen", outcomes=ONE))
        made = str(caught.value).partition("(of 31.01.2026) ")[2].rstrip(".")
        data = {"table": "people", "derive": {"came": made}}
        found = collect(asked(place, data=data, exposed_at="came", outcomes=ONE))
        assert (found.first, found.last) == (right.first, right.last)
        (tmp_path / "german").unlink()


def test_times_of_a_further_table_are_named_by_their_outcome(people, asked, tmp_path):
    from causal.data.moments.collect import collect

    orders = pd.DataFrame({"user": people["user"], "amount": 1.0, "day": "31.01.2026"})
    orders.to_parquet(tmp_path / "orders.parquet")
    request = asked(
        data={"tables": {"orders": str(tmp_path / "orders.parquet")}},
        exposed_at="seen",
        outcomes=[{"name": "y", "table": "orders", "column": "amount", "at": "day", "days": 3}],
    )
    with pytest.raises(DataError, match=r"outcomes\[0\]: column 'day' of data.tables.orders holds"):
        collect(request, frame=people)


def test_too_many_cells_are_refused(people, collected, monkeypatch):
    monkeypatch.setattr("causal.data.moments.cells.MOST", 100)
    with pytest.raises(DataError, match=r"block: the blocks and arms make .* cells"):
        collected(people, outcomes=ONE, block="before")


def test_repeated_units_are_looked_for_in_a_part_when_there_are_many(
    people, collected, monkeypatch
):
    monkeypatch.setattr("causal.data.moments.reader.EXACT", 100)
    named = people.assign(user="u" + people["user"].astype(str))
    with pytest.raises(DataError, match="rows repeat the unit"):
        collected(pd.concat([named] * 2), outcomes=ONE)
    found = collected(named, outcomes=ONE)
    assert found.moments.n.sum() == len(people)
    assert found.notes == ("Repeated units were looked for in one unit of 16.",)


@pytest.mark.parametrize("move", [0, -5_300, 2**61])
@pytest.mark.parametrize("apart", [1, 1_000_003])
def test_repeats_of_numbered_units_are_found_however_many_rows_there_are(
    people, collected, monkeypatch, move, apart
):
    monkeypatch.setattr("causal.data.moments.reader.EXACT", 100)
    rows = people.assign(user=people["user"] * apart + move)
    found = collected(rows, outcomes=ONE)
    assert found.moments.n.sum() == len(people)
    assert bool(found.notes) == (apart > 1)
    with (
        pytest.raises(DataError, match=r"1 of 601 rows repeat the unit")
        if apart == 1
        else (pytest.raises(DataError, match="rows repeat the unit"))
    ):
        collected(pd.concat([rows, rows.head(1 if apart == 1 else 300)]), outcomes=ONE)
