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

_SWITCHBACK = [
    ("In all", "What being on does at once and carries into the periods after it, added up."),
    ("Lag", "How many periods ago something was on."),
    ("Drawing anew", "Dealing out on and off again by the declared probability, to see what chance "
                     "alone gives."),
]  # fmt: skip
_SINGLE = [
    ("Donor", "An entity that did not change and may stand for what did."),
    ("Blend", "A weighted mean of donors, with weights from before the change."),
    ("Own course", "What was seen before the change, continued."),
    ("Rank p", "The share of donors that show as large an effect when they take the place of what "
               "changed, itself counted."),
]  # fmt: skip
_TERMS = {"staggered": _STAGGERED, "switchback": _SWITCHBACK, "single": _SINGLE}


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words."""
    level = percent(result["study"]["level"])
    terms = [
        *_TERMS[result["study"]["schedule"]],
        (f"{level} interval", "The range of values consistent with the data. Intervals made this "
                              f"way cover the true value in {level} of studies."),
        ("Cluster", "What is independent of the rest."),
        ("Natural experiment", "Not drawn by lot: an effect only if adopters would have moved as "
                               "the others did."),
        ("Randomised", "What is on, or dates, were drawn by lot."),
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
