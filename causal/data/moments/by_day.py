"""Moments by day since exposure: joint sums over the days of the same units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations_with_replacement
from typing import Any

from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.cells import moments_of_cells, read_cells
from causal.data.moments.collected import Daily, Part, Reading, Split
from causal.data.moments.columns import Column, Raw, Wanted, raw_columns
from causal.data.moments.query import DAY, Sums, limit, rows_of, seconds, units, whole_or_double
from causal.data.moments.reader import Reader, stored
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.rows import SIZE

MOST_DAYS, MOST_PERIODS, FEWEST_PERIODS, LONGEST = 28, 14, 3, 7
SEEN, PER_PERIOD = 0.5, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """So many ``periods`` of ``length`` days since exposure, for units exposed by ``until``."""

    periods: int
    length: int
    until: date

    @property
    def days(self) -> int:
        """Days that are covered."""
        return self.periods * self.length


def by_day_metrics(asked: ExperimentRequest) -> tuple[Metric, ...]:
    """Success metrics that have a value on every day: totals, counts and ratios of rows with a time.

    A mean or the largest of a unit's rows is that of the days it came on, which differ by unit.
    """
    return tuple(
        metric
        for metric in asked.metrics
        if metric.role is Role.SUCCESS
        and metric.type not in (Type.QUANTILE, Type.RETENTION)
        and metric.aggregate in ("sum", "count")
        and asked.exposed_at is not None
        and (metric.at if metric.table else asked.time if asked.rows == "exposure" else None)
    )


def periods_of(
    metric: Metric, arrivals: Split, end: date, *, clustered: bool = False
) -> Periods | None:
    """Choose the days that are shown, from arrivals alone.

    As many as the metric counts, at most 28, and so few that half of the units have been there for
    all of them. Days are put together, up to a week, until there are at most 14 periods, and of units
    assigned one by one two hundred for each. None with fewer than three.

    Examples
    --------
    >>> import numpy as np
    >>> week = tuple(f"2026-03-0{day}" for day in range(1, 8))
    >>> arrivals = Split(name="day", values=week, counts=np.full((7, 2), 500))
    >>> periods_of(Metric(name="y", column="y"), arrivals, date(2026, 3, 10))
    Periods(periods=6, length=1, until=datetime.date(2026, 3, 4))
    """
    counts = arrivals.counts.sum(axis=1)
    come = [
        (date.fromisoformat(day), int(n)) for day, n in zip(arrivals.values, counts, strict=True)
    ]
    for days in range(min(metric.days or MOST_DAYS, MOST_DAYS), FEWEST_PERIODS - 1, -1):
        until = end - timedelta(days=days)
        there = sum(n for day, n in come if day <= until)
        if there < SEEN * counts.sum() or not there:
            continue
        most = MOST_PERIODS if clustered else min(MOST_PERIODS, there // PER_PERIOD)
        for length in range(1, LONGEST + 1):
            if days % length == 0 and FEWEST_PERIODS <= days // length <= max(most, FEWEST_PERIODS):
                return Periods(periods=days // length, length=length, until=until)
    return None


def by_day(
    reader: Reader, arms: Mapping[str, str], arrivals: Split | None, end: date | None
) -> dict[str, Daily]:
    """Sum success metrics up by day since exposure, on units that were seen on every day.

    Parameters
    ----------
    arms
        The text in the data of each arm that is wanted.
    arrivals
        Units by day of first exposure.
    end
        Last day that outcomes cover.
    """
    if arrivals is None or end is None:
        return {}
    found = {}
    for metric in by_day_metrics(reader.asked):
        periods = periods_of(metric, arrivals, end, clustered=reader.asked.cluster is not None)
        if periods is not None:
            found[metric.name] = _daily(reader, metric, periods, arms, end)
    return found


def _daily(
    reader: Reader, metric: Metric, periods: Periods, arms: Mapping[str, str], end: date
) -> Daily:
    asked = reader.asked
    raws, known = raw_columns(asked, metric), _known(asked, metric)
    places = [(period, part) for period in range(periods.periods) for part in range(len(raws))]
    keys = [f"{'yd'[part]}:{period}" for period, part in places]
    keys += [f"x:{raw.column}" for raw in known]
    size = [SIZE] if asked.cluster is not None else []
    pairs = tuple(combinations_with_replacement(range(len(keys) + len(size)), 2))
    need = Wanted(
        columns=tuple(Column(key=key, raw=None) for key in keys),
        pairs=pairs,
        readings=(),
        windows=(),
    )
    made = units_by_day(reader, metric, periods, end)
    asking = _summed(stored(made), asked, len(keys), pairs)
    parts = reader.run(f"{metric.name} by day since exposure", asking, made=made)
    cells = read_cells(parts, Sums(keys=asked.block), asked.keys)
    return Daily(
        metric=metric.name,
        moments=moments_of_cells(cells, need, arms, asked.block),
        readings=tuple(_readings(metric, periods, known, *size)),
        length=periods.length,
        until=periods.until,
        divided=1 if metric.is_ratio else periods.length,
    )


def _readings(
    metric: Metric, periods: Periods, known: tuple[Raw, ...], size: str | None = None
) -> Iterator[Reading]:
    for period in range(periods.periods):
        yield Reading(
            metric=f"{metric.name}, {period}",
            level=Part(
                numerator=f"y:{period}", denominator=f"d:{period}" if metric.is_ratio else size
            ),
            covariates=tuple(Part(numerator=f"x:{x.column}", denominator=size) for x in known),
        )


def _known(asked: ExperimentRequest, metric: Metric) -> tuple[Raw, ...]:
    """Covariates of a metric."""
    served = asked.covariates.items()
    return tuple(Raw(column=x, aggregate="known") for x, names in served if metric.name in names)


def units_by_day(reader: Reader, metric: Metric, periods: Periods, end: date) -> Any:
    """Units exposed early enough, with a number for each period, as an Ibis expression."""
    asked, tables = reader.asked, reader.tables
    raws, known = raw_columns(asked, metric), _known(asked, metric)
    made = units(tables, asked, known)
    made = made.filter(made["exposed"] < limit(periods.days, end))
    rows = _rows(reader, metric, raws)
    first = made.select(unit=made["unit"], first=made["exposed"])
    rows = rows.inner_join(first, "unit")
    since = ((rows["at"] - rows["first"]) / (DAY * periods.length)).floor()
    rows = rows.mutate(since=since).filter(
        (rows["at"] >= rows["first"]) & (rows["at"] < rows["first"] + periods.days * DAY)
    )
    summed = rows.group_by("unit").agg(**{
        f"day {period * len(raws) + part}": _on(rows, period, raw)
        for period in range(periods.periods)
        for part, raw in enumerate(raws)
    })  # fmt: skip
    names = [name for name in summed.columns if name != "unit"]
    summed = summed.rename(other="unit")
    joined = made.left_join(summed, made["unit"] == summed["other"])
    chosen = {"arm": joined["arm"]}
    told = ["crossed"] if "crossed" in made.columns else []
    told += ["cluster"] if asked.cluster is not None else []
    told += [f"key {asked.keys.index(name)}" for name in asked.block]
    chosen |= {name: joined[name] for name in told}
    chosen |= {f"c {i}": joined[name].fill_null(0) for i, name in enumerate(names)}
    for i, raw in enumerate(known):
        name = f"raw {i}" if f"raw {i}" in made.columns else f"number {raw.column}"
        chosen[f"c {len(names) + i}"] = joined[name].fill_null(0)
    return joined.select(**chosen)


def _on(rows: Any, period: int, raw: Raw) -> Any:
    """A unit's number of one period."""
    import ibis

    column = rows[f"number {raw.column}"]
    return getattr(
        ibis.ifelse(rows["since"] == period, column, ibis.null(column.type())), raw.aggregate
    )()


def _rows(reader: Reader, metric: Metric, raws: tuple[Raw, ...]) -> Any:
    """Rows with a unit, a time and the numbers of a metric."""
    asked, tables = reader.asked, reader.tables
    if metric.table is None or metric.at is None:
        own = rows_of(tables, asked, raws)
        return own.select("unit", "at", *dict.fromkeys(f"number {raw.column}" for raw in raws))
    source = tables.named(metric.table)
    when = seconds(source[metric.at], tables, metric.table, metric.at, asked)
    return source.select(
        unit=source[asked.unit],
        at=when,
        **{
            f"number {raw.column}": whole_or_double(
                tables, asked, metric.table, raw.column, gaps=True
            )
            for raw in raws
        },
    )


def _summed(
    table: Any, asked: ExperimentRequest, columns: int, pairs: tuple[tuple[int, int], ...]
) -> Any:
    """Sums and all products by arm and block."""
    names = [f"c {i}" for i in range(columns)]
    told = [name for name in table.columns if name not in (*names, "cluster")]
    if asked.cluster is not None:
        table = table.group_by([*told, "cluster"]).agg(
            **{SIZE: table.count()}, **{name: table[name].sum() for name in names}
        )
        names = [*names, SIZE]
    doubles = [table[name].cast("float64") for name in names]
    counted = {"n": table.count()}
    counted["units"] = table[SIZE].sum() if asked.cluster else table.count()
    counted |= {f"s {i}": double.sum() for i, double in enumerate(doubles)}
    counted |= {f"p {place}": (doubles[i] * doubles[j]).sum() for place, (i, j) in enumerate(pairs)}
    return table.group_by(told).agg(**counted)
