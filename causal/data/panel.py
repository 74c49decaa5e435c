"""The panel: the columns a design needs, as arrays, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causal.content.attribute import Kind

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TimeArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column as numbers.

    ``values`` has shape (rows,). Continuous: the number, NaN when missing. Binary and categorical:
    the code of the level as a float (0.0, 1.0, ...), NaN when missing; ``levels[code]`` is its
    label. Levels are sorted; a binary attribute has levels (off, on), off = false / 0 / the first,
    or the attribute's reference. ``reference`` is the code of the level that others are compared
    with. A missing confounder, modifier or mediator with levels is a level of its own, whose code
    is ``absent`` (None: there is none).
    """

    name: str
    kind: Kind
    values: FloatArray
    levels: tuple[str, ...] = ()
    reference: int = 0
    absent: int | None = None

    @property
    def missing(self) -> BoolArray:
        """Which rows have no value in the table, shape (rows,)."""
        if self.absent is not None:
            return np.asarray(self.values == self.absent)
        return np.isnan(self.values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One outcome as numbers; all shapes (rows,), NaN where missing.

    ``value`` is the column, or numerator / denominator; ``weight`` is what a row counts: the
    study's weight for a column, the denominator (times any other weight) for a ratio, and 0 where
    the value is missing.
    ``numerator`` and ``denominator`` (both times any other weight) are None for a column.
    """

    name: str
    value: FloatArray
    weight: FloatArray
    numerator: FloatArray | None = None
    denominator: FloatArray | None = None
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathRows:
    """How the exposure of each row came about; all shapes (rows,), None where it is not told.

    ``slot`` counts from 1; ``propensity`` is the probability of the item in its slot given the
    slots above, ``flipped`` the same times how much likelier the list down to that slot had been,
    had the ranker read the other value of an attribute of the item, by attribute. ``item`` and ``period`` are codes. ``ranked`` and ``shown`` are randomised cells:
    whether the ranker read the attribute, and whether users saw it.
    """

    slot: IntArray | None
    propensity: FloatArray | None
    flipped: Mapping[str, FloatArray]
    item: IntArray | None
    period: IntArray | None
    ranked: BoolArray | None
    shown: BoolArray | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Rows left out, and why."""

    reason: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a panel came from: numbers that identify the data and count what was left out."""

    source: str
    fingerprint: str
    rows_read: int
    rows: int
    dropped: tuple[Dropped, ...] = ()
    duplicates: int = 0
    engine: str = "duckdb"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """The rows of one study, sorted by unit; every array has shape (rows,) and is read-only.

    ``columns`` holds attributes, confounders, modifiers, mediators, negative controls and the
    declared post-outcome columns by name. ``clusters`` has one array of codes for each way of
    clustering (one code for each row when the study names none); ``folds`` the fold of each row;
    ``block`` the code of its block, or None; ``counts`` what the sample ratio counts. ``parties``
    has codes, -1 where missing. ``propensities`` has, for a binary attribute, the probability of
    on, shape (rows,); for a categorical one shape (rows, levels) in the order of its levels.
    """

    columns: Mapping[str, Column]
    outcomes: Mapping[str, Measured]
    clusters: tuple[IntArray, ...]
    cluster_names: tuple[str, ...]
    folds: IntArray
    weight: FloatArray
    provenance: Provenance
    block: IntArray | None = None
    time: TimeArray | None = None
    exploration: BoolArray | None = None
    counts: FloatArray | None = None
    count_name: str | None = None
    shares: FloatArray | None = None
    parties: Mapping[str, IntArray] | None = None
    propensities: Mapping[str, FloatArray] | None = None
    unit: IntArray | None = None
    paths: PathRows | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.folds.size)
