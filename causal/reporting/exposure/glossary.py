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
        ("Exposure", "What is received: an impression, a notification, minutes of it."),
        ("Instrument", "What moved exposure by chance and acts on the outcome through it alone."),
        ("First stage", "How far the instrument moved exposure; F says how clearly."),
        ("Set", f"Every value of the worth that the data do not refuse at {level}. It may be an "
                "interval, two rays, the whole line, or empty."),
        ("Those moved", "Units whose exposure the instrument changed; the worth is theirs."),
        ("Exclusion", "That the instrument changes nothing but exposure on the way to the outcome."),
        ("pp", "Percentage points: from 1.5% to 1.6% is +0.1 pp."),
    ]  # fmt: skip
    return Section(
        order=120,
        id="glossary",
        chapter="Methods",
        title="Words of this page",
        blocks=(Facts(items=tuple(terms)),),
    )
