"""The kind of a column, read off its values: binary, categorical or continuous."""

from __future__ import annotations

import numpy as np

from causal.base.errors import DataError, listing, nearest
from causal.content.attribute import Attribute, Kind
from causal.data.panel import Column, FloatArray
from causal.data.values import Encoded, Values, encode, finite, numbers

MOST_LEVELS = 50
MISSING = "(missing)"


def attribute_column(column: Values, attribute: Attribute) -> Column:
    """Read an attribute: its declared kind, or the one that its values show.

    Two values of true and false, of text or of whole numbers are binary; other text is
    categorical; other numbers are continuous. A missing value stays missing.

    Raises
    ------
    DataError
        When every value is missing, the kind does not fit, there are more than 50 levels, the
        reference is no level, or a number is infinite.
    """
    _some_values(column)
    if column.type == "time":
        raise DataError(
            f"{column.key}: the attribute '{column.name}' holds times. Make what could have been "
            "different about the content of it with data.derive, for instance the hour."
        )
    found = finite(numbers(column), column) if column.numeric else None
    kind = attribute.kind or _shown_kind(column, found)
    _fits(column, attribute, kind)
    if kind is Kind.CONTINUOUS and found is not None:
        return Column(name=column.name, kind=kind, values=found)
    return _levelled(column, attribute, kind)


def covariate_column(column: Values) -> Column:
    """Read a confounder, modifier, mediator or declared post-outcome column.

    Kinds are read as for attributes, with any number of levels; times become days since 1970. A
    missing value is a level of its own where there are levels, else NaN.
    """
    found = finite(numbers(column), column) if column.type != "text" else None
    kind = Kind.CONTINUOUS if column.type == "time" else _shown_kind(column, found)
    if kind is Kind.CONTINUOUS and found is not None:
        return Column(name=column.name, kind=kind, values=found)
    coded = _truth(column, encode(column))
    codes = coded.codes.astype(np.float64)
    missing = coded.codes < 0
    if not missing.any():
        return Column(name=column.name, kind=kind, values=codes, levels=coded.labels)
    codes[missing] = len(coded.labels)
    return Column(
        name=column.name,
        kind=Kind.CATEGORICAL,
        values=codes,
        levels=(*coded.labels, MISSING),
        absent=len(coded.labels),
    )


def number_column(column: Values) -> Column:
    """Read a column that must hold numbers, such as a negative control; missing stays missing.

    Raises
    ------
    DataError
        When it holds text or times, an infinite number, or nothing.
    """
    found = measured_numbers(column)
    kind = Kind.BINARY if set(np.unique(found[~np.isnan(found)])) <= {0.0, 1.0} else Kind.CONTINUOUS
    levels = ("0", "1") if kind is Kind.BINARY else ()
    return Column(name=column.name, kind=kind, values=found, levels=levels)


def measured_numbers(column: Values) -> FloatArray:
    """Read the numbers of a column that measures something, NaN where missing; errors as above."""
    if not column.numeric:
        raise DataError(
            f"{column.key}: column '{column.name}' holds {column.type}, and numbers are needed. "
            "Make a number of it with data.derive, for instance CAST(... AS DOUBLE)."
        )
    _some_values(column)
    return finite(numbers(column), column)


def _some_values(column: Values) -> None:
    if column.missing.all():
        raise DataError(
            f"{column.key}: every value of column '{column.name}' is missing in the rows read. "
            "Name another column, or look at data.where."
        )


def _shown_kind(column: Values, found: FloatArray | None) -> Kind:
    if column.type == "boolean":
        return Kind.BINARY
    if found is None:
        return Kind.BINARY if len(encode(column).labels) == 2 else Kind.CATEGORICAL
    distinct = np.unique(found[~np.isnan(found)])
    whole = bool(np.all(distinct == np.floor(distinct)))
    two = distinct.size == 2 and whole
    truth = distinct.size == 1 and distinct[0] in (0.0, 1.0)
    return Kind.BINARY if two or truth else Kind.CONTINUOUS


def _fits(column: Values, attribute: Attribute, kind: Kind) -> None:
    if kind is Kind.CONTINUOUS:
        if not column.numeric:
            raise DataError(
                f"{column.key}: the attribute '{column.name}' is declared continuous and holds "
                f"{column.type}. Declare it categorical, or make a number of it with data.derive."
            )
        if attribute.reference is not None:
            raise DataError(
                f"{column.key}: the attribute '{column.name}' is continuous and has no reference "
                "level. Give it a contrast, such as [10, 16], or kind: categorical."
            )
    elif attribute.contrast is not None:
        raise DataError(
            f"{column.key}: the attribute '{column.name}' is {kind.value}, and a contrast is for "
            "continuous ones. Remove the contrast, or give kind: continuous."
        )


def _levelled(column: Values, attribute: Attribute, kind: Kind) -> Column:
    coded = _truth(column, encode(column))
    count = len(coded.labels)
    if kind is Kind.BINARY and count > 2:
        raise DataError(
            f"{column.key}: the attribute '{column.name}' is declared binary and has {count:,} "
            f"values: {listing(coded.labels, 5)}. Declare another kind, or derive a column of two "
            "values."
        )
    if count > MOST_LEVELS:
        raise DataError(
            f"{column.key}: the attribute '{column.name}' has {count:,} levels, and at most "
            f"{MOST_LEVELS} can be told apart. Group them with data.derive, or give kind: "
            "continuous if it is a number."
        )
    reference = _reference(column, attribute, coded.labels)
    codes = np.where(coded.codes < 0, np.nan, coded.codes.astype(np.float64))
    if kind is Kind.BINARY and reference == 1:
        labels = (coded.labels[1], coded.labels[0])
        return Column(name=column.name, kind=kind, values=1.0 - codes, levels=labels)
    return Column(
        name=column.name, kind=kind, values=codes, levels=coded.labels, reference=reference
    )


def _truth(column: Values, coded: Encoded) -> Encoded:
    """Give true and false, and a lone 0 or 1, both levels even when only one occurs."""
    if column.numeric and len(coded.labels) == 1 and coded.labels[0] in ("0", "1"):
        shift = int(coded.labels[0])
        codes = np.where(coded.codes < 0, -1, coded.codes + shift)
        return Encoded(codes=codes, labels=("0", "1"))
    return coded


def _reference(column: Values, attribute: Attribute, labels: tuple[str, ...]) -> int:
    """Find the code of the reference level, by default the first."""
    given = attribute.reference
    if given is None:
        return 0
    text = str(given)
    if isinstance(given, bool):
        text = str(int(given)) if column.numeric else str(given).lower()
    elif isinstance(given, float) and given.is_integer():
        text = str(int(given))
    if text not in labels:
        raise DataError(
            f"{column.key}: the reference '{given}' is no level of the attribute '{column.name}'."
            f"{nearest(text, labels)} Its levels are {listing(labels)}."
        )
    return labels.index(text)
