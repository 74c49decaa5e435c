"""A design: one way of comparing, the columns it holds fixed, and what it assumes, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from causal.data.panel import BoolArray

Identification = Literal[
    "randomized", "natural experiment", "adjusted", "descriptive", "not estimable"
]
LADDER = ("naive", "adjusted", "within", "exploration", "exploration x within")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """One rung of the ladder.

    ``adjustment`` names, for each attribute, the columns held fixed (confounders and other
    attributes decided no later). ``rows`` restricts the design to a slice (None: all rows).
    ``claims`` says whether the design claims to identify the effect, so that two that claim it
    must agree. ``refused`` gives, for an attribute that this design cannot answer, the reason.
    """

    name: str
    identification: Identification
    population: str
    assumptions: tuple[str, ...]
    adjustment: Mapping[str, tuple[str, ...]]
    claims: bool
    within_block: bool = False
    rows: BoolArray | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

    def mask(self, rows: int) -> BoolArray:
        """Which rows the design uses, shape (rows,)."""
        return np.ones(rows, dtype=bool) if self.rows is None else self.rows


def headline(designs: tuple[Design, ...], *, randomized: bool) -> str:
    """Name the design the answer is read from.

    A randomised attribute is read within its blocks, or adjusted when there are none. Otherwise
    the design that leaves the least to assumption: exploration x within, within, exploration,
    adjusted.
    """
    order = (
        ("within", "adjusted", "naive")
        if randomized
        else ("exploration x within", "within", "exploration", "adjusted", "naive")
    )
    names = {design.name for design in designs}
    return next(name for name in order if name in names)
