"""A randomised log keeps its planned split; where it did not, when and where is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml
from scipy import stats

from causal.base.finding import Finding, Status
from causal.diagnostics import _where
from causal.diagnostics._split import _null
from causal.diagnostics.sample_ratio import check

Make = Callable[..., Any]
Log = dict[str, Any]


def simulated(seed: int, *, blocks: int = 240, mean: int = 400, repeats: float = 0.0) -> Log:
    """A valid log over a year; each unit is counted 1 + Poisson(repeats) times."""
    rng = np.random.default_rng(seed)
    arms = rng.integers(2, 5, blocks)
    planned = (np.arange(4) < arms[:, None]) / arms[:, None]
    units = rng.multinomial(rng.poisson(mean, blocks) * arms, planned)
    counts = (units + rng.poisson(repeats * units))[planned > 0]
    block = np.repeat(np.arange(blocks), arms)
    day = np.sort(rng.integers(0, 366, blocks))
    device = np.array(["phone", "tv", "web"], dtype=object)[rng.integers(0, 3, blocks)]
    return {
        "a": rng.integers(0, 2, block.size),
        "device": device[block],
        "block": block,
        "counts": counts,
        "time": (np.datetime64("2020-01-01") + day)[block],
    }


def lose(log: Log, broken: Any, seed: int = 0, share: float = 0.3) -> Log:
    """The last arm of every broken block loses a share of its counts; rows say which blocks."""
    last = np.append(np.diff(log["block"]) > 0, True)
    hit = last & broken
    rng = np.random.default_rng(seed)
    kept = rng.binomial(log["counts"], 1 - share)
    return log | {"counts": np.where(hit, kept, log["counts"])}


@pytest.fixture
def found(study: Make, panel: Make) -> Callable[..., tuple[Finding, ...]]:
    """Checks a log."""

    def run(log: Log, *, without_time: bool = False, **given: Any) -> tuple[Finding, ...]:
        made = panel(
            {"a": log["a"], "device": log["device"]},
            block=log["block"],
            time=None if without_time else log["time"],
            counts=log.get("counts"),
            shares=log.get("shares"),
        )
        plain = {"assignment": "randomized", "block": "b", "modifiers": ["device"]}
        return check(study(**(plain | {"time": "Day"} | given)), made)

    return run


def failed(findings: tuple[Finding, ...]) -> bool:
    return any(each.status is Status.FAIL for each in findings)


@pytest.mark.parametrize(("repeats", "logs"), [(0.0, 400), (0.3, 200), (0.6, 200)])
def test_a_valid_log_fails_at_most_once_in_a_hundred(
    found: Make, repeats: float, logs: int
) -> None:
    alarms = sum(failed(found(simulated(seed, repeats=repeats))) for seed in range(logs))
    assert alarms <= stats.binom.ppf(0.999, logs, 0.01)


def test_a_valid_log_passes_with_its_months_in_a_table(found: Make) -> None:
    (one,) = found(simulated(1))
    assert one.status is Status.PASS
    assert one.blocks == "none"
    assert len(one.detail) == 12
    assert sum(int(row["blocks"]) for row in one.detail) == 240  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "starts", "ends"),
    [
        ("2020-05-01", "2020-05-31", date(2020, 5, 1), date(2020, 5, 31)),
        ("2020-01-01", "2020-02-29", date(2020, 1, 1), date(2020, 2, 29)),
        ("2020-11-15", "2020-12-31", date(2020, 11, 15), date(2020, 12, 31)),
    ],
)
def test_a_broken_period_is_found_and_dated(
    found: Make, first: str, last: str, starts: date, ends: date
) -> None:
    log = simulated(2)
    time = log["time"]
    broken = (time >= np.datetime64(first)) & (time <= np.datetime64(last))
    run = found(lose(log, broken))[0]
    assert (run.status, run.blocks) == (Status.FAIL, "page")
    week = timedelta(days=7)
    assert starts - week <= run.starts <= starts
    assert ends <= run.ends <= ends + week
    assert run.statistic is not None
    assert run.threshold is not None
    assert run.statistic > run.threshold


def test_two_broken_periods_are_two_findings_and_one_line_leaves_both_out(found: Make) -> None:
    log = simulated(3)
    month = log["time"].astype("datetime64[M]").astype(int) % 12
    runs = [each for each in found(lose(log, (month == 2) | (month == 8))) if each.starts]
    assert sorted(str(each.starts) for each in runs) == ["2020-03-01", "2020-09-01"]
    assert all("2020-03-01" in each.remedy and "2020-09-01" in each.remedy for each in runs)


def test_the_printed_line_leaves_exactly_the_period_out_in_duckdb(found: Make) -> None:
    log = simulated(2)
    broken = log["time"].astype("datetime64[M]") == np.datetime64("2020-05")
    run = found(lose(log, broken), data={"source": "t.csv", "where": "counts > 0"})[0]
    where = yaml.safe_load("where: " + run.remedy.split("where: ")[1])["where"]
    table = duckdb.sql("SELECT unnest($t) AS Day, unnest($c) AS counts", params={
        "t": [str(each) for each in log["time"]] + [None], "c": [*log["counts"].tolist(), 1],
    })  # fmt: skip
    kept = table.filter(where).aggregate("count(*), max(Day[:7] = '2020-05')").fetchone()
    assert kept == (broken.size + 1 - broken.sum(), False)


def test_a_segment_broken_all_year_is_named_and_no_month(found: Make) -> None:
    log = simulated(4)
    findings = found(lose(log, log["device"] == "tv"))
    segments = [each for each in findings if each.name == "sample ratio by segment"]
    assert any("device = tv" in each.meaning for each in segments)
    assert not any("web" in each.meaning or "phone" in each.meaning for each in segments)
    assert not any(each.starts for each in findings)
    assert any("IN ('tv')" in each.remedy for each in segments)


def test_a_period_broken_in_one_segment_names_both(found: Make) -> None:
    log = simulated(5, blocks=900)
    broken = (log["device"] == "tv") & (
        log["time"].astype("datetime64[M]") == np.datetime64("2020-05")
    )
    run = found(lose(log, broken))[0]
    assert run.starts == date(2020, 5, 1)
    assert "device = tv" in run.meaning
    assert "2020-05-31" in run.remedy
    assert "IN ('tv')" in run.remedy


def test_a_period_that_a_segment_nearly_repeats_is_still_a_period(found: Make) -> None:
    log = simulated(9, blocks=600)
    half = np.where(log["time"] < np.datetime64("2020-06-16"), "early", "late").astype(object)
    broken = log["time"] < np.datetime64("2020-07-01")
    run = found(lose(log | {"device": half}, broken))[0]
    assert (run.starts, run.ends) == (date(2020, 1, 1), date(2020, 6, 30))


def test_a_small_lean_towards_an_attribute_is_found_in_no_single_block(found: Make) -> None:
    log = simulated(6, blocks=600)
    kept = np.random.default_rng(0).binomial(log["counts"], np.where(log["a"] == 1, 0.97, 1.0))
    findings = found(log | {"counts": kept})
    assert any("arms with more of 'a' get less" in each.meaning for each in findings)


def test_one_impossible_block_of_many_is_a_warning_with_its_date(found: Make) -> None:
    log = simulated(7, blocks=400)
    log["counts"] = log["counts"].copy()
    log["counts"][0] *= 12
    findings = found(log)
    assert not failed(findings)
    (single,) = [each for each in findings if each.name == "sample ratio of single blocks"]
    assert single.status is Status.WARN
    assert single.detail[0]["time"] == f"{log['time'][0]} 00:00:00"


def test_without_time_the_whole_is_judged_and_says_so(found: Make) -> None:
    log = simulated(8)
    (passed,) = found(log, without_time=True)
    assert passed.status is Status.PASS
    assert "no time" in passed.meaning
    assert failed(found(lose(log, np.ones(log["block"].size, bool)), without_time=True))


def test_without_a_count_the_check_is_skipped_with_a_reason(study: Make, panel: Make) -> None:
    made = panel({"a": [0, 1, 0, 1]}, block=[0, 0, 1, 1])
    (skipped,) = check(study(assignment="randomized", block="b"), made)
    assert skipped.status is Status.WARN
    assert "not checked" in skipped.meaning


def test_it_does_not_apply_without_randomisation_or_blocks(study: Make, panel: Make) -> None:
    made = panel({"a": [0, 1]}, counts=[1, 2])
    assert check(study(assignment="randomized"), made) == ()
    assert check(study(block="b"), panel({"a": [0, 1]}, counts=[1, 2], block=[0, 0])) == ()


def test_planned_shares_are_the_yardstick(found: Make) -> None:
    rng = np.random.default_rng(0)
    counts = rng.multinomial(1000, [0.8, 0.2], size=60).ravel()
    log = simulated(1, blocks=60)
    row = np.arange(120)
    log = {
        "a": row % 2, "device": np.array(["web"] * 120, dtype=object), "block": row // 2,
        "counts": counts, "time": np.resize(log["time"], 120),
    }  # fmt: skip
    assert failed(found(log, without_time=True))
    assert not failed(found(log | {"shares": np.tile([8.0, 2.0], 60)}, without_time=True))


def test_one_plain_experiment_with_two_arms_is_judged_at_one_in_a_thousand(found: Make) -> None:
    def two(first: int, second: int) -> Log:
        day = np.array(["2020-01-01"] * 2, dtype="datetime64[D]")
        return {
            "a": np.array([0, 1]), "device": np.array(["web"] * 2, dtype=object),
            "block": np.zeros(2), "counts": np.array([first, second]), "time": day,
        }  # fmt: skip

    assert failed(found(two(50_600, 49_000), without_time=True))
    assert not failed(found(two(50_300, 49_800), without_time=True))


def test_small_expectations_use_the_exact_distribution() -> None:
    value, tail = _null(6, np.array([0.5, 0.5]), seed=0)
    expected = [stats.binomtest(k, 6, 0.5).pvalue for k in (3, 2, 1, 0)]
    first = np.searchsorted(value, np.unique(np.round(value, 9)) * (1 - 1e-9) - 1e-12)
    np.testing.assert_allclose(tail[first], expected, atol=1e-12)


def test_the_simulated_tail_agrees_with_the_chi_square() -> None:
    value, tail = _null(900, np.array([0.004, 0.3, 0.3, 0.396]), seed=0)
    at = np.searchsorted(value, stats.chi2.isf(0.1, 3))
    assert abs(tail[at] - 0.1) < 0.03


def test_the_answer_does_not_depend_on_the_order_of_rows(found: Make) -> None:
    log = lose(simulated(2), simulated(2)["time"] < np.datetime64("2020-02-01"))
    order = np.random.default_rng(1).permutation(log["block"].size)
    shuffled = {name: value[order] for name, value in log.items()}
    assert found(shuffled)[0].detail == found(log)[0].detail


@pytest.fixture(scope="module")
def upworthy(test_data: Any) -> Log:
    path = test_data / "upworthy" / "packages.parquet"
    if not path.is_file():
        pytest.skip("no upworthy/packages.parquet in the reference data")
    table = duckdb.sql(
        f"SELECT test_id, created_at, impressions, headline LIKE '%?%' AS question, "
        f"year(created_at)::VARCHAR AS year FROM '{path}' ORDER BY package_id"
    ).fetchnumpy()
    return {
        "a": np.asarray(table["question"]).astype(int),
        "device": np.asarray(table["year"], dtype=object),
        "block": np.asarray(table["test_id"]).astype(str),
        "counts": np.asarray(table["impressions"]),
        "time": np.asarray(table["created_at"]),
    }


def test_the_broken_period_of_a_real_log_is_found_to_the_day(found: Make, upworthy: Log) -> None:
    run = found(upworthy)[0]
    assert (run.status, run.blocks) == (Status.FAIL, "page")
    assert (run.starts, run.ends) == (date(2013, 6, 24), date(2014, 1, 11))
    assert run.statistic == pytest.approx(824 / 1056)
    flagged = [row["month"] for row in run.detail if row["flagged"]]
    assert all(str(month) in run.meaning for month in flagged if str(month) > "2013-05")


def test_the_rest_of_a_real_log_passes(found: Make, upworthy: Log) -> None:
    day = upworthy["time"].astype("datetime64[D]")
    kept = (day < np.datetime64("2013-06-24")) | (day > np.datetime64("2014-01-11"))
    findings = found({name: value[kept] for name, value in upworthy.items()})
    assert not failed(findings)
    assert findings[0].name == "sample ratio"
    assert findings[0].status is Status.PASS


def test_a_line_with_yaml_signs_in_it_is_still_one_yaml_value() -> None:
    existing = """title <> 'a: "b" # c' AND path <> 'x\\y'"""
    loaded = yaml.safe_load(_where.line(existing, ["day = 1"]))["where"]
    assert loaded == f"({existing}) AND (day = 1) IS NOT TRUE"
