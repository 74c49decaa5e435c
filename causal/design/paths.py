"""The part of a study of attributes that says how exposure came about: what paths are read from."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt

from causal.design._common import Name, Part


def _by_attribute(value: Any) -> Any:
    return {"": value} if isinstance(value, str) else value


class PathColumns(Part):
    """The key ``exposure``: columns that tell what the ranker did from what users saw.

    Either rows are impressions, with ``position`` and the propensities of the log, or rows are
    randomised items with ``ranked`` and ``shown``.
    """

    position: Name | None = None
    """Slot of the impression, from 1."""
    propensity: Name | None = None
    """Probability of the item in its slot, given the slots above."""
    flipped: Annotated[
        dict[str, Name],
        BeforeValidator(_by_attribute, json_schema_input_type=Name | dict[str, Name]),
    ] = Field(default_factory=dict)
    """By attribute: the propensity times how much likelier the list down to this slot had been, had
    the ranker read the other value of the attribute of this one item."""
    item: Name | None = None
    """What is shown."""
    period: Name | None = None
    """Paths are given for an item in a period, for instance a day."""
    live: StrictInt | None = Field(default=None, ge=1)
    """How many items by periods could have been shown; by default those that were."""
    monotone: StrictBool = False
    """Whether having the attribute never lowers an item's score; bounds need it."""
    ranked: Name | None = None
    """Rows are items: whether the ranker read the attribute, by a randomised cell."""
    shown: Name | None = None
    """Rows are items: whether users saw it, by a randomised cell."""
    pool_share: StrictFloat | None = Field(default=None, ge=0, le=1)
    """Share of all exposure that the items of the cells have."""

    def flipped_of(self, attribute: str, *, alone: bool) -> str | None:
        """Column of the flipped propensity of an attribute; ``alone`` when there is no other."""
        return self.flipped.get(attribute, self.flipped.get("") if alone else None)
