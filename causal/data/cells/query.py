"""The queries of cells: rows under names of our own, then sums by entity and period."""

from __future__ import annotations

from typing import Any

from causal.data.asking import Asking
from causal.data.cells.request import CellsRequest

DAY, WEEK = 86_400.0, 604_800.0
MONDAY = 345_600.0  # The first Monday, in seconds since 1970.
NEVER = 2.5e11  # Seconds since 1970 at which the year 9892 begins: no date of a rollout.


def rows_of(reader: Asking, asked: CellsRequest) -> Any:
    """Rows under names of our own.

    ``t0``, ``b0`` ... are each outcome's numerator and denominator, both missing where one is;
    ``period`` and ``adopted`` numbers, seconds since 1970 where they are times.
    """
    import ibis

    source = reader.source
    chosen: dict[str, Any] = {}
    for name, column in asked.levels.items():
        chosen[name] = _text(reader, source, column)
    chosen["period"] = when(reader, source, asked.period, asked.every)
    if asked.adopted is not None:
        chosen["adopted"] = _adopted(reader, source, asked.adopted, asked.every)
    for i, outcome in enumerate(asked.outcomes):
        if outcome.is_ratio:
            top = reader.number(source, str(outcome.numerator))
            bottom = reader.number(source, str(outcome.denominator))
        else:
            top, bottom = reader.number(source, str(outcome.column)), ibis.literal(1.0)
        there = top.notnull() & bottom.notnull()
        chosen[f"t{i}"] = ibis.ifelse(there, top, ibis.null("float64"))
        chosen[f"b{i}"] = ibis.ifelse(there, bottom, ibis.null("float64"))
    for name, column in asked.means.items():
        chosen[name] = reader.number(source, column)
    for name, column in asked.parties.items():
        chosen[name] = _text(reader, source, column)
    return source.select(**chosen)


def _text(reader: Asking, source: Any, name: str) -> Any:
    """A column as text; true and false are written alike by every engine."""
    import ibis

    column = source[name]
    if reader.kinds[name] != "boolean":
        return column.cast("string")
    number = column.cast("int32") if column.type().is_boolean() else column
    text = ibis.ifelse(number == 1, "true", "false")
    return ibis.ifelse(column.isnull(), ibis.null("string"), text)


def when(reader: Asking, source: Any, name: str, every: str | None = None) -> Any:
    """A period as a number: as it is, or seconds since 1970; missing where text is no time.

    Times are cut down to the day, to the Monday of the week, or to the first of the month.
    """
    import ibis

    kind, engine = reader.kinds[name], reader.connection.engine
    if kind in ("boolean", "integer", "float"):
        return reader.number(source, name)
    given = source[name]
    if kind == "text":
        given = ibis.ifelse(given.strip() == "", ibis.null("string"), given)
    if kind == "text" and engine == "duckdb":
        time = given.try_cast("timestamp")
    else:
        zoned = kind == "text" and engine == "postgres"
        time = given.cast("timestamp('UTC')" if zoned else "timestamp")
    if every == "month":
        time = time.truncate("M")
    seconds = time.epoch_seconds().cast("float64")
    if every == "day":
        return ((seconds / DAY).floor() * DAY).cast("float64")
    if every == "week":
        return (((seconds - MONDAY) / WEEK).floor() * WEEK + MONDAY).cast("float64")
    return seconds


def _adopted(reader: Asking, source: Any, name: str, every: str | None) -> Any:
    """The period of adoption; missing where there is none."""
    import ibis

    value = when(reader, source, name, every)
    if reader.kinds[name] in ("boolean", "integer", "float"):
        never = (value == 0) | (value.abs() > 1e300)
    else:
        never = value > NEVER
    return ibis.ifelse(never, ibis.null("float64"), value)


def unread(reader: Asking, name: str) -> Any:
    """Rows whose text is no time, and the least such text."""
    source = reader.source
    value = when(reader, source, name)
    strange = source[name].notnull() & (source[name].strip() != "") & value.isnull()
    bad = source.filter(strange)
    return bad.aggregate(rows=bad.count(), least=bad[name].min())


def counted(rows: Any) -> Any:
    """Rows without an entity, and rows without a period."""
    return rows.aggregate(
        entity=rows["entity"].isnull().cast("int64").sum(),
        period=rows["period"].isnull().cast("int64").sum(),
    )


def by_cell(rows: Any, asked: CellsRequest) -> Any:
    """Sums of every outcome, and what belongs to the entity, by entity and period."""
    rows = rows.filter(rows["entity"].notnull() & rows["period"].notnull())
    made: dict[str, Any] = {"rows": rows.count()}
    for i in range(len(asked.outcomes)):
        top, bottom = rows[f"t{i}"], rows[f"b{i}"]
        made[f"n{i}"], made[f"least{i}"] = top.count(), bottom.min()
        made[f"t{i}"], made[f"b{i}"] = top.sum(), bottom.sum()
    for name in asked.levels:
        if name != "entity":
            made[f"{name}_low"], made[f"{name}_high"] = rows[name].min(), rows[name].max()
            made[f"{name}_n"] = rows[name].count()
    if asked.adopted is not None:
        made["adopted_low"], made["adopted_high"] = rows["adopted"].min(), rows["adopted"].max()
        made["adopted_n"] = rows["adopted"].count()
    for name in asked.means:
        made[name], made[f"{name}_n"] = rows[name].mean(), rows[name].count()
        made[f"{name}_low"], made[f"{name}_high"] = rows[name].min(), rows[name].max()
    return rows.group_by("entity", "period").agg(**made)


def by_party(rows: Any, party: str) -> Any:
    """Of those that adopt together, by period: rows, how many of a party, and the largest one's rows."""
    known = rows["entity"].notnull() & rows["period"].notnull() & rows["adopted"].notnull()
    rows = rows.filter(known)
    each = rows.group_by("adopted", "period", party).agg(n=rows.count())
    return each.group_by("adopted", "period").agg(
        rows=each["n"].sum(), parties=each[party].count(), largest=each["n"].max()
    )
