"""The one query of an experiment: units, their columns, and sums of these by arm and stratum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from causal.base.errors import DataError
from causal.data.moments.columns import Column, Raw, Wanted, Window
from causal.data.moments.rows import SIZE
from causal.data.moments.types import Tables, number

if TYPE_CHECKING:
    from causal.data.moments.request import ExperimentRequest

DAY = 86_400
EPOCH = date(1970, 1, 1)
NO_NAN = ("exasol", "mssql", "mysql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Which sums are asked for.

    ``keys`` are the split columns, ``day`` asks for the day of first exposure beside them;
    ``centres`` is what is taken off a column before it is multiplied. Without ``products`` only
    units are counted. With ``gaps`` what is missing, or no number, is 0 in every column; without,
    columns are left as they are, and sums are right when their counts tell that nothing is missing.
    ``ranges`` are places of columns whose least and largest value are asked for too.
    """

    keys: tuple[str, ...]
    day: bool = False
    products: bool = True
    gaps: bool = True
    ranges: tuple[int, ...] = ()
    centres: Mapping[str, float] = field(default_factory=dict)


def units(
    tables: Tables, asked: ExperimentRequest, raws: Iterable[Raw], *, gaps: bool = True
) -> Any:
    """One row for each unit, as an Ibis expression; with ``gaps`` NaN is missing.

    Its columns are ``unit``, ``arm``, ``crossed`` (where it can be: 1 when the unit of randomisation was
    seen in two arms), ``varying`` (1 when what is known before exposure differs between its rows),
    ``cluster``, ``key 0`` ..., ``exposed`` (seconds since 1970), and ``raw 0`` ...
    """
    listed = tuple(raws)
    rows = rows_of(tables, asked, [raw for raw in listed if raw.table is None], gaps=gaps)
    made = _of_exposures(rows, asked, listed) if asked.rows == "exposure" else rows
    for table in asked.tables:
        own = [(i, raw) for i, raw in enumerate(listed) if raw.table == table]
        made = _joined(made, tables, asked, table, own, gaps=gaps) if own else made
    return _crossed(made, asked)


def rows_of(
    tables: Tables, asked: ExperimentRequest, raws: Iterable[Raw], *, gaps: bool = True
) -> Any:
    """Rows of the assignment table under names of our own, numbers and times made plain."""
    table = tables.named("")
    chosen = {"unit": table[asked.unit], "arm": _level(table[asked.arm])}
    if asked.cluster is not None:
        chosen["cluster"] = table[asked.cluster]
    for i, name in enumerate(asked.keys):
        chosen[f"key {i}"] = _level(table[name])
    for name, column in (("exposed", asked.exposed_at), ("at", asked.time)):
        if column is not None:
            chosen[name] = seconds(table[column], tables, "", column, asked)
    for column in dict.fromkeys(raw.column for raw in raws):
        chosen[f"number {column}"] = whole_or_double(tables, asked, None, column, gaps=gaps)
    return table.select(**chosen)


def times(tables: Tables, asked: ExperimentRequest) -> dict[str, Any]:
    """For each column with times the last one that it shows, in seconds since 1970."""
    named = [("", asked.exposed_at), ("", asked.time)]
    named += [(metric.table or "", metric.at) for metric in asked.metrics if metric.table]
    found = {}
    for table, column in named:
        if column is not None:
            rows = tables.named(table)
            when = seconds(rows[column], tables, table, column, asked)
            found[f"{table}.{column}".lstrip(".")] = rows.aggregate(last=when.max())
    return found


def _level(column: Any) -> Any:
    return column.cast("int32") if column.type().is_boolean() else column


def whole_or_double(
    tables: Tables, asked: ExperimentRequest, table: str | None, column: str, *, gaps: bool
) -> Any:
    """A column as whole numbers or doubles; what is no number is missing."""
    import ibis

    source = tables.named(table or "")[column]
    if number(tables, asked, table, column):
        return source.cast("int32").cast("int64") if source.type().is_boolean() else source
    if tables.connection.engine == "sqlite":
        plain = source.typeof().isin(["integer", "real"])
        return ibis.ifelse(plain, source.cast("float64"), ibis.null("float64"))
    double = source.cast("float64")
    if not gaps or tables.connection.engine in NO_NAN:
        return double
    return ibis.ifelse(double.isnan(), ibis.null("float64"), double)


def seconds(column: Any, tables: Tables, table: str, name: str, asked: ExperimentRequest) -> Any:
    """A column with times as seconds since 1970.

    Raises
    ------
    DataError
        When it holds no times.
    """
    kind = tables.kinds[table][name]
    if kind not in ("time", "zoned time", "text"):
        raise DataError(
            f"{asked.table.key_of(name)}: column '{name}' holds {kind}, no dates or times. "
            "Make a time of it with data.derive, for instance to_timestamp(seconds)."
        )
    engine = tables.connection.engine
    zoned = engine == "bigquery" or (engine == "postgres" and kind == "text")
    when = column.cast("timestamp('UTC')" if zoned else "timestamp")
    return when.epoch_seconds().cast("float64")


def _of_exposures(rows: Any, asked: ExperimentRequest, raws: tuple[Raw, ...]) -> Any:
    """Sum exposures up by unit."""
    own = [(i, raw) for i, raw in enumerate(raws) if raw.table is None]
    if any(raw.days is not None for _, raw in own):
        rows = rows.mutate(exposed=rows["exposed"].min().over(group_by="unit"))
    told = ["cluster"] if asked.cluster is not None else []
    told += [f"key {i}" for i in range(len(asked.keys))]
    known = [f"number {raw.column}" for _, raw in own if raw.aggregate == "known"]
    made = {name: rows[name].min() for name in told}
    made |= {"arm": rows["arm"].min(), "last arm": rows["arm"].max()}
    if asked.exposed_at is not None:
        made["exposed"] = rows["exposed"].min()
    differing = [rows[name].min() != rows[name].max() for name in (*told, *known)]
    made["varying"] = _any(differing)
    for i, raw in own:
        made[f"raw {i}"] = _aggregated(rows, raw)
    return rows.group_by("unit").agg(**made)


def _any(conditions: list[Any]) -> Any:
    import ibis

    if not conditions:
        return ibis.literal(0, "int64")
    found = conditions[0]
    for each in conditions[1:]:
        found = found | each
    return ibis.ifelse(found, 1, 0)


def _aggregated(rows: Any, raw: Raw) -> Any:
    """One number of a unit's rows: those from exposure on, of its days."""
    import ibis

    column = rows[f"number {raw.column}"]
    if raw.aggregate == "known":
        return column.min()
    if raw.days is not None:
        kept = (rows["at"] >= rows["exposed"]) & (rows["at"] < rows["exposed"] + raw.days * DAY)
        column = ibis.ifelse(kept, column, ibis.null(column.type()))
    return getattr(column, raw.aggregate)()


def _joined(
    made: Any,
    tables: Tables,
    asked: ExperimentRequest,
    table: str,
    raws: list[tuple[int, Raw]],
    *,
    gaps: bool,
) -> Any:
    """Sum a further table up by unit, and join it: never a row more than there are units."""
    source = tables.named(table)
    for at in dict.fromkeys(raw.at for _, raw in raws):
        own = [(i, raw) for i, raw in raws if raw.at == at]
        chosen = {"unit": source[asked.unit]}
        for _, raw in own:
            chosen[f"number {raw.column}"] = whole_or_double(
                tables, asked, table, raw.column, gaps=gaps
            )
        if at is not None:
            chosen["at"] = seconds(source[at], tables, table, at, asked)
        rows = source.select(**chosen)
        if at is not None:
            exposed = made.select(unit=made["unit"], exposed=made["exposed"])
            rows = rows.inner_join(exposed, "unit")
            rows = rows.filter(rows["at"] >= rows["exposed"])
        summed = rows.group_by("unit").agg(**{f"raw {i}": _aggregated(rows, raw) for i, raw in own})
        summed = summed.rename(other="unit")
        made = made.left_join(summed, made["unit"] == summed["other"]).drop("other")
        filled = {
            f"raw {i}": made[f"raw {i}"].fill_null(0) for i, raw in own if raw.empty is not None
        }
        made = made.mutate(**filled) if filled else made
    return made


def _crossed(made: Any, asked: ExperimentRequest) -> Any:
    import ibis

    last = made["last arm"] if "last arm" in made.columns else made["arm"]
    if asked.cluster is not None:
        window = ibis.window(group_by="cluster")
        made = made.mutate(
            arm=made["arm"].min().over(window), **{"last arm": last.max().over(window)}
        )
        if asked.exposed_at is not None:
            made = made.mutate(begun=made["exposed"].min().over(window))
        last = made["last arm"]
    elif "last arm" not in made.columns:
        return made
    return made.mutate(crossed=ibis.ifelse(made["arm"] != last, 1, 0))


def summed(
    made: Any, wanted: Wanted, asked: ExperimentRequest, sums: Sums, end: date | None
) -> Any:
    """Sums of columns and of their products by arm and keys, as an Ibis expression.

    Its columns are ``arm``, ``crossed``, ``key 0`` ..., ``day``, then ``n`` (sampling units),
    ``units``, ``varying``, ``s 0`` ..., ``p 0`` ... (of the pairs), ``known 0`` ... and ``open 0``
    ... (of the metrics: units that have it, and whose days are not over), ``filled 0`` ... (of the
    columns: covariates that are not known), ``all 0`` ... (of the columns: without a cap), ``least 0`` ... and ``most 0`` ....
    """
    told = ["arm", *(["crossed"] if "crossed" in made.columns else [])]
    told += [*(f"key {asked.keys.index(name)}" for name in sums.keys)]
    told += ["day"] if sums.day else []
    table = _columns(made, wanted, asked, sums, end, told)
    plain = [name for name in table.columns if name not in (*told, "cluster")]
    if asked.cluster is not None:
        table = table.group_by([*told, "cluster"]).agg(
            **{SIZE: table.count()}, **{name: _total(table, name) for name in plain}
        )
    counted = {"n": table.count()}
    counted["units"] = table[SIZE].sum() if asked.cluster else table.count()
    for name in plain:
        if not name.startswith("c "):
            counted[name] = table[name].sum() if asked.cluster else _total(table, name)
    if sums.products:
        keys = [column.key for column in wanted.columns] + ([SIZE] if asked.cluster else [])
        names = [f"c {i}" for i in range(len(wanted.columns))] + ([SIZE] if asked.cluster else [])
        counted |= _products(table, wanted, dict(zip(names, keys, strict=True)), sums)
    return table.group_by(told).agg(**counted)


def _total(table: Any, name: str) -> Any:
    """What is added up of a column: known values are counted, and so are those filled in."""
    if name.startswith("known "):
        return table[name].count()
    return table.count() - table[name].count() if name.startswith("filled ") else table[name].sum()


def _products(table: Any, wanted: Wanted, names: Mapping[str, str], sums: Sums) -> dict[str, Any]:
    made, doubles = {}, []
    for i, (name, key) in enumerate(names.items()):
        centre = sums.centres.get(key, 0.0)
        double = table[name].cast("float64")
        doubles.append(double - centre if centre else double)
        whole = not centre and table[name].type().is_integer()
        made[f"s {i}"] = (table[name] if whole else doubles[-1]).sum()
        if i in sums.ranges:
            made |= {f"least {i}": double.min(), f"most {i}": double.max()}
    for place, (i, j) in enumerate(wanted.pairs):
        made[f"p {place}"] = (doubles[i] * doubles[j]).sum()
    return made


def _columns(
    made: Any,
    wanted: Wanted,
    asked: ExperimentRequest,
    sums: Sums,
    end: date | None,
    told: list[str],
) -> Any:
    """Units with the columns of the moments, ``c 0`` ..., and what is counted of them."""
    import ibis

    begun = "begun" if "begun" in made.columns else "exposed"
    chosen = {name: made[name] for name in told if name != "day"}
    if sums.day:
        chosen["day"] = (made[begun] / DAY).floor().cast("int64")
    if asked.cluster is not None:
        chosen["cluster"] = made["cluster"]
    if "varying" in made.columns:
        chosen["varying"] = made["varying"]
    raws = {raw: _raw(made, wanted, i) for i, raw in enumerate(wanted.raws)}
    for i, window in enumerate(wanted.windows):
        chosen[f"known {i}"] = counted_value(made, raws, window, end)
        if window.days is not None:
            late = made["exposed"] >= limit(window.days, end)
            chosen[f"open {i}"] = ibis.ifelse(late, 1, 0)
    if sums.products:
        for i, column in enumerate(wanted.columns):
            chosen |= _column(made, raws, column, i, end, gaps=sums.gaps)
    return made.select(**chosen)


def _raw(made: Any, wanted: Wanted, place: int) -> Any:
    raw = wanted.raws[place]
    name = f"raw {place}"
    return made[name] if name in made.columns else made[f"number {raw.column}"]


def _column(
    made: Any,
    raws: Mapping[Raw, Any],
    column: Column,
    place: int,
    end: date | None,
    *,
    gaps: bool,
) -> dict[str, Any]:
    """One column of the moments, and what is counted or summed beside it."""
    import ibis

    window = column.window
    if window is None:
        value = raws[column.raw] if column.raw is not None else ibis.null("float64")
        return {
            f"c {place}": value.fill_null(0) if gaps else value,
            f"filled {place}": value,
        }
    if column.raw is None:
        return {f"c {place}": ibis.ifelse(_counts(made, raws, window, end), 1, 0)}
    value = raws[column.raw]
    found = {}
    if column.cap is not None:
        found[f"all {place}"] = value
        value = ibis.ifelse(value > column.cap, column.cap, value.cast("float64"))
    if gaps or window.days is not None:
        value = ibis.ifelse(_counts(made, raws, window, end), value, 0)
    return {f"c {place}": value, **found}


def _counts(made: Any, raws: Mapping[Raw, Any], window: Window, end: date | None) -> Any:
    """Whether a unit counts for a metric."""
    return counted_value(made, raws, window, end).notnull()


def counted_value(made: Any, raws: Mapping[Raw, Any], window: Window, end: date | None) -> Any:
    """A number that is there when a unit counts for a metric: missing parts make a sum missing."""
    import ibis

    found = raws[window.known[0]]
    for raw in window.known[1:]:
        found = found.cast("float64") + raws[raw].cast("float64")
    if window.days is None:
        return found
    late = made["exposed"] < limit(window.days, end)
    return ibis.ifelse(late, found, ibis.null(found.type()))


def limit(days: int, end: date | None) -> float:
    """Seconds before which a unit must have been exposed for all its days to be covered."""
    return float(((end or EPOCH) - EPOCH).days + 1 - days) * DAY
