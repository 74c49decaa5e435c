"""What is compared with what: the contrasts of an attribute, and the segments of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.data.panel import BoolArray, Column, FloatArray, Panel
from causal.estimation._scores import Segments

_SWITCHES = ({"0", "1"}, {"false", "true"}, {"0.0", "1.0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """From one level (or value) of an attribute to another, and how it is written."""

    label: str
    high: float
    low: float


def contrasts(attribute: Attribute, column: Column, rows: BoolArray) -> tuple[Contrast, ...]:
    """List the contrasts of an attribute.

    Binary: on against off. Categorical: each level against the reference, by default the most
    frequent level. Continuous: the declared pair, by default the median to the 75th percentile.
    """
    if column.kind is Kind.CONTINUOUS:
        return (_continuous(attribute, column, rows),)
    reference = reference_code(attribute, column, rows)
    return tuple(
        Contrast(label=_label(column, code, reference), high=float(code), low=float(reference))
        for code in range(len(column.levels))
        if code != reference
    )


def reference_code(attribute: Attribute, column: Column, rows: BoolArray) -> int:
    """The code of the level everything is compared with."""
    if attribute.reference is not None:
        wanted = str(attribute.reference).casefold()
        for code, level in enumerate(column.levels):
            if level.casefold() == wanted:
                return code
    if column.kind is Kind.BINARY:
        return 0
    known = column.values[rows & ~column.missing].astype(int)
    return int(np.argmax(np.bincount(known, minlength=len(column.levels))))


def _label(column: Column, code: int, reference: int) -> str:
    if {level.casefold() for level in column.levels} in _SWITCHES:
        return f"{code} - {reference}"
    return f"{column.levels[code]} - {column.levels[reference]}"


def _continuous(attribute: Attribute, column: Column, rows: BoolArray) -> Contrast:
    if attribute.contrast is not None:
        low, high = attribute.contrast
    else:
        known = column.values[rows & ~column.missing]
        low, high = (float(q) for q in np.quantile(known, [0.5, 0.75])) if known.size else (0, 1)
        if low == high and known.size:
            low, high = (float(q) for q in np.quantile(known, [0.25, 0.75]))
        if low == high:
            high = low + 1.0
    return Contrast(label=f"{high:.6g} - {low:.6g}", high=float(high), low=float(low))


def segments(panel: Panel, names: tuple[str, ...]) -> tuple[Segments, ...]:
    """Cut the rows by each modifier; a continuous one at its quartiles, missing on its own."""
    return tuple(_segments(panel.columns[name]) for name in names)


def _segments(column: Column) -> Segments:
    missing = np.isnan(column.values)
    if column.kind is Kind.CONTINUOUS:
        codes, levels = _quartiles(column.values)
    else:
        codes, levels = np.nan_to_num(column.values, nan=-1).astype(np.int64), column.levels
    if missing.any():
        codes = np.where(missing, len(levels), codes)
        levels = (*levels, "missing")
    return Segments(name=column.name, codes=codes, levels=levels)


def _quartiles(values: FloatArray) -> tuple[np.ndarray, tuple[str, ...]]:
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if distinct.size <= 7:
        codes = np.searchsorted(
            distinct, np.nan_to_num(values, nan=distinct[0] if distinct.size else 0)
        )
        return codes.astype(np.int64), tuple(f"{value:.6g}" for value in distinct)
    cuts = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
    codes = np.searchsorted(cuts, np.nan_to_num(values, nan=cuts[0]), side="left")
    shown = [f"{cut:.6g}" for cut in cuts]
    middle = [f"over {a} to {b}" for a, b in pairwise(shown)]
    return codes.astype(np.int64), (f"up to {shown[0]}", *middle, f"over {shown[-1]}")


def calendar(panel: Panel, name: str) -> Segments | None:
    """Cut the rows by calendar month, quarter or year, whichever gives at most twelve periods."""
    if panel.time is None or np.isnat(panel.time).all():
        return None
    months = panel.time.astype("datetime64[M]").astype(np.int64)
    known = ~np.isnat(panel.time)
    label: Callable[[int], str]
    for width, label in ((1, _month), (3, _quarter), (12, _year)):  # noqa: B007
        parts = np.unique(months[known] // width)
        if parts.size <= 12:
            break
    if parts.size < 2:
        return None
    codes = np.where(known, np.searchsorted(parts, months // width), -1)
    return Segments(name=name, codes=codes, levels=tuple(label(int(part)) for part in parts))


def _month(part: int) -> str:
    return f"{1970 + part // 12}-{part % 12 + 1:02d}"


def _quarter(part: int) -> str:
    return f"{1970 + part // 4} Q{part % 4 + 1}"


def _year(part: int) -> str:
    return str(1970 + part)
