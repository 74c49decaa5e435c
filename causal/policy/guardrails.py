"""Guardrails: what each leading contrast does to the outcomes that must not get worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, percent, sentence
from causal.policy.interval import adjusted_by, bounds
from causal.policy.reading import Row, clear, effects, label, outcomes, scale


def guardrails(content: Mapping[str, Any], leading: list[Row]) -> list[dict[str, Any]]:
    """Compare each leading contrast with every guardrail: worse, safe, or not yet clear."""
    listed = []
    for guardrail in outcomes(content, "guardrail"):
        found = {
            (row["attribute"], row["contrast"]): row
            for row in effects(content, outcome=guardrail["name"])
        }
        for lead in leading:
            row = found.get((lead["attribute"], lead["contrast"]))
            if row is not None:
                listed.append(_guarded(content, guardrail, row))
    return listed


def _guarded(content: Mapping[str, Any], guardrail: Row, row: Row) -> dict[str, Any]:
    status = guardrail_status(content, guardrail, row)
    written = scale(content, guardrail["name"])
    name, what = human(guardrail["name"]), label(content, row)
    margin = guardrail.get("margin")
    within = f" within the margin of {percent(margin)}" if margin else ""
    said = {
        "worse": f"{what} is clearly worse on {name} ({written.effect(row.get('estimate'))})",
        "safe": f"{what} keeps {name}{within}",
        "unclear": f"{what}: harm to {name} beyond the margin is not ruled out"
        if margin
        else f"{what}: no clear effect on {name}",
    }[status]
    return {
        "outcome": guardrail["name"],
        "attribute": row["attribute"],
        "contrast": row["contrast"],
        "status": status,
        "words": sentence(said) + ".",
    }


def guardrail_status(content: Mapping[str, Any], guardrail: Row, row: Row) -> str:
    """Say how a guardrail stands: ``worse``, ``safe`` or ``unclear``.

    ``safe``: the whole decision interval is better than the margin (than zero without one);
    ``worse``: the whole interval is worse than that, and the adjusted p clear where it decides.
    """
    low, high = bounds(content, row)
    if row.get("verdict") == "not estimable" or low is None or high is None:
        return "unclear"
    rising = guardrail.get("goal", "increase") == "increase"
    worst, best = (low, high) if rising else (-high, -low)
    limit = allowed(guardrail, row)
    if best < -limit:
        return "worse" if clear(row) or not adjusted_by(content) else "unclear"
    return "safe" if worst >= -limit else "unclear"


def allowed(guardrail: Row, row: Row) -> float:
    """How much worse the guardrail may get, in units of the outcome; zero without a margin."""
    baseline, margin = row.get("baseline"), guardrail.get("margin")
    return float(abs(baseline) * margin) if margin and baseline is not None else 0.0
