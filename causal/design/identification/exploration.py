"""Exploration: only rows whose exposure was randomised."""

from __future__ import annotations

from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.identification._adjustment import adjustment
from causal.design.study import Study


def identify(study: Study, panel: Panel) -> Design | None:
    """Compare on the exploration slice; None without one.

    Exploration randomises who is shown, not the attribute: confounding by who made the content
    remains, so that confounders are still held fixed.
    """
    if panel.exploration is None or not panel.exploration.any():
        return None
    held, refused = adjustment(study, panel)
    randomized = study.assignment == "randomized" and not study.block
    return Design(
        name="exploration",
        identification="randomized" if randomized else "adjusted",
        population="rows whose exposure was randomised",
        assumptions=(
            "Exposure was randomised on these rows, so the ranker did not select them.",
            "The attribute was assigned at random; what is held fixed only makes it sharper."
            if randomized
            else "Nothing unmeasured moves both the attribute and the outcome, given what is held "
            "fixed: exploration does not randomise the attribute.",
        ),
        adjustment=held,
        claims=randomized or (study.assignment == "observational" and bool(study.confounders)),
        rows=panel.exploration,
        refused=refused,
    )
