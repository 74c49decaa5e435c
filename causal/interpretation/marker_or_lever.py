"""Marker or lever: the one table in which SHAP importance meets effects.

A column may predict success without moving it (a marker), move it without the model's notice (a
lever), both, or neither. The two are never ranked together and never share an axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Row = Mapping[str, Any]
Cell = Literal[
    "act and monitor", "lever the model does not see", "marker, not lever", "drop", "undecided"
]

CAUSAL = ("randomized", "natural experiment", "adjusted")
POWER = 0.8
_ALWAYS_USED = 3

_WORDS: dict[Cell, str] = {
    "act and monitor": "A credible effect, and the success model uses it",
    "lever the model does not see": "A credible effect that the success model makes little use of",
    "marker, not lever": "It predicts the outcome, but an effect beyond the margin is ruled out",
    "drop": "Little use in prediction, and an effect beyond the margin is ruled out",
    "undecided": "Undecided",
}


def marker_or_lever(
    effects: Sequence[Row],
    models: Sequence[Row],
    *,
    headline: str,
    margins: Mapping[str, float | None],
    level: float = 0.95,
) -> list[dict[str, Any]]:
    """Place every attribute in one of five cells, by its effect and its use in prediction.

    An effect is *credible* when the headline design identifies it (not descriptive) and the verdict
    is raises or lowers. It is *ruled out* when the verdict says so, the design identifies it and
    the simultaneous interval lies inside the margin. A column is *used* when its group's SHAP
    importance is above the noise floor and its rank is in the upper half of all groups (the first
    three count always); else it is little used. What fits no cell is undecided, with the reason.

    Parameters
    ----------
    effects
        Rows as in ``effects`` of result.json; only those of the headline design, the whole
        population and the total path are read.
    models
        Entries as in ``success_models``.
    headline
        The design the answer is read from.
    margins
        For each outcome the margin relative to the baseline, or None.
    level
        The study's level, for rows without a simultaneous interval.

    Returns
    -------
    list of dict
        In the order of ``effects``; the keys are those of ``marker_or_lever`` in result.json.
        ``detectable`` is (c + z.8) x standard error: the smallest effect that leaves 0 out of its
        simultaneous interval, of half-width c standard errors, in four of five repetitions; it is
        in the units of the effect, and None without a standard error.
    """
    by_outcome = {model["outcome"]: model for model in models}
    return [
        _placed(effect, by_outcome.get(effect["outcome"]), margins.get(effect["outcome"]), level)
        for effect in effects
        if effect["design"] == headline
        and effect.get("segment") is None
        and effect.get("path") in (None, "total")
    ]


def _placed(effect: Row, model: Row | None, margin: float | None, level: float) -> dict[str, Any]:
    place = _place(effect["attribute"], model)
    cell, reason = _cell(effect, place, model, margin)
    return {
        "attribute": effect["attribute"],
        "contrast": effect["contrast"],
        "outcome": effect["outcome"],
        "effect_verdict": effect.get("verdict"),
        "effect": effect.get("estimate"),
        "simultaneous_low": effect.get("simultaneous_low"),
        "simultaneous_high": effect.get("simultaneous_high"),
        "shap_rank": place[0] if place else None,
        "shap_groups": place[1] if place else None,
        "shap_group": place[2]["group"] if place else None,
        "above_floor": place[2]["above_floor"] if place else None,
        "cell": cell,
        "words": _sentence(cell, reason, place),
        "detectable": smallest_detectable(effect, level),
    }


def _place(attribute: str, model: Row | None) -> tuple[int, int, Row] | None:
    """Rank, number of groups and the entry of the group an attribute is in."""
    table = (model or {}).get("importance") or []
    for rank, row in enumerate(table, start=1):
        if attribute in row["members"]:
            return rank, len(table), row
    return None


def _cell(
    effect: Row, place: tuple[int, int, Row] | None, model: Row | None, margin: float | None
) -> tuple[Cell, str]:
    credible, ruled_out, reason = _effect(effect, margin)
    if not credible and not ruled_out:
        return "undecided", reason
    if place is None:
        why = (model or {}).get("reason")
        return "undecided", f"there is no success model to compare with ({why or 'not fitted'})"
    if place[2]["above_floor"] is None:
        return "undecided", "the noise floor of the importance is not known"
    used = _used(place)
    if credible:
        return ("act and monitor" if used else "lever the model does not see"), ""
    return ("marker, not lever" if used else "drop"), ""


def _effect(effect: Row, margin: float | None) -> tuple[bool, bool, str]:
    """Whether the effect is credible, whether it is ruled out, and why neither."""
    withheld = _withheld(effect)
    if withheld is not None:
        return False, False, withheld
    if effect["verdict"] in ("raises", "lowers"):
        return True, False, ""
    if effect["verdict"] == "ruled out" and _inside(effect, margin):
        return False, True, ""
    if margin is None:
        return False, False, "no clear effect, and without a margin none can be ruled out"
    return False, False, "too imprecise to tell an effect from none within the margin"


def _withheld(effect: Row) -> str | None:
    verdict, identification = effect.get("verdict"), effect.get("identification")
    if verdict == "not estimable" or identification == "not estimable":
        why = str(effect.get("why") or "the reason is among the findings").rstrip(".")
        return f"the effect is not estimable: {why}"
    if verdict is None:
        return "a failed check withholds the verdict on the effect"
    if identification not in CAUSAL:
        return "the comparison is descriptive, so there is no effect to speak of"
    return None


def _inside(effect: Row, margin: float | None) -> bool:
    low, high = effect.get("simultaneous_low"), effect.get("simultaneous_high")
    baseline = effect.get("baseline")
    if margin is None or low is None or high is None or baseline is None:
        return False
    reach = margin * abs(float(baseline))
    return -reach <= float(low) and float(high) <= reach


def _used(place: tuple[int, int, Row]) -> bool:
    rank, groups, row = place
    return bool(row["above_floor"]) and rank <= max(_ALWAYS_USED, (groups + 1) // 2)


def smallest_detectable(effect: Row, level: float = 0.95) -> float | None:
    """Give the effect that would be told from zero in 80% of repetitions, in its own units."""
    from scipy.stats import norm

    error, estimate = effect.get("std_error"), effect.get("estimate")
    if error is None or not float(error) > 0:
        return None
    critical = float(norm.ppf(0.5 + level / 2))
    high = effect.get("simultaneous_high")
    if high is not None and estimate is not None:
        critical = (float(high) - float(estimate)) / float(error)
    return (critical + float(norm.ppf(POWER))) * float(error)


def _sentence(cell: Cell, reason: str, place: tuple[int, int, Row] | None) -> str:
    words = _WORDS[cell] + (f": {reason}" if reason else "")
    if place is not None:
        rank, groups, row = place
        low, high = row.get("rank_low"), row.get("rank_high")
        spread = f", {low} to {high} over refits" if low is not None and low != high else ""
        shared = ", listed with correlated columns" if len(row["members"]) > 1 else ""
        words += f" (importance rank {rank} of {groups}{spread}{shared})"
    return f"{words}."
