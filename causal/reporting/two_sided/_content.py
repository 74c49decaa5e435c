"""From what a two-sided run made to the content of its page and of result.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from causal.base.finding import Finding
from causal.content.metric import Metric
from causal.data.moments.collected import Counts
from causal.data.pairs.collected import CollectedPairs
from causal.data.sources._connection import without_password
from causal.design.two_sided import TwoSided
from causal.estimation.experiment.comparisons import Comparison
from causal.estimation.two_sided.estimands import Estimand
from causal.estimation.two_sided.identified import Identified
from causal.estimation.two_sided.readings import BOTH, NEITHER, CellLevel, Reading
from causal.policy.evidence import Reason, Verdict, as_json
from causal.policy.verdict_words import RULE
from causal.reporting._content import ordered, published_text, study_hash, versions
from causal.reporting.experiment._compared import comparison
from causal.reporting.experiment._title import VERBS, title

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a run of a two-sided experiment made, stage by stage."""

    study: TwoSided
    collected: CollectedPairs
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]
    readings: tuple[Reading, ...]
    cells: tuple[CellLevel, ...]
    identified: Identified
    valid: bool
    verdict: Verdict


def content(parts: Parts) -> Content:
    """Put everything the readout shows together, in full precision."""
    study, collected = parts.study, parts.collected
    greyed = parts.verdict.reason is Reason.INVALID
    made: Content = {
        "schema": 1,
        "study": _study(study),
        "data": _data(study, collected),
        "versions": versions(),
        "arms": [*_arms("user", collected.users), *_arms("creator", collected.creators)],
        "analysis": _analysis(parts),
        "outcomes": [_outcome(parts, metric) for metric in study.outcomes],
        "attributes": [],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "comparisons": [comparison(each) for each in parts.comparisons],
        "effects": [_effect(parts, each, silent=greyed) for each in parts.readings],
        "two_sided": _two_sided(parts),
        "deviations": [],
        "plan": None,
        "sql": [{"name": name, "text": text} for name, text in collected.sql],
    }
    made["decision"] = _decision(parts.verdict, made, greyed=greyed)
    return made


def _study(study: TwoSided) -> Content:
    return {
        "name": study.study,
        "kind": study.kind,
        "family": "two-sided",
        "question": study.question,
        "file": study.path.name if study.path else None,
        "text": published_text(study),
        "hash": study_hash(study),
        "level": study.settings.level,
        "seed": study.settings.seed,
        "plan": None,
    }


def _data(study: TwoSided, collected: CollectedPairs) -> Content:
    source = collected.provenance
    return {
        "source": without_password(study.data.source),
        "fingerprint": source.fingerprint,
        "rows_read": source.rows_read,
        "rows": collected.rows,
        "units": int(collected.sums.pairs.sum()),
        "starts": None if collected.first is None else collected.first.isoformat(),
        "ends": None if collected.last is None else collected.last.isoformat(),
        "dropped": [asdict(each) for each in source.dropped],
        "columns": [],
        "notes": [],
    }


def _arms(side: str, counts: Counts) -> list[Content]:
    return [
        {
            "side": side,
            "name": f"{side}s {name}",
            "control": at == 0,
            "share": float(counts.shares[at]),
            "randomized": int(counts.randomized[at]),
            "units": int(counts.randomized[at]),
        }
        for at, name in enumerate(counts.arms)
    ]


def _analysis(parts: Parts) -> Content:
    study, collected = parts.study, parts.collected
    analysis, days = study.analysis, None
    if collected.first is not None and collected.last is not None:
        days = (collected.last - collected.first).days + 1
    return {
        "user": study.parties.user,
        "creator": study.parties.creator,
        "given": study.arms.given,
        "rows": study.rows,
        "declared_pool": analysis.pool,
        "pool": "separate" if parts.identified.holds else "shared",
        "procedure": "fixed",
        "adjustment": "none",
        "covariates": [],
        "information": None,
        "planned_units": None,
        "minimum_days": analysis.minimum_days,
        "full_weeks": analysis.full_weeks,
        "days": days,
        "otherwise": analysis.otherwise,
        "equivalence": dict(analysis.equivalence),
    }


def _outcome(parts: Parts, metric: Metric) -> Content:
    baseline = next(each.control for each in parts.comparisons if each.metric == metric.name)
    return {
        "name": metric.name,
        "role": metric.role.value,
        "goal": metric.goal.value,
        "margin": metric.margin,
        "absolute_margin": metric.absolute_margin,
        "type": None if metric.type is None else metric.type.value,
        "kind": "ratio" if metric.is_ratio else "mean",
        "baseline": baseline,
        "units": int(parts.collected.sums.pairs.sum()),
        "unit_words": metric.denominator or "pairs",
        "column": metric.column,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
    }


def _effect(parts: Parts, each: Reading, *, silent: bool) -> Content:
    """One row of the tidy table: an estimand on a metric."""
    shown = not each.refusal
    bounded = each.relative.shape == "bounded" and shown
    total = next(c for c in parts.comparisons if c.metric == each.metric)
    decided = total.decided if each.estimand is Estimand.TOTAL and shown else None
    identified = each.estimand is not Estimand.TOTAL or parts.identified.holds
    return {
        "attribute": "both sides",
        "contrast": f"{BOTH} - {NEITHER}" if each.estimand is Estimand.TOTAL else each.estimand,
        "outcome": each.metric,
        "estimand": each.estimand.value,
        "path": "total",
        "design": "two-sided experiment",
        "estimator": "none",
        "population": "all pairs",
        "segment": None,
        "segment_value": None,
        "estimate": each.effect.value if shown else None,
        "std_error": each.std_error if shown else None,
        "ci_low": each.effect.low if shown else None,
        "ci_high": each.effect.high if shown else None,
        "simultaneous_low": None if decided is None else decided.low,
        "simultaneous_high": None if decided is None else decided.high,
        "p_value": each.p_value if shown else None,
        "p_adjusted": None if decided is None else total.decided_p,
        "baseline": each.against,
        "relative": each.relative.value if shown else None,
        "relative_low": each.relative.low if bounded else None,
        "relative_high": each.relative.high if bounded else None,
        "units": total.units,
        "clusters": total.clusters,
        "treated": None,
        "effective_units": total.clusters,
        "identification": "randomized" if shown else "not estimable",
        "verdict": _verdict(decided) if identified and not silent and decided else None,
        "why": each.refusal or None,
    }


def _verdict(decided: Any) -> str:
    return "raises" if decided.low > 0 else "lowers" if decided.high < 0 else "no clear effect"


def _two_sided(parts: Parts) -> Content:
    return {
        "identified": parts.identified.holds,
        "because": parts.identified.because,
        "cells": [_cell(parts, each) for each in parts.cells],
        "estimands": [
            {
                "outcome": each.metric,
                "estimand": each.estimand.value,
                "effect": asdict(each.effect),
                "std_error": each.std_error,
                "df": each.df,
                "p_value": each.p_value,
                "against": each.against,
                "relative": asdict(each.relative),
                "why": each.refusal or None,
            }
            for each in parts.readings
        ],
        "spillovers": [
            {
                "outcome": each.metric,
                "estimand": each.estimand.value,
                "spill": each.spill.value,
                "margin": each.margin,
            }
            for each in parts.identified.spillovers
        ],
    }


def _cell(parts: Parts, each: CellLevel) -> Content:
    a, b = int(each.user_treated), int(each.creator_treated)
    collected = parts.collected
    return {
        "outcome": each.metric,
        "user_arm": collected.users.arms[a],
        "creator_arm": collected.creators.arms[b],
        "user_treated": each.user_treated,
        "creator_treated": each.creator_treated,
        "level": asdict(each.level),
        "users": each.users,
        "creators": each.creators,
        "pairs": each.users * each.creators,
        "pairs_seen": int(collected.sums.pairs[a, b]),
        "why": each.refusal or None,
    }


def _decision(verdict: Verdict, made: Content, *, greyed: bool) -> Content:
    said = title(verdict, made["comparisons"])
    if verdict.reason is Reason.NOT_IDENTIFIED:
        said = f"{VERBS[verdict.word]}: the global effect is not identified by this design"
    return {
        **as_json(verdict),
        "rule": None if greyed else RULE,
        "title": said,
        "subtitle": verdict.sentence,
        "greyed": greyed,
    }
