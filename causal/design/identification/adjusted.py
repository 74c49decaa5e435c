"""Adjusted: confounders, modifiers and other attributes are held fixed by models."""

from __future__ import annotations

from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.identification._adjustment import adjustment
from causal.design.study import Study


def identify(study: Study, panel: Panel) -> Design:
    """Compare rows that are alike in everything held fixed (backdoor adjustment)."""
    held, refused = adjustment(study, panel)
    randomized = study.assignment == "randomized" and not study.block
    return Design(
        name="adjusted",
        identification="randomized" if randomized else "adjusted",
        population="all rows",
        assumptions=(
            ("The attribute was assigned at random; what is held fixed only makes it sharper.",)
            if randomized
            else (
                "Nothing unmeasured moves both the attribute and the outcome, given what is held "
                "fixed.",
                "Every kind of row could have come with or without the attribute (overlap).",
            )
        ),
        adjustment=held,
        claims=randomized or (study.assignment == "observational" and bool(study.confounders)),
        refused=refused,
    )
