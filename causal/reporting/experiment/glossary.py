"""Words of this page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import percent
from causal.reporting._view import Facts, Section
from causal.reporting.experiment._rows import greyed

_PROJECTED = (
    "Projected effect",
    "What past experiments lead one to expect of a metric that takes long, from metrics that do "
    "not; never a part of the verdict.",
)


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words."""
    level = percent(result["study"]["level"])
    words = ("SHIP, HOLD, ROLL BACK", "What the rule that was agreed beforehand says to do.")
    terms = (
        *(() if greyed(result) else (words,)),
        ("CANNOT DECIDE", "The experiment, or its design, does not allow a verdict."),
        (
            f"{level} interval",
            f"Values consistent with the observed data; made this way it holds the truth in {level} "
            "of experiments.",
        ),
        (
            "No clear effect",
            "What decides leaves both directions open; it does not mean that there is none.",
        ),
        ("Guardrail", "A metric that may not get worse than its margin."),
        ("Success metric", "A metric that the change is meant to move."),
        ("Sample ratio", "Whether arms have the shares of units that were planned."),
        ("Displacement", "How much of one arm's gain is the other's loss."),
        *((_PROJECTED,) if result.get("projection") else ()),
    )
    return Section(
        order=120,
        id="glossary",
        chapter="Glossary",
        title="Words on this page",
        blocks=(Facts(items=terms),),
        closed=True,
    )
