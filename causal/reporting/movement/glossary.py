"""Words of this page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import percent
from causal.reporting._view import Facts, Section


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words."""
    level = percent(result["study"]["level"])
    terms = [
        ("Move", "The metric after, less the metric before."),
        ("Mix", "The part of a move that comes from segments being more or less of all rows."),
        ("Rate", "The part that comes from another level within segments."),
        ("Mechanism", "How a node follows from what comes before it, for instance which position "
                      "an item of some topic is shown at."),
        ("Share", "What the change of one mechanism did to the metric; shares add up to the move."),
        ("Unexplained", "What no shipped experiment claims of a mechanism's share."),
        (f"{level} interval", "The range of values consistent with the data. Intervals made this "
                              f"way cover the true value in {level} of studies."),
        ("Cluster", "What is independent of the rest, for instance a user with all their rows."),
        ("Comparison only", "A difference between periods, not an effect."),
        ("pp", "Percentage points: from 1.5% to 1.6% is +0.1 pp."),
    ]  # fmt: skip
    if not result["mechanisms"]:
        terms = [term for term in terms if term[0] not in ("Mechanism", "Share", "Unexplained")]
    return Section(
        order=120,
        id="glossary",
        chapter="Methods",
        title="Words of this page",
        blocks=(Facts(items=tuple(terms)),),
    )
