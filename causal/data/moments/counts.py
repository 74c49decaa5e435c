"""Units of randomisation by arm, day and split."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from causal.base.errors import DataError, listing, nearest
from causal.data.moments.cells import MISSING, Cells, by_split
from causal.data.moments.collected import Counts, Split
from causal.data.moments.request import ExperimentRequest
from causal.data.panel import FloatArray

STRAY = 0.001


def arms_found(cells: Cells, asked: ExperimentRequest) -> tuple[dict[str, str], dict[str, float]]:
    """Every arm of the plan with the text it has in the data, and its share.

    The control comes first, then the others in the order of the shares (without shares in the
    order of their names), a holdout last. ``true`` and ``false`` are found as 1 and 0. A planned
    arm may be empty; where the data have other arms instead it is taken for misspelt.

    Raises
    ------
    DataError
        When the control, or an arm of positive share, has no unit and other arms have.
    """
    units: dict[str, float] = {}
    for text, crossed, n in zip(
        cells.labels["arm"], cells.crossed, cells.numbers["n"], strict=True
    ):
        if text:
            units[text] = units.get(text, 0.0) + (n if not crossed else 0.0)
    names = list(asked.shares) or _named(asked, sorted(units))
    if asked.control in names:
        names.remove(asked.control)
    last = [name for name in names if name == asked.holdout]
    names = [asked.control, *(name for name in names if name != asked.holdout), *last]
    found = {name: text_of(name, units) for name in names}
    shares = dict(asked.shares) or {name: 1 / len(names) for name in names}
    planned = sum(units.get(text, 0.0) for text in found.values())
    others = sum(units.values()) - planned
    misspelt = not asked.shares or others > STRAY * sum(units.values()) or planned == 0
    for name, text in found.items():
        if misspelt and text not in units and (shares[name] > 0 or name == asked.control):
            own = "control" if name == asked.control else f"shares.{name}"
            raise DataError(
                f"{asked.arms_key}.{own}: no unit is in the arm '{name}'.{nearest(name, units)} "
                f"The arms of column '{asked.arm}' are {listing(sorted(units))}."
            )
    if len(names) < 2:
        raise DataError(
            f"{asked.arms_key}.column: every unit of column '{asked.arm}' is in the arm "
            f"'{asked.control}', so nothing can be compared."
        )
    return found, shares


def _named(asked: ExperimentRequest, texts: Sequence[str]) -> list[str]:
    """Arms as the data name them, the control as the study does."""
    own = text_of(asked.control, texts)
    return [asked.control if text == own else text for text in texts]


def text_of(name: str, units: Collection[str]) -> str:
    """The text an arm has in the data, where these are all there are."""
    truth = {"true": "1", "false": "0"}.get(name.casefold(), name)
    return name if name in units or truth not in units else truth


def counts_of(
    splits: Mapping[str, Cells],
    asked: ExperimentRequest,
    arms: Mapping[str, str],
    shares: Mapping[str, float],
) -> Counts:
    """Count units of randomisation.

    Parameters
    ----------
    splits
        Cells that tell a split, by its column, ``day``, or '' for the arms alone.

    Raises
    ------
    DataError
        When more than one unit in a thousand is in an arm that the plan does not name.
    """
    main = splits[""]
    randomized = by_split(main, "n", arms, ())[1][:, 0]
    planned = set(arms.values())
    unplanned: dict[str, int] = {}
    for text, crossed, n in zip(main.labels["arm"], main.crossed, main.numbers["n"], strict=True):
        if text and text not in planned and not crossed:
            unplanned[text] = unplanned.get(text, 0) + round(n)
    stray, whole = sum(unplanned.values()), float(randomized.sum())
    if stray > STRAY * (whole + stray):
        raise DataError(
            f"{asked.arms_key}.shares: {stray:,} of {whole + stray:,.0f} units are in "
            f"{listing(unplanned)}, which {asked.arms_key}.shares does not name. Name every arm "
            "with its planned share, or leave those units out with data.where."
        )
    return Counts(
        arms=tuple(arms),
        shares=np.array([shares[name] for name in arms]),
        randomized=_whole(randomized),
        crossed=round(float(main.numbers["n"][main.crossed == 1].sum())),
        unplanned=unplanned,
        days=_split("day", splits["day"], arms, randomized) if "day" in splits else None,
        splits=tuple(
            split
            for name in asked.keys
            if (split := _split(name, splits[name], arms, randomized)) is not None
        ),
    )


def _split(
    name: str, cells: Cells, arms: Mapping[str, str], randomized: FloatArray
) -> Split | None:
    """Counts by one column; None when clusters lie in several of its values."""
    values, counts = by_split(cells, "n", arms, (name,))
    if not np.array_equal(np.rint(counts.sum(axis=1)), np.rint(randomized)):
        return None
    kept = [i for i, (value,) in enumerate(values) if value and counts[:, i].any()]
    return Split(
        name=name,
        values=tuple(values[i][0] or MISSING for i in kept),
        counts=_whole(counts[:, kept].T),
    )


def _whole(found: FloatArray) -> np.ndarray:
    return np.rint(found).astype(np.int64)
