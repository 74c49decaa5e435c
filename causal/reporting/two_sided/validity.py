"""The validity gate: the split of both sides, and every check before any effect is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting._view import Section
from causal.reporting.experiment import validity
from causal.reporting.experiment.validity import split


def section(result: Mapping[str, Any]) -> Section | None:
    """Show the planned and the seen split of each side, every check, and the queries."""
    made = validity.section(result)
    if made is None:
        return None
    sides = [
        split([arm for arm in result["arms"] if arm["side"] == side], f"The split of {side}s")
        for side in ("user", "creator")
    ]
    return replace(made, blocks=(*sides, *made.blocks[1:]))
