"""From what a study of exposure made to the content of its page and of result.json."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from causal.base.finding import Status
from causal.data.sources._connection import without_password
from causal.design.exposure import Exposure
from causal.diagnostics.exposure._made import FirstStage
from causal.estimation.experiment.fieller import Relative
from causal.estimation.exposure.anderson_rubin import STRONG
from causal.estimation.exposure.late import Compliers
from causal.policy.exposure import said, verdict_of
from causal.reporting._content import many, ordered, published_text, study_hash, versions
from causal.reporting.exposure._rows import rows
from causal.reporting.exposure._run import Parts
from causal.reporting.exposure._worth import curve, finite, held_of, jump, jumped, worth_of

Content = dict[str, Any]


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
        "versions": versions() | _extra(study),
        "outcomes": [_outcome(parts, name) for name in range(len(study.outcomes))],
        "attributes": [],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "effects": effects,
        "arms": [{"name": name, "randomized": count} for name, count in parts.arms],
        "dose": _dose(parts),
        "first_stage": [_first_stage(each) for each in parts.first_stages],
        "intent": intents,
        "sets": [worth_of(parts, each, effects, stopped=stopped) for each in parts.lates],
        "compliers": [_compliers(each) for each in parts.compliers],
        "why_no_compliers": parts.why_no_compliers or None,
        "held": [held_of(parts, name, effects, stopped=stopped) for name in parts.held],
        "exclusion": _slate(parts, effects),
        "examination": [row for each in parts.examinations for row in curve(parts, each, effects)],
        "threshold": [jump(parts, each, effects, stopped=stopped) for each in parts.jumps],
        "threshold_otherwise": [
            {"way": way, **jumped(each)} for way, each in parts.other_jumps.items()
        ],
        "sql": [{"name": name, "text": text} for name, text in parts.sql],
    }
    if stopped:
        for row in effects:
            row["identification"] = _without_badge(str(row["identification"]))
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


def _without_badge(identification: str) -> str:
    """What a number may be called once a check failed that stops the page."""
    return identification if identification == "not estimable" else "descriptive"


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
        "monotone": study.analysis.monotone,
        "level": study.settings.level,
        "strong": STRONG,
        "seed": study.settings.seed,
    }


def _extra(study: Exposure) -> dict[str, str]:
    """Versions of the packages that only a threshold needs."""
    if study.design != "threshold":
        return {}
    return {name: version(name) for name in ("rddensity", "rdrobust")}


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
        "f": None if each.f is None else finite(each.f),
        "exact": each.f is not None and finite(each.f) is None,
        "why": each.why or None,
    }


def _intents(parts: Parts, effects: list[Content], *, stopped: bool) -> list[Content]:
    """Effects of the instrument itself, on the exposure and on outcomes."""
    if parts.estimates is None or not len(parts.estimates):
        return []
    found = rows(parts, parts.estimates, "instrument", effects)
    for row in found:
        low, high = row["simultaneous_low"], row["simultaneous_high"]
        if low is not None and not stopped:
            row["verdict"] = verdict_of(low, high)
    return [_shown(row) for row in found]


def _slate(parts: Parts, effects: list[Content]) -> list[Content]:
    if parts.slate is None or not len(parts.slate):
        return []
    return [_shown(row) for row in rows(parts, parts.slate, "slate", effects)]


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
