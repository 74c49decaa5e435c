"""From a request to everything a readout of an experiment is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError
from causal.content.metric import Metric, Type
from causal.data.extract import opened, prepared
from causal.data.moments.caps import caps_of
from causal.data.moments.cells import (
    Cells,
    by_split,
    cancelled,
    columns_of,
    levels_of,
    moments_of_cells,
    read_cells,
)
from causal.data.moments.collected import Collected
from causal.data.moments.columns import Wanted, raw_columns, wanted
from causal.data.moments.counts import arms_found, counts_of
from causal.data.moments.glance import Glance, glance, groupings
from causal.data.moments.moments import Moments, strata
from causal.data.moments.parts import heads
from causal.data.moments.query import DAY, EPOCH, Sums, summed, times, units
from causal.data.moments.reader import Reader, checked_rows, refuse_repeats, stored
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.types import tables_of
from causal.data.panel import Dropped, IntArray, Provenance
from causal.data.sources._connection import Connection, without_password
from causal.data.sources._frame import open_frame

if TYPE_CHECKING:
    import pandas as pd

SEGMENT = 50


def collect(
    asked: ExperimentRequest, *, frame: pd.DataFrame | None = None, workers: int = 1
) -> Collected:
    """Sum an experiment up in the engine that holds it; rows stay there.

    Parameters
    ----------
    frame
        A frame to use in place of the source; it is not changed.
    workers
        Parts read at a time; the sums do not depend on it.

    Raises
    ------
    DataError
        When the source, the SQL, a column or its values cannot be used; the message names them.
    """
    with _open(asked, frame) as connection:
        plan = prepared(connection, asked.table)
        tables = tables_of(connection, plan, asked)
        rows = checked_rows(tables, asked)
        parts, apart = heads(tables, asked, rows.kept, files=frame is None)
        reader = Reader(tables=tables, asked=asked, parts=parts, workers=workers, apart=apart)
        if asked.rows == "unit":
            refuse_repeats(reader, rows.kept)
        source = "a table in memory" if frame is not None else asked.table.source
        provenance = Provenance(
            source=without_password(source),
            fingerprint="",
            rows_read=rows.read,
            rows=rows.kept,
            dropped=_left_out(rows.read - rows.kept),
            engine=connection.engine,
        )
        return _collected(reader, provenance)


@contextmanager
def _open(asked: ExperimentRequest, frame: pd.DataFrame | None) -> Iterator[Connection]:
    if frame is None:
        with opened(asked.table) as connection:
            yield connection
        return
    connection = open_frame(frame, asked.table)
    try:
        yield connection
    finally:
        connection.close()


def _left_out(rows: int) -> tuple[Dropped, ...]:
    return (Dropped(reason="left out by data.where", rows=rows),) if rows else ()


def _collected(reader: Reader, provenance: Provenance) -> Collected:
    asked = reader.asked
    caps = caps_of(reader)
    need = wanted(asked, caps=caps, partial=())
    seen = glance(reader, need.raws)
    partial = {
        reading.metric
        for reading, window in zip(need.readings, need.windows, strict=True)
        if any(seen.numbers[raw].missing for raw in window.known)
    }
    end = asked.observed_until or _last_day(reader)
    need, cells = _read(reader, caps, partial, seen, end)
    main = cells[0]
    arms, shares = arms_found(main, asked)
    splits = _splits(asked, cells)
    counts = counts_of(splits, asked, arms, shares)
    _refuse_spread(asked, main, arms, counts.randomized)
    shown = {name: text for name, text in arms.items() if shares[name] > 0}
    moments = moments_of_cells(main, need, shown, asked.block)
    days = counts.days.values if counts.days is not None else ()
    missing, immature = _without(main, need, arms)
    return Collected(
        moments=moments,
        segments={
            name: moments_of_cells(_segment(splits[name], name), need, shown, (name,))
            for name in asked.modifiers
        },
        readings=need.readings,
        counts=counts,
        missing=missing,
        immature=immature,
        first=date.fromisoformat(days[0]) if days else None,
        last=date.fromisoformat(days[-1]) if days else None,
        caps=caps,
        sql=tuple(reader.log),
        provenance=replace(
            provenance,
            fingerprint=_fingerprint(reader, need, cells),
            dropped=(*provenance.dropped, *_dropped(main)),
        ),
        types=_types(asked, need, main, seen),
        cohorts=_cohorts(main, need, shown, days),
        filled=_filled(main, need),
    )


def _read(
    reader: Reader,
    caps: Mapping[str, float],
    partial: set[str],
    seen: Glance,
    end: date | None,
) -> tuple[Wanted, tuple[Cells, ...]]:
    """Read the sums; again when some units turn out to lack a metric, or digits were lost."""
    asked = reader.asked
    need = wanted(asked, caps=caps, partial=partial)
    centres = _first_centres(asked, need, seen)
    gaps = any(each.missing for each in seen.numbers.values())
    again: set[str] = set()
    while True:
        made = units(reader.tables, asked, need.raws, gaps=gaps)
        cells = tuple(
            _cells(reader, made, need, replace(sums, centres=centres, gaps=gaps), end)
            for sums in groupings(asked, seen)
        )
        more = _partly(need, cells[0]) - partial
        partial = partial | more
        had, need = need, wanted(asked, caps=caps, partial=partial)
        if not gaps and (more or _gaps(had, cells[0])):
            gaps = True
            continue
        _refuse(asked, had, cells[0])
        lost = cancelled(cells[0], had)
        lost = {key: mean for key, mean in lost.items() if key not in again}
        if not more and not lost:
            return need, cells
        centres = {**centres, **lost}
        again |= lost.keys()


def _gaps(need: Wanted, cells: Cells) -> bool:
    """Whether anything is missing, or no finite number."""
    units = cells.total("units")
    places = range(len(need.windows))
    filled = sum(cells.total(f"filled {i}") for i in range(len(need.columns)))
    sums = [cells.total(f"{kind} {i}") for kind in ("s", "all") for i in range(len(need.columns))]
    short = any(cells.total(f"known {i}") + cells.total(f"open {i}") < units for i in places)
    return short or filled > 0 or not np.isfinite(sums).all()


def _first_centres(asked: ExperimentRequest, need: Wanted, seen: Glance) -> dict[str, float]:
    if asked.cluster is not None:
        return {}
    return {
        column.key: seen.numbers[column.raw].centre
        for column in need.columns
        if column.raw is not None and seen.numbers[column.raw].centre
    }


def _cells(reader: Reader, made: Any, need: Wanted, sums: Sums, end: date | None) -> Cells:
    names = [*sums.keys, *(["day"] if sums.day else [])]
    name = "sums" + (f" by {', '.join(names)}" if names else "")
    asked = summed(stored(made), need, reader.asked, sums, end)
    parts = reader.run(name, asked, made=made)
    return read_cells(parts, sums, reader.asked.keys)


def _partly(need: Wanted, cells: Cells) -> set[str]:
    """Metrics of one column that some units do not have."""
    units = cells.total("units")
    return {
        reading.metric
        for i, (reading, window) in enumerate(zip(need.readings, need.windows, strict=True))
        if len(window.known) == 1 and cells.total(f"known {i}") < units
    }


def _refuse(asked: ExperimentRequest, need: Wanted, cells: Cells) -> None:
    """Refuse infinite numbers, metrics nobody has, and what changes within a unit."""
    varying = cells.total("varying")
    if varying:
        named = [*([asked.cluster] if asked.cluster else []), *asked.keys, *asked.covariates]
        raise DataError(
            f"rows: what is known before exposure ({', '.join(named)}) differs between the rows "
            f"of {varying:,.0f} units. Make it one value a unit with data.query."
        )
    for i, column in enumerate(need.columns):
        sums = (cells.total(f"s {i}"), cells.total(f"all {i}"))
        if column.raw is not None and not np.isfinite(sums).all():
            raise DataError(
                f"{asked.table.key_of(column.raw.column)}: column '{column.raw.column}' holds "
                "infinite numbers, or numbers too large to add. Leave those rows out with "
                "data.where, or repair the column with data.derive."
            )
    for i, (reading, window) in enumerate(zip(need.readings, need.windows, strict=True)):
        if not cells.total(f"known {i}"):
            empty = window.known[0].column
            late = cells.total(f"open {i}")
            told = (
                f"no unit was exposed long enough ago for its {window.days} days to be over"
                if late
                else f"every value of column '{empty}' is missing in the rows read"
            )
            raise DataError(
                f"{asked.table.key_of(empty)}: {told}, so '{reading.metric}' cannot be read. "
                "Leave it out for now, or look at data.where and observed_until."
            )


def _splits(asked: ExperimentRequest, cells: tuple[Cells, ...]) -> dict[str, Cells]:
    """For each split the cells that tell it, '' for none: those of products where there are."""
    found = {"": cells[-1] if asked.cluster else cells[0]}
    for each in sorted(cells, key=lambda each: not each.sums.products):
        for name in (*each.sums.keys, *(["day"] if each.sums.day else [])):
            found.setdefault(name, each)
    return found


def _refuse_spread(
    asked: ExperimentRequest, main: Cells, arms: Mapping[str, str], randomized: IntArray
) -> None:
    """Refuse clusters that lie in several blocks, since they would be counted in each."""
    counted = by_split(main, "n", arms, ())[1][:, 0]
    extra = int(np.rint(counted - randomized).sum()) if asked.cluster and asked.block else 0
    if extra:
        raise DataError(
            f"block: {extra:,} clusters more are counted within {', '.join(asked.block)} than "
            f"there are, since some '{asked.cluster}' lie in several blocks. A block must hold "
            "whole clusters; name another block, or make the segment a modifier."
        )


def _segment(cells: Cells, name: str) -> Cells:
    levels = levels_of(cells, (name,))
    if len(levels) > SEGMENT:
        raise DataError(
            f"modifiers: column '{name}' has {len(levels):,} values, and a segment has at most "
            f"{SEGMENT}. Cut it into few groups with data.derive, for instance CASE WHEN ... END."
        )
    return cells


def _without(
    main: Cells, need: Wanted, arms: Mapping[str, str]
) -> tuple[dict[str, IntArray], dict[str, IntArray]]:
    units = by_split(main, "units", arms, ())[1][:, 0]
    missing, immature = {}, {}
    for i, reading in enumerate(need.readings):
        known = by_split(main, f"known {i}", arms, ())[1][:, 0]
        late = by_split(main, f"open {i}", arms, ())[1][:, 0]
        missing[reading.metric] = np.rint(units - known - late).astype(np.int64)
        if need.windows[i].days is not None:
            immature[reading.metric] = np.rint(late).astype(np.int64)
    return missing, immature


def _cohorts(
    main: Cells, need: Wanted, arms: Mapping[str, str], days: tuple[str, ...]
) -> Moments | None:
    """Moments by day of first exposure, where they came with the others."""
    if not main.sums.day:
        return None
    found = moments_of_cells(main, need, arms, ("day",))
    return strata(found, [i for i, (day,) in enumerate(found.strata) if day in days])


def _dropped(main: Cells) -> tuple[Dropped, ...]:
    nowhere = np.array([text == "" for text in main.labels["arm"]])
    counted = {
        "seen in more than one arm": main.crossed == 1,
        "without an arm": nowhere & (main.crossed == 0),
    }
    found = ((reason, round(main.total("units", rows))) for reason, rows in counted.items())
    return tuple(Dropped(reason=reason, rows=count) for reason, count in found if count)


def _filled(main: Cells, need: Wanted) -> dict[str, int]:
    found = {
        column.raw.column: round(main.total(f"filled {i}"))
        for i, column in enumerate(need.columns)
        if column.window is None and column.raw is not None
    }
    return {name: count for name, count in found.items() if count}


def _types(asked: ExperimentRequest, need: Wanted, main: Cells, seen: Glance) -> dict[str, Type]:
    return {metric.name: _type(asked, metric, need, main, seen) for metric in asked.metrics}


def _type(
    asked: ExperimentRequest, metric: Metric, need: Wanted, main: Cells, seen: Glance
) -> Type:
    """Read the type of a metric off its values, where the study does not give it."""
    if metric.type is not None:
        return metric.type
    if metric.is_ratio:
        return Type.RATIO
    raw = raw_columns(asked, metric)[0]
    look = seen.numbers[raw]
    if raw.aggregate == "mean" or not look.whole or look.least < 0:
        return Type.MEAN
    reading = next(each for each in need.readings if each.metric == metric.name)
    place = columns_of(main, need).index(reading.level.numerator)
    square = main.total(f"p {need.pairs.index((place, place))}")
    binary = asked.cluster is None and not main.sums.centres.get(reading.level.numerator)
    return Type.PROPORTION if binary and square == main.total(f"s {place}") else Type.COUNT


def _last_day(reader: Reader) -> date | None:
    """The last day any time shows, where windows need it."""
    asked = reader.asked
    if asked.exposed_at is None or all(metric.days is None for metric in asked.metrics):
        return None
    found = [
        reader.run(f"the last day of {name}", expression, whole=True)[0].column(0)[0].as_py()
        for name, expression in times(reader.tables, asked).items()
    ]
    known = [float(each) for each in found if each is not None]
    return EPOCH + timedelta(days=int(max(known) // DAY)) if known else None


def _fingerprint(reader: Reader, need: Wanted, cells: tuple[Cells, ...]) -> str:
    """Digest what was summed: the same for any order of rows, and on any engine.

    Counts are taken in every cell, sums of doubles in every arm to 9 digits. These are of a
    multiple by pi: sums of decimals lie on the edge between two roundings far too often.
    """
    lines = []
    for each in cells:
        counted = sorted(name for name in each.numbers if name[:2] not in ("s ", "p ", "al"))
        rest = sorted(name for name in each.numbers if name not in counted)
        for row in range(each.crossed.size):
            told = [labels[row] for labels in each.labels.values()]
            numbers = [f"{each.numbers[name][row]:.0f}" for name in counted]
            lines.append("\x1f".join([*told, str(each.crossed[row]), *numbers]))
        for arm in sorted(set(each.labels["arm"])):
            rows = np.array([text == arm for text in each.labels["arm"]])
            totals = [f"{each.total(name, rows) * np.pi:.9g}" for name in rest]
            lines.append("\x1f".join([arm, *totals]))
    columns = [f"{column.key}\x1f{column.raw}\x1f{column.cap}" for column in need.columns]
    text = "\x1e".join([*reader.asked.columns, *columns, *lines])
    return blake2b(text.encode(), digest_size=16).hexdigest()
