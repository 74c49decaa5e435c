"""Omitted variables: how strong something nobody measured must be to erase an effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray
from causal.estimation._estimates import cells_of, sums
from causal.estimation._fit import Fit
from causal.estimation._scores import Score
from causal.estimation.aipw import Arms
from causal.evaluation._bounds import (
    Bias,
    Noise,
    largest_bias,
    of_levels,
    of_slope,
    robustness,
    strength,
    times,
)
from causal.evaluation._evaluated import Evaluated, once_a_fit
from causal.evaluation._short import omissions
from causal.evaluation._verdict import (
    Effect,
    Verdict,
    clear,
    critical,
    effect_of,
    hidden_cause_possible,
    named,
    usable,
)

MOST_TIMES = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A hidden factor as strong as one observed column.

    ``low`` and ``high`` are the limits of the interval if there were one; ``times`` and
    ``times_interval`` how many times as strong it must be to take estimate and interval to zero.
    """

    column: str
    cf_y: float
    cf_d: float
    rho: float
    low: float
    high: float
    times: float
    times_interval: float


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """WARN when a factor as strong as an observed column could make a clear effect unclear."""
    fit = evaluated.leading
    if fit.design.identification == "descriptive":
        return ()
    if not hidden_cause_possible(fit):
        return (_assigned(fit),)
    found = {e: v for e, v in verdicts(fit).items() if v.status is not None}
    if not found:
        return ()
    effect, worst = min(
        found.items(), key=lambda pair: (pair[1].status != "WARN", pair[1].statistic or 0.0)
    )
    weak = tuple(dict.fromkeys(e[0] for e, v in found.items() if v.status == "WARN"))
    return (
        Finding(
            name="omitted variables",
            status=Status.WARN if weak else Status.PASS,
            statistic=worst.statistic,
            meaning=f"The least robust clear effect of the {fit.design.name} design is "
            f"{named(effect)}. {worst.words}",
            remedy="Ask what was not measured that comes with the attribute and moves the outcome "
            "as much as that column does; measure it, or test at random."
            if weak
            else "",
            columns=weak,
        ),
    )


def _assigned(fit: Fit) -> Finding:
    return Finding(
        name="omitted variables",
        status=Status.PASS,
        meaning=f"In the {fit.design.name} design the attribute was assigned at random: nothing "
        "hidden can lie behind both it and the outcome.",
    )


@once_a_fit
def verdicts(fit: Fit) -> dict[Effect, Verdict]:
    """What a hidden factor must be, for every effect of a design."""
    if fit.design.identification == "descriptive":
        return {}
    if not hidden_cause_possible(fit):
        words = "Assigned at random: nothing hidden can lie behind attribute and outcome."
        same = Verdict(check="omitted variables", status="PASS", words=words)
        return {effect_of(fit, j): same for j in usable(fit)}
    return {effect_of(fit, j): _verdict(fit, j) for j in usable(fit)}


def _verdict(fit: Fit, j: int) -> Verdict:
    bias = bias_of(fit, j)
    named_columns = benchmarks(fit, j, bias)
    value, interval = robustness(bias.erasing()), robustness(bias.erasing_interval())
    numbers: dict[str, str | float | None] = {
        "robustness_value": value,
        "robustness_value_interval": interval,
        "largest_bias": bias.largest,
    }
    if not clear(fit, j):
        return Verdict(
            check="omitted variables",
            status=None,
            statistic=interval,
            words="The interval holds zero already: there is nothing to erase.",
            numbers=numbers,
        )
    if not named_columns:
        return Verdict(
            check="omitted variables",
            status="PASS",
            statistic=interval,
            words=f"A hidden factor that explains {100 * value:.1f}% of what is left of attribute "
            f"and outcome would erase it ({100 * interval:.1f}%: it would be unclear).",
            numbers=numbers,
        )
    first = min(named_columns, key=lambda b: (b.times_interval, b.column))
    numbers |= {
        "benchmark": first.column,
        "cf_y": first.cf_y,
        "cf_d": first.cf_d,
        "rho": first.rho,
        "low": first.low,
        "high": first.high,
        "times": first.times,
        "times_interval": first.times_interval,
    }
    return Verdict(
        check="omitted variables",
        status="WARN" if first.times_interval < 1 else "PASS",
        statistic=interval,
        words=f"A hidden factor {_as_strong(first.times)} as strong as '{first.column}' would "
        f"erase it; {_as_strong(first.times_interval)} as strong, it would be unclear.",
        numbers=numbers,
    )


def _as_strong(k: float) -> str:
    if k > MOST_TIMES:
        return f"more than {MOST_TIMES:.0f} times"
    return f"{k:.1f} times" if k >= 0.1 else f"{k:.2f} times"


def benchmarks(fit: Fit, j: int, bias: Bias) -> tuple[Benchmark, ...]:
    """Every observed column held fixed, as the measure of a hidden one.

    Its strength is read off linear regressions with and without it (METHODS 4: the attribute's
    share stands for the representer's), its errors agreeing perfectly: the worst case.
    """
    found = []
    for each in omissions(fit).get(effect_of(fit, j), ()):
        cf_y, cf_d, rho = each.gain
        size = strength(cf_y, min(cf_d, 0.99))
        low, high = bias.confidence(size)
        found.append(
            Benchmark(
                column=each.column,
                cf_y=cf_y,
                cf_d=cf_d,
                rho=rho,
                low=low,
                high=high,
                times=times(bias.erasing(), each.gain),
                times_interval=times(bias.erasing_interval(), each.gain),
            )
        )
    return tuple(found)


def bias_of(fit: Fit, j: int) -> Bias:
    """The largest bias of one estimate, with the influence of every cell on it."""
    score = fit.scores[j]
    noise, unit = _of_levels(fit, score) if score.low is not None else _of_slope(score)
    size, influence = largest_bias(noise)
    codes, ways = cells_of(fit.setting.panel.clusters)
    on_size = sums(abs(unit) * influence, codes[score.rows], ways[0].size)
    return Bias.of(
        value=float(fit.whole.values[j]),
        largest=abs(unit) * size,
        influence=np.column_stack([fit.whole.influence[:, j], on_size]),
        ways=fit.whole.ways,
        critical=critical(fit, j),
    )


def _of_slope(score: Score) -> tuple[Noise, float]:
    """Residuals from the sums of a slope; rows that do not pull are not of its population."""
    inside = score.pull != 0
    weight = np.where(inside, score.weight, 0.0)
    r_a = np.divide(score.pull, score.weight, out=np.zeros_like(score.pull), where=inside)
    r_y = np.divide(score.high[:, 0], score.pull, out=np.zeros_like(r_a), where=inside)
    value = float(score.high[:, 0].sum() / score.high[:, 1].sum())
    return of_slope(r_y - value * r_a, r_a, weight), score.scale


def _of_levels(fit: Fit, score: Score) -> tuple[Noise, float]:
    """Residuals of the outcome model at the level a row has; a ratio is linearised."""
    nuisances = fit.nuisances
    if nuisances is None:
        raise ValueError("AIPW needs nuisances")
    panel, label = fit.setting.panel, score.label
    local = (np.cumsum(nuisances.rows) - 1)[score.rows]
    key = (label.attribute, label.outcome)
    e, model = nuisances.propensity[key][local], nuisances.outcome[key]
    codes = panel.columns[label.attribute].values[score.rows].astype(np.int64)
    high, low = _levels(fit, label.attribute, label.contrast)
    arms = Arms((codes == high).astype(float), (codes == low).astype(float), e[:, high], e[:, low])
    measured = panel.outcomes[label.outcome]
    y, weight, unit = measured.value[score.rows], measured.weight[score.rows], 1.0
    if measured.numerator is not None and measured.denominator is not None:
        d: FloatArray = measured.denominator[score.rows]
        y, weight = measured.numerator[score.rows] - model.pooled * d, np.ones(d.size)
        unit = 1 / float(d.mean())
    f = model.value[local, codes]
    return of_levels(y - f, arms, weight, label.estimand), unit


def _levels(fit: Fit, attribute: str, contrast: str) -> tuple[int, int]:
    own = next(a for a in fit.setting.study.attributes if a.name == attribute)
    found = next(c for c in fit.setting.contrasts(own) if c.label == contrast)
    return int(found.high), int(found.low)
