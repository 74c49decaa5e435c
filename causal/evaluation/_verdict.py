"""One check's verdict on one effect, as the table of belief shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from causal.base.finding import Cell, Status
from causal.estimation._fit import Fit

Effect = tuple[str, str, str]
_RANK = {None: 0, "PASS": 0, "WARN": 1, "FAIL": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one check says of one effect.

    ``status`` is None where the check could not be made or does not apply; ``words`` say why.
    ``statistic`` is what the words are about, ``numbers`` whatever else was computed.
    """

    check: str
    status: str | None
    words: str
    statistic: float | None = None
    numbers: Mapping[str, Cell] = field(default_factory=dict)


def effect_of(fit: Fit, j: int) -> Effect:
    """Attribute, contrast and outcome of one estimate."""
    label = fit.whole.labels[j]
    return label.attribute, label.contrast, label.outcome


def usable(fit: Fit) -> list[int]:
    """Places of the estimates of a design that may be printed."""
    error = fit.whole.std_errors
    return [
        j
        for j, refusal in enumerate(fit.whole.refusal)
        if not refusal and np.isfinite(fit.whole.values[j]) and error[j] > 0
    ]


def critical(fit: Fit, j: int) -> float:
    """The quantile of the interval of one estimate alone."""
    from scipy.stats import t as student

    alpha = 1 - fit.setting.study.settings.level
    return float(student.isf(alpha / 2, max(float(fit.whole.df[j]), 1.0)))


def clear(fit: Fit, j: int) -> bool:
    """Whether the interval of one estimate alone leaves out zero."""
    return bool(abs(fit.whole.values[j]) > critical(fit, j) * fit.whole.std_errors[j])


def worst(verdicts: Sequence[Verdict]) -> Status:
    """The most serious status among verdicts."""
    found = max((_RANK[verdict.status] for verdict in verdicts), default=0)
    return (Status.PASS, Status.WARN, Status.FAIL)[found]


def named(effect: Effect) -> str:
    """An effect inside a sentence."""
    return f"'{effect[0]}' on {effect[2]}"


def hidden_cause_possible(fit: Fit) -> bool:
    """Whether the design leans on what was measured: assigned at random it does not."""
    return fit.design.identification not in ("randomized", "descriptive")
