"""The raw gap: nothing is held fixed."""

from __future__ import annotations

from causal.data.panel import Panel
from causal.design.design import Design
from causal.design.study import Study


def identify(study: Study, panel: Panel) -> Design:  # noqa: ARG001
    """Compare all rows with the attribute with all rows without it.

    It identifies an effect only when the attribute was randomised over all rows.
    """
    randomized = study.assignment == "randomized" and not study.block
    return Design(
        name="naive",
        identification="randomized" if randomized else "descriptive",
        population="all rows",
        assumptions=(
            ("The attribute was assigned at random over all rows.",)
            if randomized
            else ("None is claimed: rows with and without the attribute differ in other ways.",)
        ),
        adjustment={attribute.name: () for attribute in study.attributes},
        claims=randomized,
    )
