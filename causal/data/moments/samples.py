"""Values of quantile metrics: the one thing of an experiment that sums cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from causal.base.errors import DataError
from causal.content.metric import Metric, Type
from causal.data.moments.cells import labels_of
from causal.data.moments.collected import Sample
from causal.data.moments.columns import raw_columns, window_of
from causal.data.moments.query import counted_value, units
from causal.data.moments.reader import Reader, stored
from causal.data.panel import FloatArray, IntArray

MOST = 5_000_000


def samples(reader: Reader, arms: Mapping[str, str], end: date | None) -> dict[str, Sample]:
    """Read every unit's value of each quantile metric.

    Parameters
    ----------
    reader
        An open source.
    arms
        The text in the data of each arm that is wanted.
    end
        Last day that outcomes cover.

    Raises
    ------
    DataError
        When there are more values than a readout should hold.
    """
    wanted = [each for each in reader.asked.metrics if each.type is Type.QUANTILE]
    return {metric.name: _sample(reader, metric, arms, end) for metric in wanted}


def _sample(reader: Reader, metric: Metric, arms: Mapping[str, str], end: date | None) -> Sample:
    import pyarrow as pa

    asked = reader.asked
    raws = raw_columns(asked, metric)
    made = units(reader.tables, asked, raws)
    table = stored(made)
    if "crossed" in made.columns:
        table = table.filter(table["crossed"] == 0)
    name = "raw 0" if "raw 0" in made.columns else f"number {raws[0].column}"
    value = counted_value(table, {raws[0]: table[name]}, window_of(asked, metric), end)
    chosen = {"arm": table["arm"], "value": value.cast("float64")}
    if asked.cluster is not None:
        chosen["cluster"] = table["cluster"]
    parts = reader.run(f"values of {metric.name}", table.select(**chosen), made=made)
    found = pa.concat_tables(parts, promote_options="permissive") if len(parts) > 1 else parts[0]
    if found.num_rows > MOST:
        raise DataError(
            f"outcomes: the quantile metric '{metric.name}' has {found.num_rows:,} units, and at "
            f"most {MOST:,} values are read into memory. Take a share of the units with data.where."
        )
    return _ordered(found, list(arms.values()))


def _ordered(found: Any, arms: list[str]) -> Sample:
    """In one order, whatever order the engine gave the rows in."""
    place = {text: at for at, text in enumerate(arms)}
    arm = np.array([place.get(text, -1) for text in labels_of(found, "arm", "")], dtype=np.int64)
    value = np.array(found.column("value").to_numpy(zero_copy_only=False), dtype=float)
    cluster = _codes(found.column("cluster")) if "cluster" in found.column_names else None
    kept = (arm >= 0) & ~np.isnan(value)
    known = np.zeros(arm.size, dtype=np.int64) if cluster is None else cluster
    order = np.lexsort((value[kept], known[kept], arm[kept]))
    return Sample(
        arm=arm[kept][order],
        value=value[kept][order],
        cluster=None if cluster is None else cluster[kept][order],
        missing=np.bincount(arm[(arm >= 0) & np.isnan(value)], minlength=len(arms)),
    )


def _codes(column: Any) -> IntArray:
    """Clusters numbered in the order of their names."""
    texts = np.array([str(each) for each in column.to_pylist()])
    return np.unique(texts, return_inverse=True)[1].astype(np.int64)


def by_arm(sample: Sample, arm: int) -> tuple[FloatArray, IntArray | None]:
    """Values, and clusters, of one arm."""
    own = sample.arm == arm
    return sample.value[own], None if sample.cluster is None else sample.cluster[own]
