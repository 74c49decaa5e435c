"""Reading the sums of an experiment: again where the first reading shows that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from causal.base.errors import DataError
from causal.data.moments.cells import Cells, cancelled, doubtful, read_cells
from causal.data.moments.columns import Wanted, wanted
from causal.data.moments.glance import Glance, groupings
from causal.data.moments.query import Sums, summed, units
from causal.data.moments.reader import Reader, stored
from causal.data.moments.request import ExperimentRequest

LARGEST = 1e150
"""The square of a sum is a number too."""


def read_sums(
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
    ranges: tuple[int, ...] = ()
    while True:
        made = units(reader.tables, asked, need.raws, gaps=gaps)
        cells = tuple(
            _cells(
                reader, made, need, replace(sums, centres=centres, gaps=gaps, ranges=ranges), end
            )
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
            flat = () if ranges else _flat(asked, had, cells)
            if not flat:
                return need, cells
            ranges = flat
        centres = {**centres, **lost}
        again |= lost.keys()


def _flat(asked: ExperimentRequest, need: Wanted, cells: tuple[Cells, ...]) -> tuple[int, ...]:
    """Columns that look constant where a readout looks: their range tells whether they are.

    Of 0 and 1 the sums tell it exactly.
    """
    found: set[int] = set()
    for each in cells:
        if each.sums.products:
            splits = [asked.block, *((name,) for name in asked.modifiers)]
            told = [keys for keys in splits if set(keys) <= set(each.sums.keys)]
            found.update(doubtful(each, need, told))
    masks = {i for i, column in enumerate(need.columns) if column.raw is None}
    return tuple(sorted(found - masks))


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
        if column.raw is not None and not (np.abs(sums) < LARGEST).all():
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
