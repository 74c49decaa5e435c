"""From comparisons, checks and precision to the evidence that a verdict is read from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from causal.base.finding import Finding
from causal.content.metric import Metric
from causal.estimation.experiment.cohorts import Otherwise
from causal.estimation.experiment.comparisons import Comparison, Range
from causal.estimation.experiment.decided import Procedure
from causal.estimation.experiment.precision import Precision
from causal.policy.evidence import Evidence, Made, Measured, Verdict, Word, health_of
from causal.policy.verdict import verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What was agreed beforehand, and how far the experiment has come.

    ``earliest`` is the last day that runtime and full weeks need; ``days_to_target`` counts from the
    last day; ``information`` is the share of the planned units
    that is there, None where no number was planned. ``because`` says why the effect of a full
    roll-out is identified or not, where more than the side decides.
    """

    procedure: Procedure
    otherwise: Word
    pool_shared: bool
    information: float | None
    last: date | None
    earliest: date | None
    days_to_target: int | None
    because: str | None = None


def evidence(
    comparisons: Sequence[Comparison],
    metrics: Iterable[Metric],
    precision: Iterable[Precision],
    findings: Iterable[Finding],
    agreed: Agreed,
) -> Evidence:
    """Put together what a verdict may look at; secondary metrics are left out."""
    by_name = {metric.name: metric for metric in metrics}
    precise = {each.metric: each.enough for each in precision}
    return Evidence(
        measured=tuple(
            _measured(each, by_name[each.metric], precise=precise.get(each.metric, False))
            for each in comparisons
            if each.decisive
        ),
        health=health_of(findings),
        procedure=agreed.procedure,
        pool_shared=agreed.pool_shared,
        because=agreed.because,
        otherwise=agreed.otherwise,
        final=agreed.information is not None and agreed.information >= 1,
        planned=agreed.information is not None,
        last=agreed.last,
        earliest=agreed.earliest,
        days_to_target=agreed.days_to_target,
    )


def reweighed(
    others: Iterable[Otherwise],
    base: Sequence[Comparison],
    metrics: Sequence[Metric],
    precision: Sequence[Precision],
    findings: Sequence[Finding],
    agreed: Agreed,
) -> tuple[Verdict, ...]:
    """The verdict there would be, had one thing been chosen otherwise, for each of them.

    Comparisons that were not made again, such as those of quantiles, stay as they are.
    """
    made = []
    for other in others:
        again = {(each.metric, each.arm): each for each in other.comparisons}
        read = [again.get((each.metric, each.arm), each) for each in base]
        made.append(verdict(evidence(read, metrics, precision, findings, agreed)))
    return tuple(made)


def _measured(each: Comparison, metric: Metric, *, precise: bool) -> Measured:
    shown = not each.refusal
    margin = metric.margin if metric.margin is not None else metric.absolute_margin
    low, high = _ends(each.decided if shown else None)
    gap_low, gap_high = _ends(each.gap if shown else None)
    return Measured(
        outcome=each.metric,
        arm=each.arm,
        role=each.role,
        goal=each.goal,
        low=low,
        high=high,
        margin=margin,
        absolute=metric.margin is None and margin is not None,
        gap_low=gap_low,
        gap_high=gap_high,
        procedure=Made(each.method),
        decisive=each.decisive,
        precise=precise,
        why=each.refusal,
    )


def _ends(given: Range | None) -> tuple[float | None, float | None]:
    return (None, None) if given is None else (given.low, given.high)
