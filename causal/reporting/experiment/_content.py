"""From the values of an experiment to the content of result.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from causal.base.finding import Finding
from causal.content.metric import Metric, Type
from causal.data.moments.collected import Collected, Reading
from causal.data.sources._connection import without_password
from causal.design.experiment import Experiment
from causal.design.looks import look_number
from causal.design.plan import Locked
from causal.estimation.experiment.belief import Belief
from causal.estimation.experiment.cohorts import Otherwise, So, changes
from causal.estimation.experiment.comparisons import Comparison
from causal.estimation.experiment.displacement import Displacement
from causal.estimation.experiment.impact import Impact
from causal.estimation.experiment.over_time import Course
from causal.estimation.experiment.precision import Later, Precision
from causal.policy.evidence import Reason, Verdict, as_json
from causal.policy.verdict_words import RULE
from causal.reporting._content import many, ordered, published_text, study_hash, versions
from causal.reporting.experiment._by_day import by_day
from causal.reporting.experiment._compared import belief, change, comparison, effect, impact, so_far
from causal.reporting.experiment._segments import Who, who
from causal.reporting.experiment._title import title

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a run of an experiment made, stage by stage."""

    experiment: Experiment
    collected: Collected
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]
    verdict: Verdict
    precision: tuple[Precision, ...] = ()
    who: tuple[Who, ...] = ()
    displacement: Mapping[str, Displacement] = field(default_factory=dict)
    impacts: tuple[Impact, ...] = ()
    gains: tuple[Content, ...] = ()
    more_sql: tuple[tuple[str, str], ...] = ()
    deviations: tuple[str, ...] = ()
    locked: Locked | None = None
    beliefs: tuple[Belief, ...] = ()
    so_far: tuple[So, ...] = ()
    courses: tuple[Course, ...] = ()
    otherwise: tuple[Otherwise, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    later: tuple[Later, ...] = ()
    projection: Mapping[str, Any] | None = None


def content(parts: Parts) -> Content:
    """Put everything the readout shows together, in full precision."""
    experiment, collected = parts.experiment, parts.collected
    greyed = parts.verdict.reason is Reason.INVALID
    silent = greyed or parts.experiment.pool == "shared"
    made: Content = {
        "schema": 1,
        "study": _study(experiment),
        "data": _data(experiment, collected),
        "versions": versions(),
        "arms": _arms(experiment, collected),
        "analysis": _analysis(experiment, collected),
        "outcomes": [_outcome(experiment, collected, metric) for metric in experiment.outcomes],
        "attributes": [],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "comparisons": [comparison(each) for each in parts.comparisons],
        "effects": [effect(experiment, each, silent=silent) for each in parts.comparisons],
        "precision": [asdict(each) for each in parts.precision],
        "segments": [who(each) for each in parts.who],
        "displacement": [
            {"outcome": name, **asdict(found)} for name, found in parts.displacement.items()
        ],
        "heterogeneity": list(parts.gains),
        "impact": [impact(each) for each in parts.impacts],
        "deviations": list(parts.deviations),
        "plan": _plan(parts.locked),
        "posterior": [belief(each) for each in parts.beliefs],
        "so_far": [
            row
            for each in parts.so_far
            for row in so_far(each, first=collected.first.isoformat() if collected.first else None)
        ],
        "by_day": by_day(
            parts.courses,
            level=experiment.settings.level,
            units=int(collected.moments.units.sum()),
        ),
        **({} if experiment.projection is None else {"projection": parts.projection}),
        "tried": [each.what for each in parts.otherwise],
        "changes": [
            change(what, own, then)
            for what, own, then in changes(parts.comparisons, parts.otherwise)
        ],
        "verdicts": [
            {
                "what": each.what,
                "word": then.word.value,
                "arm": then.arm,
                "same": _same(then, parts),
            }
            for each, then in zip(parts.otherwise, parts.verdicts, strict=True)
        ],
        "later": [
            {
                "metric": each.metric,
                "days_to_target": each.days_to_target,
                "ahead": [
                    dict(zip(("days", "units", "reached"), at, strict=True)) for at in each.ahead
                ],
            }
            for each in parts.later
        ],
        "sql": [{"name": name, "text": text} for name, text in (*collected.sql, *parts.more_sql)],
    }
    made["decision"] = _decision(parts.verdict, made, greyed=greyed)
    return made


def _same(then: Verdict, parts: Parts) -> bool:
    return (then.word, then.arm) == (parts.verdict.word, parts.verdict.arm)


def _study(experiment: Experiment) -> Content:
    return {
        "name": experiment.study,
        "kind": experiment.kind,
        "question": experiment.question,
        "file": experiment.path.name if experiment.path else None,
        "text": published_text(experiment),
        "hash": study_hash(experiment),
        "level": experiment.settings.level,
        "minimum_cell": experiment.settings.minimum_cell,
        "seed": experiment.settings.seed,
        "side": experiment.side,
        "plan": experiment.plan,
    }


def _data(experiment: Experiment, collected: Collected) -> Content:
    source = collected.provenance
    return {
        "source": without_password(experiment.data.source),
        "fingerprint": source.fingerprint,
        "rows_read": source.rows_read,
        "rows": source.rows,
        "units": int(collected.moments.units.sum()),
        "starts": None if collected.first is None else collected.first.isoformat(),
        "ends": None if collected.last is None else collected.last.isoformat(),
        "dropped": [asdict(each) for each in source.dropped],
        "notes": list(collected.notes),
        "columns": [],
    }


def _arms(experiment: Experiment, collected: Collected) -> list[Content]:
    counts, moments = collected.counts, collected.moments
    units = dict(zip(moments.arms, moments.units.sum(axis=1), strict=True))
    return [
        {
            "name": name,
            "control": name == experiment.arms.control,
            "holdout": name == experiment.analysis.holdout,
            "share": float(counts.shares[at]),
            "randomized": int(counts.randomized[at]),
            "units": int(units.get(name, 0)),
        }
        for at, name in enumerate(counts.arms)
    ]


def _analysis(experiment: Experiment, collected: Collected) -> Content:
    analysis = experiment.analysis
    randomized = int(collected.counts.randomized.sum())
    planned = analysis.planned_units
    days = None
    if collected.first is not None and collected.last is not None:
        days = (collected.last - collected.first).days + 1
    return {
        "unit": experiment.unit,
        "unit_words": many((experiment.unit,)),
        "cluster": experiment.cluster,
        "strata": list(experiment.block),
        "side": experiment.side,
        "pool": experiment.pool,
        "adjustment": analysis.adjustment,
        "covariates": list(
            dict.fromkeys(
                [each.name for each in experiment.covariates]
                + [metric.before for metric in experiment.outcomes if metric.before is not None]
            )
        ),
        "procedure": analysis.interval,
        "spending": analysis.spending if analysis.looks else None,
        "looks": list(analysis.looks),
        "look": look_number(analysis.looks, randomized / planned)
        if planned is not None and analysis.looks
        else None,
        "planned_units": planned,
        "randomized": randomized,
        "information": None if planned is None else randomized / planned,
        "minimum_days": analysis.minimum_days,
        "full_weeks": analysis.full_weeks,
        "days": days,
        "power": analysis.power,
        "otherwise": analysis.otherwise,
    }


def _outcome(experiment: Experiment, collected: Collected, metric: Metric) -> Content:
    reading = next((r for r in collected.readings if r.metric == metric.name), None)
    kind = collected.types.get(metric.name, metric.type)
    return {
        "name": metric.name,
        "role": metric.role.value,
        "goal": metric.goal.value,
        "margin": metric.margin,
        "absolute_margin": metric.absolute_margin,
        "type": None if kind is None else kind.value,
        "kind": _kind(metric, collected),
        "baseline": _baseline(experiment, collected, reading),
        "side": metric.side or experiment.side,
        "quantile": metric.quantile,
        "table": metric.table,
        "days": metric.days,
        "cap": collected.caps.get(metric.name),
        "covariates": [] if reading is None else [p.numerator for p in reading.covariates],
        "units": int(collected.moments.units.sum()),
        "unit_words": metric.denominator or many((experiment.unit,)),
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "missing": _total(collected.missing, metric.name),
        "immature": _total(collected.immature, metric.name),
    }


def _total(by_metric: Mapping[str, Any], name: str) -> int:
    return int(np.sum(by_metric.get(name, 0)))


def _kind(metric: Metric, collected: Collected) -> str:
    """How its levels are written: a ratio, a proportion or a mean."""
    if metric.is_ratio:
        return "ratio"
    share = (Type.PROPORTION, Type.RETENTION)
    return "proportion" if collected.types.get(metric.name, metric.type) in share else "mean"


def _baseline(
    experiment: Experiment, collected: Collected, reading: Reading | None
) -> float | None:
    moments, control = collected.moments, experiment.arms.control
    if reading is None or control not in moments.arms:
        return None
    n = moments.n[0]
    with np.errstate(all="ignore"):
        means = (n[:, None] * moments.mean[0]).sum(axis=0) / n.sum()
        value = means[moments.position(reading.level.numerator)]
        if reading.level.denominator is not None:
            value = value / means[moments.position(reading.level.denominator)]
    return float(value)


def _plan(found: Locked | None) -> Content | None:
    """The locked plan: its hash, and what was planned to be found."""
    if found is None:
        return None
    return {
        "file": found.file,
        "hash": found.hash,
        "outcomes_seen": found.outcomes_seen,
        "precision": [dict(each) for each in found.precision],
    }


def _decision(verdict: Verdict, made: Content, *, greyed: bool) -> Content:
    said = as_json(verdict)
    return {
        **said,
        "rule": None if greyed else RULE,
        "title": title(verdict, made["comparisons"]),
        "subtitle": verdict.sentence,
        "greyed": greyed,
    }
