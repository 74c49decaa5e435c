"""Sums as they come from the engine, by arm and split, and the moments made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.base.errors import DataError, EngineError
from causal.data.moments.columns import Wanted
from causal.data.moments.moments import Moments
from causal.data.moments.query import Sums
from causal.data.moments.rows import SIZE
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.values import EXACT, encode, iso, numbers, values

MISSING = "(missing)"
MOST = 200_000
NOISE, SURE = 1e-11, 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """One row for each arm and combination of splits.

    ``labels`` gives by split (``arm``, the split columns, ``day``) the text of each row, '' for an
    arm that is missing; ``numbers`` the sums by their name in the query, shape (rows,).
    """

    sums: Sums
    labels: Mapping[str, tuple[str, ...]]
    crossed: IntArray
    numbers: Mapping[str, FloatArray]

    def total(self, name: str, rows: BoolArray | None = None) -> float:
        """A sum over rows; 0 for one that was not asked for."""
        found = self.numbers.get(name)
        return 0.0 if found is None else float(found.sum() if rows is None else found[rows].sum())


def read_cells(parts: Sequence[Any], sums: Sums, keys: Sequence[str]) -> Cells:
    """Take over what each part of the units gave, in the order of the parts.

    Raises
    ------
    DataError
        When there are more cells than a readout can show.
    """
    import pyarrow as pa

    table = pa.concat_tables(parts, promote_options="permissive") if len(parts) > 1 else parts[0]
    if table.num_rows > MOST:
        raise DataError(
            f"block: the blocks and arms make {table.num_rows:,} cells, and at most {MOST:,} can "
            "be held. Name a coarser block, or group its values with data.derive."
        )
    labels = {"arm": labels_of(table, "arm", "")}
    for name in sums.keys:
        labels[name] = labels_of(table, f"key {keys.index(name)}", MISSING)
    if sums.day:
        labels["day"] = _days(table)
    split = {"arm", "crossed", "day"} | {name for name in table.column_names if name[:4] == "key "}
    found = {
        name: numbers(values(name, name, _sums(table.column(name))))
        for name in table.column_names
        if name not in split
    }
    crossed = np.zeros(table.num_rows)
    if "crossed" in table.column_names:
        crossed = numbers(values("crossed", "crossed", table.column("crossed")))
    told = list(zip(*labels.values(), crossed.astype(int).tolist(), strict=True))
    kinds = sorted(set(told))
    place = {each: i for i, each in enumerate(kinds)}
    places = np.array([place[each] for each in told], dtype=np.int64)
    return Cells(
        sums=sums,
        labels={name: tuple(each[i] for each in kinds) for i, name in enumerate(labels)},
        crossed=np.array([each[-1] for each in kinds], dtype=np.int64),
        numbers={name: _merged(name, column, places, len(kinds)) for name, column in found.items()},
    )


def _sums(column: Any) -> Any:
    """A sum over nothing that is known is 0; one that is no number stays so."""
    import pyarrow as pa

    empty = pa.types.is_null(column.type)
    return (column.cast(pa.float64()) if empty else column).fill_null(0)


def labels_of(table: Any, column: str, missing: str) -> tuple[str, ...]:
    """The text of each cell of a column; ``missing`` where there is none."""
    coded = encode(values(column, column, table.column(column)))
    names = (*coded.labels, missing)
    return tuple(names[code] for code in coded.codes.tolist())


def _days(table: Any) -> tuple[str, ...]:
    found = numbers(values("day", "day", table.column("day"))).tolist()
    return tuple("" if day != day else iso(int(day) * 86_400_000_000) for day in found)  # noqa: PLR0124


def levels_of(cells: Cells, keys: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The combinations of values that occur, in order; one empty tuple without keys."""
    if not keys:
        return ((),)
    return tuple(sorted(set(zip(*(cells.labels[key] for key in keys), strict=True))))


def by_split(
    cells: Cells, name: str, arms: Mapping[str, str], keys: Sequence[str]
) -> tuple[tuple[tuple[str, ...], ...], FloatArray]:
    """Add one number up by arm and split, without what crossed.

    Parameters
    ----------
    arms
        For each arm the text it has in the data.

    Returns
    -------
    tuple
        The splits, and sums of shape (arms, splits).
    """
    splits = levels_of(cells, keys)
    places, rows = _places(cells, list(arms.values()), splits, keys)
    column = cells.numbers.get(name, np.zeros(cells.crossed.size))
    return splits, _added(column[rows], places, len(arms) * len(splits)).reshape(
        len(arms), len(splits)
    )


def _added(values: FloatArray, places: IntArray, size: int) -> FloatArray:
    return np.asarray(np.bincount(places, values, minlength=size), dtype=np.float64)


def _merged(name: str, values: FloatArray, places: IntArray, size: int) -> FloatArray:
    """Sums are added; the least and the largest value stay what they are."""
    if not name.startswith(("least ", "most ")):
        return _added(values, places, size)
    least = name.startswith("least ")
    found = np.full(size, np.inf if least else -np.inf)
    (np.minimum if least else np.maximum).at(found, places, values)
    return found


def _places(
    cells: Cells,
    arms: Sequence[str],
    splits: Sequence[tuple[str, ...]],
    keys: Sequence[str],
) -> tuple[IntArray, IntArray]:
    """Where each row goes in a table of arms by splits, and which rows go anywhere."""
    arm = {text: i for i, text in enumerate(arms)}
    split = {values: i for i, values in enumerate(splits)}
    own: Any = zip(*(cells.labels[key] for key in keys), strict=True) if keys else None
    told = list(own) if own is not None else [()] * cells.crossed.size
    first = np.array([arm.get(text, -1) for text in cells.labels["arm"]], dtype=np.int64)
    second = np.array([split[each] for each in told], dtype=np.int64)
    rows = np.flatnonzero((first >= 0) & (cells.crossed == 0))
    return (first * len(splits) + second)[rows], rows


def moments_of_cells(
    cells: Cells, wanted: Wanted, arms: Mapping[str, str], keys: Sequence[str]
) -> Moments:
    """Means and scatter of each arm and stratum out of sums and sums of products.

    ``arms`` gives the text in the data of each arm that is wanted.
    """
    names = columns_of(cells, wanted)
    splits = levels_of(cells, keys)
    places, rows = _places(cells, list(arms.values()), splits, keys)
    size, k = len(arms) * len(splits), len(names)

    def added(name: str) -> FloatArray:
        return _merged(name, cells.numbers[name][rows], places, size)

    n, units = added("n"), added("units")
    s = np.stack([added(f"s {i}") for i in range(k)], axis=1) if k else np.zeros((size, 0))
    with np.errstate(all="ignore"):
        apart = np.where(n[:, None] > 0, s / n[:, None], 0.0)
    scatter = np.full((size, k, k), np.nan)
    for place, (i, j) in enumerate(wanted.pairs):
        product = added(f"p {place}")
        found = product - s[:, i] * apart[:, j]
        if i == j:
            doubted = _doubted(found, product, n)
            if f"least {i}" in cells.numbers:
                constant = added(f"least {i}") == added(f"most {i}")
                _refuse_lost(doubted & ~constant, names[i])
            found = np.where(doubted, 0.0, found)
        scatter[:, i, j] = scatter[:, j, i] = found
    constant = np.einsum("cii->ci", scatter) == 0
    flat = constant[:, :, None] | constant[:, None, :]
    scatter = np.where(flat & ~np.isnan(scatter), 0.0, scatter)
    centres = np.array([cells.sums.centres.get(name, 0.0) for name in names])
    mean = np.where(n[:, None] > 0, apart + centres, 0.0)
    shape = (len(arms), len(splits))
    return Moments(
        arms=tuple(arms),
        strata=splits,
        columns=names,
        units=np.rint(units).astype(np.int64).reshape(shape),
        n=np.rint(n).astype(np.int64).reshape(shape),
        mean=mean.reshape(*shape, k),
        scatter=scatter.reshape(*shape, k, k),
    )


def _doubted(found: FloatArray, product: FloatArray, n: FloatArray) -> BoolArray:
    """Where a scatter is no more than rounding may have left of nothing.

    Adding n equal doubles may lose up to n units in the last place; it takes no digits off the
    sums of whole numbers below 2**53.
    """
    exact = (product == np.rint(product)) & (product < EXACT)
    noise = np.where(exact, 0.0, SURE * np.maximum(NOISE, n * np.finfo(float).eps))
    return np.asarray((n > 1) & (np.abs(found) <= noise * product) & (product > 0))


def _refuse_lost(where: BoolArray, name: str) -> None:
    if where.any():
        raise EngineError(
            f"The scatter of '{name}' within an arm and block is lost in rounding: its blocks lie "
            "too far apart. Take a constant off the column in each block with data.derive."
        )


def doubtful(cells: Cells, wanted: Wanted, splits: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Places of columns that look constant within an arm and a level of one of these splits."""
    texts = sorted(set(cells.labels["arm"]))
    found: set[int] = set()
    for keys in splits:
        levels = levels_of(cells, keys)
        places, rows = _places(cells, texts, levels, keys)
        size = len(texts) * len(levels)
        n = _added(cells.numbers["n"][rows], places, size)
        for i in range(len(columns_of(cells, wanted))):
            product = cells.numbers[f"p {wanted.pairs.index((i, i))}"][rows]
            square = _added(product, places, size)
            s = _added(cells.numbers[f"s {i}"][rows], places, size)
            scatter = square - s * s / np.maximum(n, 1)
            if _doubted(scatter, square, n).any():
                found.add(i)
    return tuple(sorted(found))


def columns_of(cells: Cells, wanted: Wanted) -> tuple[str, ...]:
    """Keys of the moments' columns; ``size`` comes last where there are clusters."""
    keys = tuple(column.key for column in wanted.columns)
    return (*keys, SIZE) if f"s {len(keys)}" in cells.numbers else keys


def cancelled(cells: Cells, wanted: Wanted) -> dict[str, float]:
    """Columns whose scatter was lost in large sums, and a centre that saves it.

    A sum of squares about 0 leaves the scatter with a relative error of about the machine's epsilon
    times their ratio; columns with a ratio above 1e6 are read again about their mean.
    """
    found = {}
    n = cells.total("n")
    for i, key in enumerate(columns_of(cells, wanted)):
        square = cells.total(f"p {wanted.pairs.index((i, i))}")
        total = cells.total(f"s {i}")
        if n < 2 or not np.isfinite(square) or square - total * total / n > 1e-6 * square:
            continue
        mean = total / n + cells.sums.centres.get(key, 0.0)
        if mean and not _exact(total, square):
            found[key] = mean
    return found


def _exact(total: float, square: float) -> bool:
    """Whether sums of whole numbers were added without rounding."""
    return total.is_integer() and square.is_integer() and square < EXACT
