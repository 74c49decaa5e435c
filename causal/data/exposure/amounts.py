"""The range of an exposure, read in the engine: what must be known before it is used as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causal.base.errors import DataError
from causal.content.wording import figure
from causal.data.asking import asking
from causal.data.extract import opened

if TYPE_CHECKING:
    import pandas as pd

    from causal.data.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Least and most of an exposure, and whether it is only ever 0 or 1."""

    least: float
    most: float
    binary: bool


def amounts(
    request: Request,
    column: str,
    *,
    also: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
) -> Amounts:
    """Read the range of an exposure.

    Parameters
    ----------
    request
        The table.
    column
        The exposure.
    also
        Columns that must hold numbers too, at least one each.
    frame
        A frame to use in place of the source; it is not changed.

    Raises
    ------
    DataError
        When there are no rows; when an amount is missing or below zero, or all are the same; when
        another column holds no numbers.
    """
    with opened(request, frame) as connection:
        reader = asking(connection, request, (column, *also), numbers=(column, *also))
        source = reader.source
        number = reader.number(source, column)
        found = reader.run(
            "range of the exposure",
            source.aggregate(
                rows=source.count(),
                known=number.count(),
                least=number.min(),
                most=number.max(),
                whole=number.isin([0.0, 1.0]).sum(),
                **{f"known {name}": reader.number(source, name).count() for name in also},
            ),
        )[0]
    key = request.key_of(column)
    rows, known = int(found["rows"]), int(found["known"])
    if not rows:
        raise DataError(
            "data.source: no rows are left to read. Look at the table, and at data.where."
        )
    for name in also:
        if not int(found[f"known {name}"]):
            raise DataError(
                f"{request.key_of(name)}: every value of column '{name}' is missing. Leave it out."
            )
    if known < rows:
        raise DataError(
            f"{key}: column '{column}' is missing in {rows - known:,} of {rows:,} rows. Write 0 "
            f"where nothing was received, for instance with data.derive: coalesce({column}, 0), or "
            "leave the rows out with data.where."
        )
    least, most = float(found["least"]), float(found["most"])
    if least < 0:
        raise DataError(
            f"{key}: column '{column}' has values below zero, the least is {figure(least)}. An "
            "exposure is had or not, or an amount from zero on. Repair it with data.derive."
        )
    if least == most:
        raise DataError(
            f"{key}: column '{column}' is {figure(least)} in every row, so nothing moved it. Name "
            "another column, or look at data.where."
        )
    return Amounts(least=least, most=most, binary=int(found["whole"]) == rows)
