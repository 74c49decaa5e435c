"""Words of this page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting._view import Facts, Section
from causal.reporting.experiment import glossary

_MORE = (
    ("Cell", "Pairs of users of one arm with creators of one arm; there are four."),
    ("Spillover", "What a treatment does to pairs that were not given it."),
    ("Identified", "What the experiment can tell, however many units it has."),
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words."""
    made = glossary.section(result)
    if made is None:
        return None
    return replace(made, blocks=(*made.blocks, Facts(items=_MORE)))
