"""E-values: how strongly, as a ratio of risks, a hidden cause must lean on both to explain it."""

from __future__ import annotations

import numpy as np

from causal.base.finding import Finding, Status
from causal.estimation._fit import Fit
from causal.estimation._inference import infer
from causal.evaluation._evaluated import Evaluated, once_a_fit
from causal.evaluation._verdict import (
    Effect,
    Verdict,
    clear,
    effect_of,
    hidden_cause_possible,
    named,
    usable,
)


def check(evaluated: Evaluated) -> tuple[Finding, ...]:
    """Say the smallest E-value of the clear effects on proportions and ratios.

    It stops nothing: whether a hidden cause that strong exists is for the reader to say.
    """
    fit = evaluated.leading
    found = {e: v for e, v in verdicts(fit).items() if v.status is not None}
    if not found:
        return ()
    effect, least = min(found.items(), key=lambda pair: pair[1].statistic or 0.0)
    return (
        Finding(
            name="E-value",
            status=Status.PASS,
            statistic=least.statistic,
            meaning=f"Of the clear effects on proportions in the {fit.design.name} design the "
            f"least robust is {named(effect)}. {least.words}",
        ),
    )


def e_value(risk_ratio: float) -> float:
    """The risk ratio a hidden cause needs with both attribute and outcome (VanderWeele, Ding 2017).

    >>> round(e_value(3.9), 2), round(e_value(1.8), 2), e_value(1.0)
    (7.26, 3.0, 1.0)
    """
    if not risk_ratio > 0:
        return float("nan")
    size = max(risk_ratio, 1 / risk_ratio)
    return float(size + np.sqrt(size * (size - 1)))


def of_interval(low: float, high: float) -> float:
    """The E-value of the limit nearest to no effect; 1 when the interval holds it.

    >>> round(of_interval(1.8, 8.7), 1), of_interval(0.9, 1.2)
    (3.0, 1.0)
    """
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)


@once_a_fit
def verdicts(fit: Fit) -> dict[Effect, Verdict]:
    """E-values of every effect on a proportion or ratio, where hidden causes are possible."""
    study, panel = fit.setting.study, fit.setting.panel
    ratios = {o.name for o in study.outcomes if o.is_ratio or panel.outcomes[o.name].binary}
    printed = [j for j in usable(fit) if effect_of(fit, j)[2] in ratios]
    if not printed or not hidden_cause_possible(fit):
        return {}
    chosen = fit.whole.select(np.array(printed, dtype=np.int64))
    made = infer(chosen, level=study.settings.level, multiplicity="none", seed=0, family="E-value")
    return {
        effect_of(fit, j): _verdict(
            1 + float(made.relative[i]),
            (1 + float(made.relative_low[i]), 1 + float(made.relative_high[i])),
            sure=clear(fit, j),
        )
        for i, j in enumerate(printed)
        if np.isfinite(made.relative_low[i]) and made.relative[i] > -1
    }


def _verdict(ratio: float, interval: tuple[float, float], *, sure: bool) -> Verdict:
    value, nearest = e_value(ratio), of_interval(*interval)
    words = (
        f"A hidden cause must come {value:.2f} times as often with the attribute, and make the "
        f"outcome {value:.2f} times as likely, to explain it; {nearest:.2f} times each, to make "
        "it unclear."
        if sure
        else "The interval holds no effect already: there is nothing to explain."
    )
    return Verdict(
        check="E-value",
        status="PASS" if sure else None,
        statistic=value,
        words=words,
        numbers={"risk_ratio": ratio, "e_value": value, "e_value_interval": nearest},
    )
