"""Outcomes and weights as numbers, what the sample ratio counts, and known probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from causal.base.errors import DataError
from causal.content.attribute import Attribute, Kind
from causal.data.kinds import measured_numbers
from causal.data.panel import BoolArray, Column, Dropped, FloatArray, Measured
from causal.data.values import Values, finite, numbers

if TYPE_CHECKING:
    from causal.content.outcome import Outcome
    from causal.data.request import Request

Lookup = Callable[[str], Values]


def complete(column: Values, what: str) -> FloatArray:
    """Read numbers of which none may be missing, infinite or below zero.

    Raises
    ------
    DataError
        Naming the column and how many are wrong.
    """
    found = measured_numbers(column)
    missing = int(np.isnan(found).sum())
    negative = int((found < 0).sum())
    for wrong, words in ((missing, "missing"), (negative, "negative")):
        if wrong:
            raise DataError(
                f"{column.key}: {what} '{column.name}' has {wrong:,} {words} values. "
                "Leave those rows out with data.where, or repair the column with data.derive."
            )
    return found


def counting_rows(get: Lookup, request: Request, rows: int) -> tuple[BoolArray, list[Dropped]]:
    """Which rows count for something, and how many do not, with the reason.

    A row of weight zero, and a row whose denominator is zero in every outcome, say nothing.
    """
    keep = np.ones(rows, dtype=bool)
    dropped: list[Dropped] = []
    if request.weight is not None:
        weighty = complete(get(request.weight), "the weight") > 0
        dropped += _dropped(~weighty, f"weight '{request.weight}' is zero")
        keep &= weighty
    if request.outcomes and all(outcome.is_ratio for outcome in request.outcomes):
        empty = np.ones(rows, dtype=bool)
        for outcome in request.outcomes:
            empty &= denominator_of(outcome, get) == 0
        names = dict.fromkeys(str(outcome.denominator) for outcome in request.outcomes)
        dropped += _dropped(empty & keep, f"denominator '{', '.join(names)}' is zero")
        keep &= ~empty
    if not keep.any():
        raise DataError(
            f"No row of {rows:,} is left: {' and '.join(each.reason for each in dropped)} in all "
            "of them. Look at the column, or at data.where."
        )
    return keep, dropped


def _dropped(rows: BoolArray, reason: str) -> list[Dropped]:
    return [Dropped(reason=reason, rows=int(rows.sum()))] if rows.any() else []


def denominator_of(outcome: Outcome, get: Lookup) -> FloatArray:
    """Read the denominator of a ratio, NaN where missing; a negative one is an error."""
    column = get(str(outcome.denominator))
    found = measured_numbers(column)
    negative = int((found < 0).sum())
    if negative:
        raise DataError(
            f"{column.key}: the denominator '{column.name}' has {negative:,} negative values. "
            "Leave those rows out with data.where, or repair the column with data.derive."
        )
    return found


def measured(outcome: Outcome, get: Lookup, request: Request, weight: FloatArray) -> Measured:
    """Read one outcome with the weight of each row; ``weight`` is the study's, or ones."""
    if not outcome.is_ratio:
        value = measured_numbers(get(str(outcome.column)))
        present = ~np.isnan(value)
        return Measured(
            name=outcome.name,
            value=value,
            weight=np.where(present, weight, 0.0),
            binary=bool(np.isin(value[present], (0.0, 1.0)).all()),
        )
    top = measured_numbers(get(str(outcome.numerator)))
    bottom = denominator_of(outcome, get)
    other = 1.0 if request.weight == outcome.denominator else weight
    present = ~np.isnan(top) & (bottom > 0)
    if not present.any():
        raise DataError(
            f"{get(str(outcome.denominator)).key}: the outcome '{outcome.name}' has no row with a "
            "numerator and a denominator above zero. Name other columns, or look at data.where."
        )
    value = np.divide(top, bottom, out=np.full(top.size, np.nan), where=present)
    return Measured(
        name=outcome.name,
        value=value,
        weight=np.where(present, np.where(present, bottom, 0.0) * other, 0.0),
        numerator=top * other,
        denominator=bottom * other,
    )


def counts(get: Lookup, request: Request) -> tuple[FloatArray, str] | None:
    """Find what the sample ratio counts, and its column; None when no column has whole numbers.

    The declared ``allocation.count``, else the weight, else the first ratio's denominator.
    """
    if request.count is not None:
        return complete(get(request.count), "the count"), request.count
    ratios = [outcome.denominator for outcome in request.outcomes if outcome.is_ratio]
    for name in (request.weight, *ratios):
        if name is not None and get(name).type == "integer":
            found = numbers(get(name))
            if not np.isnan(found).any():
                return found, name
    return None


def propensities(
    get: Lookup, request: Request, columns: dict[str, Column]
) -> dict[str, FloatArray] | None:
    """Known assignment probabilities by attribute; None when the study gives none.

    Raises
    ------
    DataError
        When a probability is missing or outside (0, 1), or those of a row do not add up to one.
    """
    found: dict[str, FloatArray] = {}
    for attribute in request.attributes:
        given = attribute.propensity
        column = columns[attribute.name]
        if given is None and request.propensity is not None and column.kind is Kind.BINARY:
            given = request.propensity
        if isinstance(given, str):
            found[attribute.name] = _of_binary(get(given), column)
        elif given is not None:
            found[attribute.name] = _of_levels(get, given, column, attribute)
    return found or None


def _of_binary(column: Values, attribute: Column) -> FloatArray:
    if attribute.kind is not Kind.BINARY:
        raise DataError(
            f"{column.key}: one column of probabilities serves a binary attribute, and "
            f"'{attribute.name}' is {attribute.kind.value}. Give one column for each level."
        )
    return _probability(column)


def _of_levels(
    get: Lookup, given: dict[str, str], attribute: Column, asked: Attribute
) -> FloatArray:
    key = f"attributes.{asked.name}.propensity"
    levels = attribute.levels
    unknown = [level for level in given if str(level) not in levels]
    absent = [level for level in levels if level not in given]
    if unknown or len(absent) > 1 or not levels:
        raise DataError(
            f"{key}: give one column for each level of '{asked.name}' "
            f"({', '.join(levels) or 'it has none'}); at most one may be left out."
        )
    table = np.full((attribute.values.size, len(levels)), np.nan)
    for level, name in given.items():
        table[:, levels.index(str(level))] = _probability(get(name))
    if absent:
        table[:, levels.index(absent[0])] = 1.0 - np.nansum(table, axis=1)
    if (np.abs(table.sum(axis=1) - 1.0) > 1e-6).any() or (table <= 0).any():
        raise DataError(f"{key}: the probabilities of the levels do not add up to one in each row.")
    return table[:, 1] if attribute.kind is Kind.BINARY else table


def _probability(column: Values) -> FloatArray:
    found = finite(measured_numbers(column), column)
    wrong = int((~((found > 0) & (found < 1))).sum())
    if wrong:
        raise DataError(
            f"{column.key}: the probability '{column.name}' is missing or not between 0 and 1 in "
            f"{wrong:,} rows. A row that could not have been otherwise has no effect to tell: "
            "leave it out with data.where."
        )
    return found
