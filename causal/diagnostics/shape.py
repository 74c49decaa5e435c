"""Heavy tails and uneven weights: when a few rows carry the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from causal.base.finding import Finding, Status
from causal.data.panel import FloatArray, Measured, Panel
from causal.design.study import Study

TOP = 0.01
CARRIED = 0.5
WORTH = 0.1
FEWEST = 200


def check(study: Study, panel: Panel) -> tuple[Finding, ...]:
    """Warn when 1% of the rows carry half of an outcome, or weights leave a tenth of the rows.

    Effective rows are (sum w)^2 / sum w^2 (Kish 1965).
    """
    return tuple(
        finding
        for asked in study.outcomes
        if asked.name in panel.outcomes
        for finding in _of(panel.outcomes[asked.name])
    )


def _of(outcome: Measured) -> tuple[Finding, ...]:
    return (*_tail(outcome), *_weights(outcome))


def _tail(outcome: Measured) -> Iterator[Finding]:
    known = np.isfinite(outcome.value) & (outcome.weight > 0)
    total = np.abs(outcome.value[known]) * outcome.weight[known]
    if outcome.binary or outcome.numerator is not None or total.size < FEWEST or not total.sum():
        return
    share = _top(total)
    heavy = share > CARRIED
    yield Finding(
        name="heavy tail",
        status=Status.WARN if heavy else Status.PASS,
        meaning=f"{TOP:.0%} of the rows carry {share:.0%} of '{outcome.name}'.",
        remedy=(
            "A mean then hangs on a few rows: look at them, and consider a capped or log version "
            "of the outcome beside it (data.derive)."
            if heavy
            else ""
        ),
        statistic=share,
        threshold=CARRIED,
        columns=(outcome.name,),
    )


def _top(total: FloatArray) -> float:
    rows = max(1, int(np.ceil(TOP * total.size)))
    return float(np.partition(total, -rows)[-rows:].sum() / total.sum())


def _weights(outcome: Measured) -> Iterator[Finding]:
    weight = outcome.weight[np.isfinite(outcome.value) & (outcome.weight > 0)]
    if weight.size < 2 or np.all(weight == weight[0]):
        return
    worth = float(weight.sum() ** 2 / (weight**2).sum())
    uneven = worth < WORTH * weight.size
    yield Finding(
        name="uneven weights",
        status=Status.WARN if uneven else Status.PASS,
        meaning=(
            f"By their weights the {weight.size} rows of '{outcome.name}' are worth {worth:.0f} of "
            "equal weight."
        ),
        remedy="Check that a few rows are meant to decide the answer." if uneven else "",
        statistic=worth / weight.size,
        threshold=WORTH,
        columns=(outcome.name,),
    )
