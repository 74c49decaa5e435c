"""Reading: what happens to missing, repeated, infinite and odd values, one by one."""

from __future__ import annotations

import datetime as dt
import decimal
import time

import numpy as np
import pandas as pd
import pytest

from causal.base.errors import DataError
from causal.data.read import read, read_frame


def altered(simple, **columns):
    return simple.assign(**columns)


def test_rows_are_sorted_by_unit_and_the_panel_is_the_same_for_any_order_of_rows(frame, ask):
    asked = ask(cluster="story", block=["story", "tone"], modifiers=["words"], time="day")
    first = read_frame(frame, asked)
    second = read_frame(frame.sample(frac=1, random_state=3), asked)
    assert first.provenance == second.provenance
    for name in ("folds", "block", "weight", "time", "counts"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(first.clusters[0], second.clusters[0])
    by_unit = frame.sort_values("id")
    np.testing.assert_array_equal(first.columns["words"].values, by_unit["words"])
    np.testing.assert_array_equal(first.outcomes["ctr"].numerator, by_unit["clicks"])


def test_the_frame_is_not_changed_and_the_panel_cannot_be(frame, ask):
    before = frame.copy(deep=True)
    panel = read_frame(frame, ask(confounders=["words"], parties={"creator": "story"}))
    pd.testing.assert_frame_equal(frame, before)
    for array in (panel.columns["words"].values, panel.outcomes["ctr"].weight, panel.folds,
                  panel.clusters[0], panel.parties["creator"], panel.unit):  # fmt: skip
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_only_the_columns_of_the_design_are_read(frame, ask, parquet, monkeypatch):
    from causal.data.sources import _connection

    seen = []
    fetch = _connection.Connection.fetch

    def watched(self, sql):
        table = fetch(self, sql)
        seen.append(table.column_names)
        return table

    monkeypatch.setattr(_connection.Connection, "fetch", watched)
    read(ask(parquet, data={"where": "words > 5"}))
    assert seen[-1] == ["id", "tone", "clicks", "impressions"]


def test_derived_columns_see_earlier_ones_and_where_sees_all(frame, ask, parquet):
    panel = read(
        ask(
            parquet,
            data={
                "derive": {"twice": "words * 2", "four times": "twice * 2"},
                "where": "\"four times\" > 40 AND tone <> 'sad'",
            },
            confounders=["four times"],
        )
    )
    kept = frame[(frame["words"] > 10) & (frame["tone"] != "sad")].sort_values("id")
    np.testing.assert_array_equal(panel.columns["four times"].values, kept["words"] * 4)
    assert panel.provenance.rows_read == 120
    assert panel.provenance.rows == len(kept)
    assert panel.provenance.dropped[0].reason == "left out by data.where"
    assert panel.provenance.dropped[0].rows == 120 - len(kept)


def test_a_query_joins_named_tables_before_derive(frame, ask, parquet, tmp_path):
    stories = pd.DataFrame({"story": [f"s{n:02d}" for n in range(30)], "topic": ["x", "y"] * 15})
    stories.to_csv(tmp_path / "stories.csv", index=False)
    panel = read(
        ask(
            parquet,
            data={
                "tables": {"stories": str(tmp_path / "stories.csv")},
                "query": "SELECT d.*, s.topic FROM data d JOIN stories s USING (story)",
                "derive": {"is_x": "topic = 'x'"},
            },
            confounders=["is_x"],
        )
    )
    topics = frame.sort_values("id")["story"].str[1:].astype(int) % 2 == 0
    np.testing.assert_array_equal(panel.columns["is_x"].values, topics.astype(float))


def test_columns_named_like_sql_words_with_spaces_quotes_and_umlauts(ask, tmp_path):
    table = pd.DataFrame({
        "select": [1, 2, 3, 4], 'a "b" c': ["x", "y", "x", "y"], "Größe ✓": [1.5, 2, 3, 4],
        "order by": [2, 3, 4, 5], "it's": [1, 0, 1, 0],
    })  # fmt: skip
    table.to_parquet(tmp_path / "odd näme.parquet")
    panel = read(
        ask(
            tmp_path / "odd näme.parquet",
            unit="select",
            attributes=['a "b" c', "it's"],
            confounders=["Größe ✓", "double it"],
            outcomes=[{"name": "y", "column": "order by"}],
            data={"derive": {"double it": '"order by" * 2'}},
        )
    )
    np.testing.assert_array_equal(panel.columns["double it"].values, [4, 6, 8, 10])
    assert panel.columns['a "b" c'].levels == ("x", "y")


def test_names_that_differ_by_case_only_are_refused(simple, ask, tmp_path):
    table = simple.assign(Tone=1)
    asked = ask(tmp_path / "t.parquet")
    table.to_parquet(tmp_path / "t.parquet")
    table.to_csv(tmp_path / "t.csv", index=False)
    for reading in (lambda: read(asked), lambda: read(ask(tmp_path / "t.csv")),
                    lambda: read_frame(table, asked)):  # fmt: skip
        with pytest.raises(DataError, match="'tone' and 'Tone'"):
            reading()
    with pytest.raises(DataError, match=r"data.derive.TONE: the table already has.*'tone'"):
        read_frame(simple, ask(data={"derive": {"TONE": "1"}}))


def test_a_missing_column_is_named_with_its_key_the_nearest_and_what_there_is(simple, ask):
    asked = ask(outcomes=[{"name": "y", "numerator": "clicks", "denominator": "impresions"}])
    with pytest.raises(DataError) as caught:
        read_frame(simple, asked)
    message = str(caught.value)
    assert message.startswith("outcomes[0].denominator: there is no column 'impresions'")
    assert "Did you mean 'impressions'?" in message
    assert "'id', 'tone', 'clicks', 'impressions'" in message


def test_a_missing_unit_is_an_error(simple, ask):
    with pytest.raises(DataError, match="unit: column 'id' is missing in 1 of 6 rows"):
        read_frame(altered(simple, id=[0, 1, 2, 3, 4, None]), ask())


def test_repeated_units_are_an_error_with_at_most_three_examples(simple, ask):
    with pytest.raises(DataError, match=r"2 of 6 rows repeat the unit \(id\).*'1'; '2'\. "):
        read_frame(altered(simple, id=[0, 1, 1, 2, 2, 5]), ask())
    with pytest.raises(DataError, match=r"'1, x'"):
        read_frame(altered(simple, id=[0, 1, 1, 2, 3, 4], part=["x"] * 6), ask(unit=["id", "part"]))


def test_without_a_unit_rows_are_sorted_by_all_columns_and_repeats_are_counted(simple, ask):
    doubled = pd.concat([simple, simple.iloc[[2]]])
    asked = ask(unit=None)
    first = read_frame(doubled, asked)
    second = read_frame(doubled.iloc[::-1], asked)
    assert first.cluster_names == ("row",)
    assert first.provenance.duplicates == 1
    np.testing.assert_array_equal(first.outcomes["ctr"].numerator, second.outcomes["ctr"].numerator)
    np.testing.assert_array_equal(first.folds, second.folds)


def test_a_missing_outcome_or_attribute_keeps_the_row_as_nan(simple, ask):
    table = altered(simple, tone=["a", "b", None, "b", "a", "b"], clicks=[1, None, 3, 4, 5, 6])
    panel = read_frame(table, ask())
    assert panel.rows == 6
    np.testing.assert_array_equal(panel.columns["tone"].missing, [0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(np.isnan(panel.outcomes["ctr"].value), [0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(panel.outcomes["ctr"].weight, [10, 0, 30, 40, 50, 60])


def test_a_missing_confounder_is_a_level_of_its_own_or_nan_when_a_number(simple, ask):
    table = altered(
        simple,
        topic=["x", None, "y", "x", "z", "x"],
        flag=pd.array([True, None, False, True, True, False], dtype="boolean"),
        age=[1.5, None, 2.5, 3.5, 1.0, 2.0],
    )
    panel = read_frame(table, ask(confounders=["topic", "flag"], modifiers=["age"]))
    topic, flag, age = (panel.columns[name] for name in ("topic", "flag", "age"))
    assert topic.levels == ("x", "y", "z", "(missing)")
    assert topic.values[1] == 3
    assert flag.kind == "categorical"
    assert flag.levels == ("0", "1", "(missing)")
    assert np.isnan(age.values[1])
    for column in (topic, flag, age):
        np.testing.assert_array_equal(column.missing, [0, 1, 0, 0, 0, 0])


def test_a_missing_cluster_is_an_error_and_a_missing_block_is_its_own_level(simple, ask):
    table = altered(simple, story=["s", None, "t", "t", None, "s"])
    with pytest.raises(DataError, match="cluster: column 'story' is missing in 2 of 6 rows"):
        read_frame(table, ask(cluster="story"))
    block = read_frame(table, ask(block="story")).block
    np.testing.assert_array_equal(block, [1, 0, 2, 2, 0, 1])


@pytest.mark.parametrize(
    ("blocks", "size", "clustered"), [(40, 2, True), (40, 9, True), (3, 20, False), (6, 2, True)]
)
def test_blocks_are_clusters_unless_they_are_a_few_large_strata(ask, blocks, size, clustered):
    story = np.repeat([f"s{b:02d}" for b in range(blocks)], size)
    n = story.size
    table = pd.DataFrame({"story": story, "item": np.arange(n), "video": np.arange(n) % 2})
    table["y"] = np.arange(n, dtype=float)
    asked = ask(
        unit="item", block="story", attributes=["video"], outcomes=[{"name": "y", "column": "y"}]
    )
    panel = read_frame(table, asked)
    assert panel.cluster_names == (("story",) if clustered else ("unit",))
    assert np.unique(panel.clusters[0]).size == (blocks if clustered else n)


def test_two_way_clusters_have_codes_from_zero_in_the_order_of_their_keys(simple, ask):
    table = altered(simple, user=[10, 9, 10, 9, 100, 9], item=["b", "a", "b", "c", "a", "a"])
    panel = read_frame(table, ask(cluster=["user", "item"]))
    np.testing.assert_array_equal(panel.clusters[0], [1, 0, 1, 0, 2, 0])
    np.testing.assert_array_equal(panel.clusters[1], [1, 0, 1, 2, 0, 0])
    assert panel.cluster_names == ("user", "item")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, None, 1, 1, 1, 1], "1 missing"),
        ([1, -1, -2, 1, 1, 1], "2 negative"),
        ([1, np.inf, 1, 1, 1, 1], "1 infinite"),
        (["1", "2", "3", "4", "5", "6"], "holds text"),
    ],
)
def test_a_weight_that_is_no_weight_is_an_error(simple, ask, values, words):
    with pytest.raises(DataError, match=f"'w'.*{words}"):
        read_frame(altered(simple, w=values), ask(weight="w"))


@pytest.mark.parametrize("column", ["clicks", "impressions", "size", "age"])
def test_infinite_numbers_are_an_error_that_counts_them(simple, ask, column):
    table = altered(simple, size=[1.5, 2, 3, 4, 5, 6], age=[1.5, 2, 3, 4, 5, 6])
    table[column] = table[column].astype(float)
    table.loc[[1, 4], column] = np.inf
    with pytest.raises(DataError, match=f"'{column}' holds 2 infinite"):
        read_frame(table, ask(attributes=["size"], confounders=["age"]))


def test_rows_without_weight_or_denominator_are_dropped_and_counted(simple, ask):
    table = altered(simple, impressions=[0, 20, 30, 0, 50, 60])
    panel = read_frame(table, ask())
    assert panel.rows == 4
    assert [(each.reason, each.rows) for each in panel.provenance.dropped] == [
        ("denominator 'impressions' is zero", 2)
    ]
    both = [
        {"name": "ctr", "numerator": "clicks", "denominator": "impressions"},
        {"name": "y", "column": "clicks"},
    ]
    kept = read_frame(table, ask(outcomes=both))
    assert kept.rows == 6
    assert np.isnan(kept.outcomes["ctr"].value[0])
    assert kept.outcomes["ctr"].weight[0] == 0
    weighted = read_frame(table, ask(outcomes=both[1:], weight="impressions"))
    assert weighted.provenance.dropped[0].reason == "weight 'impressions' is zero"
    assert weighted.rows == 4
    with pytest.raises(DataError, match="No row of 6 is left"):
        read_frame(altered(simple, impressions=0), ask())


def test_a_negative_denominator_is_an_error(simple, ask):
    with pytest.raises(DataError, match="denominator 'impressions' has 1 negative"):
        read_frame(altered(simple, impressions=[10, -20, 30, 40, 50, 60]), ask())


def test_an_empty_table_and_a_where_that_leaves_nothing_are_errors(simple, ask):
    with pytest.raises(DataError, match="has no rows"):
        read_frame(simple.iloc[:0].astype(simple.dtypes), ask())
    with pytest.raises(DataError, match="leaves none of the 6 rows"):
        read_frame(simple, ask(data={"where": "clicks > 100"}))


def test_an_outcome_must_be_numbers_and_have_some(simple, ask):
    y = [{"name": "y", "column": "y"}]
    with pytest.raises(DataError, match=r"outcomes\[0\].column: column 'y' holds text"):
        read_frame(altered(simple, y="won"), ask(outcomes=y))
    with pytest.raises(DataError, match="every value of column 'y' is missing"):
        read_frame(altered(simple, y=np.nan), ask(outcomes=y))
    constant = read_frame(altered(simple, y=3.0), ask(outcomes=y)).outcomes["y"]
    np.testing.assert_array_equal(constant.value, np.full(6, 3.0))
    assert not constant.binary
    won = read_frame(altered(simple, y=[True, False] * 3), ask(outcomes=y)).outcomes["y"]
    assert won.binary


def test_a_ratio_is_weighted_by_its_denominator_times_any_other_weight(simple, ask):
    table = altered(simple, w=[1, 2, 3, 1, 2, 3])
    plain = read_frame(table, ask(weight="impressions")).outcomes["ctr"]
    np.testing.assert_array_equal(plain.weight, simple["impressions"])
    np.testing.assert_allclose(plain.value, simple["clicks"] / simple["impressions"], rtol=1e-15)
    other = read_frame(table, ask(weight="w")).outcomes["ctr"]
    np.testing.assert_array_equal(other.weight, table["impressions"] * table["w"])
    np.testing.assert_array_equal(other.numerator, table["clicks"] * table["w"])
    np.testing.assert_array_equal(other.denominator, other.weight)


def test_the_sample_ratio_counts_the_declared_column_else_whole_weights_else_denominators(
    simple, ask
):
    table = altered(simple, n=[1, 2, 3, 4, 5, 6], w=[1, 1, 1, 1, 1, 2], half=0.5)
    assert read_frame(table, ask(allocation={"count": "n"}, weight="w")).count_name == "n"
    assert read_frame(table, ask(weight="w")).count_name == "w"
    assert read_frame(table, ask(weight="half")).count_name == "impressions"
    y = [{"name": "y", "column": "clicks"}]
    assert read_frame(table, ask(outcomes=y)).counts is None


def test_shares_parties_exploration_and_time_arrive(simple, ask):
    table = altered(
        simple,
        share=[0.25] * 6,
        who=["u", None, "v", "u", "v", "w"],
        explore=[1, 0, 1, 0, 1, 0],
        at=pd.to_datetime(["2024-01-01T10:00:00.7"] * 5 + [None]),
    )
    panel = read_frame(
        table,
        ask(
            allocation={"shares": "share"},
            parties={"user": "who"},
            exploration="explore",
            time="at",
        ),
    )
    np.testing.assert_array_equal(panel.shares, [0.25] * 6)
    np.testing.assert_array_equal(panel.parties["user"], [0, -1, 1, 0, 1, 2])
    np.testing.assert_array_equal(panel.exploration, [True, False] * 3)
    assert panel.time.dtype == "datetime64[s]"
    assert panel.time[0] == np.datetime64("2024-01-01T10:00:00")
    assert np.isnat(panel.time[5])


def test_times_come_from_dates_zones_and_iso_text_and_from_nothing_else(simple, ask):
    day = [dt.date(2024, 5, 31)] * 6
    zoned = pd.to_datetime(["2024-05-31T02:00:00+02:00"] * 6)
    for column in (day, ["2024-05-31"] * 6, zoned):
        panel = read_frame(altered(simple, at=column), ask(time="at"))
        assert (panel.time == np.datetime64("2024-05-31T00:00:00")).all()
    for column, words in ((["yesterday"] * 6, "no ISO date"), (range(6), "holds integer")):
        with pytest.raises(DataError, match=f"time: column 'at'.*{words}"):
            read_frame(altered(simple, at=column), ask(time="at"))


def test_decimals_and_large_integers_are_numbers_and_keys(simple, ask):
    big = [2**62 + each for each in range(6)]
    table = altered(
        simple,
        id=big,
        story=[decimal.Decimal(10**25 + each // 2) for each in range(6)],
        price=[decimal.Decimal("1.10"), None] + [decimal.Decimal("2.50")] * 4,
    )
    panel = read_frame(table, ask(cluster="story", confounders=["price"]))
    np.testing.assert_array_equal(panel.clusters[0], [0, 0, 1, 1, 2, 2])
    assert panel.columns["price"].values[0] == 1.1
    with pytest.raises(DataError, match=str(2**62)):
        read_frame(altered(table, id=[big[0]] * 2 + big[2:]), ask())


def test_nested_columns_are_refused_when_used_and_ignored_otherwise(simple, ask):
    table = altered(simple, tags=[["a"], ["b", "c"], [], ["a"], ["d"], ["e"]])
    assert read_frame(table, ask()).rows == 6
    counted = read_frame(table, ask(data={"derive": {"n": "len(tags)"}}, confounders=["n"]))
    np.testing.assert_array_equal(counted.columns["n"].values, [1, 2, 0, 1, 1, 1])
    with pytest.raises(DataError, match="confounders: column 'tags' holds list"):
        read_frame(table, ask(confounders=["tags"]))


def test_an_exploration_column_must_say_true_or_false(simple, ask):
    with pytest.raises(DataError, match=r"exploration: column 'e'.*does not in 1"):
        read_frame(altered(simple, e=[1, 0, 2, 0, 1, 1]), ask(exploration="e"))


def test_known_probabilities_arrive_by_attribute_and_must_lie_inside_zero_and_one(simple, ask):
    table = altered(simple, p=[0.5, 0.2, 0.3, 0.4, 0.5, 0.6], q=0.3, r=0.7)
    whole = read_frame(table, ask(propensity="p"))
    np.testing.assert_array_equal(whole.propensities["tone"], table["p"])
    by_level = [{"name": "tone", "kind": "categorical", "propensity": {"a": "q"}}]
    levels = read_frame(table, ask(attributes=by_level)).propensities["tone"]
    np.testing.assert_allclose(levels, np.tile([0.3, 0.7], (6, 1)))
    with pytest.raises(DataError, match="not between 0 and 1 in 1 rows"):
        read_frame(altered(table, p=[1, 0.2, 0.3, 0.4, 0.5, 0.6]), ask(propensity="p"))
    unequal = [{"name": "tone", "propensity": {"a": "q", "b": "q"}}]
    with pytest.raises(DataError, match="do not add up to one"):
        read_frame(table, ask(attributes=unequal))


def test_a_mixed_frame_is_refused_with_words(simple, ask):
    with pytest.raises(DataError, match="Give every column one type"):
        read_frame(altered(simple, tone=["a", 1, "a", "b", "a", "b"]), ask())
    with pytest.raises(DataError, match="column named 7"):
        read_frame(simple.rename(columns={"tone": 7}), ask())


def test_a_hundred_thousand_rows_are_read_in_about_a_second(ask, tmp_path):
    draw = np.random.default_rng(1)
    rows = 100_000
    table = {"id": np.arange(rows), "story": draw.integers(20_000, size=rows)}
    table |= {f"x{each}": draw.normal(size=rows) for each in range(26)}
    table |= {"clicks": draw.integers(9, size=rows), "tone": draw.choice(["a", "b"], size=rows)}
    path = tmp_path / "large.parquet"
    pd.DataFrame(table).to_parquet(path)
    asked = ask(
        path,
        cluster="story",
        outcomes=[{"name": "y", "column": "clicks"}],
        confounders=[f"x{each}" for each in range(26)],
    )
    start = time.process_time()
    assert read(asked).rows == rows
    assert time.process_time() - start < 5
