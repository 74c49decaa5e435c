"""From the values of an experiment to the content of result.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from causal.base.finding import Finding
from causal.content.metric import Metric, Type
from causal.content.outcome import Role
from causal.data.moments.collected import Collected, Reading
from causal.data.sources._connection import without_password
from causal.design.experiment import Experiment, ExperimentSettings
from causal.design.plan import Locked
from causal.estimation._estimates import Estimates
from causal.estimation.experiment.belief import Belief
from causal.estimation.experiment.cohorts import Otherwise, So, changes
from causal.estimation.experiment.comparisons import Comparison, Range
from causal.estimation.experiment.displacement import Displacement
from causal.estimation.experiment.precision import Precision
from causal.estimation.experiment.segments import Interaction
from causal.interpretation.segments import shrink
from causal.policy.evidence import Reason, Verdict, as_json
from causal.policy.verdict_words import RULE
from causal.reporting._content import many, ordered, published_text, study_hash, versions
from causal.reporting.experiment._title import title

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Who:
    """One arm's effects on one metric in the levels of a segment."""

    segment: str
    metric: str
    arm: str
    levels: tuple[Content, ...]
    differ: Interaction
    p_adjusted: float


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
    deviations: tuple[str, ...] = ()
    locked: Locked | None = None
    beliefs: tuple[Belief, ...] = ()
    so_far: tuple[So, ...] = ()
    otherwise: tuple[Otherwise, ...] = ()


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
        "arms": _arms(collected),
        "analysis": _analysis(experiment, collected),
        "outcomes": [_outcome(experiment, collected, metric) for metric in experiment.outcomes],
        "attributes": [],
        "findings": [asdict(finding) for finding in ordered(parts.findings)],
        "comparisons": [_comparison(each) for each in parts.comparisons],
        "effects": [_effect(experiment, each, silent=silent) for each in parts.comparisons],
        "precision": [asdict(each) for each in parts.precision],
        "segments": [_who(each) for each in parts.who],
        "displacement": [
            {"outcome": name, **asdict(found)} for name, found in parts.displacement.items()
        ],
        "deviations": list(parts.deviations),
        "plan": _plan(parts.locked),
        "posterior": [_belief(each) for each in parts.beliefs],
        "so_far": [row for each in parts.so_far for row in _so_far(each)],
        "tried": [each.what for each in parts.otherwise],
        "changes": [
            _change(what, own, then)
            for what, own, then in changes(parts.comparisons, parts.otherwise)
        ],
        "sql": [{"name": name, "text": text} for name, text in collected.sql],
    }
    made["decision"] = _decision(parts.verdict, made, greyed=greyed)
    return made


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
        "columns": [],
    }


def _arms(collected: Collected) -> list[Content]:
    counts, moments = collected.counts, collected.moments
    units = dict(zip(moments.arms, moments.units.sum(axis=1), strict=True))
    return [
        {
            "name": name,
            "control": name == moments.arms[0],
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
        "baseline": _baseline(collected, reading),
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


def _baseline(collected: Collected, reading: Reading | None) -> float | None:
    if reading is None:
        return None
    moments, n = collected.moments, collected.moments.n[0]
    with np.errstate(all="ignore"):
        means = (n[:, None] * moments.mean[0]).sum(axis=0) / n.sum()
        value = means[moments.position(reading.level.numerator)]
        if reading.level.denominator is not None:
            value = value / means[moments.position(reading.level.denominator)]
    return float(value)


def _range(given: Range | None) -> Content | None:
    return None if given is None else asdict(given)


def _comparison(each: Comparison) -> Content:
    return {
        "outcome": each.metric,
        "arm": each.arm,
        "role": each.role.value,
        "goal": each.goal.value,
        "control": each.control,
        "control_error": each.control_error,
        "treated": each.treated,
        "effect": _range(each.effect),
        "std_error": each.std_error,
        "df": each.df,
        "p_value": each.p_value,
        "relative": asdict(each.relative),
        "decided": _range(each.decided),
        "decided_p": each.decided_p,
        "relative_decided": asdict(each.relative_decided),
        "method": each.method,
        "decisive": each.decisive,
        "gap": _range(each.gap),
        "raw": _range(each.raw),
        "always": _range(each.always),
        "corrected": each.corrected,
        "units": each.units,
        "clusters": each.clusters,
        "why": each.refusal or None,
    }


def _effect(experiment: Experiment, each: Comparison, *, silent: bool) -> Content:
    """One row of the tidy table, without a verdict where the design or the data allow none."""
    shown = not each.refusal
    bounded = each.relative.shape == "bounded" and shown
    metric = next(metric for metric in experiment.outcomes if metric.name == each.metric)
    ranked = metric.type is Type.QUANTILE
    return {
        "attribute": experiment.arms.column,
        "contrast": f"{each.arm} - {experiment.arms.control}",
        "outcome": each.metric,
        "estimand": f"difference of quantiles {metric.quantile:g}" if ranked else "ATE",
        "path": "total",
        "design": "experiment",
        "estimator": "none" if ranked else experiment.analysis.adjustment,
        "population": "all units",
        "segment": None,
        "segment_value": None,
        "estimate": each.effect.value if shown else None,
        "std_error": each.std_error if shown else None,
        "ci_low": each.effect.low if shown else None,
        "ci_high": each.effect.high if shown else None,
        "simultaneous_low": each.decided.low if shown else None,
        "simultaneous_high": each.decided.high if shown else None,
        "p_value": each.p_value if shown else None,
        "p_adjusted": each.decided_p if shown else None,
        "baseline": each.control,
        "relative": each.relative.value if shown else None,
        "relative_low": each.relative.low if bounded else None,
        "relative_high": each.relative.high if bounded else None,
        "units": each.units,
        "clusters": each.clusters,
        "treated": None,
        "effective_units": each.clusters,
        "identification": "randomized" if shown else "not estimable",
        "verdict": None if silent else reading_of(each, experiment),
        "why": each.refusal or None,
    }


def reading_of(each: Comparison, experiment: Experiment) -> str:
    """What the decision interval says of one comparison."""
    if each.refusal:
        return "not estimable"
    if each.decided.low > 0:
        return "raises"
    if each.decided.high < 0:
        return "lowers"
    margin = experiment.analysis.equivalence.get(each.metric)
    inside = each.relative_decided
    if margin is not None and inside.low is not None and inside.high is not None:
        held = inside.shape == "bounded" and -margin < inside.low and inside.high < margin
        return "ruled out" if held else "no clear effect"
    return "no clear effect"


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


def _belief(each: Belief) -> Content:
    told = asdict(each)
    return {"outcome": told.pop("metric"), **told}


def _who(each: Who) -> Content:
    return {
        "segment": each.segment,
        "outcome": each.metric,
        "arm": each.arm,
        "values": list(each.levels),
        "difference": each.differ.difference,
        "difference_p": each.differ.p_value,
        "p_value": each.differ.test.p_value,
        "p_adjusted": each.p_adjusted,
        "df": each.differ.test.df,
        "why": each.differ.reason or None,
    }


def _so_far(each: So) -> list[Content]:
    """The first success metric at the end of a day."""
    leading = next((c.metric for c in each.comparisons if c.role is Role.SUCCESS), None)
    return [
        {
            "day": each.day,
            "outcome": own.metric,
            "arm": own.arm,
            "estimate": own.effect.value,
            "low": (own.effect if own.always is not None else own.decided).low,
            "high": (own.effect if own.always is not None else own.decided).high,
            "units": each.units,
        }
        for own in each.comparisons
        if own.metric == leading
    ]


def _change(what: str, own: Comparison, then: Comparison) -> Content:
    guarded = own.gap is not None
    now, other = own.gap or own.decided, then.gap or then.decided
    return {
        "what": what,
        "outcome": own.metric,
        "arm": own.arm,
        "low": now.low,
        "high": now.high,
        "then_low": other.low,
        "then_high": other.high,
        "of": "distance to the margin" if guarded else "effect",
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


def levels(segments: Estimates, settings: ExperimentSettings) -> tuple[Content, ...]:
    """Every level of a segment with its interval, and shrunken beside the others.

    Levels of fewer units than may be published are hidden, and so is one beside a single hidden
    one, which a difference from the whole would give away.
    """
    from scipy.stats import t as student

    hidden = [size.units < settings.minimum_cell for size in segments.sizes]
    if sum(hidden) == 1:
        units = [np.inf if h else s.units for h, s in zip(hidden, segments.sizes, strict=True)]
        hidden[int(np.argmin(units))] = True
    why = [
        "hidden: too few units to be published" if cell else refusal
        for cell, refusal in zip(hidden, segments.refusal, strict=True)
    ]
    error = segments.std_errors
    reach = student.isf((1 - settings.level) / 2, segments.df) * error
    shown = [at for at, text in enumerate(why) if not text]
    shrunken: dict[int, float] = {}
    if len(shown) > 1:
        found, _ = shrink(
            [float(segments.values[at]) for at in shown], [float(error[at]) for at in shown]
        )
        shrunken = {at: float(value) for at, value in zip(shown, found, strict=True)}
    return tuple(
        {
            "level": label.segment_value,
            "estimate": None if why[at] else float(segments.values[at]),
            "std_error": None if why[at] else float(error[at]),
            "low": None if why[at] else float(segments.values[at] - reach[at]),
            "high": None if why[at] else float(segments.values[at] + reach[at]),
            "shrunken": shrunken.get(at),
            "units": None if hidden[at] else segments.sizes[at].units,
            "why": why[at] or None,
        }
        for at, label in enumerate(segments.labels)
    )
