"""From a request to everything a readout of an experiment is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from causal.base.errors import DataError
from causal.data.extract import opened, prepared
from causal.data.moments.accounts import dropped, filled, fingerprint, types, without
from causal.data.moments.by_day import by_day, by_day_metrics
from causal.data.moments.caps import caps_of
from causal.data.moments.cells import (
    Cells,
    by_split,
    levels_of,
    moments_of_cells,
)
from causal.data.moments.collected import Collected, Counts
from causal.data.moments.columns import Wanted, wanted
from causal.data.moments.counts import arms_found, counts_of
from causal.data.moments.dates import strange_time
from causal.data.moments.glance import glance, refuse_many
from causal.data.moments.moments import Moments, strata
from causal.data.moments.parts import heads
from causal.data.moments.query import DAY, EPOCH, times
from causal.data.moments.reader import Reader, checked_rows, refuse_repeats
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.samples import samples
from causal.data.moments.sums import read_sums
from causal.data.moments.types import tables_of
from causal.data.panel import Dropped, IntArray, Provenance
from causal.data.sources._connection import without_password

if TYPE_CHECKING:
    import pandas as pd


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
    with opened(asked.table, frame) as connection:
        plan = prepared(connection, asked.table)
        tables = tables_of(connection, plan, asked)
        rows = checked_rows(tables, asked)
        if connection.engine != "duckdb" and (strange := strange_time(tables, asked)) is not None:
            raise strange
        parts, apart = heads(tables, asked, rows.kept, files=frame is None)
        reader = Reader(tables=tables, asked=asked, parts=parts, workers=workers, apart=apart)
        part = refuse_repeats(reader, rows.kept) if asked.rows == "unit" else None
        source = "a table in memory" if frame is not None else asked.table.source
        provenance = Provenance(
            source=without_password(source),
            fingerprint="",
            rows_read=rows.read,
            rows=rows.kept,
            dropped=_left_out(rows.read - rows.kept),
            engine=connection.engine,
        )
        return _collected(reader, provenance, notes=(part,) if part else ())


def _left_out(rows: int) -> tuple[Dropped, ...]:
    return (Dropped(reason="left out by data.where", rows=rows),) if rows else ()


def _collected(reader: Reader, provenance: Provenance, *, notes: tuple[str, ...]) -> Collected:
    asked = reader.asked
    caps = caps_of(reader)
    need = wanted(asked, caps=caps, partial=())
    seen = glance(reader, need.raws)
    partial = {
        reading.metric
        for reading, window in zip(need.readings, need.windows, strict=True)
        if any(seen.numbers[raw].missing for raw in window.known)
    }
    end = asked.observed_until or last_day(reader)
    need, cells = read_sums(reader, caps, partial, seen, end)
    main = cells[0]
    arms, shares = arms_found(main, asked)
    splits = _splits(asked, cells)
    counts = counts_of(splits, asked, arms, shares)
    _refuse_spread(asked, main, arms, counts.randomized)
    came = dict(zip(counts.arms, counts.randomized, strict=True))
    shown = {name: text for name, text in arms.items() if shares[name] > 0 and came[name] > 0}
    moments = moments_of_cells(main, need, shown, asked.block)
    days = counts.days.values if counts.days is not None else ()
    missing, immature = without(main, need, arms)
    read = samples(reader, shown, end)
    daily = by_day(reader, shown, counts.days, end)
    strangers = _strangers(reader)
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
            fingerprint=fingerprint(asked, need, cells),
            dropped=(*provenance.dropped, *dropped(main), *strangers),
        ),
        types=types(asked, need, main, seen),
        cohorts=_cohorts(cells, need, shown, days),
        filled=filled(main, need),
        samples=read,
        daily=daily,
        notes=(*notes, *_undated(counts, asked)),
    )


def _undated(counts: Counts, asked: ExperimentRequest) -> tuple[str, ...]:
    """Say how many units have no day of exposure, where most have one."""
    if counts.days is None:
        return ()
    lost = int(counts.randomized.sum() - counts.days.counts.sum())
    if lost <= 0:
        return ()
    return (
        f"{lost:,} of {int(counts.randomized.sum()):,} units have no date in "
        f"'{asked.exposed_at or asked.time}': they are in the effects, and in nothing by day.",
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
    refuse_many(name, len(levels_of(cells, (name,))))
    return cells


def _strangers(reader: Reader) -> tuple[Dropped, ...]:
    """Units of further tables that the assignment table does not have."""
    asked, found = reader.asked, []
    own = reader.tables.named("").select(unit=asked.unit)
    for table in asked.tables:
        there = reader.tables.named(table).select(unit=asked.unit).distinct()
        alone = there.filter(there["unit"].notnull()).anti_join(own, "unit")
        name = f"units of {table} without an assignment"
        rows = reader.run(name, alone.aggregate(n=alone.count()), whole=True)[0]
        found.append(Dropped(reason=name, rows=int(rows.column(0)[0].as_py())))
    return tuple(each for each in found if each.rows)


def _cohorts(
    cells: tuple[Cells, ...], need: Wanted, arms: Mapping[str, str], days: tuple[str, ...]
) -> Moments | None:
    """Moments by day of first exposure."""
    dated = [each for each in cells if each.sums.day and each.sums.products]
    if not dated:
        return None
    found = moments_of_cells(dated[0], need, arms, ("day",))
    return strata(found, [i for i, (day,) in enumerate(found.strata) if day in days])


def last_day(reader: Reader) -> date | None:
    """The last day any time shows, where windows or days since exposure need it."""
    asked = reader.asked
    windows = any(metric.days is not None for metric in asked.metrics)
    if asked.exposed_at is None or not (windows or by_day_metrics(asked)):
        return None
    found = [
        reader.run(f"the last day of {name}", expression, whole=True)[0].column(0)[0].as_py()
        for name, expression in times(reader.tables, asked).items()
    ]
    known = [float(each) for each in found if each is not None]
    return EPOCH + timedelta(days=int(max(known) // DAY)) if known else None
