"""Inverse probability weighting with normalised weights: a check that uses the propensity alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.estimation._estimator import Estimator, Setting, cut
from causal.estimation._scores import Score, Segments
from causal.estimation.aipw import AIPW, _arms


@dataclass(frozen=True, slots=True, kw_only=True)
class InverseWeighting(Estimator):
    """Hajek's weighted means of the two levels (Hajek 1971), of the same population as AIPW.

    It uses no outcome model, so that it parts from AIPW where the propensities fail.
    """

    estimands: dict[str, str]

    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Reweight the arms of every AIPW score."""
        own = AIPW(estimands=self.estimands).scores(setting)
        return tuple(part for score in own for part in cut(_reweighted(setting, score), cuts))


def _reweighted(setting: Setting, score: Score) -> Score:
    attribute = next(a for a in setting.study.attributes if a.name == score.label.attribute)
    outcome = next(o for o in setting.study.outcomes if o.name == score.label.outcome)
    contrast = next(c for c in setting.contrasts(attribute) if c.label == score.label.contrast)
    _, arms = _arms(setting, attribute, contrast, outcome, score.rows)
    by_estimand = {
        "ATE": (1 / arms.e_high, 1 / arms.e_low),
        "ATT": (np.ones_like(arms.on), arms.e_high / arms.e_low),
        "ATO": (arms.e_low / (arms.e_high + arms.e_low), arms.e_high / (arms.e_high + arms.e_low)),
    }
    high, low = by_estimand[score.label.estimand]
    measured = setting.panel.outcomes[outcome.name]
    y, w = measured.value[score.rows], measured.weight[score.rows]
    on, off = w * arms.on * high, w * arms.off * low
    return replace(
        score,
        label=replace(score.label, estimator="inverse_weighting"),
        high=np.column_stack([on * y, on]),
        low=np.column_stack([off * y, off]),
        base=np.column_stack([off * y, off]),
    )
