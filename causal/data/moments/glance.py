"""A first look at some rows: what to centre, what is missing, how finely splits cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.base.errors import DataError
from causal.data.moments.columns import Raw
from causal.data.moments.query import DAY, Sums, rows_of
from causal.data.moments.reader import Reader
from causal.data.moments.request import ExperimentRequest
from causal.data.values import EXACT

LOOK = 100_000
CELLS = 5_000
FAR = 10.0
SEGMENT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What some rows show of one number: whether any is missing, its range, and all whole."""

    missing: bool
    least: float
    most: float
    whole: bool
    centre: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """``levels`` is how many values a split has, by its column and ``day``."""

    numbers: dict[Raw, Seen]
    levels: dict[str, int]


def glance(reader: Reader, raws: tuple[Raw, ...]) -> Glance:
    """Look at the first rows of the assignment table; no number depends on what is seen."""
    import ibis

    asked = reader.asked
    own = tuple(raw for raw in raws if raw.table is None)
    some = rows_of(reader.tables, asked, own).limit(LOOK)
    found = {f"levels {i}": some[f"key {i}"].nunique() for i in range(len(asked.keys))}
    found["levels arm"] = some["arm"].nunique()
    if asked.exposed_at is not None:
        found["levels day"] = (some["exposed"] / DAY).floor().nunique()
        found["dated"] = some["exposed"].count()
    for i, raw in enumerate(own):
        value = some[f"number {raw.column}"].cast("float64")
        near = ibis.ifelse(value.abs() < EXACT, value, 0.5)
        found |= {
            f"missing {i}": value.isnull().sum(),
            f"least {i}": value.min(),
            f"most {i}": value.max(),
            f"mean {i}": value.mean(),
            f"square {i}": (value * value).mean(),
            f"broken {i}": (near != near.floor()).sum(),
        }
    row = reader.run("a first look", some.aggregate(**found), whole=True)[0].to_pylist()[0]
    keys = {name: int(row[f"levels {i}"]) + 1 for i, name in enumerate(asked.keys)}
    levels = keys | {"arm": int(row["levels arm"])}
    if asked.exposed_at is not None:
        levels["day"] = int(row["levels day"])
        if not row["dated"]:
            raise DataError(
                f"exposed_at: column '{asked.exposed_at}' holds no date or time that can be read. "
                "Use ISO text such as 2026-01-31 or 2026-01-31T12:00:00, or make a time of it "
                "with data.derive."
            )
    for name in asked.modifiers:
        refuse_many(name, keys[name] - 1)
    return Glance(
        numbers={
            raw: _of_table(reader, raw) if raw.table else _seen(row, own.index(raw), asked)
            for raw in raws
        },
        levels=levels,
    )


def refuse_many(modifier: str, levels: int) -> None:
    """Refuse a segment of more values than a readout can show."""
    if levels > SEGMENT:
        raise DataError(
            f"modifiers: column '{modifier}' has {levels:,} values, and a segment has at most "
            f"{SEGMENT}. Cut it into few groups with data.derive, for instance CASE WHEN ... END."
        )


def _of_table(reader: Reader, raw: Raw) -> Seen:
    whole = reader.tables.kinds[raw.table or ""][raw.column] != "float"
    return Seen(missing=raw.empty is None, least=0.0, most=np.inf, whole=whole, centre=0.0)


def _seen(row: dict[str, Any], i: int, asked: ExperimentRequest) -> Seen:
    """Rows that are exposures do not show what is missing of a unit, nor its mean."""
    names = ("least", "most", "mean", "square", "broken", "missing")
    told = {name: row[f"{name} {i}"] for name in names}
    if told["mean"] is None or told["square"] is None:
        gone = bool(told["missing"])
        return Seen(missing=gone, least=np.nan, most=np.nan, whole=False, centre=0.0)
    mean, square = float(told["mean"]), float(told["square"])
    spread = max(square - mean * mean, 0.0) ** 0.5
    units = asked.rows == "unit"
    far = units and np.isfinite(square) and abs(mean) > FAR * spread > 0
    return Seen(
        missing=units and bool(told["missing"]),
        least=float(told["least"]),
        most=float(told["most"]),
        whole=not told["broken"],
        centre=float(f"{mean:.1g}") if far else 0.0,
    )


def groupings(asked: ExperimentRequest, seen: Glance) -> tuple[Sums, ...]:
    """Say which splits are read in one query: all when they make few cells, else one by one.

    Where clusters were assigned it is one by one, since the clusters of a split are not those of
    a finer one added up.
    """
    day = asked.exposed_at is not None
    cells = np.prod([float(count) for count in seen.levels.values()])
    if asked.cluster is None and cells <= CELLS:
        return (Sums(keys=asked.keys, day=day),)
    alone = [name for name in asked.modifiers if asked.block != (name,)]
    found = [Sums(keys=asked.block), *(Sums(keys=(name,)) for name in alone)]
    parts = [name for name in asked.block if len(asked.block) > 1 and name not in alone]
    found += [Sums(keys=(name,), products=False) for name in parts]
    told = day or asked.cluster is not None
    return (*found, *([Sums(keys=(), day=day, products=day)] if told else []))
