"""What exposure is worth to an item, from exploration traffic: early chance exposure moves all of it.

On exploration traffic which item is shown is chance among those at hand, so items of one stratum that
came in the same period differ in their early explored impressions by chance alone. Those move the
impressions of the item's first periods, and through them what comes later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.estimation.exposure.anderson_rubin import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Periods of an item's life: explored rows count in ``first``, rows in ``window``, outcomes after.

    All start when the item came; outcomes count in ``later`` periods after the window.
    """

    first: int
    window: int
    later: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """One row for each item whose windows lie within the log; arrays of shape (items,).

    Attributes
    ----------
    instrument, exposure
        Explored impressions early, and impressions of the window.
    outcomes
        Sums after the window, by outcome.
    stratum, cluster
        Codes from 0.
    code
        The item's code among all.
    left_out
        Reason and number of items left out.
    """

    instrument: FloatArray
    exposure: FloatArray
    outcomes: Mapping[str, FloatArray]
    stratum: IntArray
    cluster: IntArray
    code: IntArray
    left_out: tuple[tuple[str, int], ...]


def items_of(
    item: IntArray,
    period: FloatArray,
    explored: BoolArray,
    outcomes: Mapping[str, FloatArray],
    windows: Windows,
    *,
    cluster: IntArray,
    strata: tuple[IntArray, ...] = (),
    born: FloatArray | None = None,
) -> Items:
    """Sum rows up by item.

    Parameters
    ----------
    item
        Code from 0 of the item of a row, shape (n,).
    period
        Whole number, shape (n,).
    explored
        Whether the row was placed by chance, shape (n,).
    outcomes
        Values by row, each of shape (n,).
    windows
        Which periods of an item's life count for what.
    cluster
        Code from 0 of what is alike beyond the item, such as its creator, shape (n,).
    strata
        Codes of what items are compared within, besides the period in which they came, each (n,).
    born
        Period in which the item of a row came, shape (n,); None: that of its first row, and items
        whose first row is in the log's first period may be older and are left out.

    Raises
    ------
    DataError
        When periods are no whole numbers, an outcome is missing, or no item is whole within the log.
    """
    _refuse(period, born, outcomes)
    count = int(item.max()) + 1
    start = np.full(count, np.inf)
    np.minimum.at(start, item, period if born is None else born)
    first_row = np.full(count, -1, dtype=np.int64)
    first_row[item[::-1]] = np.arange(item.size)[::-1]
    there = first_row >= 0
    begin, end = float(period.min()), float(period.max())
    early = there & (start <= begin if born is None else start < begin)
    late = there & ~early & (start + windows.window + windows.later - 1 > end)
    kept = np.flatnonzero(there & ~early & ~late)
    if not kept.size:
        raise DataError(
            f"No item came after the log's first period and has {windows.window + windows.later} "
            "periods in it. Read a longer log, or shorten analysis.window and analysis.later."
        )
    age = period - start[item]
    ways = (*(code[first_row[kept]] for code in strata), start[kept])
    stratum = np.unique(np.stack(ways, axis=1), axis=0, return_inverse=True)[1].reshape(-1)

    def summed(weight: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(item, weight, count)[kept], dtype=float)

    after = (age >= windows.window) & (age < windows.window + windows.later)
    return Items(
        instrument=summed((explored & (age >= 0) & (age < windows.first)).astype(float)),
        exposure=summed(((age >= 0) & (age < windows.window)).astype(float)),
        outcomes={name: summed(np.where(after, value, 0.0)) for name, value in outcomes.items()},
        stratum=np.asarray(stratum, dtype=np.int64),
        cluster=np.unique(cluster[first_row[kept]], return_inverse=True)[1],
        code=kept,
        left_out=tuple(
            (reason, int(which.sum()))
            for reason, which in (
                ("items that came before the log began", early),
                ("items whose periods end after the log", late),
            )
            if which.any()
        ),
    )


def within(item: IntArray, ways: tuple[IntArray, ...]) -> IntArray:
    """The last way of clustering rows in which every item lies whole, else the item itself.

    >>> within(np.array([0, 0, 1]), (np.array([5, 6, 7]), np.array([3, 3, 3]))).tolist()
    [3, 3, 3]
    """
    count = int(item.max()) + 1
    for way in reversed(ways):
        least, most = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(least, item, way)
        np.maximum.at(most, item, way)
        seen = np.isfinite(least)
        if (least[seen] == most[seen]).all():
            return way
    return item


def settled(item: IntArray, value: FloatArray) -> FloatArray | None:
    """A trait by item where it is the same in all rows of each, NaN where an item has none.

    >>> settled(np.array([0, 0, 2]), np.array([5.0, 5.0, 1.0])).tolist()
    [5.0, nan, 1.0]
    >>> settled(np.array([0, 0]), np.array([5.0, 6.0])) is None
    True
    """
    known = np.isfinite(value)
    count = int(item.max()) + 1
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, item[known], value[known])
    np.maximum.at(most, item[known], value[known])
    if (least < most).any():
        return None
    return np.where(np.isfinite(least), least, np.nan)


def goes_with(items: Items, trait: FloatArray) -> tuple[float, float, float]:
    """Slope of a trait on the instrument within strata, its error by cluster, and p of none.

    Items drawn by chance have traits that do not go with how much chance showed them.

    Parameters
    ----------
    items
        Sums by item.
    trait
        By code of the item, NaN where it is not known.

    Returns
    -------
    tuple of float
        NaN where nothing varies within strata.
    """
    from scipy.stats import t as student

    own = trait[items.code]
    known = np.isfinite(own)
    stratum = np.unique(items.stratum[known], return_inverse=True)[1]
    cluster = np.unique(items.cluster[known], return_inverse=True)[1]
    nothing = float("nan"), float("nan"), float("nan")
    if not known.any():
        return nothing
    z, x = (_within(column[known], stratum) for column in (items.instrument, own))
    groups = int(cluster.max()) + 1
    bottom = float(z @ z)
    if groups < 2 or bottom <= 0 or not np.abs(x).max() > 0:
        return nothing
    slope = float(z @ x) / bottom
    scores = np.bincount(cluster, z * (x - slope * z) * _stretch(stratum), groups)
    error = float(np.sqrt(groups / (groups - 1) * (scores @ scores))) / bottom
    if error <= 0:
        return nothing
    return slope, error, float(2 * student.sf(abs(slope) / error, groups - 1))


def effects(items: Items, outcome: str) -> Effects:
    """Effects of the instrument on an outcome and on exposure, among items of one stratum.

    Variances are those of sums by cluster, centred over clusters, of values stretched for the mean of
    their stratum, which was taken from few items.

    Raises
    ------
    DataError
        When the instrument or the exposure varies within no stratum.
    """
    z, d, y = (
        _within(column, items.stratum)
        for column in (items.instrument, items.exposure, items.outcomes[outcome])
    )
    if min(np.abs(z).max(), np.abs(d).max()) <= 0:
        raise DataError(
            "strata: no two items of one stratum that came in the same period differ in their early "
            "exploration and in their exposure. Name coarser strata, or read a longer log."
        )
    groups = int(items.cluster.max()) + 1
    stretch = _stretch(items.stratum)
    scores = [np.bincount(items.cluster, z * own * stretch, groups) for own in (y, d)]
    own_y, own_d = (each - each.mean() for each in scores)
    factor = groups / max(groups - 1, 1)
    return Effects(
        y=np.array([z @ y]),
        d=np.array([z @ d]),
        yy=np.array([[factor * own_y @ own_y]]),
        yd=np.array([[factor * own_y @ own_d]]),
        dd=np.array([[factor * own_d @ own_d]]),
        clusters=float(groups),
        cross=np.array([[z @ z]]),
    )


def _stretch(stratum: IntArray) -> FloatArray:
    """What makes values less the mean of their n as wide as values are: the root of n / (n - 1)."""
    rows = np.bincount(stratum)[stratum].astype(float)
    return np.asarray(np.sqrt(rows / np.maximum(rows - 1, 1)), dtype=float)


def _within(column: FloatArray, stratum: IntArray) -> FloatArray:
    """A column minus its means within strata."""
    rows = np.bincount(stratum)
    return np.asarray(column - (np.bincount(stratum, column) / rows)[stratum], dtype=float)


def _refuse(
    period: FloatArray, born: FloatArray | None, outcomes: Mapping[str, FloatArray]
) -> None:
    for name, column in (("period", period), ("born", born)):
        if column is not None and not (np.isfinite(column) & (column == np.floor(column))).all():
            raise DataError(
                f"{name}: some rows have no whole number. Count periods, for instance days since "
                "the log began, with data.derive."
            )
    for name, value in outcomes.items():
        missing = int((~np.isfinite(value)).sum())
        if missing:
            raise DataError(
                f"outcomes: '{name}' is missing in {missing:,} of {value.size:,} rows. Write 0 where "
                "nothing came of a row, or leave the rows out with data.where."
            )
