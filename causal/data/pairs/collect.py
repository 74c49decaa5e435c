"""From a request to the sums of a two-sided experiment; rows stay in the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.base.errors import DataError
from causal.data.asking import Asking, asking
from causal.data.extract import opened
from causal.data.moments.query import DAY, EPOCH
from causal.data.pairs.arms import Found, arms_found, counts_of
from causal.data.pairs.collected import CollectedPairs
from causal.data.pairs.query import CREATORS, CROSSED, PAIRS, USERS, arms, names, rows_of, sums
from causal.data.pairs.request import PairRequest
from causal.data.pairs.sums import ARMS, PairSums
from causal.data.panel import Dropped, FloatArray, Provenance
from causal.data.sources._connection import identifier, without_password

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 3


def collect_pairs(asked: PairRequest, *, frame: pd.DataFrame | None = None) -> CollectedPairs:
    """Sum up an experiment on users and creators in the engine that holds it.

    Parameters
    ----------
    frame
        A frame to use in place of the source; it is not changed.

    Raises
    ------
    DataError
        When the source, the SQL, a column or its values cannot be used, a pair has several rows
        where it should have one, or a side has other arms than the two of the study.
    """
    with opened(asked.table, frame) as connection:
        source = "a table in memory" if frame is not None else asked.table.source
        times = (asked.time,) if asked.time is not None else ()
        reader = asking(connection, asked.table, asked.columns, numbers=asked.numbers, times=times)
        return _collected(reader, asked, without_password(source))


def _collected(reader: Asking, asked: PairRequest, source: str) -> CollectedPairs:
    read, kept = reader.rows()
    _refuse_unnamed(reader, asked)
    rows = _rows(reader, asked)
    found = {
        side.key: arms_found(reader.run(f"arms of {side.key}s", arms(rows, side)), side)
        for side in asked.sides
    }
    values = {key: each.values for key, each in found.items()}
    listed = reader.run("sums over pairs", sums(rows, asked, values))
    cells = [row for row in listed if row["part"] == PAIRS]
    _refuse_repeats(reader, asked, rows, cells)
    _refuse_values(asked, cells)
    made = _sums(asked, listed)
    crossed = {int(row["a"]): int(row["n"]) for row in listed if row["part"] == CROSSED}
    used = sum(int(row["rows"]) for row in cells)
    first, last = _days(cells)
    return CollectedPairs(
        sums=made,
        users=counts_of(found["user"], made.users, crossed.get(0, 0)),
        creators=counts_of(found["creator"], made.creators, crossed.get(1, 0)),
        rows=used,
        first=first,
        last=last,
        sql=tuple(reader.log),
        provenance=Provenance(
            source=source,
            fingerprint=_fingerprint(asked, made, found, crossed),
            rows_read=read,
            rows=kept,
            dropped=_dropped(read - kept, kept - used),
            engine=reader.connection.engine,
        ),
    )


def _dropped(left_out: int, nowhere: int) -> tuple[Dropped, ...]:
    reasons = {
        "left out by data.where": left_out,
        "rows of a user or creator in no arm, in another, or in both": nowhere,
    }
    return tuple(Dropped(reason=reason, rows=rows) for reason, rows in reasons.items() if rows)


def _rows(reader: Asking, asked: PairRequest) -> Any:
    """Rows of the study's table under names of our own."""
    source = reader.source
    numbers = {name: reader.number(source, name) for name in asked.numbers}
    when = None if asked.time is None else reader.seconds(source, asked.time)
    return rows_of(source, asked, numbers, when)


def _refuse_unnamed(reader: Asking, asked: PairRequest) -> None:
    for side in asked.sides:
        named = identifier(side.party)
        extra = f"{named} IS NULL"
        where = reader.plan.condition + f" AND {extra}" if reader.plan.where else f" WHERE {extra}"
        missing = reader.count(where)
        if missing:
            raise DataError(
                f"parties.{side.key}: column '{side.party}' is missing in {missing:,} rows. Leave "
                "them out with data.where, or fill them with data.derive."
            )


def _refuse_repeats(
    reader: Asking, asked: PairRequest, own: Any, cells: list[dict[str, Any]]
) -> None:
    pairs, rows = (sum(int(row[name]) for row in cells) for name in ("n", "rows"))
    if asked.rows == "exposure" or rows == pairs:
        return
    counted = own.group_by("user", "creator").agg(n=own.count())
    several = counted.filter(counted["n"] > 1).order_by("user", "creator").limit(EXAMPLES)
    examples = reader.run("pairs with several rows", several.select("user", "creator"))
    shown = "; ".join(f"'{each['user']}' with '{each['creator']}'" for each in examples)
    raise DataError(
        f"parties: {rows - pairs:,} of {rows:,} rows repeat a pair ({asked.user.party}, "
        f"{asked.creator.party}) of another row, for instance {shown}. With 'rows: pair' one row "
        "is one pair: write 'rows: exposure' so that the rows of a pair are added up, or sum them "
        "with data.query."
    )


def _refuse_values(asked: PairRequest, cells: list[dict[str, Any]]) -> None:
    for i, name in enumerate(asked.numbers):
        missing = sum(int(row[f"missing{i}"]) for row in cells)
        key = asked.table.key_of(name)
        if missing:
            raise DataError(
                f"{key}: column '{name}' is missing in {missing:,} rows. A pair without a row "
                "counts as 0; say with data.derive what a missing number counts as."
            )
        if not all(np.isfinite(float(row[f"v{i}"])) for row in cells):
            raise DataError(
                f"{key}: column '{name}' holds infinite numbers. Leave these rows out with "
                "data.where, or cap them with data.derive."
            )


def _days(cells: list[dict[str, Any]]) -> tuple[date | None, date | None]:
    if not cells or cells[0]["first"] is None:
        return None, None
    first, last = min(row["first"] for row in cells), max(row["last"] for row in cells)
    return tuple(EPOCH + timedelta(days=int(each // DAY)) for each in (first, last))  # type: ignore[return-value]


def _sums(asked: PairRequest, listed: list[dict[str, Any]]) -> PairSums:
    k = len(asked.numbers)
    total, by_pair = np.zeros((ARMS, ARMS, k)), np.zeros((ARMS, ARMS, k, k))
    pairs = np.zeros((ARMS, ARMS), dtype=np.int64)
    units = {part: np.zeros(ARMS, dtype=np.int64) for part in (USERS, CREATORS)}
    products = {part: np.zeros((ARMS, 2 * k, 2 * k)) for part in (USERS, CREATORS)}
    for row in listed:
        part, a, b = int(row["part"]), int(row["a"]), int(row["b"])
        if part == PAIRS:
            pairs[a, b] = int(row["n"])
            total[a, b], by_pair[a, b] = _read(row, part, k)
        elif part != CROSSED:
            units[part][a] = int(row["n"])
            products[part][a] = _read(row, part, k)[1]
    return PairSums(
        columns=asked.numbers,
        users=units[USERS],
        creators=units[CREATORS],
        pairs=pairs,
        total=total,
        by_user=products[USERS],
        by_creator=products[CREATORS],
        by_pair=by_pair,
    )


def _read(row: Mapping[str, Any], part: int, k: int) -> tuple[FloatArray, FloatArray]:
    """Sums and symmetric products of one row of the answer."""
    count = k if part == PAIRS else 2 * k
    alone, both = np.zeros(count), np.zeros((count, count))
    for at, places in enumerate(names(part, k)):
        value = float(row[f"v{at}"])
        if len(places) == 1:
            alone[places[0]] = value
        else:
            both[places] = both[places[::-1]] = value
    return alone, both


def _fingerprint(
    asked: PairRequest, made: PairSums, found: Mapping[str, Found], crossed: Mapping[int, int]
) -> str:
    """Digest what was summed: counts exactly, sums to 9 digits of a multiple by pi."""
    exact = [made.users, made.creators, made.pairs]
    rounded = [made.total, made.by_user, made.by_creator, made.by_pair]
    written: list[tuple[Any, Callable[[Any], str]]] = [
        *((array, str) for array in exact),
        *((array * np.pi, lambda value: f"{value:.9g}") for array in rounded),
    ]
    lines = ["\x1f".join(how(value) for value in array.ravel()) for array, how in written]
    lines += [f"{key} {sorted(each.units.items())}" for key, each in found.items()]
    text = "\x1e".join([*asked.columns, *lines, str(sorted(crossed.items()))])
    return blake2b(text.encode(), digest_size=16).hexdigest()
