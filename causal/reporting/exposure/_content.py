"""From what a study of exposure made to the content of its page and of result.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import Provenance
from causal.data.sources._connection import without_password
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import FirstStage
from causal.estimation._estimates import Estimates, Label, Size
from causal.estimation._inference import Inference, infer
from causal.estimation.experiment.fieller import Relative
from causal.estimation.exposure.anderson_rubin import STRONG
from causal.estimation.exposure.exploration import Examination
from causal.estimation.exposure.exploration import sets as examined
from causal.estimation.exposure.late import Compliers, Late
from causal.policy.exposure import said, verdict_of
from causal.reporting._content import many, ordered, published_text, study_hash, versions

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a run made of exposure, stage by stage; what a design lacks is empty.

    ``arms`` are (name, units of randomisation), control first; ``types`` says what each metric
    averages; ``filled`` counts units without a covariate.
    """

    study: Exposure
    provenance: Provenance
    findings: tuple[Finding, ...]
    sql: tuple[tuple[str, str], ...] = ()
    binary: bool = False
    units: int = 0
    arms: tuple[tuple[str, int], ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    estimates: Estimates | None = None
    slate: Estimates | None = None
    lates: tuple[Late, ...] = ()
    first_stages: tuple[FirstStage, ...] = ()
    compliers: tuple[Compliers, ...] = ()
    why_no_compliers: str = ""
    explored: int = 0
    items: int = 0
    notes: tuple[str, ...] = ()
    examinations: tuple[Examination, ...] = ()


def content(parts: Parts) -> Content:
    """Put everything the page shows together, in full precision."""
    study = parts.study
    effects: list[Content] = []
    stopped = any(
        each.status is Status.FAIL and each.blocks in ("page", "design") for each in parts.findings
    )
    intents = _intents(parts, effects, stopped=stopped)
    made: Content = {
        "schema": 1,
        "study": _study(study),
        "data": _data(parts),
        "versions": versions(),
        "outcomes": [_outcome(parts, name) for name in range(len(study.outcomes))],
        "attributes": [],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "effects": effects,
        "arms": [{"name": name, "randomized": count} for name, count in parts.arms],
        "dose": _dose(parts),
        "first_stage": [_first_stage(each) for each in parts.first_stages],
        "intent": intents,
        "sets": [_set(parts, each, effects, stopped=stopped) for each in parts.lates],
        "compliers": [_compliers(each) for each in parts.compliers],
        "why_no_compliers": parts.why_no_compliers or None,
        "exclusion": _slate(parts, effects),
        "examination": [row for each in parts.examinations for row in _curve(parts, each, effects)],
        "threshold": [],
        "sql": [{"name": name, "text": text} for name, text in parts.sql],
    }
    first = said(made)
    made["decision"] = {
        "word": None,
        "title": first.title,
        "subtitle": first.subtitle,
        "state": first.state,
        "greyed": first.greyed,
        "reason": first.reason,
    }
    return made


def _study(study: Exposure) -> Content:
    return {
        "name": study.study,
        "kind": study.kind,
        "question": study.question,
        "file": study.path.name if study.path else None,
        "text": published_text(study),
        "hash": study_hash(study),
        "design": study.design,
        "exposure": study.label,
        "instrument": study.instrument.column if study.instrument else study.exploration,
        "unit": study.unit,
        "unit_words": many((study.unit,) if study.unit else ()),
        "cluster": list(study.ways),
        "block": list(study.block),
        "covariates": list(study.covariates),
        "adjustment": study.analysis.adjustment if study.covariates else "none",
        "had": study.analysis.had,
        "level": study.settings.level,
        "strong": STRONG,
        "seed": study.settings.seed,
    }


def _data(parts: Parts) -> Content:
    source = parts.provenance
    notes = [
        f"{count:,} units have no '{name}': its mean takes no noise out of them."
        for name, count in sorted(parts.filled.items())
    ]
    return {
        "source": without_password(parts.study.data.source),
        "fingerprint": source.fingerprint,
        "rows_read": source.rows_read,
        "rows": source.rows,
        "units": parts.units,
        "dropped": [asdict(each) for each in source.dropped],
        "columns": [],
        "notes": [*notes, *parts.notes],
        "explored": parts.explored,
        "items": parts.items,
    }


def _dose(parts: Parts) -> Content:
    asked = parts.study.analysis
    windows = {"first": asked.first, "window": asked.window, "later": asked.later}
    return {
        "column": parts.study.received or None,
        "name": parts.study.label,
        "binary": parts.binary,
        "windows": windows if parts.items else None,
    }


def _outcome(parts: Parts, at: int) -> Content:
    outcome = parts.study.outcomes[at]
    share = parts.types.get(outcome.name) == "proportion"
    return {
        "name": outcome.name,
        "role": outcome.role.value,
        "goal": outcome.goal.value,
        "margin": outcome.margin,
        "kind": "proportion" if share else "mean",
        "worth_kind": "proportion" if share and not parts.items else "mean",
        "baseline": _baseline(parts, outcome.name),
        "units": parts.units,
        "unit_words": many((parts.study.unit,) if parts.study.unit else ()),
        "column": outcome.column,
        "numerator": None,
        "denominator": None,
    }


def _baseline(parts: Parts, name: str) -> float | None:
    found = parts.estimates
    if found is None:
        return None
    at = next((i for i, each in enumerate(found.labels) if each.outcome == name), None)
    return None if at is None else float(found.baseline[at])


def _first_stage(each: FirstStage) -> Content:
    return {
        "instrument": each.arm,
        "effect": each.effect,
        "std_error": each.error,
        "f": each.f,
        "why": each.why or None,
    }


def _intents(parts: Parts, effects: list[Content], *, stopped: bool) -> list[Content]:
    """Effects of the instrument itself, on the exposure and on outcomes."""
    if parts.estimates is None or not len(parts.estimates):
        return []
    rows = _rows(parts, parts.estimates, "instrument", effects)
    for row in rows:
        low, high = row["simultaneous_low"], row["simultaneous_high"]
        if low is not None and not stopped:
            row["verdict"] = verdict_of(low, high)
    return [_shown(row) for row in rows]


def _slate(parts: Parts, effects: list[Content]) -> list[Content]:
    if parts.slate is None or not len(parts.slate):
        return []
    return [_shown(row) for row in _rows(parts, parts.slate, "slate", effects)]


def _shown(row: Content) -> Content:
    return {
        "outcome": row["outcome"],
        "instrument": row["contrast"],
        "control": row["baseline"],
        "estimate": row["estimate"],
        "std_error": row["std_error"],
        "low": row["ci_low"],
        "high": row["ci_high"],
        "p_value": row["p_value"],
        "p_adjusted": row["p_adjusted"],
        "why": row["why"],
    }


def _set(parts: Parts, found: Late, effects: list[Content], *, stopped: bool) -> Content:
    """The values that one outcome is consistent with; no number stands for them when weak."""
    worth = found.worth
    intervals = [] if worth is None else [[_end(a), _end(b)] for a, b in worth.intervals]
    bounded = worth is not None and worth.kind == "bounded"
    low = intervals[0][0] if bounded else None
    high = intervals[-1][1] if bounded else None
    why = found.refusal or (worth.why_no_point if worth else "")
    verdict = None
    if not stopped:
        verdict = verdict_of(low, high) if bounded else "not estimable"
    made = {
        "outcome": found.outcome,
        "instruments": list(found.arms),
        "estimand": found.estimand,
        "kind": None if worth is None else worth.kind,
        "intervals": intervals,
        "low": low,
        "high": high,
        "point": None if worth is None or stopped else worth.point,
        "first_stage": None if worth is None else worth.first_stage,
        "contradiction": None if worth is None or len(found.arms) < 2 else worth.contradiction,
        "verdict": verdict,
        "why": why or None,
        "refusal": found.refusal or None,
        "usual": None if stopped else _usual(parts, found),
    }
    effects.append(_worth_row(parts, found, made))
    return made


def _end(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _usual(parts: Parts, found: Late) -> Content | None:
    """Two-stage least squares with its usual interval, where a point may be shown."""
    estimates, worth = parts.estimates, found.worth
    if estimates is None or worth is None or worth.point is None or len(found.arms) > 1:
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
    size = sizes[0] if sizes else Size(units=0, clusters=0, treated=None, effective_units=0.0)
    row = _labelled(label)
    return {
        **row,
        "estimate": made["point"],
        "std_error": None,
        "ci_low": made["low"],
        "ci_high": made["high"],
        "simultaneous_low": None,
        "simultaneous_high": None,
        "p_value": None,
        "p_adjusted": None,
        "baseline": None,
        "relative": None,
        "relative_low": None,
        "relative_high": None,
        "units": size.units,
        "clusters": size.clusters,
        "treated": None,
        "effective_units": size.effective_units,
        "identification": "not estimable"
        if made["verdict"] == "not estimable"
        else label.identification,
        "verdict": made["verdict"],
        "why": made["why"],
    }


def _labelled(label: Label) -> Content:
    return {
        key: getattr(label, key)
        for key in (
            "attribute",
            "contrast",
            "outcome",
            "estimand",
            "path",
            "design",
            "estimator",
            "population",
            "segment",
            "segment_value",
        )
    }


def _rows(parts: Parts, estimates: Estimates, family: str, effects: list[Content]) -> list[Content]:
    """Rows of the tidy table, added to ``effects``."""
    settings = parts.study.settings
    read = infer(
        estimates,
        level=settings.level,
        multiplicity="simultaneous",
        seed=settings.seed,
        family=family,
    )
    rows = [_row(estimates, read, at) for at in range(len(estimates))]
    effects += rows
    return rows


def _row(estimates: Estimates, read: Inference, at: int) -> Content:
    label, size, why = estimates.labels[at], estimates.sizes[at], estimates.refusal[at]

    def number(array: Any) -> float | None:
        found = float(array[at])
        return found if np.isfinite(found) and not why else None

    return {
        **_labelled(label),
        "estimate": number(estimates.values),
        "std_error": number(read.std_error),
        "ci_low": number(read.ci_low),
        "ci_high": number(read.ci_high),
        "simultaneous_low": number(read.simultaneous_low),
        "simultaneous_high": number(read.simultaneous_high),
        "p_value": number(read.p_value),
        "p_adjusted": number(read.p_adjusted),
        "baseline": number(estimates.baseline),
        "relative": None,
        "relative_low": None,
        "relative_high": None,
        "units": size.units,
        "clusters": size.clusters,
        "treated": None if size.treated is None else round(size.treated * size.units),
        "effective_units": size.effective_units,
        "identification": "not estimable" if why else label.identification,
        "verdict": None,
        "why": why or None,
    }


def _curve(parts: Parts, found: Examination, effects: list[Content]) -> list[Content]:
    """Places from the first on, each with the ratios that the data do not refuse."""
    name = found.estimates.labels[0].outcome
    rows = _rows(parts, found.estimates, f"examination of {name}", effects)
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
                found.slots[1:], found.means[1:], rows, alone, strict=True
            )
        ),
    ]


def _compliers(each: Compliers) -> Content:
    return {
        "instrument": each.arm,
        "share": each.share,
        "share_error": each.share_error,
        "always": each.always,
        "never": each.never,
        "means": [
            {
                "name": name.removesuffix(" itself"),
                "moved": _ratio(found),
                "everyone": each.everyone[name],
            }
            for name, found in each.means.items()
        ],
    }


def _ratio(found: Relative) -> Content:
    return {
        "value": found.value if found.shape == "bounded" else None,
        "low": found.low if found.shape == "bounded" else None,
        "high": found.high if found.shape == "bounded" else None,
        "shape": found.shape,
    }
