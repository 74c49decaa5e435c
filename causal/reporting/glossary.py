"""Glossary and limits, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.policy.interval import adjusted_by, joint
from causal.reporting._parts import level_words
from causal.reporting._view import Bullets, Facts, Section


def _deciding(result: Mapping[str, Any]) -> str:
    """Say what the verdicts of this page are read from."""
    if joint(result):
        return "Verdicts are read from it."
    method = adjusted_by(result)
    if method:
        return f"Verdicts here are read from p, adjusted by the method of {method}."
    return "Verdicts here are read from each comparison's own interval."


def section(result: Mapping[str, Any]) -> Section | None:
    """Explain the words this page uses, and what it cannot say."""
    level = level_words(result)
    terms = [
        ("Effect", "How the outcome differs when one attribute is changed and the rest stays."),
        (
            "Raw gap",
            "The plain difference between items with and without the attribute; it mixes "
            "the effect with everything that goes along with it.",
        ),
        (
            f"{level} interval",
            "The range of values consistent with the data. Intervals made this "
            f"way cover the true value in {level} of studies.",
        ),
        (
            "Interval that holds for all at once",
            "A wider range, also called simultaneous: it allows for how many comparisons were "
            "made. " + _deciding(result),
        ),
        (
            "No clear effect",
            "What decides leaves both directions open. The effect may be small, or the data "
            "too few; it does not mean zero.",
        ),
        ("Ruled out", "The whole interval lies inside the margin that the study calls negligible."),
        ("Not estimable", "An assumption visibly fails, so no number is given."),
        ("Randomised", "Chance decided who saw what, so the comparison is fair by design."),
        ("Adjusted", "Fair only if everything that matters was measured and held fixed."),
        ("Comparison only", "A difference between groups, not an effect."),
        ("pp", "Percentage points: from 1.5% to 1.6% is +0.1 pp, or +6.7% relative."),
    ]
    if result.get("success_models"):
        terms.append(
            (
                "SHAP",
                "How far a column moves one prediction of the success model from "
                "the average prediction. It tells what the model uses.",
            )
        )
    limits = [
        "Effects are those of a few items changing while the rest stay as they are; when all "
        "change, they compete for the same exposure.",
        "They hold for this window, this population and this way of showing content.",
        "An attribute is what the study's columns say it is: a proxy stays a proxy.",
        "Long-term effects on people and creators are not in these numbers unless an outcome "
        "measures them.",
    ]
    return Section(
        order=120,
        id="glossary",
        chapter="Glossary",
        title="Glossary and limits",
        blocks=(Facts(items=tuple(terms)), Bullets(title="Limits", items=tuple(limits))),
    )
