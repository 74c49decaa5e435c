"""From a request to the sums of two periods; rows stay in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError
from causal.data.asking import Asking, asking
from causal.data.extract import opened
from causal.data.movement import query
from causal.data.movement.request import AFTER, BEFORE, PERIODS, MovementRequest, flag_names
from causal.data.movement.sums import Periods, SegmentSums, Spread
from causal.data.panel import Dropped, FloatArray, IntArray, Provenance
from causal.data.sources._connection import without_password

if TYPE_CHECKING:
    import pandas as pd

MOST_SEGMENTS = 500
MOST_GROUPS = 20_000
MOST_SUMS = 4_000_000
_CUT = ("boolean", "integer", "text")


def collect_periods(asked: MovementRequest, *, frame: pd.DataFrame | None = None) -> Periods:
    """Sum up two periods in the engine that holds them.

    Parameters
    ----------
    frame
        A frame to use in place of the source; it is not changed.

    Raises
    ------
    DataError
        When the source, the SQL, a column or its values cannot be used, a period has no row, or a
        row is in both.
    """
    with opened(asked.table, frame) as connection:
        source = "a table in memory" if frame is not None else asked.table.source
        reader = asking(connection, asked.table, asked.columns, numbers=asked.numbers)
        return _collected(reader, asked, without_password(source))


def _collected(reader: Asking, asked: MovementRequest, source: str) -> Periods:
    read, kept = reader.rows()
    _refuse_columns(reader, asked)
    rows = query.rows_of(reader, asked)
    found = reader.run("rows of the periods", query.counted(rows))[0]
    counted = {name: int(found[name] or 0) for name in found}
    _refuse_periods(asked, counted)
    inside = query.within(rows)
    clusters = _clusters(reader, asked, inside)
    whole = _cut(reader, asked, inside, None, clusters)
    _refuse_sums(asked, whole)
    even = _evenness(reader, inside, whole) if asked.segments and not asked.cluster else None
    cut = [_cut(reader, asked, inside, j, clusters, even) for j in range(len(asked.segments))]
    return Periods(
        whole=tuple(whole),
        cut=tuple(each[i] for i in range(len(asked.outcomes)) for each in cut),
        rows=(counted[BEFORE], counted[AFTER]),
        sql=tuple(reader.log),
        provenance=Provenance(
            source=source,
            fingerprint=_fingerprint(asked, [*whole, *(each for one in cut for each in one)]),
            rows_read=read,
            rows=kept,
            dropped=_dropped(read - kept, counted["neither"]),
            engine=reader.connection.engine,
        ),
    )


def _dropped(left_out: int, neither: int) -> tuple[Dropped, ...]:
    reasons = {"left out by data.where": left_out, "in neither period": neither}
    return tuple(Dropped(reason=reason, rows=rows) for reason, rows in reasons.items() if rows)


def _refuse_columns(reader: Asking, asked: MovementRequest) -> None:
    for key, flag in zip(PERIODS, flag_names(), strict=True):
        if reader.kinds[flag] not in ("boolean", "integer"):
            raise DataError(
                f"{key}: `{asked.table.flags[key]}` gives {reader.kinds[flag]}, and a condition is "
                "needed, which is true or false for every row."
            )
    for name in {column for segment in asked.segments for column in segment}:
        if reader.kinds[name] not in _CUT:
            raise DataError(
                f"{asked.table.key_of(name)}: column '{name}' holds {reader.kinds[name]}, which is "
                "not cut into segments. Make classes of it with data.derive, as text or whole "
                "numbers."
            )


def _refuse_periods(asked: MovementRequest, counted: Mapping[str, int]) -> None:
    for key in PERIODS:
        if not counted[key]:
            raise DataError(
                f"{key}: `{asked.table.flags[key]}` is true for none of the rows. Look at the "
                "values it compares with."
            )
    if counted["both"]:
        raise DataError(
            f"{AFTER}: {counted['both']:,} rows are in both periods: `{asked.table.flags[BEFORE]}` "
            f"and `{asked.table.flags[AFTER]}` are true for them. Write periods that do not overlap."
        )


def _clusters(reader: Asking, asked: MovementRequest, inside: Any) -> tuple[int, ...]:
    """How many clusters there are of each way, and of pairs; refuses rows without one."""
    if not asked.cluster:
        return ()
    keys = {f"c{way}": inside[f"c{way}"] for way in range(len(asked.cluster))}
    missing = reader.run(
        "rows without a cluster",
        inside.aggregate(**{name: key.isnull().cast("int64").sum() for name, key in keys.items()}),
    )[0]
    for way, name in enumerate(asked.cluster):
        if missing[f"c{way}"]:
            raise DataError(
                f"cluster: column '{name}' is missing in {int(missing[f'c{way}']):,} rows. Leave "
                "them out with data.where, or fill them with data.derive."
            )
    if len(keys) == 2:
        keys["pair"] = query.pair(inside)
    found = reader.run("clusters", query.distinct(inside, keys))[0]
    return tuple(int(found[name]) for name in keys)


def _cut(
    reader: Asking,
    asked: MovementRequest,
    inside: Any,
    j: int | None,
    clusters: tuple[int, ...],
    even: FloatArray | None = None,
) -> list[SegmentSums]:
    """Every outcome, cut one way; ``even`` is the evenness of rows, (outcomes, 2)."""
    columns = () if j is None else asked.segments[j]
    name = " x ".join(columns) or "all rows"
    kept, other = None, 0
    if j is not None:
        listed = reader.run(f"segments of {name}", query.frequent(inside, j, MOST_SEGMENTS + 1))
        if len(listed) > MOST_SEGMENTS:
            kept = [row["segment"] for row in listed[:MOST_SEGMENTS]]
            all_ = reader.run(f"values of {name}", query.distinct(inside, {"n": inside[f"s{j}"]}))
            other = int(all_[0]["n"]) - MOST_SEGMENTS
    rows = query.together(inside, j, kept)
    table = reader.run(f"sums by {name}", query.by_segment(rows, len(asked.outcomes)))
    _refuse_negative(asked, table)
    order = _ordered(table)
    at = {segment: place for place, segment in enumerate(order)}
    users, largest = _people(reader, asked, rows, name, at)
    groups = _groups(reader, asked, rows, name, clusters, at)
    made = []
    for i, outcome in enumerate(asked.outcomes):
        top, bottom, counts = _dense(table, i, at)
        own = None if even is None else even[i]
        spread = groups[i] if groups else (_by_row(table, i, at, counts, own),)
        made.append(
            SegmentSums(
                outcome=outcome.name,
                columns=columns,
                values=tuple(_values(segment, len(columns)) for segment in order),
                rows=counts,
                users=users,
                largest=largest,
                top=top,
                bottom=bottom,
                spread=spread,
                clusters=clusters[: len(asked.cluster)] or (int(counts.sum()),),
                other=other,
                binary=not outcome.is_ratio and _binary(table, i),
            )
        )
    return made


def _ordered(table: Sequence[Mapping[str, Any]]) -> list[str]:
    """Segments, those with most rows first, what is not shown apart last."""
    rows: dict[str, int] = {}
    for row in table:
        rows[row["segment"]] = rows.get(row["segment"], 0) + int(row["rows"])
    return sorted(rows, key=lambda segment: (segment == query.OTHER, -rows[segment], segment))


def _values(segment: str, columns: int) -> tuple[str, ...]:
    if segment == query.OTHER:
        return ("all others",) * columns
    parts = segment.split(query.JOIN) if columns else []
    return tuple("" if part == query.MISSING else part or "(empty)" for part in parts)


def _dense(
    table: Sequence[Mapping[str, Any]], i: int, at: Mapping[str, int]
) -> tuple[FloatArray, FloatArray, IntArray]:
    top, bottom = np.zeros((2, len(at))), np.zeros((2, len(at)))
    counts = np.zeros((2, len(at)), dtype=np.int64)
    for row in table:
        place = int(row["period"]), at[row["segment"]]
        top[place], bottom[place] = _number(row[f"t{i}"]), _number(row[f"b{i}"])
        counts[place] = int(row[f"n{i}"])
    return top, bottom, counts


def _number(value: Any) -> float:
    return 0.0 if value is None else float(value)


def _binary(table: Sequence[Mapping[str, Any]], i: int) -> bool:
    """Whether y is 0 or 1 in every row, so that its square is itself, whatever rows weigh."""
    pairs = [(_number(row[f"tt{i}"]), _number(row[f"tb{i}"])) for row in table]
    return all(abs(square - plain) <= 1e-9 * abs(plain) for square, plain in pairs)


def _evenness(reader: Asking, inside: Any, whole: Sequence[SegmentSums]) -> FloatArray:
    """How evenly rows deviate from the metric of their period (``Spread.evenness``)."""
    means = [[float(mean) for mean in each.means] for each in whole]
    found = reader.run("deviations of rows", query.deviations(inside, means))
    even = np.ones((len(whole), 2))
    for i, sums in enumerate(whole):
        (spread,) = sums.spread
        off = spread.top - sums.means[:, None] * spread.bottom
        square = (off**2).sum(axis=(0, 2)) * sums.rows[:, 0]
        for row in found:
            period = int(row["period"])
            if square[period] > 0:
                even[i, period] = _number(row[f"off{i}"]) ** 2 / square[period]
    return even


def _by_row(
    table: Sequence[Mapping[str, Any]],
    i: int,
    at: Mapping[str, int],
    counts: IntArray,
    even: FloatArray | None,
) -> Spread:
    """Independent rows: each is in one segment of one period, so second moments there say all."""
    segments = len(at)
    top, bottom = np.zeros((4 * segments, 2, segments)), np.zeros((4 * segments, 2, segments))
    rows = 0
    for at_row, row in enumerate(table):
        period, place = int(row["period"]), at[row["segment"]]
        tt, tb, bb = (_number(row[f"{part}{i}"]) for part in ("tt", "tb", "bb"))
        rows += int(row[f"n{i}"])
        first = np.sqrt(max(bb, 0.0))
        slope = tb / first if first > 0 else 0.0
        bottom[2 * at_row, period, place] = first
        top[2 * at_row, period, place] = slope
        top[2 * at_row + 1, period, place] = np.sqrt(max(tt - slope**2, 0.0))
    return Spread(
        sign=1,
        top=top,
        bottom=bottom,
        groups=rows,
        rows=counts,
        even=np.ones(2) if even is None else even,
    )


def _groups(
    reader: Asking,
    asked: MovementRequest,
    rows: Any,
    name: str,
    clusters: tuple[int, ...],
    at: Mapping[str, int],
) -> list[tuple[Spread, ...]]:
    """Sums by group of every way, for each outcome."""
    if not asked.cluster:
        return []
    keys = [rows[f"c{way}"] for way in range(len(asked.cluster))]
    if len(keys) == 2:
        keys.append(query.pair(rows))
    made: list[list[Spread]] = [[] for _ in asked.outcomes]
    for way, (key, count) in enumerate(zip(keys, clusters, strict=True)):
        most = max(500, min(MOST_GROUPS, MOST_SUMS // (4 * len(at))))
        if count > most and reader.connection.engine != "sqlite":
            key = (key.hash() % most).abs()  # noqa: PLW2901
        listed = reader.table(
            f"sums by {name} and {'pair of clusters' if way == 2 else asked.cluster[way]}",
            query.by_group(rows, key, len(asked.outcomes)),
        )
        group = np.unique(
            listed.column("group").to_numpy(zero_copy_only=False), return_inverse=True
        )[1]
        period = listed.column("period").to_numpy(zero_copy_only=False).astype(np.int64)
        place = np.array([at[each] for each in listed.column("segment").to_pylist()])
        groups = int(group.max()) + 1
        for i in range(len(asked.outcomes)):
            dense = []
            for part in ("t", "b"):
                out = np.zeros((groups, 2, len(at)))
                found = listed.column(f"{part}{i}").to_numpy(zero_copy_only=False).astype(float)
                out[group, period, place] = np.nan_to_num(found)
                dense.append(out)
            sign = -1 if way == 2 else 1
            made[i].append(Spread(sign=sign, top=dense[0], bottom=dense[1], groups=groups))
    return [tuple(each) for each in made]


def _people(
    reader: Asking, asked: MovementRequest, rows: Any, name: str, at: Mapping[str, int]
) -> tuple[IntArray, FloatArray]:
    users = np.zeros(len(at), dtype=np.int64)
    largest = np.full(len(at), np.nan)
    for row in reader.run(f"users by {name}", query.people(rows, asked.user)):
        users[at[row["segment"]]] = int(row["n"])
    if asked.creator is not None:
        for row in reader.run(f"largest creator by {name}", query.largest(rows)):
            largest[at[row["segment"]]] = float(row["most"]) / float(row["n"])
    return users, largest


def _refuse_sums(asked: MovementRequest, whole: Sequence[SegmentSums]) -> None:
    for outcome, sums in zip(asked.outcomes, whole, strict=True):
        key = asked.table.key_of(outcome.columns[-1])
        for p, period in enumerate(PERIODS):
            if not sums.bottom[p, 0] > 0:
                what = "a denominator above zero" if outcome.is_ratio else "a value"
                raise DataError(
                    f"{key}: outcome '{outcome.name}' has no row with {what} in {period}. Look at "
                    "the period, or name another column."
                )
        if not (np.isfinite(sums.top).all() and np.isfinite(sums.bottom).all()):
            raise DataError(
                f"{key}: outcome '{outcome.name}' holds infinite numbers. Leave these rows out "
                "with data.where, or cap them with data.derive."
            )


def _refuse_negative(asked: MovementRequest, table: Sequence[Mapping[str, Any]]) -> None:
    for i, outcome in enumerate(asked.outcomes):
        if any(_number(row[f"least{i}"]) < 0 for row in table):
            name = outcome.denominator or asked.weight or ""
            raise DataError(
                f"{asked.table.key_of(name)}: column '{name}' has negative values, and each row "
                "counts as much as it says. Leave those rows out with data.where."
            )


def _fingerprint(asked: MovementRequest, listed: Sequence[SegmentSums]) -> str:
    """Digest what was summed: counts exactly, sums to 9 digits of a multiple by pi."""
    lines = [str(asked.columns), str(sorted(asked.table.flags.items()))]
    for each in listed:
        lines += [each.outcome, str(each.columns), str(each.values), str(each.rows.tolist())]
        lines += [f"{value * np.pi:.9g}" for part in (each.top, each.bottom) for value in part.flat]
    return blake2b("\x1e".join(lines).encode(), digest_size=16).hexdigest()
