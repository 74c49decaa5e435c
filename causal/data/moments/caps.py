"""Caps: the largest value that counts, frozen by what was known before exposure."""

from __future__ import annotations

import math

from causal.base.errors import DataError
from causal.content.metric import Cap
from causal.data.moments.columns import Raw
from causal.data.moments.query import units
from causal.data.moments.reader import Reader


def caps_of(reader: Reader) -> dict[str, float]:
    """The cap of each metric that has one, over the units of all arms.

    A quantile q is the smallest value that a share of at least q of the units does not exceed.

    Raises
    ------
    DataError
        When the column a quantile is taken of is empty.
    """
    found: dict[str, float] = {}
    for metric in reader.asked.metrics:
        if isinstance(metric.cap, Cap):
            found[metric.name] = _quantile(reader, metric.cap)
        elif metric.cap is not None:
            found[metric.name] = float(metric.cap)
    return found


def _quantile(reader: Reader, cap: Cap) -> float:
    import ibis

    raw = Raw(column=cap.column, aggregate="known")
    made = units(reader.tables, reader.asked, (raw,))
    column = made["raw 0" if "raw 0" in made.columns else f"number {cap.column}"]
    known = made.filter(column.notnull()).select(value=column.cast("float64"))
    name = f"the cap by {cap.column}"
    n = int(_only(reader, name, known.aggregate(n=known.count())))
    if n == 0:
        raise DataError(
            f"{reader.asked.table.key_of(cap.column)}: every value of column '{cap.column}' is "
            "missing, so no cap can be taken of it. Name another column, or give a number."
        )
    above = n - max(math.ceil(cap.quantile * n - 1e-9), 1)
    ordered = known.order_by(ibis.desc("value")).limit(1, offset=above)
    return float(_only(reader, name, ordered))


def _only(reader: Reader, name: str, expression: object) -> float:
    return float(reader.run(name, expression, whole=True)[0].column(0)[0].as_py())
