"""The two arms of a side: what they are called in the data, and how many units each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.base.errors import DataError, listing, nearest
from causal.data.moments.collected import Counts
from causal.data.pairs.query import ArmValues
from causal.data.pairs.request import SideRequest
from causal.data.panel import IntArray

STRAY = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Arms of a side: ``names`` and planned ``shares``, control first.

    ``values`` are what the data call them, and ``units`` how many units each arm in the data has, by
    its name; one in both arms is in both.
    """

    names: tuple[str, str]
    shares: tuple[float, float]
    values: ArmValues
    units: Mapping[str, int]


def arms_found(listed: Sequence[Mapping[str, Any]], side: SideRequest) -> Found:
    """Match the study's two arms with those in the data; a planned arm may be empty.

    Parameters
    ----------
    listed
        For each value of the arm's column, ``arm``, how many units ``n`` have it.

    Raises
    ------
    DataError
        When arms that the data have are not the study's.
    """
    raw = {_label(row["arm"]): row["arm"] for row in listed if row["arm"] is not None}
    units = {_label(row["arm"]): int(row["n"]) for row in listed if row["arm"] is not None}
    key = f"arms.{side.key}"
    others = sorted(name for name in raw if _own(name) != _own(side.control))
    treated = [name for name, share in side.shares.items() if share and name != side.control]
    if not treated and len(others) != 1:
        raise DataError(
            f"{key}.column: column '{side.arm}' has the arms {listing(sorted(raw))}, and a side has "
            f"two: the control '{side.control}' and one other. Name them in {key}.shares, or leave "
            "the rest out with data.where."
        )
    names = (side.control, treated[0] if treated else _spelled(others[0], side.control))
    own = {_own(name): name for name in raw}
    stray = sum(n for name, n in units.items() if _own(name) not in map(_own, names))
    for at, name in enumerate(names):
        empty = _own(name) not in own
        if empty and (stray > STRAY * sum(units.values()) or not treated or not units):
            where = f"{key}.shares.{name}" if at else f"{key}.control"
            raise DataError(
                f"{where}: no {side.key} is in the arm '{name}'.{nearest(name, raw)} The arms of "
                f"column '{side.arm}' are {listing(sorted(raw))}."
            )
    if stray > STRAY * sum(units.values()):
        rest = [name for name in units if _own(name) not in map(_own, names)]
        raise DataError(
            f"{key}.shares: {stray:,} {side.key}s are in {listing(sorted(rest))}, which "
            f"{key}.shares does not name. A side has two arms; leave the others out with data.where."
        )
    shares = (side.shares.get(names[0], 0.5), side.shares.get(names[1], 0.5))
    control, other = (raw.get(own.get(_own(name), name), name) for name in names)
    return Found(
        names=names, shares=shares, values=ArmValues(control=control, treated=other), units=units
    )


def counts_of(found: Found, units: IntArray, crossed: int) -> Counts:
    """Units of a side, as the checks of an experiment read them."""
    named = {_own(name) for name in found.names}
    return Counts(
        arms=found.names,
        shares=np.array(found.shares),
        randomized=units,
        crossed=crossed,
        unplanned={name: n for name, n in found.units.items() if _own(name) not in named},
    )


def _own(name: str) -> str:
    """One spelling for true and 1, and for false and 0."""
    return {"true": "1", "false": "0"}.get(name.casefold(), name)


def _spelled(name: str, control: str) -> str:
    """An arm as the study spells its control: true where that is false."""
    words = {"1": "true", "0": "false"}
    return words.get(name, name) if control.casefold() in words.values() else name


def _label(value: Any) -> str:
    """An arm's value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
