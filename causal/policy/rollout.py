"""What a report of a rollout says of an effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
SILENT = ("descriptive", "not estimable")


def verdict_of(row: Row, margin: float | None) -> str | None:
    """The verdict of one row, by its interval for the whole family; None where it is no effect.

    ``raises`` and ``lowers`` leave zero out, ``ruled out`` lies inside the margin (relative to the
    baseline), ``no clear effect`` does neither.
    """
    if row["identification"] == "not estimable":
        return "not estimable"
    low, high = row["simultaneous_low"], row["simultaneous_high"]
    if row["identification"] in SILENT or low is None:
        return None
    baseline = row["baseline"]
    inside = margin is not None and baseline is not None
    if inside and max(abs(low), abs(high)) < abs(margin * baseline):
        return "ruled out"
    if low <= 0 <= high:
        return "no clear effect"
    return "raises" if low > 0 else "lowers"
