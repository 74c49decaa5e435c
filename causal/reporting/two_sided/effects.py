"""What decides: both sides treated against neither, by role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causal.reporting._view import Banner, Section
from causal.reporting.experiment import effects
from causal.reporting.experiment._rows import greyed, shared


def section(result: Mapping[str, Any]) -> Section | None:
    """The total effect on every metric, with its table and its exact numbers."""
    made = effects.section(result)
    if made is None:
        return None
    blocks = made.blocks
    if shared(result) and not greyed(result):
        because = str(result["two_sided"]["because"])
        banner = Banner(
            title="Not the effect of a launch to everybody",
            text=f"The global effect is not identified by this design, because {because}. What "
            "follows is the difference between pairs as this experiment treated them.",
        )
        blocks = (banner, *blocks[1:])
    return replace(
        made,
        title="Both sides treated, against neither",
        lead="Pairs of a treated user and a treated creator, less pairs with neither treated, over "
        "the level of the latter. The other estimands are under both sides.",
        blocks=blocks,
    )
