"""Words of this page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import percent
from causal.reporting._view import Facts, Section

_STAGGERED = [
    ("Cohort", "All that adopt in the same period."),
    ("Time since adoption", "Periods since a cohort adopted; 0 is the period of adoption."),
    ("Untreated", "Not yet adopted, or never."),
    ("Contamination", "What the rollout does to those that have not adopted, through what they "
                      "share with those that have."),
    ("Not estimable", "No number answers the question: a check failed, or nobody is left to "
                      "compare with."),
]  # fmt: skip


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words."""
    level = percent(result["study"]["level"])
    terms = [
        *(_STAGGERED if result["study"]["schedule"] == "staggered" else []),
        (f"{level} interval", "The range of values consistent with the data. Intervals made this "
                              f"way cover the true value in {level} of studies."),
        ("Cluster", "What is independent of the rest."),
        ("Natural experiment", "Not drawn by lot: an effect only if adopters would have moved as "
                               "the others did."),
        ("Randomised", "Dates were drawn by lot."),
        ("Comparison only", "A difference, not an effect."),
        ("pp", "Percentage points: from 1.5% to 1.6% is +0.1 pp."),
    ]  # fmt: skip
    return Section(
        order=120,
        id="glossary",
        chapter="Methods",
        title="Words of this page",
        blocks=(Facts(items=tuple(terms)),),
    )
