"""From a request to cells; rows stay in the engine."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError, listing
from causal.data.asking import Asking, asking
from causal.data.cells import query
from causal.data.cells._entities import Table, covariates_of, level, place_of_adoption, size_of
from causal.data.cells.cells import Cells, treated_neighbours
from causal.data.cells.request import CellsRequest
from causal.data.extract import opened
from causal.data.panel import BoolArray, Dropped, FloatArray, Provenance
from causal.data.sources._connection import without_password

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 5_000_000
_NUMBERS = ("boolean", "integer", "float")
_KINDS = ("boolean", "integer", "text")


def collect_cells(asked: CellsRequest, *, frame: pd.DataFrame | None = None) -> Cells:
    """Sum rows up by entity and period in the engine that holds them.

    Parameters
    ----------
    frame
        A frame to use in place of the source; it is not changed.

    Raises
    ------
    DataError
        When the source, the SQL, a column or its values cannot be used.
    """
    with opened(asked.table, frame) as connection:
        source = "a table in memory" if frame is not None else asked.table.source
        reader = asking(connection, asked.table, asked.columns, numbers=asked.numbers)
        return _collected(reader, asked, without_password(source))


def _collected(reader: Asking, asked: CellsRequest, source: str) -> Cells:
    read, kept = reader.rows()
    _refuse_columns(reader, asked)
    _refuse_text(reader, asked)
    rows = query.rows_of(reader, asked)
    lost = reader.run("rows without an entity or a period", query.counted(rows))[0]
    table = _table(reader, asked, rows)
    cells = _cells(reader, asked, table, _parties(reader, asked, table, rows))
    counts = {"left out by data.where": read - kept}
    counts |= {f"without {name}": int(lost[name] or 0) for name in ("entity", "period")}
    dropped = tuple(Dropped(reason=reason, rows=n) for reason, n in counts.items() if n)
    provenance = Provenance(
        source=source,
        fingerprint=_fingerprint(asked, table),
        rows_read=read,
        rows=int(cells.rows.sum()),
        dropped=(*dropped, *cells.left_out),
        engine=reader.connection.engine,
    )
    return replace(
        cells,
        sql=tuple(reader.log),
        provenance=provenance,
        left_out=provenance.dropped,
    )


def _refuse_columns(reader: Asking, asked: CellsRequest) -> None:
    for name in asked.levels.values():
        if reader.kinds[name] not in _KINDS:
            raise DataError(
                f"{asked.table.key_of(name)}: column '{name}' holds {reader.kinds[name]}, and names "
                "are needed. Make text or whole numbers of it with data.derive."
            )
    number = reader.kinds[asked.period] in _NUMBERS
    if asked.every is not None and number:
        raise DataError(
            f"every: cuts dates and times, and column '{asked.period}' holds "
            f"{reader.kinds[asked.period]}. Leave it out, or make a date of it with data.derive."
        )
    if asked.adopted is not None and number != (reader.kinds[asked.adopted] in _NUMBERS):
        raise DataError(
            f"adopted: column '{asked.adopted}' holds {reader.kinds[asked.adopted]}, and period "
            f"'{asked.period}' holds {reader.kinds[asked.period]}: adoption is one of the periods. "
            "Make both numbers, or both dates, with data.derive."
        )


def _refuse_text(reader: Asking, asked: CellsRequest) -> None:
    for name in dict.fromkeys((asked.period, asked.adopted)):
        if name is None or reader.kinds[name] != "text":
            continue
        found = reader.run(f"text in {name}", query.unread(reader, name))[0]
        if found["rows"]:
            raise DataError(
                f"{asked.table.key_of(name)}: column '{name}' holds '{str(found['least'])[:40]}', "
                f"which is no date or time in ISO form, as {int(found['rows']):,} rows do. Write "
                "2026-01-31, or make a date of it with data.derive."
            )


def _table(reader: Asking, asked: CellsRequest, rows: Any) -> Table:
    """Fetch the cells and put them in the order of entities and periods."""
    made = query.by_cell(rows, asked).limit(MOST_CELLS + 1)
    found = reader.table("sums by entity and period", made)
    if found.num_rows > MOST_CELLS:
        raise DataError(
            f"period: there are more than {MOST_CELLS:,} cells of an entity and a period. Cut "
            "periods with 'every: week', or entities with data.query."
        )
    if not found.num_rows:
        raise DataError("data.source: no row has both an entity and a period.")
    names = np.array(found.column("entity").to_pylist(), dtype=object)
    times = found.column("period").to_numpy(zero_copy_only=False).astype(float)
    if reader.kinds[asked.period] in _NUMBERS and (times != np.floor(times)).any():
        raise DataError(
            f"period: column '{asked.period}' holds {times[times != np.floor(times)].min():g}, and "
            "periods are whole numbers or dates. Number them 1, 2, 3 with data.derive."
        )
    unique = sorted(set(names), key=_natural(reader.kinds[asked.entity]))
    at = {name: place for place, name in enumerate(unique)}
    entity = np.array([at[name] for name in names], dtype=np.int64)
    distinct, period = np.unique(times, return_inverse=True)
    if len(unique) * distinct.size > 4 * MOST_CELLS:
        raise DataError(
            f"period: {len(unique):,} entities over {distinct.size:,} periods are too many cells, "
            "most of them empty. Cut periods with 'every: week'."
        )
    order = np.lexsort((period, entity))
    return Table(
        found=found.take(order),
        entities=tuple(unique),
        times=distinct,
        entity=entity[order],
        period=period[order],
    )


def _natural(kind: str) -> Any:
    return int if kind == "integer" else str


def _cells(
    reader: Asking, asked: CellsRequest, table: Table, parties: dict[str, FloatArray]
) -> Cells:
    rows = table.dense("rows", empty=0.0).astype(np.int64)
    if not asked.summed and (rows > 1).any():
        twice = [table.entities[i] for i in np.flatnonzero((rows > 1).any(axis=1))]
        raise DataError(
            f"period: {int((rows > 1).sum()):,} cells of an entity and a period are there more than "
            f"once, for instance of {listing(twice, 3)}. Keep one row of each, or write "
            "'rows: exposure' to add them up."
        )
    adopted, between = place_of_adoption(table, asked)
    y, size, empty = _outcomes(asked, table, rows)
    notes: list[str] = []
    first = int(min(adopted[adopted > 0].min(initial=np.inf), table.times.size))
    weight = size_of(table, asked, first, notes)
    covariates = covariates_of(table, asked, first, notes)
    names = np.array(table.entities, dtype=object)
    on = _switched(asked, table)
    pool = _pool(asked, table)
    spillover = _spillover(asked, table)
    if pool is not None:
        spillover = treated_neighbours(np.arange(table.times.size) >= adopted[:, None], pool)
    always = adopted == 0
    if always.all():
        raise DataError(
            "adopted: every entity adopts in the first period or before it, so nothing is known of "
            "what was before. Bring earlier periods."
        )
    unknown = ~np.isfinite(covariates).all(axis=1) & ~always
    late = (adopted >= table.times.size) & np.isfinite(adopted)
    left = _left(rows, always, unknown)
    keep = np.flatnonzero(~always & ~unknown)
    if not keep.size:
        raise DataError("covariates: no entity has all of them before the first adoption.")
    return Cells(
        entities=table.entities,
        periods=_names(reader, asked, table.times),
        times=table.times,
        adopted=np.where(late, np.inf, adopted),
        y=y,
        size=size,
        rows=rows,
        weight=weight,
        cluster=level(table, "cluster", asked, default=True),
        covariates=covariates,
        covariate_names=asked.covariates,
        block=level(table, "block", asked) if asked.block else None,
        pool=pool,
        spillover=spillover,
        on=on,
        further={name: table.dense(f"f{i}") for i, name in enumerate(asked.further)},
        users=parties.get("user"),
        largest=parties.get("creator"),
        always=tuple(str(name) for name in names[always]),
        late=tuple(str(name) for name in names[late]),
        between=tuple(str(name) for name in names[between]),
        gaps=_gaps(reader, asked, table.times),
        empty=empty,
        notes=tuple(notes),
        left_out=left,
    ).select(keep)


def _parties(reader: Asking, asked: CellsRequest, table: Table, rows: Any) -> dict[str, FloatArray]:
    """Users, and the largest creator's share of rows, of those that adopt together, (I, T) each."""
    if not asked.parties:
        return {}
    since, _ = table.range_of("adopted")
    made = {}
    for party in asked.parties:
        found = reader.table(f"{party}s by adoption and period", query.by_party(rows, party))
        names = ("adopted", "period", "rows", "parties", "largest")
        of = {
            name: found.column(name).to_numpy(zero_copy_only=False).astype(float) for name in names
        }
        value = of["parties"] if party == "user" else of["largest"] / of["rows"]
        dense = np.full((since.size, table.times.size), np.nan)
        dates, date = np.unique(of["adopted"], return_inverse=True)
        by_date = np.full((dates.size, table.times.size), np.nan)
        by_date[date, np.searchsorted(table.times, of["period"])] = value
        known = np.isin(since, dates)
        dense[known] = by_date[np.searchsorted(dates, since[known])]
        made[party] = dense
    return made


def _left(rows: np.ndarray, always: BoolArray, unknown: BoolArray) -> tuple[Dropped, ...]:
    reasons = {
        f"treated from the first period on ({int(always.sum())} entities)": rows[always].sum(),
        f"without covariates before any adoption ({int(unknown.sum())} entities)": rows[
            unknown
        ].sum(),
    }
    return tuple(Dropped(reason=reason, rows=int(n)) for reason, n in reasons.items() if n)


def _outcomes(
    asked: CellsRequest, table: Table, rows: np.ndarray
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], dict[str, int]]:
    y, size, empty = {}, {}, {}
    for i, outcome in enumerate(asked.outcomes):
        top, bottom = table.dense(f"t{i}"), table.dense(f"b{i}")
        key = f"{asked.table.key_of(outcome.columns[-1])}: outcome '{outcome.name}'"
        if (table.dense(f"least{i}") < 0).any():
            raise DataError(
                f"{key} has negative denominators. Leave those rows out with data.where."
            )
        if np.isinf(top).any() or np.isinf(bottom).any():
            raise DataError(
                f"{key} holds infinite numbers. Leave these rows out with data.where, or cap them "
                "with data.derive."
            )
        known = (bottom > 0) & np.isfinite(top)
        if not known.any():
            raise DataError(f"{key} has no cell with a value. Name another column.")
        y[outcome.name] = np.where(known, top / np.where(known, bottom, 1.0), np.nan)
        size[outcome.name] = np.where(known, bottom, np.nan)
        empty[outcome.name] = int(((rows > 0) & ~known).sum())
    return y, size, empty


def _switched(asked: CellsRequest, table: Table) -> FloatArray | None:
    if asked.treated is None:
        return None
    low, high = table.dense("treated_low"), table.dense("treated_high")
    known = np.isfinite(low)
    wrong = known & ((low != high) | ~np.isin(low, (0.0, 1.0)))
    if wrong.any():
        i, t = np.argwhere(wrong)[0]
        raise DataError(
            f"{asked.table.key_of(asked.treated)}: column '{asked.treated}' must be 0 or 1 in every "
            f"cell, and is from {low[i, t]:g} to {high[i, t]:g} in one of '{table.entities[i]}'."
        )
    if table.missing_of("treated"):
        raise DataError(
            f"{asked.table.key_of(asked.treated)}: column '{asked.treated}' is missing in "
            f"{table.missing_of('treated'):,} rows. Leave them out with data.where."
        )
    return low


def _spillover(asked: CellsRequest, table: Table) -> FloatArray | None:
    if asked.spillover is None:
        return None
    key = f"{asked.table.key_of(asked.spillover)}: column '{asked.spillover}'"
    low, high = table.dense("spillover_low"), table.dense("spillover_high")
    if (low < 0).any() or (high > 1).any():
        raise DataError(
            f"{key} is a share of treated neighbours, between 0 and 1, and runs from "
            f"{np.nanmin(low):g} to {np.nanmax(high):g}. Divide it with data.derive."
        )
    if table.missing_of("spillover"):
        raise DataError(
            f"{key} is missing in {table.missing_of('spillover'):,} rows. Fill them with "
            "data.derive, or leave them out with data.where."
        )
    return table.dense("spillover")


def _pool(asked: CellsRequest, table: Table) -> np.ndarray | None:
    if not asked.neighbours:
        return None
    codes = [level(table, f"pool{i}", asked) for i in range(len(asked.neighbours))]
    return np.unique(np.column_stack(codes), axis=0, return_inverse=True)[1].reshape(-1)


def _names(reader: Asking, asked: CellsRequest, times: FloatArray) -> tuple[str, ...]:
    if reader.kinds[asked.period] in _NUMBERS:
        return tuple(f"{value:.0f}" for value in times)
    stamps = [str(np.datetime64(round(value), "s")) for value in times]
    if asked.every == "month":
        return tuple(stamp[:7] for stamp in stamps)
    whole = all(stamp.endswith("T00:00:00") for stamp in stamps)
    return tuple(stamp[:10] if whole else stamp for stamp in stamps)


def _gaps(reader: Asking, asked: CellsRequest, times: FloatArray) -> tuple[str, ...]:
    """Periods of which nobody has a row: where steps are whole ones and one is left out."""
    if reader.kinds[asked.period] in _NUMBERS:
        place = times
        step = float(np.gcd.reduce(np.diff(times).astype(np.int64))) if times.size > 1 else 1.0
    elif asked.every == "month":
        months = [np.datetime64(round(value), "s").astype("datetime64[M]") for value in times]
        place, step = np.array(months).astype(float), 1.0
    elif asked.every is not None:
        place, step = times, query.DAY if asked.every == "day" else query.WEEK
    else:
        return ()
    names = _names(reader, asked, times)
    jumps = np.flatnonzero(np.diff(place) > 1.5 * step)
    return tuple(f"between {names[j]} and {names[j + 1]}" for j in jumps)


def _fingerprint(asked: CellsRequest, table: Table) -> str:
    """Digest the cells: names exactly, numbers to 9 digits of a multiple by pi."""
    digest = blake2b(str(asked.columns).encode(), digest_size=16)
    digest.update("\x1e".join(table.entities).encode())
    digest.update(str(table.times.tolist()).encode())
    for name in table.found.column_names:
        column = table.found.column(name)
        if str(column.type) in ("string", "large_string"):
            words = [str(value) for value in column.to_pylist()]
        else:
            numbers = column.to_numpy(zero_copy_only=False).astype(float)
            words = [f"{value * np.pi:.9g}" for value in numbers]
        digest.update("\x1f".join([name, *words]).encode())
    return digest.hexdigest()
