"""What the checks of this stage look at: the study, the panel and the fits of every design."""

from __future__ import annotations

from dataclasses import dataclass

from causal.data.panel import Panel
from causal.design.study import Study
from causal.estimation._fit import Fit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluated:
    """The fits of a study, ladder order; ``headline`` names the design the answer is read from."""

    study: Study
    panel: Panel
    fits: tuple[Fit, ...]
    headline: str

    @property
    def leading(self) -> Fit:
        """The fit of the headline design."""
        return next(fit for fit in self.fits if fit.design.name == self.headline)
