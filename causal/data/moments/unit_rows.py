"""The unit table of an experiment, row by row: only for what sums cannot tell, and only when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError
from causal.content.metric import Metric
from causal.data.extract import opened, prepared
from causal.data.moments.cells import labels_of
from causal.data.moments.collect import last_day
from causal.data.moments.columns import Raw, raw_columns, window_of
from causal.data.moments.counts import text_of
from causal.data.moments.parts import heads
from causal.data.moments.query import counted_value, units
from causal.data.moments.reader import Reader, checked_rows, stored
from causal.data.moments.request import ExperimentRequest
from causal.data.moments.samples import MOST
from causal.data.moments.types import tables_of
from causal.data.panel import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitRows:
    """Units of some arms that have a metric, one row each, in the order of the units.

    Attributes
    ----------
    arm
        Place among the arms asked for, shape (n,).
    value, below
        The metric; of a ratio its numerator and its denominator, shape (n,); else ``below`` is None.
    known
        What was known before: the unit, the cluster, blocks, modifiers and covariates, by column.
    sql
        What was run: a name and the query.
    """

    arm: IntArray
    value: FloatArray
    below: FloatArray | None
    known: pd.DataFrame
    sql: tuple[tuple[str, str], ...] = ()


def unit_rows(
    asked: ExperimentRequest,
    metric: Metric,
    arms: Iterable[str],
    *,
    cap: float | None = None,
    frame: pd.DataFrame | None = None,
    workers: int = 1,
) -> UnitRows:
    """Read one metric of every unit of some arms, with what was known of it before.

    Units seen in several arms, and those that lack the metric or whose window is open, are left out,
    as they are of the sums.

    Parameters
    ----------
    arms
        Names of arms.
    cap
        The largest value that counts.
    frame
        A frame to use in place of the source; it is not changed.

    Raises
    ------
    DataError
        When there are more units than should be held in memory.
    """
    with opened(asked.table, frame) as connection:
        tables = tables_of(connection, prepared(connection, asked.table), asked)
        rows = checked_rows(tables, asked)
        parts, apart = heads(tables, asked, rows.kept, files=frame is None)
        reader = Reader(tables=tables, asked=asked, parts=parts, workers=workers, apart=apart)
        end = asked.observed_until or last_day(reader)
        found = _taken(asked, _read(reader, metric, end), tuple(arms), cap)
        return replace(found, sql=tuple(reader.log))


def _read(reader: Reader, metric: Metric, end: date | None) -> Any:
    """Units as an arrow table: ``unit``, ``arm``, ``key 0`` ..., ``before 0`` ..., ``value``."""
    import pyarrow as pa

    asked = reader.asked
    own = raw_columns(asked, metric)
    before = tuple(Raw(column=name, aggregate="known") for name in asked.covariates)
    raws = tuple(dict.fromkeys((*own, *before)))
    made = units(reader.tables, asked, raws)
    table = stored(made)
    if "crossed" in made.columns:
        table = table.filter(table["crossed"] == 0)

    def raw(one: Raw) -> Any:
        name = f"raw {raws.index(one)}"
        return table[name if name in made.columns else f"number {one.column}"]

    there = counted_value(table, {each: raw(each) for each in own}, window_of(asked, metric), end)
    table = table.filter(there.notnull())
    told = ["unit", "arm", *(["cluster"] if asked.cluster is not None else [])]
    chosen = {name: table[name] for name in (*told, *_keys(asked))}
    chosen |= {f"before {i}": raw(each).cast("float64") for i, each in enumerate(before)}
    for name, each in zip(("value", "below"), own, strict=False):
        chosen[name] = raw(each).cast("float64")
    name = f"rows of {metric.name}"
    found = reader.run(name, table.select(**chosen), made=made)
    joined = pa.concat_tables(found, promote_options="permissive") if len(found) > 1 else found[0]
    if joined.num_rows > MOST:
        raise DataError(
            f"settings.heterogeneity: {joined.num_rows:,} units have '{metric.name}', and at most "
            f"{MOST:,} rows are read into memory. Take a share of the units with data.where, or "
            "leave heterogeneity out."
        )
    return joined


def _keys(asked: ExperimentRequest) -> list[str]:
    return [f"key {i}" for i in range(len(asked.keys))]


def _taken(
    asked: ExperimentRequest, table: Any, arms: tuple[str, ...], cap: float | None
) -> UnitRows:
    texts = labels_of(table, "arm", "")
    place = {text_of(name, set(texts)): at for at, name in enumerate(arms)}
    arm = np.array([place.get(text, -1) for text in texts], dtype=np.int64)
    unit = np.array(labels_of(table, "unit", ""))
    kept = np.flatnonzero(arm >= 0)
    kept = kept[np.argsort(unit[kept], kind="stable")]
    value = _numbers(table, "value")[kept]
    return UnitRows(
        arm=arm[kept],
        value=value if cap is None else np.minimum(value, cap),
        below=_numbers(table, "below")[kept] if "below" in table.column_names else None,
        known=_known(asked, table).iloc[kept].reset_index(drop=True),
    )


def _known(asked: ExperimentRequest, table: Any) -> pd.DataFrame:
    """The columns that were known before, under the names of the study."""
    names: Mapping[str, str] = {
        "unit": asked.unit,
        **({"cluster": asked.cluster} if asked.cluster is not None else {}),
        **dict(zip(_keys(asked), asked.keys, strict=True)),
        **{f"before {i}": name for i, name in enumerate(asked.covariates)},
    }
    chosen = {name: column for column, name in names.items()}
    return table.select(list(chosen.values())).rename_columns(list(chosen)).to_pandas()


def _numbers(table: Any, name: str) -> FloatArray:
    return np.array(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
