"""Comparisons of an experiment as rows of result.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from causal.content.metric import Type
from causal.content.outcome import Role
from causal.design.experiment import Experiment
from causal.estimation.experiment.belief import Belief
from causal.estimation.experiment.cohorts import So
from causal.estimation.experiment.comparisons import Comparison, Range
from causal.estimation.experiment.impact import Impact
from causal.policy.evidence import Made

Content = dict[str, Any]


def _range(given: Range | None) -> Content | None:
    return None if given is None else asdict(given)


def comparison(each: Comparison) -> Content:
    """Everything that is shown of one comparison."""
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
        "relative_always": None if each.relative_always is None else asdict(each.relative_always),
        "corrected": each.corrected,
        "units": each.units,
        "clusters": each.clusters,
        "why": each.refusal or None,
    }


def effect(experiment: Experiment, each: Comparison, *, silent: bool) -> Content:
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


def belief(each: Belief) -> Content:
    """One success metric read with the prior."""
    told = asdict(each)
    return {"outcome": told.pop("metric"), **told}


def impact(each: Impact) -> Content:
    """What one effect adds up to."""
    told = asdict(each)
    return {"outcome": told.pop("metric"), **told}


def so_far(each: So, *, first: str | None = None) -> list[Content]:
    """The first success metric at the end of a day.

    On the ``first`` day there is an interval only where it holds at every look.
    """
    leading = next((c.metric for c in each.comparisons if c.role is Role.SUCCESS), None)
    return [
        {
            "day": each.day,
            "outcome": own.metric,
            "arm": own.arm,
            "estimate": own.effect.value,
            **_ends(own, early=each.day == first),
            "units": each.units,
        }
        for own in each.comparisons
        if own.metric == leading
    ]


def _ends(own: Comparison, *, early: bool) -> Content:
    """Of a fixed procedure the interval of one day, else the one that decides."""
    if own.method == Made.CONFIDENCE_SEQUENCE:
        return {"low": own.decided.low, "high": own.decided.high}
    return (
        {"low": None, "high": None} if early else {"low": own.effect.low, "high": own.effect.high}
    )


def change(what: str, own: Comparison, then: Comparison) -> Content:
    """What reads otherwise when one thing is chosen otherwise."""
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
