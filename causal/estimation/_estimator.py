"""What every estimator is: options, the scores it makes, and ``fit``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np

from causal.content.attribute import Attribute
from causal.content.outcome import Outcome
from causal.data.panel import BoolArray, IntArray, Panel
from causal.design.design import Design
from causal.design.study import Study
from causal.estimation._contrasts import Contrast, contrasts
from causal.estimation._estimates import Estimates, Label
from causal.estimation._nuisances import Nuisances
from causal.estimation._scores import Score, Segments, estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """Everything an estimator may look at for one design."""

    study: Study
    panel: Panel
    design: Design
    nuisances: Nuisances | None = None

    @property
    def rows(self) -> BoolArray:
        """The rows of the design, a mask over the panel."""
        return self.design.mask(self.panel.rows)

    def contrasts(self, attribute: Attribute) -> tuple[Contrast, ...]:
        """The contrasts of an attribute, the same in every design of a study."""
        everything = np.ones(self.panel.rows, dtype=bool)
        return contrasts(attribute, self.panel.columns[attribute.name], everything)

    def known(self, attribute: Attribute, outcome: Outcome) -> IntArray:
        """Rows of the design where attribute and outcome are known, as indices."""
        missing = self.panel.columns[attribute.name].missing
        value = self.panel.outcomes[outcome.name].value
        return np.flatnonzero(self.rows & ~missing & ~np.isnan(value))

    def label(
        self, attribute: Attribute, contrast: Contrast, outcome: Outcome, estimand: str, by: str
    ) -> Label:
        """Name an estimate."""
        return Label(
            attribute=attribute.name,
            contrast=contrast.label,
            outcome=outcome.name,
            estimand=estimand,
            design=self.design.name,
            estimator=by,
            population=self.design.population,
            identification=self.design.identification,
        )


class Estimator(ABC):
    """Options plus ``scores``; a member file holds one subclass, a frozen dataclass."""

    __slots__ = ()

    @abstractmethod
    def scores(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> tuple[Score, ...]:
        """Make the scores of every attribute, contrast and outcome the design can answer.

        ``cuts`` adds, after each whole-population score, one score for each way of cutting.
        """

    def fit(self, setting: Setting, cuts: tuple[Segments, ...] = ()) -> Estimates:
        """Estimate with joint clustered uncertainty."""
        return estimate(self.scores(setting, cuts), setting.panel)


def cut(score: Score, cuts: tuple[Segments, ...]) -> tuple[Score, ...]:
    """The score for all rows, then the same sums within each way of cutting the rows."""
    return (score, *(replace(score, segments=each) for each in cuts))
