"""The raw gap: the difference of weighted means, or the simple slope of a continuous attribute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.content.attribute import Attribute, Kind
from causal.content.outcome import Outcome
from causal.estimation._contrasts import Contrast
from causal.estimation._estimator import Estimator, Setting, cut
from causal.estimation._scores import Score, Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceInMeans(Estimator):
    """What the data show before anything is held fixed; a ratio of sums in each arm for a ratio."""

    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Make one score for each attribute, contrast and outcome, and for each cut of it."""
        return tuple(
            part
            for attribute in setting.study.attributes
            for contrast in setting.contrasts(attribute)
            for outcome in setting.study.outcomes
            for part in cut(_score(setting, attribute, contrast, outcome), cuts)
        )


def _score(setting: Setting, attribute: Attribute, contrast: Contrast, outcome: Outcome) -> Score:
    rows = setting.known(attribute, outcome)
    column = setting.panel.columns[attribute.name]
    measured = setting.panel.outcomes[outcome.name]
    a, y, w = column.values[rows], measured.value[rows], measured.weight[rows]
    refusal = setting.design.refused.get(attribute.name, "")
    if column.kind is Kind.CONTINUOUS:
        label = setting.label(attribute, contrast, outcome, "slope", "difference_in_means")
        total = w.sum() if w.size else 1.0
        r_a = a - (w @ a) / total
        r_y = y - (w @ y) / total
        return Score(
            label=label,
            rows=rows,
            high=np.column_stack([w * r_a * r_y, w * r_a**2]),
            low=None,
            base=np.column_stack([w * y, w]),
            treated=None,
            pull=w * r_a,
            weight=w,
            scale=contrast.high - contrast.low,
            refusal=refusal,
        )
    on, off = w * (a == contrast.high), w * (a == contrast.low)
    keep = (on + off) > 0
    on, off, y, w, rows = on[keep], off[keep], y[keep], w[keep], rows[keep]
    pull = on / max(on.sum(), 1e-300) - off / max(off.sum(), 1e-300)
    return Score(
        label=setting.label(attribute, contrast, outcome, "ATE", "difference_in_means"),
        rows=rows,
        high=np.column_stack([on * y, on]),
        low=np.column_stack([off * y, off]),
        base=np.column_stack([off * y, off]),
        treated=on > 0,
        pull=pull,
        weight=w,
        refusal=refusal,
    )
