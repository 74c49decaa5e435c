"""Parts that sections of exposure share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal.content.wording import Scale, human, scale_of, sentence
from causal.policy.exposure import scale
from causal.reporting._view import Tone


def greyed(result: Mapping[str, Any]) -> bool:
    """Whether a failed check takes every reading off the page."""
    return bool(result["decision"]["greyed"])


def exposure(result: Mapping[str, Any]) -> str:
    """What one unit of exposure is called."""
    return human(str(result["study"]["exposure"]))


def amount(result: Mapping[str, Any]) -> str:
    """What exposure is called as an amount."""
    return human(str(result["dose"]["column"] or "exposure"))


def outcome_of(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One outcome of the study; what is no outcome is a mean without a goal."""
    known = (each for each in result["outcomes"] if each["name"] == name)
    return next(known, {"name": name, "kind": "mean", "baseline": None, "goal": None})


def worth_scale(result: Mapping[str, Any], name: str) -> Scale:
    """How the worth in one outcome is written."""
    return scale(outcome_of(result, name), result["sets"])


def effect_scale(result: Mapping[str, Any], row: Mapping[str, Any]) -> Scale:
    """How an effect of the instrument is written."""
    low, high = row["low"], row["high"]
    if low is None:
        return scale_of(outcome_of(result, row["outcome"]), [])
    verdict = None if low <= 0 <= high else "raises"
    return scale_of(
        outcome_of(result, row["outcome"]),
        [{"ci_low": low, "ci_high": high, "verdict": verdict}],
    )


def instruments(found: Mapping[str, Any]) -> str:
    """The contrasts a set was read from."""
    listed = [contrast.replace(" - ", " against ") for contrast in found["instruments"]]
    if len(listed) == 1:
        return listed[0]
    return "both arms together" if len(listed) == 2 else f"all {len(listed)} arms together"


def row_label(result: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Name a set: its outcome, and its instrument where there are several."""
    name = sentence(human(str(found["outcome"])))
    several = len({tuple(each["instruments"]) for each in result["sets"]}) > 1
    return f"{name}: {instruments(found)}" if several else name


def tone(result: Mapping[str, Any], found: Mapping[str, Any]) -> Tone:
    """Good or bad by what the outcome should do; quiet where nothing is clear."""
    if greyed(result) or found["verdict"] not in ("raises", "lowers"):
        return "quiet"
    up = outcome_of(result, found["outcome"]).get("goal") == "increase"
    return "good" if (found["verdict"] == "raises") == up else "bad"
