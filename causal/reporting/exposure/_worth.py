"""What each outcome is consistent with, as content: sets, places and jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.content.wording import p_is
from causal.estimation._estimates import Label, Size
from causal.estimation.exposure.anderson_rubin import Worth
from causal.estimation.exposure.exploration import Examination
from causal.estimation.exposure.exploration import sets as examined
from causal.estimation.exposure.held import Held
from causal.estimation.exposure.late import Late
from causal.estimation.exposure.threshold import Jump
from causal.policy.exposure import verdict_of
from causal.reporting.exposure._rows import empty_row, rows
from causal.reporting.exposure._run import Parts

Content = dict[str, Any]
DOUBT = 0.05
"""Under this p of one worth for all arms no estimate is shown of it."""


def worth_of(parts: Parts, found: Late, effects: list[Content], *, stopped: bool) -> Content:
    """The values that one outcome is consistent with; no number stands for them when weak."""
    worth = found.worth
    intervals = [] if worth is None else [[finite(a), finite(b)] for a, b in worth.intervals]
    bounded = worth is not None and worth.kind == "bounded"
    low, high = _ends(worth)
    why = found.refusal or (worth.why_no_point if worth else "") or _doubt(parts, found)
    point = None if worth is None or stopped or why else worth.point
    verdict = None
    if not stopped:
        told = bounded and not _contradicted(parts, found)
        verdict = verdict_of(*_ends(found.at_once)) if told else "not estimable"
    made = {
        "outcome": found.outcome,
        "instruments": list(found.arms),
        "estimand": found.estimand,
        "kind": None if worth is None else worth.kind,
        "intervals": intervals,
        "low": low,
        "high": high,
        "at_once": None if found.at_once is None else _set(found.at_once),
        "family": found.family,
        "point": point,
        "first_stage": None if worth is None else finite(worth.first_stage),
        "contradiction": None if worth is None or len(found.arms) < 2 else worth.contradiction,
        "disagree": worth is not None and len(found.arms) > 1 and worth.contradiction < DOUBT,
        "verdict": verdict,
        "why": why or None,
        "refusal": found.refusal or None,
        "usual": None if point is None else _usual(parts, found),
    }
    effects.append(_worth_row(parts, found, made))
    return made


def _ends(worth: Worth | Held | None) -> tuple[float | None, float | None]:
    """The ends of a bounded set."""
    if worth is None or worth.kind != "bounded":
        return None, None
    return finite(worth.intervals[0][0]), finite(worth.intervals[-1][1])


def _set(worth: Worth) -> Content:
    pieces = [[finite(a), finite(b)] for a, b in worth.intervals]
    return {"kind": worth.kind, "intervals": pieces}


def _doubt(parts: Parts, found: Late) -> str:
    """Why several arms give no estimate: they disagree, or a strong one would be picked of them."""
    whole = _whole(parts, found)
    if whole.worth is None or len(whole.arms) < 2:
        return ""
    if whole.worth.kind == "empty":
        return "the arms contradict each other"
    if whole.worth.contradiction < DOUBT:
        return f"the arms hardly agree on one worth ({p_is(whole.worth.contradiction)})"
    if whole is found or not whole.worth.why_no_point:
        return ""
    return "all arms together do not give one, and this arm would be picked from them"


def _contradicted(parts: Parts, found: Late) -> bool:
    """Whether no worth at all fits all arms in this outcome."""
    worth = _whole(parts, found).worth
    return worth is not None and worth.kind == "empty"


def _whole(parts: Parts, found: Late) -> Late:
    """What all arms together tell of the same outcome."""
    return [each for each in parts.lates if each.outcome == found.outcome][-1]


def finite(value: float) -> float | None:
    """The number, or None of one without end."""
    return float(value) if np.isfinite(value) else None


def held_of(parts: Parts, outcome: str, effects: list[Content], *, stopped: bool) -> Content:
    """The values that one outcome is consistent with while the slate is held."""
    found = parts.held[outcome]
    low, high = _ends(found)
    verdict = "not estimable" if low is None else verdict_of(low, high)
    made = {
        "outcome": outcome,
        "slate": parts.study.slate[0],
        "kind": found.kind,
        "intervals": [[finite(a), finite(b)] for a, b in found.intervals],
        "low": low,
        "high": high,
        "verdict": None if stopped else verdict,
        "why": found.refusal or None,
    }
    label = Label(
        attribute=parts.study.received,
        contrast="all arms",
        outcome=outcome,
        estimand=f"effect of a unit with {parts.study.slate[0]} held",
        design="experiment",
        estimator="Anderson-Rubin set by projection",
        population="those whose exposure the instrument moved",
        identification="not estimable" if low is None else "natural experiment",
    )
    sizes = () if parts.estimates is None else parts.estimates.sizes
    effects.append(
        {
            **empty_row(label),
            "simultaneous_low": low,
            "simultaneous_high": high,
            "units": parts.units,
            "clusters": max((each.clusters for each in sizes), default=parts.units),
            "effective_units": float(parts.units),
            "verdict": made["verdict"],
            "why": made["why"],
        }
    )
    return made


def _usual(parts: Parts, found: Late) -> Content | None:
    """Two-stage least squares with its usual interval, where a point may be shown."""
    estimates, worth = parts.estimates, found.worth
    if estimates is None or worth is None or len(found.arms) > 1:
        return None
    from scipy.stats import t as student

    def at(name: str) -> int:
        return next(
            i
            for i, each in enumerate(estimates.labels)
            if each.outcome == name and each.contrast == found.arms[0]
        )

    y, d = at(found.outcome), at(parts.study.received)
    v = estimates.covariance()
    slope = float(estimates.values[y] / estimates.values[d])
    error = float(np.sqrt(max(v[y, y] - 2 * slope * v[y, d] + slope**2 * v[d, d], 0.0)))
    error /= abs(float(estimates.values[d]))
    q = float(student.ppf((1 + parts.study.settings.level) / 2, min(estimates.df[[y, d]])))
    return {
        "estimate": slope,
        "std_error": error,
        "low": slope - q * error,
        "high": slope + q * error,
    }


def _worth_row(parts: Parts, found: Late, made: Content) -> Content:
    """The set as a row of the tidy table: ends only where it is bounded."""
    study = parts.study
    estimates = parts.estimates
    sizes = [] if estimates is None else list(estimates.sizes)
    label = Label(
        attribute=study.received or study.label,
        contrast=" and ".join(found.arms),
        outcome=found.outcome,
        estimand=found.estimand,
        design=study.design,
        estimator="Anderson-Rubin set",
        population="those whose exposure the instrument moved",
        identification="natural experiment",
    )
    units = parts.items or parts.units
    size = (
        sizes[0]
        if sizes
        else Size(units=units, clusters=units, treated=None, effective_units=units)
    )
    return {
        **empty_row(label),
        "estimate": made["point"],
        "ci_low": made["low"],
        "ci_high": made["high"],
        "simultaneous_low": _ends(found.at_once)[0],
        "simultaneous_high": _ends(found.at_once)[1],
        "units": size.units,
        "clusters": size.clusters,
        "effective_units": size.effective_units,
        "identification": "not estimable"
        if made["verdict"] == "not estimable"
        else label.identification,
        "verdict": made["verdict"],
        "why": made["why"],
    }


def curve(parts: Parts, found: Examination, effects: list[Content]) -> list[Content]:
    """Places from the first on, each with the ratios that the data do not refuse."""
    name = found.estimates.labels[0].outcome
    listed = rows(parts, found.estimates, f"examination of {name}", effects)
    alone = examined(found, level=parts.study.settings.level)
    first = {
        "outcome": name,
        "slot": int(found.slots[0]),
        "mean": float(found.means[0]),
        "value": 1.0,
        "low": None,
        "high": None,
        "simultaneous_low": None,
        "simultaneous_high": None,
        "why": None,
    }
    return [
        first,
        *(
            {
                **first,
                "slot": int(slot),
                "mean": float(mean),
                "value": row["estimate"],
                "low": ratio.low if ratio.shape == "bounded" and not row["why"] else None,
                "high": ratio.high if ratio.shape == "bounded" and not row["why"] else None,
                "simultaneous_low": row["simultaneous_low"],
                "simultaneous_high": row["simultaneous_high"],
                "why": row["why"],
            }
            for slot, mean, row, ratio in zip(
                found.slots[1:], found.means[1:], listed, alone, strict=True
            )
        ),
    ]


def jump(parts: Parts, found: Jump, effects: list[Content], *, stopped: bool) -> Content:
    low, high = _jump_at_once(parts, found)
    verdict = None if stopped else verdict_of(low, high)
    made = {
        **jumped(found),
        "simultaneous_low": low,
        "simultaneous_high": high,
        "verdict": "not estimable" if found.refusal else verdict,
    }
    label = Label(
        attribute=str(parts.study.score),
        contrast=f"from {parts.study.cutoff:g} on",
        outcome=found.outcome,
        estimand="jump at the cutoff",
        design="threshold",
        estimator="local lines, robust interval",
        population="units at the cutoff",
        identification="not estimable" if found.refusal else "natural experiment",
    )
    effects.append(
        {
            **empty_row(label),
            "estimate": found.estimate,
            "std_error": found.error,
            "ci_low": found.low,
            "ci_high": found.high,
            "simultaneous_low": low,
            "simultaneous_high": high,
            "p_value": found.p,
            "units": sum(found.rows),
            "clusters": sum(found.rows),
            "effective_units": float(sum(found.rows)),
            "verdict": made["verdict"],
            "why": found.refusal or None,
        }
    )
    return made


def _jump_at_once(parts: Parts, found: Jump) -> tuple[float | None, float | None]:
    """The interval that holds with those of all other outcomes (Bonferroni); of exposure its own."""
    family = len(parts.study.outcomes)
    own = found.outcome not in {each.name for each in parts.study.outcomes}
    if found.low is None or found.high is None or found.error is None or own or family == 1:
        return found.low, found.high
    from scipy.stats import norm

    centre = (found.low + found.high) / 2
    half = found.error * float(norm.isf((1 - parts.study.settings.level) / (2 * family)))
    return centre - half, centre + half


def jumped(found: Jump) -> Content:
    return {
        "outcome": found.outcome,
        "estimate": found.estimate,
        "std_error": found.error,
        "low": found.low,
        "high": found.high,
        "p_value": found.p,
        "bandwidth": found.bandwidth,
        "bias_bandwidth": found.bias_bandwidth,
        "rows": list(found.rows),
        "refusal": found.refusal or None,
    }
