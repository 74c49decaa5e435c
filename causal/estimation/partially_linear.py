"""The partially linear score: residual on residual, for continuous attributes and as a check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.data.panel import FloatArray, IntArray
from causal.estimation._contrasts import Contrast
from causal.estimation._estimator import Estimator, Setting, cut
from causal.estimation._scores import Score, Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiallyLinear(Estimator):
    """Slope of the outcome on an attribute, both residualised (Robinson 1988; Chernozhukov 2018).

    For a continuous attribute the slope is scaled to the declared contrast. With ``binary`` also
    attributes with two levels get one, from the composition e f(1) + (1 - e) f(0) and no further
    fit; it estimates the overlap-weighted effect (ATO) and serves as a check on AIPW.
    """

    binary: bool = False

    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Make one score for each attribute and outcome."""
        made: list[Score] = []
        for attribute in setting.study.attributes:
            kind = setting.panel.columns[attribute.name].kind
            wanted = kind is Kind.CONTINUOUS or (self.binary and kind is Kind.BINARY)
            if not wanted or attribute.name in setting.design.refused:
                continue
            for contrast in setting.contrasts(attribute):
                for outcome in setting.study.outcomes:
                    if kind is Kind.BINARY and outcome.is_ratio:
                        continue
                    made.extend(cut(_score(setting, attribute, contrast, outcome), cuts))
        return tuple(made)


def slope(r_y: FloatArray, r_a: FloatArray, weight: FloatArray) -> FloatArray:
    """Sums whose ratio is the weighted slope of ``r_y`` on ``r_a``, shape (n, 2)."""
    return np.column_stack([weight * r_a * r_y, weight * r_a**2])


def _score(setting: Setting, attribute: Attribute, contrast: Contrast, outcome: Outcome) -> Score:
    rows = setting.known(attribute, outcome)
    column = setting.panel.columns[attribute.name]
    measured = setting.panel.outcomes[outcome.name]
    continuous = column.kind is Kind.CONTINUOUS
    r_a, r_y = _residuals(setting, attribute, outcome, rows)
    y, w = measured.value[rows], measured.weight[rows]
    treated = None if continuous else column.values[rows] == contrast.high
    base = w if treated is None else w * ~treated
    return Score(
        label=setting.label(
            attribute, contrast, outcome, "slope" if continuous else "ATO", "partially_linear"
        ),
        rows=rows,
        high=slope(r_y, r_a, w),
        low=None,
        base=np.column_stack([base * y, base]),
        treated=treated,
        pull=w * r_a,
        weight=w,
        scale=contrast.high - contrast.low,
    )


def _residuals(
    setting: Setting, attribute: Attribute, outcome: Outcome, rows: IntArray
) -> tuple[FloatArray, FloatArray]:
    nuisances = setting.nuisances
    if nuisances is None:
        raise ValueError("partially_linear needs nuisances")
    local = (np.cumsum(nuisances.rows) - 1)[rows]
    pair = (attribute.name, outcome.name)
    a = setting.panel.columns[attribute.name].values[rows]
    y = setting.panel.outcomes[outcome.name].value[rows]
    if pair in nuisances.expected:
        return a - nuisances.expected[pair][local], y - nuisances.without[pair][local]
    e = nuisances.propensity[pair][local, 1]
    f = nuisances.outcome[pair].value[local]
    return a - e, y - (e * f[:, 1] + (1 - e) * f[:, 0])
