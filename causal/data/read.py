"""From a request to a panel: the one way data comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import numpy as np

from causal.base.errors import DataError
from causal.content.attribute import Kind
from causal.data.describe import ColumnSummary, TableSummary, describe
from causal.data.extract import Extract, extract, opened
from causal.data.fingerprint import fingerprint
from causal.data.folds import folds_of, joint
from causal.data.kinds import attribute_column, covariate_column, number_column
from causal.data.measures import complete, counting_rows, counts, measured, propensities
from causal.data.panel import (
    BoolArray,
    Column,
    Dropped,
    IntArray,
    Panel,
    Provenance,
)
from causal.data.path_rows import path_rows
from causal.data.sources._connection import without_password
from causal.data.sources._frame import open_frame
from causal.data.values import Values, encode, moments, numbers, values

if TYPE_CHECKING:
    import pandas as pd

    from causal.data.request import Request

__all__ = ["ColumnSummary", "TableSummary", "describe", "read", "read_frame"]

Lookup = Callable[[str], Values]
FEW_BLOCKS = 30
LARGE_BLOCK = 5


def read(request: Request) -> Panel:
    """Read the table of a request.

    Returns
    -------
    Panel
        Rows sorted by unit (without one: by every column that was read).

    Raises
    ------
    DataError
        When the source, the SQL, a column or its values cannot be used; the message names them.
    """
    with opened(request) as connection:
        drawn = extract(connection, request)
    return _panel(drawn, request, without_password(request.source))


def read_frame(frame: pd.DataFrame, request: Request) -> Panel:
    """Read a frame in memory as :func:`read` reads a file; the frame is not changed.

    ``source`` of the request is not looked at; ``tables``, ``query``, ``derive`` and ``where``
    work as always, with the frame as ``data``.
    """
    with closing(open_frame(frame, request)) as connection:
        drawn = extract(connection, request)
    return _panel(drawn, request, "a table in memory")


def _panel(drawn: Extract, request: Request, source: str) -> Panel:
    read_columns = {
        name: values(name, request.key_of(name), drawn.table.column(name))
        for name in request.columns
    }
    identity = fingerprint(read_columns.values())
    before = int(drawn.table.num_rows)
    order, duplicates = _order(read_columns, request, before)
    keep, dropped = counting_rows(read_columns.__getitem__, request, before)
    chosen = order[keep[order]]
    table = {name: column.take(chosen) for name, column in read_columns.items()}
    if drawn.rows_read > before:
        reason = "left out by data.where"
        dropped = [Dropped(reason=reason, rows=drawn.rows_read - before), *dropped]
    provenance = Provenance(
        source=source,
        fingerprint=identity,
        rows_read=drawn.rows_read,
        rows=int(chosen.size),
        dropped=tuple(dropped),
        duplicates=duplicates,
        engine=drawn.engine,
    )
    return _read_only(_assembled(table, request, provenance))


def _assembled(table: dict[str, Values], request: Request, provenance: Provenance) -> Panel:
    get = table.__getitem__
    rows = provenance.rows
    columns = _columns(get, request)
    weight = complete(get(request.weight), "the weight") if request.weight else np.ones(rows)
    clusters, names = _clusters(get, request, rows)
    counted = counts(get, request)
    return Panel(
        columns=columns,
        outcomes={each.name: measured(each, get, request, weight) for each in request.outcomes},
        clusters=clusters,
        cluster_names=names,
        folds=_folds(get, request, rows),
        weight=weight,
        provenance=provenance,
        block=joint([encode(get(name)) for name in request.block])[0] if request.block else None,
        time=moments(get(request.time)) if request.time else None,
        exploration=_truth(get(request.exploration)) if request.exploration else None,
        counts=counted[0] if counted else None,
        count_name=counted[1] if counted else None,
        shares=complete(get(request.shares), "the planned share") if request.shares else None,
        parties=_parties(get, request),
        propensities=propensities(get, request, columns),
        unit=np.arange(rows, dtype=np.int64),
        paths=path_rows(get, request),
    )


def _columns(get: Lookup, request: Request) -> dict[str, Column]:
    columns = {each.name: attribute_column(get(each.name), each) for each in request.attributes}
    for name in request.negative_controls:
        columns.setdefault(name, number_column(get(name)))
    roles = (request.confounders, request.modifiers, request.mediators, request.post_outcome)
    for name in (name for role in roles for name in role):
        if name not in columns:
            columns[name] = covariate_column(get(name))
    _one_propensity(columns, request)
    return columns


def _one_propensity(columns: dict[str, Column], request: Request) -> None:
    binary = [each.name for each in request.attributes if columns[each.name].kind is Kind.BINARY]
    if request.propensity is not None and len(binary) != 1:
        raise DataError(
            f"propensity: one column serves one binary attribute, and there are {len(binary)}. "
            "Give the propensity with each attribute: {name: video, propensity: p_video}."
        )


def _order(table: dict[str, Values], request: Request, rows: int) -> tuple[IntArray, int]:
    """Order rows by unit, and count those that repeat another in every column."""
    keyed = request.unit or tuple(sorted(table))
    parts = [encode(table[name]) for name in keyed]
    for name, part in zip(request.unit, parts, strict=False):
        _no_missing(table[name], part.codes, "unit")
    order = np.lexsort([part.codes for part in reversed(parts)])
    same = np.ones(max(rows - 1, 0), dtype=bool)
    for part in parts:
        arranged = part.codes[order]
        same &= arranged[1:] == arranged[:-1]
    repeated = int(same.sum())
    if request.unit and repeated:
        places = order[1:][same]
        examples = dict.fromkeys(
            ", ".join(part.labels[part.codes[row]] for part in parts) for row in places.tolist()
        )
        shown = "; ".join(f"'{each}'" for each in list(examples)[:3])
        raise DataError(
            f"unit: {repeated:,} of {rows:,} rows repeat the unit ({', '.join(request.unit)}) of "
            f"another row, for instance {shown}. One row must stand for one unit: name the "
            "columns that tell rows apart, or sum the rows up with data.query."
        )
    return np.asarray(order, dtype=np.int64), 0 if request.unit else repeated


def _no_missing(column: Values, codes: IntArray, role: str) -> None:
    missing = int((codes < 0).sum())
    if missing:
        raise DataError(
            f"{role}: column '{column.name}' is missing in {missing:,} of {codes.size:,} rows. "
            "Leave them out with data.where, or fill them with data.derive, for instance "
            "coalesce(...)."
        )


def _clusters(
    get: Lookup, request: Request, rows: int
) -> tuple[tuple[IntArray, ...], tuple[str, ...]]:
    if not request.cluster:
        if request.block:
            blocks = joint([encode(get(name)) for name in request.block])[0]
            if _independent(blocks):
                return (blocks,), (" x ".join(request.block),)
        return (np.arange(rows, dtype=np.int64),), ("unit" if request.unit else "row",)
    ways = []
    for name in request.cluster:
        codes = encode(get(name)).codes
        _no_missing(get(name), codes, "cluster")
        ways.append(codes)
    return tuple(ways), request.cluster


def _independent(blocks: IntArray) -> bool:
    """Whether blocks serve as clusters: all but a few large ones, which are strata."""
    count = np.unique(blocks).size
    return count >= FEW_BLOCKS or blocks.size < LARGE_BLOCK * count


def _folds(get: Lookup, request: Request, rows: int) -> IntArray:
    if request.folds == 1:
        return np.zeros(rows, dtype=np.int64)
    keyed = request.cluster[:1] or request.block or request.unit
    if not keyed:
        texts = [str(row) for row in range(rows)]
        return folds_of(np.arange(rows), texts, request.folds, request.seed)
    codes, texts = joint([encode(get(name)) for name in keyed])
    return folds_of(codes, texts, request.folds, request.seed)


def _parties(get: Lookup, request: Request) -> dict[str, IntArray] | None:
    return {who: encode(get(name)).codes for who, name in request.parties.items()} or None


def _truth(column: Values) -> BoolArray:
    """Read a column of true and false (or 1 and 0) without gaps."""
    found = numbers(column) if column.numeric else np.full(len(column.cells), np.nan)
    wrong = int((~np.isin(found, (0.0, 1.0))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' must say true or false (or 1 or 0) in every "
            f"row, and does not in {wrong:,}. Make it so with data.derive."
        )
    return np.asarray(found == 1.0)


def _arrays(value: object) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _arrays(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _arrays(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _arrays(getattr(value, part.name))


def _read_only(panel: Panel) -> Panel:
    for array in _arrays(panel):
        array.setflags(write=False)
    return panel
