"""How the exposure of each row came about: slots, probabilities and randomised cells as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from causal.base.errors import DataError
from causal.data.panel import BoolArray, FloatArray, IntArray, PathRows
from causal.data.values import Values, encode, numbers

if TYPE_CHECKING:
    from causal.data.request import Request

Lookup = Callable[[str], Values]
WORDS = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathNames:
    """The columns to read; ``flipped`` by attribute."""

    position: str | None = None
    propensity: str | None = None
    flipped: Mapping[str, str] = field(default_factory=dict)
    item: str | None = None
    period: str | None = None
    ranked: str | None = None
    shown: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order of the keys."""
        named = (self.position, self.propensity, *self.flipped.values(), self.item, self.period,
                 self.ranked, self.shown)  # fmt: skip
        return tuple(name for name in named if name is not None)


def path_rows(get: Lookup, request: Request) -> PathRows | None:
    """Read how exposure came about; None where the study does not say.

    Raises
    ------
    DataError
        When slots do not start at 1, a probability is not above 0 and at most 1, a name is missing,
        or a cell is not true or false.
    """
    names = request.paths
    if names is None:
        return None
    return PathRows(
        slot=_slots(get(names.position)) if names.position else None,
        propensity=_probability(get(names.propensity)) if names.propensity else None,
        flipped={each: _flipped(get(column)) for each, column in names.flipped.items()},
        item=_codes(get(names.item)) if names.item else None,
        period=_codes(get(names.period)) if names.period else None,
        ranked=_cell(get(names.ranked)) if names.ranked else None,
        shown=_cell(get(names.shown)) if names.shown else None,
    )


def _numbers(column: Values) -> FloatArray:
    return numbers(column) if column.numeric else np.full(len(column.cells), np.nan)


def _slots(column: Values) -> IntArray:
    found = _numbers(column)
    wrong = int((np.isnan(found) | (found != np.round(found))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' must be a whole number in every row, the slot "
            f"of the impression, and is not in {wrong:,}. Leave those rows out with data.where."
        )
    first = int(found.min())
    if first != 1:
        raise DataError(
            f"{column.key}: slots of column '{column.name}' start at {first}; the first place "
            "must be 1. Make it so with data.derive, or look for missing first places."
        )
    return found.astype(np.int64)


def _probability(column: Values) -> FloatArray:
    found = _numbers(column)
    with np.errstate(invalid="ignore"):
        wrong = int((~((found > 0) & (found <= 1))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' must be a probability above 0 and at most 1 in "
            f"every row, and is not in {wrong:,} of {found.size:,}. What was shown had a chance to "
            "be; look at how the log was written, or leave those rows out with data.where."
        )
    return found


def _flipped(column: Values) -> FloatArray:
    """Read a propensity times a ratio of probabilities of lists, which may be above 1."""
    found = _numbers(column)
    with np.errstate(invalid="ignore"):
        wrong = int((~((found > 0) & np.isfinite(found))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' must be a number above 0 in every row, and is "
            f"not in {wrong:,} of {found.size:,}. What was shown could have been with the flag "
            "flipped; look at how the log was written, or leave those rows out with data.where."
        )
    return found


def _codes(column: Values) -> IntArray:
    codes = encode(column).codes
    wrong = int((codes < 0).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' is missing in {wrong:,} rows. Leave them out "
            "with data.where."
        )
    return codes


def _said(column: Values) -> FloatArray:
    """Read words: true or false, 1 or 0, in any case."""
    made = encode(column)
    known = np.array([WORDS.get(each.strip().lower(), np.nan) for each in made.labels] + [np.nan])
    return np.asarray(known[made.codes])


def _cell(column: Values) -> BoolArray:
    found = _said(column) if column.type == "text" else _numbers(column)
    wrong = int((~np.isin(found, (0.0, 1.0))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: column '{column.name}' must say true or false (or 1 or 0) in every "
            f"row, and does not in {wrong:,}. Keep the items of the cells alone with data.where."
        )
    return np.asarray(found == 1.0)
