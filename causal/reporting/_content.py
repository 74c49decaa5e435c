"""From the values of a run to the content of result.json: plain lists, dicts and numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from causal.base.finding import Finding, Status
from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import Panel
from causal.data.sources._connection import without_password
from causal.design._common import CommonStudy
from causal.design.identification._adjustment import Reason
from causal.design.study import Study
from causal.estimation._estimator import Setting
from causal.estimation._fit import Fit
from causal.evaluation import agreement, balance, estimators, nuisances, overlap
from causal.evaluation._belief import belief
from causal.evaluation._evaluated import Evaluated
from causal.interpretation.explanation import Explanation
from causal.interpretation.marker_or_lever import marker_or_lever
from causal.interpretation.segments import shrink
from causal.policy.decision import decide
from causal.policy.paths import decided
from causal.policy.who_gains import who_gains
from causal.reporting._paths_content import paths_content

Content = dict[str, Any]
LIBRARIES = (
    "causal-content", "dowhy", "duckdb", "econml", "ibis-framework", "lightgbm", "numpy", "pandas",
    "pyarrow", "scikit-learn", "scipy", "shap", "sqlglot", "statsmodels",
)  # fmt: skip
_ORDER = {Status.FAIL: 0, Status.WARN: 1, Status.PASS: 2}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a run made, stage by stage."""

    evaluated: Evaluated
    findings: tuple[Finding, ...]
    effects: list[Content]
    segments: list[Content]
    over_time: list[Content]
    reasons: tuple[Reason, ...]
    explanations: tuple[Explanation, ...]


def content(parts: Parts) -> Content:
    """Put everything the page shows together, in full precision."""
    evaluated = parts.evaluated
    study, panel = evaluated.study, evaluated.panel
    made: Content = {
        "schema": 1,
        "study": study_content(study),
        "data": _data(study, panel),
        "versions": versions(),
        "outcomes": [outcome_content(study, panel, outcome) for outcome in study.outcomes],
        "attributes": [_attribute(evaluated.leading, a) for a in study.attributes],
        "designs": [_design(evaluated, fit) for fit in evaluated.fits],
        "columns_in_out": [asdict(reason) for reason in parts.reasons],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "effects": parts.effects,
        "headline": evaluated.headline,
        "segments": [_shrunken(segment) for segment in parts.segments],
        "hidden_cells": _hidden(parts.effects, evaluated.headline),
        "agreement": [asdict(c) for c in agreement.comparisons(evaluated)],
        "estimators": [asdict(o) for fit in evaluated.fits for o in estimators.opinions(fit)],
        "belief": belief(evaluated, parts.findings),
        "overlap": [row for fit in evaluated.fits for row in overlap.table(fit)],
        "balance": [_balance(row) for fit in evaluated.fits for row in balance.balances(fit)],
        "nuisances": [row for fit in evaluated.fits for row in nuisances.table(fit)],
        "success_models": [explanation.to_dict() for explanation in parts.explanations],
        "over_time": parts.over_time,
        "heterogeneity": who_gains(evaluated),
        "notes": _notes(study, panel, evaluated),
    }
    made["marker_or_lever"] = marker_or_lever(
        made["effects"],
        made["success_models"],
        headline=evaluated.headline,
        margins={outcome.name: outcome.margin for outcome in study.outcomes},
        level=study.settings.level,
    )
    made["decision"] = decide(made)
    if evaluated.paths is not None:
        made["paths"] = paths_content(evaluated, made)
        made["decision"] = decided(made)
    return made


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """FAIL first, then WARN, then PASS, then by name; otherwise as they came."""
    return sorted(findings, key=lambda finding: (_ORDER[finding.status], finding.name))


def study_content(study: Study) -> Content:
    """The study as the page shows it."""
    settings = study.settings
    return {
        "name": study.study,
        "kind": study.kind,
        "question": study.question,
        "file": study.path.name if study.path else None,
        "text": published_text(study),
        "hash": study_hash(study),
        "assignment": study.assignment,
        "block": list(study.block),
        "level": settings.level,
        "multiplicity": settings.multiplicity,
        "minimum_cell": settings.minimum_cell,
        "seed": settings.seed,
        "folds": settings.folds,
        "graph": [list(edge) for edge in study.graph],
    }


def published_text(study: CommonStudy) -> str:
    """The study file as written, without passwords of database URLs."""
    text = study.text
    for location in (study.data.source, *study.data.tables.values()):
        text = text.replace(location, without_password(location))
    return text


def study_hash(study: CommonStudy) -> str:
    """Hash of what the study asks, the same for files that differ in comments alone."""
    return hashlib.sha256(study.model_dump_json().encode()).hexdigest()


def versions() -> dict[str, str]:
    """Versions of the libraries that make numbers."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _data(study: Study, panel: Panel) -> Content:
    known = panel.time[~np.isnat(panel.time)] if panel.time is not None else np.zeros(0)
    source = panel.provenance
    return {
        "source": without_password(study.data.source),
        "fingerprint": source.fingerprint,
        "rows_read": source.rows_read,
        "rows": panel.rows,
        "units": panel.rows if panel.unit is None else int(np.unique(panel.unit).size),
        "blocks": None if panel.block is None else int(np.unique(panel.block).size),
        "clusters": [
            {"name": name, "count": int(np.unique(codes).size)}
            for name, codes in zip(panel.cluster_names, panel.clusters, strict=True)
        ],
        "folds_by": study.cluster[0] if study.cluster else None,
        "starts": str(known.min())[:10] if known.size else None,
        "ends": str(known.max())[:10] if known.size else None,
        "dropped": [asdict(each) for each in source.dropped],
        "columns": [_column(study, panel, name) for name in panel.columns],
    }


def _column(study: Study, panel: Panel, name: str) -> Content:
    column = panel.columns[name]
    return {
        "name": name,
        "role": _role(study, name),
        "kind": column.kind.value,
        "missing": int(column.missing.sum()),
        "levels": len(column.levels) or None,
    }


def _role(study: Study, name: str) -> str:
    owners: Mapping[str, Sequence[str]] = {
        "attribute": [attribute.name for attribute in study.attributes],
        "confounder": study.confounders,
        "modifier": study.modifiers,
        "mediator": study.mediators,
        "negative control": study.negative_controls,
        "post-outcome": study.post_outcome,
    }
    return next((role for role, names in owners.items() if name in names), "other")


def outcome_content(study: Study, panel: Panel, outcome: Outcome) -> Content:
    """One outcome as the page shows it."""
    measured = panel.outcomes[outcome.name]
    known = ~np.isnan(measured.value)
    kind = "ratio" if outcome.is_ratio else "proportion" if measured.binary else "mean"
    return {
        "name": outcome.name,
        "role": outcome.role.value,
        "goal": outcome.goal.value,
        "margin": outcome.margin,
        "kind": kind,
        "baseline": float(np.average(measured.value[known], weights=measured.weight[known]))
        if known.any()
        else None,
        "units": int(known.sum()),
        "unit_words": outcome.denominator or many(study.unit),
        "numerator": outcome.numerator,
        "denominator": outcome.denominator,
    }


def many(unit: Sequence[str]) -> str:
    """What rows are called, after the column that names them: ``item_id`` gives items."""
    if len(unit) != 1 or not unit[0].isascii():
        return "rows"
    name = unit[0].removesuffix("_id")
    if name.endswith("s"):
        return name
    return name[:-1] + "ies" if name[-1:] == "y" and name[-2:-1] not in "aeiou" else name + "s"


def _attribute(fit: Fit, attribute: Attribute) -> Content:
    setting: Setting = fit.setting
    column = setting.panel.columns[attribute.name]
    known = ~column.missing
    values, weight = column.values[known], setting.panel.weight[known]
    if column.kind is Kind.CONTINUOUS:
        mean = float(np.average(values, weights=weight)) if values.size else float("nan")
        spread = (
            float(np.sqrt(np.average((values - mean) ** 2, weights=weight))) if values.size else 0
        )
        share: Content = {"mean": mean, "sd": spread}
    else:
        total = float(weight.sum()) or 1.0
        share = {
            level: float(weight[values == code].sum()) / total
            for code, level in enumerate(column.levels)
        }
    return {
        "name": attribute.name,
        "kind": column.kind.value,
        "contrasts": [contrast.label for contrast in setting.contrasts(attribute)],
        "tier": attribute.tier,
        "share": share,
    }


def _design(evaluated: Evaluated, fit: Fit) -> Content:
    design = fit.design
    used = [size.units for size in fit.whole.sizes]
    inside = int(design.mask(evaluated.panel.rows).sum())
    return {
        "name": design.name,
        "identification": design.identification,
        "population": design.population,
        "claims": design.claims,
        "headline": design.name == evaluated.headline,
        "assumptions": list(design.assumptions),
        "adjustment": {name: list(held) for name, held in design.adjustment.items()},
        "refused": dict(design.refused),
        "used": max(used, default=0),
        "left_out": _left_out(evaluated.panel, fit, inside),
        "estimators": list(dict.fromkeys(label.estimator for label in fit.whole.labels)),
    }


def _left_out(panel: Panel, fit: Fit, inside: int) -> Content:
    """Rows no estimate of the design counts, and why."""
    counted = np.zeros(panel.rows, dtype=bool)
    for score in fit.scores:
        own = np.ones(score.rows.size, dtype=bool) if score.counted is None else score.counted
        counted[score.rows[own]] = True
    rows = inside - int(counted.sum())
    blocks = None
    if fit.design.within_block and panel.block is not None:
        mask = fit.design.mask(panel.rows)
        blocks = int(np.unique(panel.block[mask]).size - np.unique(panel.block[counted]).size)
    words = "no row" if rows == 0 else f"{rows} rows"
    reason = " in blocks where no attribute varies" if blocks else " with a missing value"
    return {"rows": rows, "blocks": blocks, "words": words + (reason if rows else "")}


def _balance(row: balance.Balance) -> Content:
    return {name: value for name, value in asdict(row).items() if name not in ("noise", "df")}


def _shrunken(segment: Content) -> Content:
    """Fill in empirical-Bayes values beside the raw ones."""
    shown = [value for value in segment["values"] if value["estimate"] is not None]
    if len(shown) < 2:
        return segment
    shrunken, _ = shrink([v["estimate"] for v in shown], [v["std_error"] for v in shown])
    by_name = {v["segment_value"]: float(x) for v, x in zip(shown, shrunken, strict=True)}
    values = [{**v, "shrunken": by_name.get(v["segment_value"])} for v in segment["values"]]
    return {**segment, "values": values}


def _hidden(effects: Sequence[Content], headline: str) -> int:
    cells = {
        (row["segment"], row["segment_value"])
        for row in effects
        if row["design"] == headline and str(row["why"] or "").startswith("hidden")
    }
    return len(cells)


def _notes(study: Study, panel: Panel, evaluated: Evaluated) -> list[str]:
    notes = [
        "Each effect is that of changing one attribute with the others held as observed.",
        "Effects are of changing a few items. If every item changed, exposure, which is a fixed "
        "pie, would be shared out again and the gain could be much smaller.",
    ]
    if study.cluster:
        notes.append(f"Folds are drawn by '{study.cluster[0]}', so no model sees its own cluster.")
    if len(panel.clusters) > 1:
        notes.append(
            "With two ways of clustering the joint covariance is V1 + V2 - V12, projected to be "
            "positive semi-definite."
        )
    poor = sorted(
        {
            name
            for fit in evaluated.fits
            for name, own in fit.overlaps.items()
            if own.poor and not own.refusal and fit.design.name == evaluated.headline
        }
    )
    if poor:
        notes.append(
            "Overlap is poor for " + ", ".join(poor) + ": their effects are for rows that could "
            "have come either way (ATO)."
        )
    return notes
