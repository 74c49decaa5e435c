"""Guardrails: what each leading contrast does to the outcomes that must not get worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import human, percent, sentence
from causal.policy.reading import Row, bounds, effects, label, outcomes, scale


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
    status = guardrail_status(guardrail, row)
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


def guardrail_status(guardrail: Row, row: Row) -> str:
    """Say how a guardrail stands: ``worse``, ``safe`` or ``unclear``.

    ``safe``: the whole decision interval is better than the margin (than zero without one);
    ``worse``: the whole interval is worse than that.
    """
    low, high = bounds(row)
    if row.get("verdict") == "not estimable" or low is None or high is None:
        return "unclear"
    rising = guardrail.get("goal", "increase") == "increase"
    worst, best = (low, high) if rising else (-high, -low)
    baseline = row.get("baseline")
    margin = guardrail.get("margin")
    allowed = abs(baseline) * margin if margin and baseline is not None else 0.0
    if best < -allowed:
        return "worse"
    return "safe" if worst >= -allowed else "unclear"
