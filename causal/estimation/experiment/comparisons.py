"""Every comparison of a readout: each arm with the control, on each metric, with all that is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.content.metric import Metric, Type
from causal.content.outcome import Goal, Role
from causal.data.moments.collected import Reading, Sample
from causal.data.moments.moments import Moments
from causal.data.panel import FloatArray
from causal.estimation._estimates import Estimates
from causal.estimation.experiment._adjustment import Adjustment
from causal.estimation.experiment._functionals import Functionals
from causal.estimation.experiment.decided import Decided, Procedure, Rules, decide
from causal.estimation.experiment.effects import Asked, common, effects, estimates_of, without_error
from causal.estimation.experiment.fieller import Relative, relative
from causal.estimation.experiment.levels import gaps, levels
from causal.estimation.experiment.quantiles import quantile_effects
from causal.estimation.experiment.shrinkage import corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number with an interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One arm against the control, on one metric.

    Attributes
    ----------
    control, treated
        Levels, adjusted as the effect is, and their standard errors.
    effect, std_error, df, p_value
        The absolute effect with its pointwise interval, and the p-value read from it.
    relative
        The effect over the control's level, at the same level and degrees of freedom.
    decided, decided_p, relative_decided
        What the verdict reads, by ``method``; and the same over the control's level.
    decisive
        Whether the verdict reads it: success metrics and guardrails only.
    gap
        How far the arm is on the good side of the margin; None without a margin.
    raw
        The effect without adjustment.
    always, relative_always
        What an interval that holds at every look would be; None where that is what decides, and
        where no number of units was planned that it could be tuned to.
    corrected
        The effect corrected for having been selected; None where nothing was.
    refusal
        Why none of this may be read; empty when it may.
    """

    metric: str
    arm: str
    role: Role
    goal: Goal
    control: float
    treated: float
    control_error: float
    effect: Range
    std_error: float
    df: float
    p_value: float
    relative: Relative
    decided: Range
    decided_p: float
    relative_decided: Relative
    method: str
    decisive: bool
    gap: Range | None
    raw: Range
    always: Range | None
    relative_always: Relative | None
    corrected: float | None
    units: int
    clusters: int
    refusal: str = ""


def compare(
    moments: Moments,
    readings: Sequence[Reading],
    metrics: Sequence[Metric],
    asked: Asked,
    rules: Rules,
    *,
    samples: Mapping[str, Sample] | None = None,
) -> tuple[Comparison, ...]:
    """Compare every arm with the control on every metric.

    Success metrics are one family, with the joint covariance of all of them and all arms; the
    others are read one by one. Alpha is not shared out over guardrails, each of which has to pass.
    Covariances with a quantile are not known: with one among the success metrics alpha is shared
    out evenly over all of them.

    Parameters
    ----------
    moments
        Control first.
    readings
        Of the metrics that moments can give, in any order.
    metrics
        The study's.
    asked
        Names, and how to adjust.
    rules
        The procedure that decides.
    samples
        Values of quantile metrics, by name; left out where they are not given, though they keep
        their share of alpha.

    Returns
    -------
    tuple of Comparison
        In the order of the metrics, and within a metric of the arms.
    """
    of = {reading.metric: reading for reading in readings}
    values = samples or {}
    known = [metric for metric in metrics if metric.name in of or metric.name in values]
    success = [metric for metric in metrics if metric.role is Role.SUCCESS]
    sharing = [each for each in success if each in known or each.type is Type.QUANTILE]
    among = len(sharing) * (len(moments.arms) - 1)
    together = [metric for metric in success if metric.name in of]
    families = [together] if together else []
    families += [[m] for m in known if m.name in of and m.role is not Role.SUCCESS]
    measured = [
        _measured(moments, [of[metric.name] for metric in family], family, asked)
        for family in families
    ]
    measured += [
        _sampled(moments, values[metric.name], metric, asked)
        for metric in known
        if metric.name in values
    ]
    made = {(c.metric, c.arm): c for each in measured for c in compared(each, rules, among)}
    return tuple(made[(metric.name, arm)] for metric in known for arm in moments.arms[1:])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """Metrics read together: effects, unadjusted ones, levels (metrics, arms), and margins."""

    metrics: tuple[Metric, ...]
    arms: tuple[str, ...]
    effects: Estimates
    raw: Estimates
    levels: FloatArray
    margins: tuple[Estimates | None, ...]


def _measured(
    moments: Moments, readings: Sequence[Reading], metrics: Sequence[Metric], asked: Asked
) -> Family:
    found = effects(moments, readings, asked)
    usable = common(moments)
    of = [levels(usable, reading, asked.adjustment) for reading in readings]
    arms = len(moments.arms) - 1
    return Family(
        metrics=tuple(metrics),
        arms=moments.arms,
        effects=found,
        raw=effects(moments, readings, replace(asked, adjustment=Adjustment.NONE)),
        levels=np.stack([each.values for each in of]),
        margins=tuple(
            _gaps(each, metric, usable, found, slice(at * arms, (at + 1) * arms))
            for at, (each, metric) in enumerate(zip(of, metrics, strict=True))
        ),
    )


def _sampled(moments: Moments, sample: Sample, metric: Metric, asked: Asked) -> Family:
    found = quantile_effects(moments, sample, metric, asked)
    return Family(
        metrics=(metric,),
        arms=moments.arms,
        effects=found.effects,
        raw=found.effects,
        levels=found.levels[None],
        margins=(found.margins,),
    )


def compared(found: Family, rules: Rules, among: int) -> Iterator[Comparison]:
    """Every arm with the control on every metric of a family; ``among`` are all that decide."""
    estimates = found.effects
    fixed = replace(rules, procedure=Procedure.FIXED, looks=(1.0,))
    alone = decide(estimates, fixed, together=False)
    raw_alone = decide(found.raw, fixed, together=False)
    together = found.metrics[0].role is Role.SUCCESS
    decided = decide(estimates, rules, together=together, among=among)
    always = None
    if rules.procedure is not Procedure.SEQUENTIAL and rules.information is not None:
        peeking = replace(rules, procedure=Procedure.SEQUENTIAL, looks=(rules.information,))
        always = decide(estimates, peeking, together=together, among=among)
    arms = len(found.arms) - 1
    for number, metric in enumerate(found.metrics):
        margin = found.margins[number]
        held = None if margin is None else decide(margin, rules, together=False)
        for arm in range(arms):
            at = number * arms + arm
            yield Comparison(
                metric=metric.name,
                arm=found.arms[arm + 1],
                role=metric.role,
                goal=metric.goal,
                control=float(found.levels[number, 0]),
                treated=float(found.levels[number, arm + 1]),
                control_error=float(np.sqrt(max(estimates.baseline_variance[at, 1], 0.0))),
                effect=_range(estimates, alone, at),
                std_error=float(estimates.std_errors[at]),
                df=float(estimates.df[at]),
                p_value=float(alone.p_value[at]),
                relative=_relative(estimates, alone, at),
                decided=_range(estimates, decided, at),
                decided_p=float(decided.p_value[at]),
                relative_decided=_relative(estimates, decided, at),
                method=decided.method,
                decisive=metric.role in (Role.SUCCESS, Role.GUARDRAIL),
                gap=None if margin is None or held is None else _range(margin, held, arm),
                raw=_range(found.raw, raw_alone, at),
                always=None if always is None else _range(estimates, always, at),
                relative_always=None if always is None else _relative(estimates, always, at),
                corrected=_corrected(estimates, decided, at),
                units=estimates.sizes[at].units,
                clusters=estimates.sizes[at].clusters,
                refusal=estimates.refusal[at] or without_error(estimates, at),
            )


def _gaps(
    of: Functionals, metric: Metric, moments: Moments, like: Estimates, which: slice
) -> Estimates | None:
    """How far each arm is on the good side of the metric's margin."""
    margin = metric.margin if metric.margin is not None else metric.absolute_margin
    if margin is None:
        return None
    wanted = gaps(of, metric.goal, margin=margin, relative=metric.margin is not None)
    own = like.select(np.arange(len(like))[which])
    return estimates_of(wanted, moments, own)


def _range(estimates: Estimates, decided: Decided, at: int) -> Range:
    return Range(
        value=float(estimates.values[at]), low=float(decided.low[at]), high=float(decided.high[at])
    )


def _relative(estimates: Estimates, alone: Decided, at: int) -> Relative:
    cross, control = estimates.baseline_variance[at]
    return relative(
        float(estimates.values[at]),
        float(estimates.baseline[at]),
        variance=float(estimates.std_errors[at] ** 2),
        baseline_variance=float(control),
        covariance=float(cross),
        critical=float(alone.critical[at]),
    )


def _corrected(estimates: Estimates, decided: Decided, at: int) -> float | None:
    value, error = float(estimates.values[at]), float(estimates.std_errors[at])
    critical = float(decided.critical[at])
    if not error > 0 or not np.isfinite(critical) or abs(value) <= critical * error:
        return None
    return corrected(value, error, critical)
