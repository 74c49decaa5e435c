"""Augmented inverse probability weighting: doubly robust effects of an attribute with levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import FloatArray, IntArray
from causal.estimation._contrasts import Contrast
from causal.estimation._estimator import Estimator, Setting, cut
from causal.estimation._scores import Score, Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class AIPW(Estimator):
    """Effects by augmented inverse probability weighting (Robins, Rotnitzky, Zhao 1994).

    Cross-fitted as in Chernozhukov et al. (2018), eq. 5.3. ``estimands`` says, for an attribute,
    whose average is asked for: ``ATE`` (the default), ``ATT``, or ``ATO`` (overlap weights; Li,
    Morgan, Zaslavsky 2018), which the caller sets, in words, where overlap is poor. A ratio
    outcome is E[n(a)] / E[d(a)] by two doubly robust sums: the denominator may move.
    """

    estimands: dict[str, str] = field(default_factory=dict)

    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Make one score for each contrast of each attribute with levels and each outcome."""
        made: list[Score] = []
        for attribute in setting.study.attributes:
            if setting.panel.columns[attribute.name].kind is Kind.CONTINUOUS:
                continue
            if attribute.name in setting.design.refused:
                continue
            for contrast in setting.contrasts(attribute):
                for outcome in setting.study.outcomes:
                    estimand = self.estimands.get(attribute.name, attribute.estimand)
                    score = _score(setting, attribute, contrast, outcome, estimand)
                    made.extend(cut(score, cuts))
        return tuple(made)


class Arms(NamedTuple):
    """What the score of two levels needs, each of shape (n,)."""

    on: FloatArray
    off: FloatArray
    e_high: FloatArray
    e_low: FloatArray


def potential(
    y: FloatArray, f_high: FloatArray, f_low: FloatArray, arms: Arms, estimand: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Doubly robust scores of the two means and of the size of their population.

    Parameters
    ----------
    y, f_high, f_low
        Outcome and its predictions at the two levels, each (n,).
    arms
        Indicators and probabilities of the two levels.
    estimand
        ``ATE``, ``ATT`` or ``ATO``.

    Returns
    -------
    tuple of arrays
        ``high``, ``low`` and ``size``, each (n,): the effect is (sum high - sum low) / sum size.
        For ATO ``size`` holds the term for estimating the overlap weights, which makes it
        (a - e)^2.
    """
    on, off, e_high, e_low = arms
    if estimand == "ATT":
        odds = e_high / e_low
        return on * y, on * f_low + off * odds * (y - f_low), on
    if estimand == "ATO":
        e = e_high / (e_high + e_low)
        inside = on + off
        size = inside * (on - e) ** 2
        return (
            size * f_high + on * (1 - e) * (y - f_high),
            size * f_low + off * e * (y - f_low),
            size,
        )
    high = f_high + on * (y - f_high) / e_high
    low = f_low + off * (y - f_low) / e_low
    return high, low, np.ones_like(y)


def _score(
    setting: Setting, attribute: Attribute, contrast: Contrast, outcome: Outcome, estimand: str
) -> Score:
    rows = setting.known(attribute, outcome)
    local, arms = _arms(setting, attribute, contrast, outcome, rows)
    high, low, weight = _sums(setting, attribute, contrast, outcome, estimand, (rows, local, arms))
    zero, one = np.zeros(rows.size), np.ones(rows.size)
    up, down, size = potential(one, zero, zero, arms, estimand)
    return Score(
        label=setting.label(attribute, contrast, outcome, estimand, "aipw"),
        rows=rows,
        high=high,
        low=low,
        base=low,
        treated=arms.on > 0,
        pull=weight * (up - down),
        weight=weight * size,
    )


def _arms(
    setting: Setting, attribute: Attribute, contrast: Contrast, outcome: Outcome, rows: IntArray
) -> tuple[IntArray, Arms]:
    """Positions of the rows among the design's rows, and the two arms."""
    nuisances = setting.nuisances
    if nuisances is None:
        raise ValueError("aipw needs nuisances")
    local = (np.cumsum(nuisances.rows) - 1)[rows]
    e = nuisances.propensity[(attribute.name, outcome.name)][local]
    a = setting.panel.columns[attribute.name].values[rows]
    high, low = int(contrast.high), int(contrast.low)
    return local, Arms(
        on=(a == high).astype(float),
        off=(a == low).astype(float),
        e_high=e[:, high],
        e_low=e[:, low],
    )


def _sums(
    setting: Setting,
    attribute: Attribute,
    contrast: Contrast,
    outcome: Outcome,
    estimand: str,
    where: tuple[IntArray, IntArray, Arms],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The (n, 2) sums of the two levels, and what each row counts."""
    rows, local, arms = where
    measured = setting.panel.outcomes[outcome.name]
    model = setting.nuisances.outcome[(attribute.name, outcome.name)]  # type: ignore[union-attr]
    f_high, f_low = model.value[local, int(contrast.high)], model.value[local, int(contrast.low)]
    if measured.numerator is None or measured.denominator is None or model.denominator is None:
        w = measured.weight[rows]
        high, low, size = potential(measured.value[rows], f_high, f_low, arms, estimand)
        return np.column_stack([w * high, w * size]), np.column_stack([w * low, w * size]), w
    d = measured.denominator[rows]
    residual = measured.numerator[rows] - model.pooled * d
    d_high = model.denominator[local, int(contrast.high)]
    d_low = model.denominator[local, int(contrast.low)]
    r1, r0, _ = potential(residual, f_high, f_low, arms, estimand)
    d1, d0, _ = potential(d, d_high, d_low, arms, estimand)
    return (
        np.column_stack([r1 + model.pooled * d1, d1]),
        np.column_stack([r0 + model.pooled * d0, d0]),
        d,
    )
